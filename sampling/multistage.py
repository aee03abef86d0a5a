"""Multi-stage samples: commune → village → household → person, one stage after the other.

A stage is drawn when its list exists, which is only after the stage before: nobody lists all
households of a province. So each stage is a draw of its own with its own record, chained by codes;
a unit taken with certainty becomes a stratum of its own, because it stands for nobody else.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sampling.errors import DrawError
from sampling.frame import nfc
from sampling.plan import Difference
from sampling.pps import SizedFrame, draw_rows, pps_inclusion
from sampling.records import (
    ORDER,
    DrawRecord,
    Parameter,
    digest_of_frame,
    digest_of_order,
    first_difference,
    result_digest,
)
from sampling.selection import draw_positions, draw_systematic
from sampling.stages import (
    BY_SIZE,
    WALKS,
    Path,
    Stage,
    StageMethod,
    StageUnit,
    check_stage,
)
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
        Every fault of the list at once: codes that repeat or are blank, sizes that are no whole
        number from 0, drawn parents without a unit, units of size 0 where the method goes by size,
        forced units that leave the others no chance.

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
                *_walked(cells, stage.method),
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
    stage = Stage(
        name=str(record.parameter("name")),
        take=record.whole("take"),
        method=record.drawn_by("stage", StageMethod, "of a stage"),
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
    ordered = list(cell) if stage.method in WALKS else sorted(cell, key=lambda unit: unit.path)
    free = [unit for unit in ordered if not unit.forced]
    take = min(stage.take - (len(ordered) - len(free)), len(free))
    names = ("stage", stage.name, *ordered[0].path[:-1], nfc(ordered[0].stratum))
    draw_free = _by_size if stage.method in BY_SIZE else _equal
    chances = draw_free(free, take, stage.method, stream(seed, *names)) if take > 0 else {}
    rest = [unit for unit in free if unit.path not in chances]
    _, spare = draw_positions(len(rest), 0, stage.reserves, stream(seed, *names, "reserve"))
    by_size = stage.method in BY_SIZE
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
    rows = draw_rows(inclusion, BY_SIZE[method], rng)
    return {free[row].path: float(inclusion.probabilities[row]) for row in rows.tolist()}


def _digest(units: Sequence[StageUnit]) -> str:
    """Hash a list of units with everything that the draw looks at."""
    names = ["/".join((*unit.path, nfc(unit.stratum))) for unit in units]
    sizes = [unit.size for unit in units]
    return digest_of_frame(names, sizes, [int(unit.forced) for unit in units])


def _walked(
    cells: Mapping[tuple[Path, str], Sequence[StageUnit]], method: StageMethod
) -> tuple[tuple[str, Parameter], ...]:
    """Record the order within each parent and stratum where the method walks along it."""
    if method not in WALKS:
        return ()
    paths = ["/".join(unit.path) for _, cell in sorted(cells.items()) for unit in cell]
    return ((ORDER, digest_of_order(paths)),)


def _refuse_faults(units: Sequence[StageUnit], stage: Stage, before: StageSample | None) -> None:
    """Refuse a list with every fault at once."""
    parents: set[Path] = {()}
    if before is not None:
        parents = {unit.path for unit in before.units}
    faults = check_stage(units, stage, parents)
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise DrawError(
            f"the list of stage {stage.name!r} has {len(faults)} problem(s), nothing was drawn:\n"
            f"{lines}"
        )
