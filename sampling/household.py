"""One person of a household: the Kish table and the last birthday.

Both need nothing but what is said at the door, and leave a trace that a supervisor can check: the
table's letter is fixed by the household's code before the visit, the birthday by the calendar. The
chances are exact fractions, because they divide the household's chance in every weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import assert_never

from sampling.errors import DrawError
from sampling.frame import nfc
from sampling.streams import below, refuse_bad_seed, stream

__all__ = [
    "KISH_TABLES",
    "Birthday",
    "HouseholdRule",
    "KishTable",
    "Member",
    "kish_chance",
    "kish_order",
    "kish_person",
    "kish_table",
    "last_birthday",
    "person_weight",
    "within_household_chance",
]


class HouseholdRule(StrEnum):
    """How one eligible member is chosen."""

    KISH = "kish"
    LAST_BIRTHDAY = "last_birthday"


class KishTable(StrEnum):
    """Kish's eight tables: A, C, D and F for a sixth of the households each, the rest a twelfth."""

    A = "A"
    B1 = "B1"
    B2 = "B2"
    C = "C"
    D = "D"
    E1 = "E1"
    E2 = "E2"
    F = "F"


KISH_TABLES: Mapping[KishTable, tuple[int, ...]] = {
    # number to select when there are 1, 2, 3, 4, 5, 6 or more eligible members
    KishTable.A: (1, 1, 1, 1, 1, 1),
    KishTable.B1: (1, 1, 1, 1, 2, 2),
    KishTable.B2: (1, 1, 1, 2, 2, 2),
    KishTable.C: (1, 1, 2, 2, 3, 3),
    KishTable.D: (1, 2, 2, 3, 4, 4),
    KishTable.E1: (1, 2, 3, 3, 3, 5),
    KishTable.E2: (1, 2, 3, 4, 5, 5),
    KishTable.F: (1, 2, 3, 4, 5, 6),
}
_TWELFTHS: Mapping[KishTable, int] = {
    KishTable.A: 2,
    KishTable.B1: 1,
    KishTable.B2: 1,
    KishTable.C: 2,
    KishTable.D: 2,
    KishTable.E1: 1,
    KishTable.E2: 1,
    KishTable.F: 2,
}
_COLUMNS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """Day and month of birth; the year is not asked."""

    month: int
    day: int

    def __post_init__(self) -> None:
        try:
            date(2000, self.month, self.day)  # a leap year
        except ValueError as error:
            raise DrawError(
                f"day {self.day} of month {self.month} is no birthday; ask again, or take the table"
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An eligible member of a household, by line number on the form."""

    line: int
    male: bool
    age: int
    birthday: Birthday | None = None


def kish_table(household: str, *, seed: int) -> KishTable:
    """Fix the Kish table of a household before the visit.

    Parameters
    ----------
    household : str
        Its code, unique in the survey.
    seed : int
        From 0, below 2⁶³.

    Returns
    -------
    KishTable
        By a number uniform on twelfths from the stream of the seed and "kish", household.

    Raises
    ------
    DrawError
        The seed is out of range.

    Examples
    --------
    >>> kish_table("25195-01-017", seed=2022) in KishTable
    True
    """
    refuse_bad_seed(seed)
    place = below(12, stream(seed, "kish", nfc(household)))
    letters = [table for table, share in _TWELFTHS.items() for _ in range(share)]
    return letters[place]


def kish_order(members: Sequence[Member]) -> list[Member]:
    """Put eligible members in Kish's order: men from the oldest, then women from the oldest.

    Parameters
    ----------
    members : sequence of Member

    Returns
    -------
    list of Member
        Of equal age, the lower line first.

    Examples
    --------
    >>> people = [Member(line=1, male=False, age=70), Member(line=2, male=True, age=30)]
    >>> [member.line for member in kish_order(people)]
    [2, 1]
    """
    return sorted(members, key=lambda member: (not member.male, -member.age, member.line))


def kish_person(table: KishTable, members: Sequence[Member]) -> Member:
    """Choose the member that a household's Kish table points at.

    Parameters
    ----------
    table : KishTable
    members : sequence of Member
        All eligible members, in any order.

    Returns
    -------
    Member

    Raises
    ------
    DrawError
        Nobody is eligible, or a line number stands twice.

    References
    ----------
    Kish (1949), Journal of the American Statistical Association 44. Checked against: the
    printed table in tests/sampling/test_household.py.

    Examples
    --------
    >>> people = [Member(line=1, male=False, age=70), Member(line=2, male=True, age=30)]
    >>> kish_person(KishTable.F, people).line
    1
    """
    _refuse_bad_members(members)
    column = min(len(members), _COLUMNS) - 1
    return kish_order(members)[KISH_TABLES[table][column] - 1]


def kish_chance(eligible: int, place: int) -> Fraction:
    """Compute the exact chance of a member under Kish's tables.

    It is 1 over the number of members up to 4 and for 6, nearly so for 5, and 0 from the seventh
    member on.

    Parameters
    ----------
    eligible : int
        Eligible members, from 1.
    place : int
        The member's place in `kish_order`, from 1.

    Returns
    -------
    Fraction

    Raises
    ------
    DrawError
        The place is not among the eligible members.

    Examples
    --------
    >>> kish_chance(3, 2), kish_chance(5, 3), kish_chance(7, 7)
    (Fraction(1, 3), Fraction(1, 4), Fraction(0, 1))
    """
    if not 1 <= place <= eligible:
        raise DrawError(f"place {place} is not among {eligible} eligible members")
    column = min(eligible, _COLUMNS) - 1
    twelfths = sum(
        share for table, share in _TWELFTHS.items() if KISH_TABLES[table][column] == place
    )
    return Fraction(twelfths, 12)


def last_birthday(members: Sequence[Member], *, visit: date, household: str, seed: int) -> Member:
    """Choose the member who had a birthday last.

    A birthday on the day of the visit counts as had. 29 February is had on 1 March of other years.
    Members with the same birthday are drawn among by the stream of the seed and "birthday",
    household, so that nobody chooses at the door.

    Parameters
    ----------
    members : sequence of Member
        All eligible members, each with a birthday.
    visit : date
        The day that was fixed for the household's first visit: with the actual day, an interviewer
        could choose the person by choosing the day.
    household : str
    seed : int
        From 0, below 2⁶³.

    Returns
    -------
    Member

    Raises
    ------
    DrawError
        Nobody is eligible, a line number stands twice, or birthdays are missing.

    References
    ----------
    Salmon and Nichols (1983), Public Opinion Quarterly 47.

    Examples
    --------
    >>> people = [
    ...     Member(line=1, male=True, age=41, birthday=Birthday(month=9, day=30)),
    ...     Member(line=2, male=False, age=40, birthday=Birthday(month=10, day=8))]
    >>> from datetime import date
    >>> visit = date(2022, 10, 7)
    >>> last_birthday(people, visit=visit, household="25195-01-017", seed=2022).line
    1
    """
    refuse_bad_seed(seed)
    _refuse_bad_members(members)
    waits: dict[int, list[Member]] = {}
    for member in sorted(members, key=lambda member: member.line):
        if member.birthday is None:
            missing = [m.line for m in members if m.birthday is None]
            raise DrawError(
                f"household {household}: no birthday for line(s) {missing} of {len(members)} "
                "eligible members; ask again or use Kish's table for the whole survey"
            )
        waits.setdefault(_days_since(member.birthday, visit), []).append(member)
    nearest = waits[min(waits)]
    return nearest[below(len(nearest), stream(seed, "birthday", nfc(household)))]


def within_household_chance(rule: HouseholdRule, *, eligible: int, place: int) -> Fraction:
    """Give the chance of the chosen member, for the weight.

    Parameters
    ----------
    rule : HouseholdRule
    eligible : int
        Eligible members, from 1.
    place : int
        The member's place in `kish_order`, from 1; all places are alike for birthdays.

    Returns
    -------
    Fraction
        For `HouseholdRule.LAST_BIRTHDAY` 1 over the members: birthdays are taken as spread evenly
        over the year, and as nothing to do with the answers.

    Raises
    ------
    DrawError
        The place is not among the eligible members.

    Examples
    --------
    >>> within_household_chance(HouseholdRule.LAST_BIRTHDAY, eligible=4, place=1)
    Fraction(1, 4)
    """
    exact = kish_chance(eligible, place)
    match rule:
        case HouseholdRule.KISH:
            return exact
        case HouseholdRule.LAST_BIRTHDAY:
            return Fraction(1, eligible)
    assert_never(rule)


def person_weight(household: float, chance: Fraction) -> float:
    """Compute the weight of the chosen member from the household's chance over all stages.

    Parameters
    ----------
    household : float
        `sampling.multistage.DrawnUnit.probability`, in (0, 1].
    chance : Fraction
        See `within_household_chance`.

    Returns
    -------
    float
        People that the member stands for: 1 / (household · chance).

    Raises
    ------
    DrawError
        A chance of 0 (no table points at this member), or a household's chance outside (0, 1].

    Examples
    --------
    >>> person_weight(0.25, Fraction(1, 3))
    12.0
    """
    if not (0 < household <= 1 and 0 < chance <= 1):
        raise DrawError(
            f"the household's chance is {household} and the member's {chance}; both must be above "
            "0 and at most 1, nobody else can have been chosen by the rule"
        )
    return chance.denominator / (household * chance.numerator)


def _days_since(birthday: Birthday, visit: date) -> int:
    """Count the days from the last birthday to the visit."""
    for year in (visit.year, visit.year - 1):
        try:
            day = date(year, birthday.month, birthday.day)
        except ValueError:
            day = date(year, 3, 1)
        if day <= visit:
            return (visit - day).days
    raise AssertionError  # last year's birthday is before every day of this year


def _refuse_bad_members(members: Sequence[Member]) -> None:
    """Refuse a household without eligible members, and line numbers that stand twice."""
    if not members:
        raise DrawError(
            "the household has no eligible member; record it as ineligible and release a reserve"
        )
    lines = [member.line for member in members]
    twice = sorted({line for line in lines if lines.count(line) > 1})
    if twice:
        raise DrawError(
            f"line(s) {twice} stand twice among {len(lines)} members; number each member once"
        )
