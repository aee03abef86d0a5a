"""The lines of a crosswalk: old units, new units and exact shares, with every fault named.

Codes of units are never used again, so a new unit may bear an old unit's code only where that unit
goes on in it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from sampling.frame import Frame, nfc, units_and_groups

__all__ = [
    "Crosswalk",
    "CrosswalkFault",
    "CrosswalkProblem",
    "Succession",
    "Successor",
    "check_crosswalk",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """A unit of the new year: its code and the unit group that it is ranked in."""

    unit: str
    unit_group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """One line of the crosswalk: this share of the old unit's people goes to the new unit."""

    old: str
    new: str
    share: Fraction

    @classmethod
    def of(cls, old: str, new: str, share: str | int = 1) -> "Succession":
        """Read a line as people write it.

        Parameters
        ----------
        old, new : str
        share : str or int
            "1", "0.25" or "1/3".

        Returns
        -------
        Succession

        Raises
        ------
        ValueError
            The share is no number.

        Examples
        --------
        >>> Succession.of("XA01", "XA90", "1/3").share
        Fraction(1, 3)
        """
        try:
            return cls(old=old, new=new, share=Fraction(share))
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(
                f"the share of {old} that goes to {new} is {share!r}; write 1, 0.25 or 1/3"
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalk:
    """All new units that replace old ones, and the lines that join them, many to many."""

    successors: tuple[Successor, ...]
    lines: tuple[Succession, ...]


class CrosswalkFault(StrEnum):
    """The catalogue of what can be wrong with a crosswalk."""

    CODE_UNUSABLE = "crosswalk-code-unusable"
    OLD_UNKNOWN = "crosswalk-old-unknown"
    NEW_UNDECLARED = "crosswalk-new-undeclared"
    SUCCESSOR_TWICE = "crosswalk-successor-twice"
    SUCCESSOR_UNUSED = "crosswalk-successor-unused"
    LINE_TWICE = "crosswalk-line-twice"
    SHARE_OUT_OF_RANGE = "crosswalk-share-out-of-range"
    SHARES_NOT_ONE = "crosswalk-shares-not-one"
    CODE_TAKEN = "crosswalk-code-taken"
    CODE_REUSED = "crosswalk-code-reused"
    PARTLY_COUNTED = "crosswalk-partly-counted"


# English message ids with %-placeholders: a caller translates the id, then fills in `params`.
MESSAGES: Mapping[CrosswalkFault, str] = {
    CrosswalkFault.CODE_UNUSABLE: "a code is blank or padded with spaces; write a plain code",
    CrosswalkFault.OLD_UNKNOWN: "the old frame has no such unit; correct the code",
    CrosswalkFault.NEW_UNDECLARED: (
        "%(count)s line(s) lead to this unit, but it is not declared; add it with its unit group"
    ),
    CrosswalkFault.SUCCESSOR_TWICE: "the new unit is declared %(count)s times; keep one",
    CrosswalkFault.SUCCESSOR_UNUSED: "no line leads to this new unit; add one or remove the unit",
    CrosswalkFault.LINE_TWICE: "this line is given %(count)s times; add the shares up in one line",
    CrosswalkFault.SHARE_OUT_OF_RANGE: "the share is %(value)s; it must be above 0 and at most 1",
    CrosswalkFault.SHARES_NOT_ONE: (
        "the shares of this unit add up to %(value)s in %(count)s line(s); they must make 1"
    ),
    CrosswalkFault.CODE_TAKEN: (
        "the code belongs to an old unit that no line names; if the unit goes on, add a line from "
        "it to itself"
    ),
    CrosswalkFault.CODE_REUSED: (
        "the code belonged to an old unit that sends nobody here; codes are never used again, "
        "give the new unit another"
    ),
    CrosswalkFault.PARTLY_COUNTED: (
        "some of the old units have head counts and some have none (%(value)s); count them first"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CrosswalkProblem:
    """One problem of a crosswalk: its code, its place and the values that its message names."""

    code: CrosswalkFault
    place: str
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
        return f"{self.place}: {self.message}"


def check_crosswalk(crosswalk: Crosswalk, frame: Frame) -> list[CrosswalkProblem]:
    """Find everything that keeps a crosswalk from carrying a frame over.

    Parameters
    ----------
    crosswalk : Crosswalk
    frame : Frame
        Of the old year.

    Returns
    -------
    list of CrosswalkProblem
        Every problem; empty when the crosswalk is sound.

    Examples
    --------
    >>> from sampling import Frame, FrameStratum, Selection
    >>> stratum = FrameStratum(
    ...     unit="XA01", unit_group="cap_xa", group="CC", population=20,
    ...     selection=Selection.POSITIONS)
    >>> crosswalk = Crosswalk(
    ...     successors=(Successor(unit="XA90", unit_group="cap_xa"),),
    ...     lines=(Succession.of("XA01", "XA90", "0.9"),))
    >>> print(*check_crosswalk(crosswalk, Frame(strata=(stratum,))))
    XA01: the shares of this unit add up to 9/10 in 1 line(s); they must make 1
    """
    checks = (_codes, _declarations, _lines, _reuse, _partly_counted)
    return [problem for check in checks for problem in check(crosswalk, frame)]


def _codes(crosswalk: Crosswalk, _: Frame) -> Iterator[CrosswalkProblem]:
    """Report codes that identify nothing."""
    codes = [code for one in crosswalk.successors for code in (one.unit, one.unit_group)]
    codes += [code for line in crosswalk.lines for code in (line.old, line.new)]
    for code in dict.fromkeys(codes):
        if not code.strip() or code != code.strip():
            yield CrosswalkProblem(code=CrosswalkFault.CODE_UNUSABLE, place=repr(code))


def _declarations(crosswalk: Crosswalk, _: Frame) -> Iterator[CrosswalkProblem]:
    """Report new units declared twice, in vain or not at all."""
    declared = Counter(nfc(one.unit) for one in crosswalk.successors)
    reached = Counter(nfc(line.new) for line in crosswalk.lines)
    for unit, count in declared.items():
        if count > 1:
            yield CrosswalkProblem(
                code=CrosswalkFault.SUCCESSOR_TWICE, place=unit, params={"count": count}
            )
        if not reached[unit]:
            yield CrosswalkProblem(code=CrosswalkFault.SUCCESSOR_UNUSED, place=unit)
    for unit, count in reached.items():
        if not declared[unit]:
            yield CrosswalkProblem(
                code=CrosswalkFault.NEW_UNDECLARED, place=unit, params={"count": count}
            )


def _lines(crosswalk: Crosswalk, frame: Frame) -> Iterator[CrosswalkProblem]:
    """Report lines from nowhere, repeated ones, and shares that do not make one."""
    known = {unit for unit, _ in units_and_groups(frame)}
    shares: dict[str, list[Fraction]] = defaultdict(list)
    for line in crosswalk.lines:
        shares[nfc(line.old)].append(line.share)
        if not 0 < line.share <= 1:
            yield CrosswalkProblem(
                code=CrosswalkFault.SHARE_OUT_OF_RANGE,
                place=f"{line.old} → {line.new}",
                params={"value": str(line.share)},
            )
    repeated = Counter((nfc(line.old), nfc(line.new)) for line in crosswalk.lines)
    for (old, new), count in repeated.items():
        if count > 1:
            yield CrosswalkProblem(
                code=CrosswalkFault.LINE_TWICE, place=f"{old} → {new}", params={"count": count}
            )
    for old, parts in shares.items():
        if old not in known:
            yield CrosswalkProblem(code=CrosswalkFault.OLD_UNKNOWN, place=old)
        if sum(parts) != 1:
            yield CrosswalkProblem(
                code=CrosswalkFault.SHARES_NOT_ONE,
                place=old,
                params={"value": str(sum(parts)), "count": len(parts)},
            )


def _reuse(crosswalk: Crosswalk, frame: Frame) -> Iterator[CrosswalkProblem]:
    """Report new units under the code of an old unit that does not go on in them."""
    known = {unit for unit, _ in units_and_groups(frame)}
    named = {nfc(line.old) for line in crosswalk.lines}
    lines = {(nfc(line.old), nfc(line.new)) for line in crosswalk.lines}
    for unit in dict.fromkeys(nfc(one.unit) for one in crosswalk.successors):
        if unit in known and unit not in named:
            yield CrosswalkProblem(code=CrosswalkFault.CODE_TAKEN, place=unit)
        elif unit in known and (unit, unit) not in lines:
            yield CrosswalkProblem(code=CrosswalkFault.CODE_REUSED, place=unit)


def _partly_counted(crosswalk: Crosswalk, frame: Frame) -> Iterator[CrosswalkProblem]:
    """Report new units whose old units are counted in part."""
    uncounted = {nfc(unit.unit) for unit in frame.uncounted}
    sources: dict[str, set[str]] = defaultdict(set)
    for line in crosswalk.lines:
        sources[nfc(line.new)].add(nfc(line.old))
    for new, olds in sources.items():
        missing = olds & uncounted
        if missing and missing != olds:
            yield CrosswalkProblem(
                code=CrosswalkFault.PARTLY_COUNTED,
                place=new,
                params={"value": ", ".join(sorted(missing))},
            )
