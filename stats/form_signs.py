"""Signs of quality in the answers of forms: straight lines, unanimity, answers that are missing.

Signs are counted and reported; no form is removed or down-weighted here. Signs that the program
sealed (too fast, in a group) come as counts of yes and no, never with the form they belong to.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from stats.errors import ScoreError

__all__ = [
    "AnswerState",
    "ItemNonresponse",
    "SealedCounts",
    "SealedShare",
    "StraightLine",
    "UnitUnanimity",
    "item_nonresponse",
    "sealed_share",
    "straight_lines",
    "unanimous_units",
]


class AnswerState(StrEnum):
    """What became of one question on one form."""

    VALID = "valid"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"
    BLANK = "blank"
    NOT_APPLICABLE = "not_applicable"  # asked, but the person says it does not concern them
    NOT_ASKED = "not_asked"  # skipped by the questionnaire


@dataclass(frozen=True, slots=True, kw_only=True)
class StraightLine:
    """The most frequent code of one form: its share of the answered items, and longest run."""

    form: int
    code: Hashable
    answered: int
    share: Fraction
    longest_run: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitUnanimity:
    """How many items all forms of a unit answered alike; ``whole`` if every compared item."""

    unit: str
    forms: int
    compared: int
    unanimous: int

    @property
    def whole(self) -> bool:
        """Nobody differed from anybody, on any item."""
        return self.compared > 0 and self.unanimous == self.compared


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNonresponse:
    """Counts for one item and its rates; ``None`` where nobody was asked.

    ``rate`` = (don't know + refused + blank) / (asked − not applicable); ``dont_know`` is the
    part of it that spoke.
    """

    item: str
    states: Mapping[AnswerState, int]
    rate: Fraction | None
    dont_know: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCounts:
    """How many forms bear a sealed sign, how many do not, and how many were not observed."""

    sign: str
    yes: int
    no: int
    unobserved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedShare:
    """A sealed sign as a share of the observed forms; ``None`` where the cell is too small."""

    sign: str
    observed: int
    share: Fraction | None


def straight_lines(
    forms: Sequence[Mapping[str, Hashable]],
    items: Sequence[str],
    *,
    share: Fraction = Fraction(9, 10),
    minimum: int = 10,
) -> tuple[StraightLine, ...]:
    """Find forms that gave one code to at least ``share`` of their answered items.

    Parameters
    ----------
    forms : sequence of mappings, item to code; items without a valid answer absent
    items : sequence of str
        Items of one scale, in the order they were asked. Judge batteries of other scales apart.
    share : Fraction in (1/2, 1]
    minimum : int
        Forms with fewer answered items are not judged.

    Returns
    -------
    tuple of StraightLine, by position of the form

    Examples
    --------
    >>> forms = [{"a": 5, "b": 5, "c": 5}, {"a": 5, "b": 3, "c": 5}]
    >>> found = straight_lines(forms, ["a", "b", "c"], minimum=3)
    >>> [(line.form, line.code, line.longest_run) for line in found]
    [(0, 5, 3)]
    """
    if not Fraction(1, 2) < share <= 1 or minimum < 1:
        raise ScoreError(f"need 1/2 < share <= 1 and minimum >= 1; got {share} and {minimum}")
    found = []
    for position, form in enumerate(forms):
        codes = [form[item] for item in items if item in form]
        if len(codes) >= minimum:
            line = _line(position, codes)
            if line.share >= share:
                found.append(line)
    return tuple(found)


def unanimous_units(
    units: Mapping[str, Sequence[Mapping[str, Hashable]]], items: Sequence[str]
) -> tuple[UnitUnanimity, ...]:
    """Count, for every unit, the items on which all its forms agree.

    An item is compared where at least two forms of the unit answered it.

    Parameters
    ----------
    units : mapping of unit to its forms, item to code
    items : sequence of str

    Examples
    --------
    >>> forms = [{"a": 5, "b": 4}, {"a": 5, "b": 4}]
    >>> unanimous_units({"A": forms, "B": [{"a": 5}]}, ["a", "b"])[0].whole
    True
    """
    found = []
    for unit, forms in units.items():
        answers = [[form[item] for form in forms if item in form] for item in items]
        compared = [codes for codes in answers if len(codes) > 1]
        alike = sum(len(set(codes)) == 1 for codes in compared)
        found.append(
            UnitUnanimity(unit=unit, forms=len(forms), compared=len(compared), unanimous=alike)
        )
    return tuple(found)


def item_nonresponse(
    states: Mapping[str, Sequence[AnswerState]],
) -> tuple[ItemNonresponse, ...]:
    """Compute item nonresponse, exactly.

    Parameters
    ----------
    states : mapping of item to the state of every form

    Raises
    ------
    ScoreError
        When items do not have the same number of forms.

    Examples
    --------
    >>> valid, blank, skipped = AnswerState.VALID, AnswerState.BLANK, AnswerState.NOT_ASKED
    >>> item_nonresponse({"a": [valid, valid, blank, skipped]})[0].rate
    Fraction(1, 3)
    """
    sizes = {item: len(found) for item, found in states.items()}
    if len(set(sizes.values())) > 1:
        raise ScoreError(f"every item has one state per form; numbers of forms differ: {sizes}")
    return tuple(_nonresponse(item, Counter(found)) for item, found in states.items())


def sealed_share(counts: SealedCounts, *, minimum: int) -> SealedShare:
    """Return the share of a sealed sign, unless few forms, or all but few, bear it.

    Parameters
    ----------
    counts : SealedCounts
    minimum : int
        Smallest number of forms with the sign, and without it, that may be told.

    Raises
    ------
    ScoreError
        On a negative count, or a minimum below 1.

    Examples
    --------
    >>> sealed_share(SealedCounts(sign="too_fast", yes=30, no=270), minimum=10).share
    Fraction(1, 10)
    >>> sealed_share(SealedCounts(sign="too_fast", yes=3, no=297), minimum=10).share is None
    True
    """
    if min(counts.yes, counts.no, counts.unobserved) < 0 or minimum < 1:
        raise ScoreError(f"counts must be 0 or more and minimum 1 or more: {counts}, {minimum}")
    observed = counts.yes + counts.no
    told = min(counts.yes, counts.no) >= minimum
    share = Fraction(counts.yes, observed) if told else None
    return SealedShare(sign=counts.sign, observed=observed, share=share)


def _line(position: int, codes: Sequence[Hashable]) -> StraightLine:
    code, count = Counter(codes).most_common(1)[0]
    return StraightLine(
        form=position,
        code=code,
        answered=len(codes),
        share=Fraction(count, len(codes)),
        longest_run=max(len(list(run)) for _, run in groupby(codes)),
    )


def _nonresponse(item: str, counts: Counter[AnswerState]) -> ItemNonresponse:
    lost = counts[AnswerState.DONT_KNOW] + counts[AnswerState.REFUSED] + counts[AnswerState.BLANK]
    concerned = lost + counts[AnswerState.VALID]
    return ItemNonresponse(
        item=item,
        states={state: counts[state] for state in AnswerState},
        rate=Fraction(lost, concerned) if concerned else None,
        dont_know=Fraction(counts[AnswerState.DONT_KNOW], concerned) if concerned else None,
    )
