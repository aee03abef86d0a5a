"""The frame: who could be asked, as head counts and staff lists per unit and respondent group.

A frame is valid or it is refused as a whole: `check_frame` returns every problem at once and never
repairs anything, because a repaired list is no longer the list that the unit signed.
"""

import hashlib
import json
import numbers
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "Frame",
    "FrameFault",
    "FrameProblem",
    "FrameStratum",
    "Person",
    "Selection",
    "UncountedUnit",
    "check_frame",
]


class Selection(StrEnum):
    """How the people of a stratum come into the sample.

    ``LIST``: the staff list is known and people are drawn from it. ``POSITIONS``: only N is known;
    positions of the unit's dated list are drawn, and the unit certifies that it applied them.
    ``PICKED``: the unit chose by hand; nothing is drawn and no interval may be computed.
    """

    LIST = "list"
    POSITIONS = "positions"
    PICKED = "picked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One line of a unit's dated staff list; positions count from 1 within unit and group."""

    position: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameStratum:
    """One respondent group of one unit: N people, with their list when it is known."""

    unit: str
    unit_group: str
    group: str
    population: int
    selection: Selection
    people: tuple[Person, ...] = ()

    def person(self, position: int) -> Person:
        """Find the listed person at a position.

        Parameters
        ----------
        position : int, from 1

        Returns
        -------
        Person

        Raises
        ------
        KeyError
            Nobody is listed at this position.
        """
        for person in self.people:
            if person.position == position:
                return person
        raise KeyError(
            f"unit {self.unit}, group {self.group}: nobody is listed at position {position} "
            f"({len(self.people)} people listed)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UncountedUnit:
    """A unit of the register whose staff nobody counted, so that it can carry no quota."""

    unit: str
    unit_group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """All strata that could be asked, and the units that are listed without head counts."""

    strata: tuple[FrameStratum, ...]
    uncounted: tuple[UncountedUnit, ...] = ()

    @property
    def digest(self) -> str:
        """Hash the content (SHA-256, hexadecimal); neither order nor NFC/NFD spelling matters."""
        content = {
            "strata": sorted(_stratum_content(stratum) for stratum in self.strata),
            "uncounted": sorted([nfc(unit.unit), nfc(unit.unit_group)] for unit in self.uncounted),
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def stratum(self, unit: str, group: str) -> FrameStratum:
        """Find one stratum by the codes of its unit and group.

        Parameters
        ----------
        unit : str
        group : str

        Returns
        -------
        FrameStratum

        Raises
        ------
        KeyError
            The frame has no such stratum.
        """
        wanted = (nfc(unit), nfc(group))
        for stratum in self.strata:
            if (nfc(stratum.unit), nfc(stratum.group)) == wanted:
                return stratum
        raise KeyError(
            f"the frame has no stratum of unit {unit!r}, group {group!r} "
            f"(it has {len(self.strata)} strata)"
        )


class FrameFault(StrEnum):
    """The catalogue of what can be wrong with a frame."""

    EMPTY = "frame-empty"
    CODE_UNUSABLE = "frame-code-unusable"
    STRATUM_TWICE = "frame-stratum-twice"
    UNIT_IN_TWO_GROUPS = "frame-unit-in-two-groups"
    UNCOUNTED_CONFLICT = "frame-uncounted-conflict"
    NEGATIVE_POPULATION = "frame-negative-population"
    LIST_LENGTH = "frame-list-length"
    LIST_UNUSED = "frame-list-unused"
    POSITION_GAP = "frame-position-gap"
    POSITION_TWICE = "frame-position-twice"
    NAME_BLANK = "frame-name-blank"
    PERSON_TWICE = "frame-person-twice"


# English message ids with %-placeholders: a caller translates the id, then fills in `params`.
MESSAGES: Mapping[FrameFault, str] = {
    FrameFault.EMPTY: "the frame has no stratum; enter units with their head counts first",
    FrameFault.CODE_UNUSABLE: (
        "the code “%(value)s” is blank, padded with spaces or holds control characters; "
        "write a plain code"
    ),
    FrameFault.STRATUM_TWICE: (
        "this unit and group is given %(count)s times; keep one line per unit and group"
    ),
    FrameFault.UNIT_IN_TWO_GROUPS: (
        "the unit stands in %(count)s unit groups (%(value)s); a unit is ranked in one group only"
    ),
    FrameFault.UNCOUNTED_CONFLICT: (
        "the unit is listed without head counts %(count)s time(s) and also has %(strata)s strata; "
        "list it once, either way"
    ),
    FrameFault.NEGATIVE_POPULATION: (
        "the number of people is %(value)s; it must be a whole number from 0"
    ),
    FrameFault.LIST_LENGTH: (
        "the staff list has %(count)s people, the register says %(value)s; "
        "correct whichever is wrong"
    ),
    FrameFault.LIST_UNUSED: (
        "a staff list of %(count)s people is given, but the selection is '%(value)s'; "
        "write 'list' or remove the list"
    ),
    FrameFault.POSITION_GAP: (
        "positions must run from 1 to %(count)s; nobody stands at %(value)s; renumber the list"
    ),
    FrameFault.POSITION_TWICE: (
        "position %(value)s is given to %(count)s people; renumber the list"
    ),
    FrameFault.NAME_BLANK: "the name at position %(value)s is blank; write it or remove the line",
    FrameFault.PERSON_TWICE: (
        "“%(value)s” is listed %(count)s times in this unit (%(places)s); remove the repetition, "
        "or tell namesakes apart, for example by their division"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameProblem:
    """One problem of a frame: its code, its place and the values that its message names."""

    code: FrameFault
    unit: str = ""
    group: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict, hash=False)

    @property
    def template(self) -> str:
        """The English message id, with the placeholders that ``params`` fills."""
        return MESSAGES[self.code]

    @property
    def message(self) -> str:
        """The English message with its values."""
        return self.template % self.params

    def __str__(self) -> str:
        place = "/".join(part for part in (self.unit, self.group) if part)
        return f"{place}: {self.message}" if place else self.message


def check_frame(frame: Frame) -> list[FrameProblem]:
    """Find everything that keeps a frame from carrying a sample.

    People are compared within a unit after NFC, white space and letter case are levelled, across
    its groups too: one person in two lists could be asked twice.

    Parameters
    ----------
    frame : Frame

    Returns
    -------
    list of FrameProblem
        Every problem, in the order of the frame; empty when the frame is sound.

    Examples
    --------
    >>> stratum = FrameStratum(
    ...     unit="SO01", unit_group="cap_so", group="LD", population=-1,
    ...     selection=Selection.POSITIONS)
    >>> print(*check_frame(Frame(strata=(stratum,))))
    SO01/LD: the number of people is -1; it must be a whole number from 0
    """
    if not frame.strata:
        return [FrameProblem(code=FrameFault.EMPTY)]
    problems = [*_duplicate_strata(frame), *_group_conflicts(frame), *_uncounted_conflicts(frame)]
    for unit in frame.uncounted:
        problems += _code_problems((unit.unit, unit.unit_group), unit.unit, "")
    for stratum in frame.strata:
        for check in _STRATUM_CHECKS:
            problems += check(stratum)
    return [*problems, *_people_twice(frame)]


def nfc(text: str) -> str:
    """Level composed and decomposed spelling, so that both mean one code."""
    return unicodedata.normalize("NFC", text)


def is_count(value: object) -> bool:
    """Tell whole numbers from 0 from everything else; a NaN would pass every comparison."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    return whole and value >= 0  # type: ignore[operator]


def is_code(text: str) -> bool:
    """Tell codes that identify something; control characters would let two codes run together."""
    control = any(unicodedata.category(character) == "Cc" for character in text)
    return bool(text.strip()) and text == text.strip() and not control


def units_and_groups(frame: Frame) -> Iterator[tuple[str, str]]:
    """Walk over unit and unit group of every entry, counted or not, in NFC."""
    for stratum in frame.strata:
        yield nfc(stratum.unit), nfc(stratum.unit_group)
    for unit in frame.uncounted:
        yield nfc(unit.unit), nfc(unit.unit_group)


def _stratum_content(stratum: FrameStratum) -> list[object]:
    """Lay a stratum out as sortable JSON values."""
    people = sorted([person.position, nfc(person.name)] for person in stratum.people)
    codes = [nfc(code) for code in (stratum.unit, stratum.group, stratum.unit_group)]
    return [*codes, stratum.population, stratum.selection.value, people]


def _duplicate_strata(frame: Frame) -> Iterator[FrameProblem]:
    """Report each unit and group that is given more than once."""
    counts = Counter((nfc(stratum.unit), nfc(stratum.group)) for stratum in frame.strata)
    for (unit, group), count in counts.items():
        if count > 1:
            yield FrameProblem(
                code=FrameFault.STRATUM_TWICE, unit=unit, group=group, params={"count": count}
            )


def _group_conflicts(frame: Frame) -> Iterator[FrameProblem]:
    """Report each unit that stands in more than one unit group."""
    groups: dict[str, set[str]] = defaultdict(set)
    for unit, unit_group in units_and_groups(frame):
        groups[unit].add(unit_group)
    for code, found in groups.items():
        if len(found) > 1:
            yield FrameProblem(
                code=FrameFault.UNIT_IN_TWO_GROUPS,
                unit=code,
                params={"count": len(found), "value": ", ".join(sorted(found))},
            )


def _uncounted_conflicts(frame: Frame) -> Iterator[FrameProblem]:
    """Report units listed without counts twice, or beside strata of theirs."""
    strata = Counter(nfc(stratum.unit) for stratum in frame.strata)
    for unit, count in Counter(nfc(unit.unit) for unit in frame.uncounted).items():
        if count > 1 or strata[unit]:
            yield FrameProblem(
                code=FrameFault.UNCOUNTED_CONFLICT,
                unit=unit,
                params={"count": count, "strata": strata[unit]},
            )


def _code_problems(codes: tuple[str, ...], unit: str, group: str) -> Iterator[FrameProblem]:
    """Report codes that would not identify anything."""
    for code in codes:
        if not is_code(code):
            yield FrameProblem(
                code=FrameFault.CODE_UNUSABLE, unit=unit, group=group, params={"value": code}
            )


def _stratum_codes(stratum: FrameStratum) -> Iterator[FrameProblem]:
    """Check the three codes of a stratum."""
    codes = (stratum.unit, stratum.unit_group, stratum.group)
    return _code_problems(codes, stratum.unit, stratum.group)


def _population(stratum: FrameStratum) -> Iterator[FrameProblem]:
    """Check that N is a whole number from nobody."""
    if not is_count(stratum.population):
        yield _at(stratum, FrameFault.NEGATIVE_POPULATION, value=stratum.population)


def _list_length(stratum: FrameStratum) -> Iterator[FrameProblem]:
    """Check that a list is given exactly where people are drawn from it, and is complete."""
    listed = len(stratum.people)
    if stratum.selection is not Selection.LIST:
        if listed:
            yield _at(stratum, FrameFault.LIST_UNUSED, count=listed, value=stratum.selection.value)
    elif listed != stratum.population:
        yield _at(stratum, FrameFault.LIST_LENGTH, count=listed, value=stratum.population)


def _positions(stratum: FrameStratum) -> Iterator[FrameProblem]:
    """Check that positions run from 1 to the list's length, each once."""
    counts = Counter(person.position for person in stratum.people)
    missing = [str(k) for k in range(1, len(stratum.people) + 1) if k not in counts]
    if missing:
        shown = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
        yield _at(stratum, FrameFault.POSITION_GAP, count=len(stratum.people), value=shown)
    for position, count in counts.items():
        if count > 1:
            yield _at(stratum, FrameFault.POSITION_TWICE, value=position, count=count)


def _blank_names(stratum: FrameStratum) -> Iterator[FrameProblem]:
    """Check that every line of the list names somebody."""
    for person in stratum.people:
        if not person.name.strip():
            yield _at(stratum, FrameFault.NAME_BLANK, value=person.position)


def _people_twice(frame: Frame) -> Iterator[FrameProblem]:
    """Report each name that a unit's lists hold more than once."""
    places: dict[tuple[str, str], list[tuple[str, Person]]] = defaultdict(list)
    for stratum in frame.strata:
        for person in stratum.people:
            name = " ".join(nfc(person.name).casefold().split())
            places[nfc(stratum.unit), name].append((stratum.group, person))
    for (unit, name), found in places.items():
        if name and len(found) > 1:
            yield FrameProblem(
                code=FrameFault.PERSON_TWICE,
                unit=unit,
                params={
                    "value": nfc(found[0][1].name),
                    "count": len(found),
                    "places": ", ".join(f"{group} {person.position}" for group, person in found),
                },
            )


def _at(stratum: FrameStratum, code: FrameFault, **params: str | int) -> FrameProblem:
    """Place a problem at a stratum."""
    return FrameProblem(code=code, unit=stratum.unit, group=stratum.group, params=params)


_STRATUM_CHECKS: tuple[Callable[[FrameStratum], Iterator[FrameProblem]], ...] = (
    _stratum_codes,
    _population,
    _list_length,
    _positions,
    _blank_names,
)
