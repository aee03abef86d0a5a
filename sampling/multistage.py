"""Multi-stage samples: commune → village → household → person, one stage after the other.

A stage is drawn when its list exists, which is only after the stage before: nobody lists all
households of a province. So each stage is a draw of its own with its own record, chained by codes;
a unit taken with certainty becomes a stratum of its own, because it stands for nobody else.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sampling.errors import DrawError
from sampling.frame import is_count, nfc
from sampling.plan import Difference
from sampling.pps import PpsMethod, SizedFrame, draw_rows, pps_inclusion
from sampling.records import DrawRecord, digest_of_frame, first_difference, result_digest
from sampling.selection import draw_positions, draw_systematic
from sampling.streams import refuse_bad_seed, stream

__all__ = [
    "DrawnUnit",
    "Stage",
    "StageMethod",
    "StageSample",
    "StageUnit",
    "draw_stage",
    "stage_columns",
    "verify_stage",
]

VERSION = 1  # of the algorithm: one more whenever the same seed would draw other units

Path = tuple[str, ...]


class StageMethod(StrEnum):
    """How the units of a stage are drawn within each unit of the stage before.

    ``SIMPLE`` and ``SYSTEMATIC`` give all the same chance; the others go by size and take units
    over the limit with certainty.
    """

    SIMPLE = "simple"
    SYSTEMATIC = "systematic"
    PPS_SYSTEMATIC = "pps_systematic"
    PPS_SAMPFORD = "pps_sampford"
    PPS_BREWER = "pps_brewer"
    PPS_TILLE = "pps_tille"
    PPS_PARETO = "pps_pareto"


_BY_SIZE = {
    StageMethod.PPS_SYSTEMATIC: PpsMethod.SYSTEMATIC,
    StageMethod.PPS_SAMPFORD: PpsMethod.SAMPFORD,
    StageMethod.PPS_BREWER: PpsMethod.BREWER,
    StageMethod.PPS_TILLE: PpsMethod.TILLE,
    StageMethod.PPS_PARETO: PpsMethod.PARETO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageUnit:
    """One unit of a stage's list: its code within its parent, its parent's path, its size.

    ``stratum`` divides the units of one parent (for instance towns and rural communes); ``forced``
    takes the unit with certainty whatever its size, as PAPI takes the provincial capital.
    """

    code: str
    parent: Path = ()
    size: int = 1
    stratum: str = ""
    forced: bool = False

    @property
    def path(self) -> Path:
        """Give the codes from the first stage down to this unit, in NFC."""
        return (*(nfc(code) for code in self.parent), nfc(self.code))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is drawn at a stage: its name, how many per parent and stratum, how, with what reserves.

    Where a parent has fewer units than ``take``, all are taken.
    """

    name: str
    take: int
    method: StageMethod
    reserves: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnUnit:
    """A drawn unit: its path, its chance at this stage and over all stages so far.

    ``population`` and ``taken`` count the units of its parent and stratum, on the list and drawn;
    for one drawn among others, without the certain ones.
    """

    path: Path
    stratum: str
    certain: bool
    chance: float
    probability: float
    population: int
    taken: int
    by_size: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSample:
    """One drawn stage: its units and reserves by path order, the stage before, and the record.

    ``reserves`` replace within their parent and stratum only, in their order.
    """

    stage: Stage
    units: tuple[DrawnUnit, ...]
    reserves: tuple[Path, ...]
    before: "StageSample | None"
    record: DrawRecord


def draw_stage(
    units: Sequence[StageUnit], stage: Stage, *, seed: int, before: StageSample | None = None
) -> StageSample:
    """Draw one stage within every drawn unit of the stage before.

    Each parent and stratum has a stream of its own, from the seed, the stage's name, the path and
    the stratum: a corrected list changes the draw of its own parent only.

    Parameters
    ----------
    units : sequence of StageUnit
        The list; units under parents that were not drawn are passed over.
    stage : Stage
    seed : int
        From 0, below 2⁶³.
    before : StageSample, optional
        The stage before; without it the units have no parents.

    Returns
    -------
    StageSample

    Raises
    ------
    DrawError
        Every fault of the list at once: codes that repeat, drawn parents without a unit, units
        without a size above 0 where the method goes by size.

    Examples
    --------
    >>> communes = [StageUnit(code=code, size=size) for code, size in zip("ABCD", (90, 9, 1, 1))]
    >>> stage = Stage(name="commune", take=3, method=StageMethod.PPS_SYSTEMATIC)
    >>> sample = draw_stage(communes, stage, seed=2022)
    >>> [(unit.path, unit.certain, unit.probability) for unit in sample.units]
    [(('A',), True, 1.0), (('B',), True, 1.0), (('C',), False, 0.5)]
    """
    refuse_bad_seed(seed)
    _refuse_faults(units, stage, before)
    chances: dict[Path, float] = {(): 1.0}
    if before is not None:
        chances = {unit.path: unit.probability for unit in before.units}
    cells: dict[tuple[Path, str], list[StageUnit]] = defaultdict(list)
    for unit in units:
        if unit.path[:-1] in chances:
            cells[unit.path[:-1], nfc(unit.stratum)].append(unit)
    drawn: list[DrawnUnit] = []
    reserves: list[Path] = []
    for (parent, _), cell in sorted(cells.items()):
        chosen, spare = _draw_cell(cell, stage, seed, chances[parent])
        drawn += sorted(chosen, key=lambda unit: unit.path)
        reserves += spare
    selected = tuple("/".join(unit.path) for unit in drawn)
    return StageSample(
        stage=stage,
        units=tuple(drawn),
        reserves=tuple(reserves),
        before=before,
        record=DrawRecord(
            method=f"stage-{stage.method.value}",
            version=VERSION,
            seed=seed,
            frame_digest=_digest(units),
            parameters=(
                ("before", "" if before is None else before.record.result_digest),
                ("name", stage.name),
                ("reserves", stage.reserves),
                ("take", stage.take),
            ),
            selected=selected,
            result_digest=result_digest([*selected, *("/".join(path) for path in reserves)]),
        ),
    )


def verify_stage(
    record: DrawRecord, units: Sequence[StageUnit], *, before: StageSample | None = None
) -> Difference | None:
    """Draw a stage again from its record and name the first difference.

    Parameters
    ----------
    record : DrawRecord
    units : sequence of StageUnit
    before : StageSample, optional

    Returns
    -------
    Difference or None
        None when the record is the draw; verify the stage before by its own record.

    Raises
    ------
    PlanError
        The record lacks a parameter.
    DrawError
        The record names no stage method, or the list cannot carry the draw.
    """
    names = {f"stage-{method.value}": method for method in StageMethod}
    if record.method not in names:
        raise DrawError(
            f"{record.method!r} is no method of a stage; it must be one of {', '.join(names)}"
        )
    stage = Stage(
        name=str(record.parameter("name")),
        take=record.whole("take"),
        method=names[record.method],
        reserves=record.whole("reserves"),
    )
    again = draw_stage(units, stage, seed=record.seed, before=before)
    return first_difference(again.record, record)


def stage_columns(sample: StageSample) -> dict[str, NDArray[Any]]:
    """Lay the drawn units of the last stage out as the columns of a multi-stage design.

    Parameters
    ----------
    sample : StageSample
        Of k stages and n units.

    Returns
    -------
    dict of str to array of shape (n,)
        ``weight`` (1 over the product of the chances); and per stage i from 1: ``code_i`` (text),
        ``strata_i`` (text; a certain unit is a stratum of its own), ``psu_i`` (the path, text) and
        ``fpc_i``: the number of units in parent and stratum where all have the same chance, 1 for a
        certain unit, infinity where drawing goes by size, which estimates as if drawn with
        replacement.
    """
    chain = [sample]
    while chain[0].before is not None:
        chain.insert(0, chain[0].before)
    columns: dict[str, NDArray[Any]] = {
        "weight": np.array([1 / unit.probability for unit in sample.units])
    }
    for number, link in enumerate(chain, start=1):
        known = {unit.path: unit for unit in link.units}
        units = [known[unit.path[:number]] for unit in sample.units]
        columns[f"code_{number}"] = np.array([unit.path[-1] for unit in units], dtype=np.str_)
        columns[f"strata_{number}"] = np.array([_stratum_of(unit) for unit in units], dtype=np.str_)
        columns[f"psu_{number}"] = np.array(["/".join(unit.path) for unit in units], dtype=np.str_)
        columns[f"fpc_{number}"] = np.array([_fpc_of(unit) for unit in units])
    return columns


def _stratum_of(unit: DrawnUnit) -> str:
    """Name a unit's stratum: parent and stratum, and for a certain unit its own code too."""
    name = "/".join((*unit.path[:-1], unit.stratum))
    return f"{name}!{unit.path[-1]}" if unit.certain else name


def _fpc_of(unit: DrawnUnit) -> float:
    """Give the population that a stage's variance is corrected by."""
    if unit.certain:
        return 1.0
    return float("inf") if unit.by_size else float(unit.population)


def _draw_cell(
    cell: Sequence[StageUnit], stage: Stage, seed: int, chance: float
) -> tuple[list[DrawnUnit], list[Path]]:
    """Draw within one parent and stratum, forced units first."""
    walks = stage.method in (StageMethod.SYSTEMATIC, StageMethod.PPS_SYSTEMATIC)
    ordered = list(cell) if walks else sorted(cell, key=lambda unit: unit.path)
    free = [unit for unit in ordered if not unit.forced]
    take = min(stage.take - (len(ordered) - len(free)), len(free))
    names = ("stage", stage.name, *ordered[0].path[:-1], nfc(ordered[0].stratum))
    draw_free = _by_size if stage.method in _BY_SIZE else _equal
    chances = draw_free(free, take, stage.method, stream(seed, *names)) if take > 0 else {}
    rest = [unit for unit in free if unit.path not in chances]
    _, spare = draw_positions(len(rest), 0, stage.reserves, stream(seed, *names, "reserve"))
    by_size = stage.method in _BY_SIZE
    sure = {unit.path for unit in ordered if unit.forced}
    sure |= {path for path, value in chances.items() if by_size and value == 1}
    drawn = [
        DrawnUnit(
            path=unit.path,
            stratum=nfc(unit.stratum),
            certain=unit.path in sure,
            chance=chances.get(unit.path, 1.0),
            probability=chance * chances.get(unit.path, 1.0),
            population=len(ordered) - len(sure),
            taken=len(set(chances) - sure),
            by_size=by_size,
        )
        for unit in ordered
        if unit.path in sure or unit.path in chances
    ]
    return drawn, [rest[place - 1].path for place in spare]


def _equal(
    free: Sequence[StageUnit], take: int, method: StageMethod, rng: np.random.Generator
) -> dict[Path, float]:
    """Draw with equal chances; the drawn paths with theirs."""
    walk = draw_systematic if method is StageMethod.SYSTEMATIC else draw_positions
    places, _ = walk(len(free), take, 0, rng)
    return {free[place - 1].path: take / len(free) for place in places}


def _by_size(
    free: Sequence[StageUnit], take: int, method: StageMethod, rng: np.random.Generator
) -> dict[Path, float]:
    """Draw with chances proportional to size; the drawn paths with theirs."""
    inclusion = pps_inclusion(SizedFrame(sizes=[unit.size for unit in free]), take)
    rows = draw_rows(inclusion, _BY_SIZE[method], rng)
    return {free[row].path: float(inclusion.probabilities[row]) for row in rows.tolist()}


def _digest(units: Sequence[StageUnit]) -> str:
    """Hash a list of units with everything that the draw looks at."""
    names = ["/".join((*unit.path, nfc(unit.stratum))) for unit in units]
    sizes = [unit.size for unit in units]
    return digest_of_frame(names, sizes, [int(unit.forced) for unit in units])


def _refuse_faults(units: Sequence[StageUnit], stage: Stage, before: StageSample | None) -> None:
    """Refuse a list with every fault at once."""
    parents: set[Path] = {()}
    if before is not None:
        parents = {unit.path for unit in before.units}
    faults = [*_stage_faults(stage), *_list_faults(units, stage, parents)]
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise DrawError(
            f"the list of stage {stage.name!r} has {len(faults)} problem(s), nothing was drawn:\n"
            f"{lines}"
        )


def _stage_faults(stage: Stage) -> Iterator[str]:
    """Look at the numbers of a stage."""
    if not is_count(stage.take) or stage.take < 1:
        yield f"{stage.take} units are to be taken; take at least 1"
    if not is_count(stage.reserves):
        yield f"{stage.reserves} reserves are asked; ask for a whole number from 0"


def _list_faults(units: Sequence[StageUnit], stage: Stage, parents: set[Path]) -> Iterator[str]:
    """Look at the units of a list, fault by fault."""
    counts = Counter(unit.path for unit in units)
    twice = sorted("/".join(path) for path, count in counts.items() if count > 1)
    if twice:
        yield f"{len(twice)} of {len(counts)} units are listed twice: {_few(twice)}; list each once"
    slashed = sorted(path[-1] for path in counts if "/" in path[-1])
    if slashed:
        yield f"{len(slashed)} codes hold a slash: {_few(slashed)}; codes are joined by slashes"
    empty = sorted("/".join(path) for path in parents - {path[:-1] for path in counts})
    if empty:
        yield (
            f"{len(empty)} of {len(parents)} drawn parents have no unit: "
            f"{_few([name or '(the frame)' for name in empty])}; list their units"
        )
    within = [unit for unit in units if unit.path[:-1] in parents]
    if stage.method in _BY_SIZE:
        wrong = [f"{'/'.join(u.path)} has {u.size}" for u in within if u.size < 1 and not u.forced]
        if wrong:
            yield (
                f"{len(wrong)} of {len(within)} units have no size above 0: {_few(wrong)}; "
                "correct the sizes or leave the units out"
            )
    yield from _forced_faults(within, stage)


def _forced_faults(within: Sequence[StageUnit], stage: Stage) -> Iterator[str]:
    """Look for parents where forced units leave the others no chance."""
    forced = Counter((unit.path[:-1], unit.stratum) for unit in within if unit.forced)
    free = Counter((unit.path[:-1], unit.stratum) for unit in within if not unit.forced)
    for (parent, stratum), count in sorted(forced.items()):
        left = free[parent, stratum]
        if count >= stage.take and left:
            place = "/".join((*parent, stratum)) or "the frame"
            yield (
                f"{count} forced units of {place} fill the {stage.take} places and leave {left} "
                "others no chance; take more units or force fewer"
            )


def _few(names: Sequence[str]) -> str:
    """Name the first ten."""
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more
