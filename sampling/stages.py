"""The list of one stage: its units, how they are drawn, and what is wrong with them.

A list is judged as a whole and its rows are named, because it comes from a commune that has to
correct it once, not once per fault.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from sampling.frame import is_code, is_count, nfc
from sampling.pps import PpsMethod

__all__ = ["BY_SIZE", "WALKS", "Path", "Stage", "StageMethod", "StageUnit", "check_stage"]

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


BY_SIZE = {
    StageMethod.PPS_SYSTEMATIC: PpsMethod.SYSTEMATIC,
    StageMethod.PPS_SAMPFORD: PpsMethod.SAMPFORD,
    StageMethod.PPS_BREWER: PpsMethod.BREWER,
    StageMethod.PPS_TILLE: PpsMethod.TILLE,
    StageMethod.PPS_PARETO: PpsMethod.PARETO,
}


WALKS = (StageMethod.SYSTEMATIC, StageMethod.PPS_SYSTEMATIC)


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


def check_stage(units: Sequence[StageUnit], stage: Stage, parents: AbstractSet[Path]) -> list[str]:
    """List everything that keeps a stage from being drawn from a list.

    Parameters
    ----------
    units : sequence of StageUnit
    stage : Stage
    parents : set of tuple of str
        Paths of the drawn units of the stage before; the empty path at the first stage.

    Returns
    -------
    list of str
        Empty when the stage can be drawn.

    Examples
    --------
    >>> stage = Stage(name="commune", take=1, method=StageMethod.PPS_SAMPFORD)
    >>> check_stage([StageUnit(code="A", size=3), StageUnit(code="B", size=0)], stage, {()})
    ['1 of 2 units have no size above 0: B has 0; correct the sizes or leave the units out']
    """
    return [*_stage_faults(stage), *_row_faults(units), *_list_faults(units, stage, parents)]


def _stage_faults(stage: Stage) -> Iterator[str]:
    """Look at the name and the numbers of a stage."""
    if not is_code(stage.name):
        yield f"the stage is named {stage.name!r}; give it a plain name, its stream begins with it"
    if not is_count(stage.take) or stage.take < 1:
        yield f"{stage.take} units are to be taken; take at least 1"
    if not is_count(stage.reserves):
        yield f"{stage.reserves} reserves are asked; ask for a whole number from 0"


def _list_faults(
    units: Sequence[StageUnit], stage: Stage, parents: AbstractSet[Path]
) -> Iterator[str]:
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
    if stage.method in BY_SIZE:
        none = [f"{'/'.join(u.path)} has {u.size}" for u in within if u.size == 0 and not u.forced]
        if none:
            yield (
                f"{len(none)} of {len(within)} units have no size above 0: {_few(none)}; "
                "correct the sizes or leave the units out"
            )
    yield from _forced_faults(within, stage)


def _row_faults(units: Sequence[StageUnit]) -> Iterator[str]:
    """Look for codes and sizes that are none, row by row."""
    rows = list(enumerate(units, start=1))
    codes = [f"row {row} has {unit.code!r}" for row, unit in rows if not is_code(unit.code)]
    if codes:
        yield (
            f"{len(codes)} of {len(rows)} codes are blank, padded with spaces or hold control "
            f"characters: {_few(codes)}; write plain codes"
        )
    sizes = [
        f"row {row} ({'/'.join(unit.path)}) has {unit.size}"
        for row, unit in rows
        if not is_count(unit.size)
    ]
    if sizes:
        yield (
            f"{len(sizes)} of {len(rows)} sizes are no whole number from 0: {_few(sizes)}; "
            "count people, households or houses"
        )


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
