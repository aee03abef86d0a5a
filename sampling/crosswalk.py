"""The frame of one year made from that of the year before, when units merge or are divided.

Shares are exact fractions, because 0.33 three times is not one. People are counted in whole
numbers by controlled rounding: each old group of people is kept to the last one, and each new unit
gets its sum rounded up or down. Units that no line names stay as they are.
"""

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sampling.crosswalk_lines import (
    Crosswalk,
    CrosswalkFault,
    CrosswalkProblem,
    Succession,
    Successor,
    check_crosswalk,
)
from sampling.errors import CrosswalkError, FrameError
from sampling.frame import (
    Frame,
    FrameStratum,
    Person,
    Selection,
    UncountedUnit,
    check_frame,
    nfc,
)
from sampling.rounding import controlled_rounding

__all__ = [
    "CarriedCount",
    "CarriedFrame",
    "Crosswalk",
    "CrosswalkFault",
    "CrosswalkProblem",
    "Succession",
    "Successor",
    "carry_over",
    "check_crosswalk",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedCount:
    """People of one group who go from an old unit to a new one: exactly N·share, and rounded."""

    old: str
    new: str
    group: str
    exact: Fraction
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedFrame:
    """The new frame, the counts behind it, and the strata whose staff list was lost.

    ``lists_needed`` are (unit, group) of new strata that were listed by name before and are now
    counted only, since shares do not say who went where: ask these units for a new list.
    """

    frame: Frame
    counts: tuple[CarriedCount, ...]
    lists_needed: tuple[tuple[str, str], ...]


def carry_over(frame: Frame, crosswalk: Crosswalk) -> CarriedFrame:
    """Make the frame of the new year.

    Within each family of units that lines join, and for each respondent group, the table of
    N·share is rounded so that every old count is kept exactly and every new count is its exact sum
    rounded up or down. A new stratum is drawn from a list when all its sources are listed and come
    whole (lists follow one another in the order of the old codes, positions are numbered anew), is
    picked when a source was picked, and is drawn by positions otherwise.

    Parameters
    ----------
    frame : Frame
        Of the old year.
    crosswalk : Crosswalk

    Returns
    -------
    CarriedFrame
        Its frame is not checked again: lists put together may now hold two people of one name,
        which `sampling.check_frame` reports.

    Raises
    ------
    FrameError
        The old frame has problems.
    CrosswalkError
        `check_crosswalk` finds problems; the error carries them all.

    Examples
    --------
    >>> strata = tuple(
    ...     FrameStratum(unit=unit, unit_group="cap_xa", group="CC", population=count,
    ...                  selection=Selection.POSITIONS)
    ...     for unit, count in (("XA01", 21), ("XA02", 10)))
    >>> crosswalk = Crosswalk(
    ...     successors=(Successor(unit="XA90", unit_group="cap_xa"),
    ...                 Successor(unit="XA91", unit_group="cap_xa")),
    ...     lines=(Succession.of("XA01", "XA90", "1/2"), Succession.of("XA01", "XA91", "1/2"),
    ...            Succession.of("XA02", "XA91")))
    >>> carried = carry_over(Frame(strata=strata), crosswalk)
    >>> sum(stratum.population for stratum in carried.frame.strata)
    31
    """
    faults = check_frame(frame)
    if faults:
        raise FrameError(faults)
    problems = check_crosswalk(crosswalk, frame)
    if problems:
        raise CrosswalkError(problems)
    named = {nfc(line.old) for line in crosswalk.lines}
    people: dict[str, dict[str, int]] = defaultdict(dict)
    for stratum in frame.strata:
        people[nfc(stratum.unit)][nfc(stratum.group)] = stratum.population
    counts = tuple(count for family in _families(crosswalk) for count in _counted(people, family))
    made, needed = _strata(frame, crosswalk, counts)
    kept = [stratum for stratum in frame.strata if nfc(stratum.unit) not in named]
    return CarriedFrame(
        frame=Frame(strata=(*kept, *made), uncounted=_uncounted(frame, crosswalk, named)),
        counts=counts,
        lists_needed=needed,
    )


def _families(crosswalk: Crosswalk) -> Iterator[list[Succession]]:
    """Group lines that share a unit, directly or through others, in the order of their codes."""
    leader: dict[tuple[str, str], tuple[str, str]] = {}

    def find(code: tuple[str, str]) -> tuple[str, str]:
        while leader.setdefault(code, code) != code:
            leader[code] = leader[leader[code]]
            code = leader[code]
        return code

    lines = sorted(crosswalk.lines, key=lambda line: (nfc(line.old), nfc(line.new)))
    for line in lines:
        leader[find(("new", nfc(line.new)))] = find(("old", nfc(line.old)))
    families: dict[tuple[str, str], list[Succession]] = defaultdict(list)
    for line in lines:
        families[find(("old", nfc(line.old)))].append(line)
    yield from families.values()


def _counted(
    people: Mapping[str, Mapping[str, int]], family: Sequence[Succession]
) -> Iterator[CarriedCount]:
    """Round the people of a family of units, group by group."""
    rows = {old: row for row, old in enumerate(sorted({nfc(line.old) for line in family}))}
    columns = {new: column for column, new in enumerate(sorted({nfc(line.new) for line in family}))}
    for group in sorted({group for old in rows for group in people.get(old, {})}):
        exact = {
            (nfc(line.old), nfc(line.new)): people[nfc(line.old)][group] * line.share
            for line in family
            if group in people.get(nfc(line.old), {})
        }
        table = np.zeros((len(rows), len(columns)))
        for (old, new), value in exact.items():
            table[rows[old], columns[new]] = float(value % 1)  # millions would blur the rest
        rounded = controlled_rounding(table)
        for (old, new), value in exact.items():
            count = math.floor(value) + int(rounded[rows[old], columns[new]])
            yield CarriedCount(old=old, new=new, group=group, exact=value, people=count)


def _strata(
    frame: Frame, crosswalk: Crosswalk, counts: Sequence[CarriedCount]
) -> tuple[list[FrameStratum], tuple[tuple[str, str], ...]]:
    """Put the new strata together, and tell which of them lost their list."""
    old = {(nfc(stratum.unit), nfc(stratum.group)): stratum for stratum in frame.strata}
    groups = {nfc(one.unit): nfc(one.unit_group) for one in crosswalk.successors}
    whole = {(nfc(line.old), nfc(line.new)) for line in crosswalk.lines if line.share == 1}
    sources: dict[tuple[str, str], list[CarriedCount]] = defaultdict(list)
    for count in counts:
        sources[count.new, count.group].append(count)
    made, needed = [], []
    for (unit, group), found in sorted(sources.items()):
        strata = [old[count.old, group] for count in found]
        complete = all((count.old, unit) in whole for count in found)
        selection = _selection(strata, complete=complete)
        if selection is not Selection.LIST and any(stratum.people for stratum in strata):
            needed.append((unit, group))
        made.append(
            dataclasses.replace(
                strata[0],
                unit=unit,
                unit_group=groups[unit],
                population=sum(count.people for count in found),
                selection=selection,
                people=_people(strata) if selection is Selection.LIST else (),
            )
        )
    return made, tuple(needed)


def _selection(strata: Sequence[FrameStratum], *, complete: bool) -> Selection:
    """Decide how the people of a new stratum are found."""
    kinds = {stratum.selection for stratum in strata}
    if Selection.PICKED in kinds:
        return Selection.PICKED
    return Selection.LIST if complete and kinds == {Selection.LIST} else Selection.POSITIONS


def _people(strata: Sequence[FrameStratum]) -> tuple[Person, ...]:
    """Put lists one after the other and number them anew."""
    everybody = [
        person
        for stratum in strata
        for person in sorted(stratum.people, key=lambda person: person.position)
    ]
    return tuple(
        dataclasses.replace(person, position=position)
        for position, person in enumerate(everybody, start=1)
    )


def _uncounted(frame: Frame, crosswalk: Crosswalk, named: set[str]) -> tuple[UncountedUnit, ...]:
    """Keep uncounted units that no line names, and add the successors of the others."""
    missing = {nfc(unit.unit) for unit in frame.uncounted}
    reached = {nfc(line.new) for line in crosswalk.lines if nfc(line.old) in missing}
    kept = [unit for unit in frame.uncounted if nfc(unit.unit) not in named]
    added = [
        UncountedUnit(unit=nfc(one.unit), unit_group=nfc(one.unit_group))
        for one in sorted(crosswalk.successors, key=lambda one: nfc(one.unit))
        if nfc(one.unit) in reached
    ]
    return (*kept, *added)
