"""Records of what is chosen within households: the tables given out, and the members chosen.

The first record is made before the visit and the second after it. Both can be redone, so that
nobody can have swapped a household's table, or the person at the door, without being found.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sampling.errors import DrawError
from sampling.frame import nfc
from sampling.household import (
    HouseholdRule,
    KishTable,
    Member,
    kish_order,
    kish_person,
    kish_table,
    last_birthday,
)
from sampling.plan import Difference
from sampling.records import DrawRecord, digest_of_frame, first_difference, result_digest
from sampling.streams import below, refuse_bad_seed, stream

__all__ = [
    "GivenTables",
    "VisitedHousehold",
    "choose_member",
    "choose_members",
    "give_tables",
    "tie_line",
    "verify_members",
    "verify_tables",
]

VERSION = 1  # of the rules: one more whenever the same seed would choose somebody else
_TABLES = "household-tables"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenTables:
    """The Kish table of each household, in the order of the list, and the record of giving them."""

    tables: tuple[KishTable, ...]
    record: DrawRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitedHousehold:
    """A household with its eligible members, and the day fixed for its first visit."""

    code: str
    members: tuple[Member, ...]
    visit: date | None = None


def give_tables(households: Sequence[str], *, seed: int) -> GivenTables:
    """Give each household its Kish table before the visit.

    Each by `sampling.household.kish_table`: a household keeps its table when the list changes.

    Parameters
    ----------
    households : sequence of N str
        Codes, reserves included.
    seed : int
        From 0, below 2⁶³.

    Returns
    -------
    GivenTables
        ``record.selected`` holds "code=letter" by code.

    Raises
    ------
    DrawError
        The seed is out of range, or a household is listed twice.

    Examples
    --------
    >>> give_tables(["25195-01-017", "25195-01-003"], seed=2022).record.selected
    ('25195-01-003=D', '25195-01-017=F')
    """
    refuse_bad_seed(seed)
    named = [nfc(code) for code in households]
    _refuse_twice(named)
    tables = tuple(kish_table(code, seed=seed) for code in named)
    pairs = sorted(zip(named, tables, strict=True))
    selected = tuple(f"{code}={table.value}" for code, table in pairs)
    record = DrawRecord(
        method=_TABLES,
        version=VERSION,
        seed=seed,
        frame_digest=digest_of_frame(named),
        parameters=(("households", len(named)),),
        selected=selected,
        result_digest=result_digest(selected),
    )
    return GivenTables(tables=tables, record=record)


def verify_tables(record: DrawRecord, households: Sequence[str]) -> Difference | None:
    """Give the tables again and name the first difference.

    Parameters
    ----------
    record : DrawRecord
    households : sequence of str

    Returns
    -------
    Difference or None

    Raises
    ------
    DrawError
        The record is not one of tables, or the list cannot carry it.
    """
    if record.method != _TABLES:
        raise DrawError(f"{record.method!r} is no record of tables; it must be {_TABLES!r}")
    return first_difference(give_tables(households, seed=record.seed).record, record)


def tie_line(household: str, tied: int, *, seed: int) -> int:
    """Say which of several members with one birthday is chosen, so that a sheet can print it.

    Parameters
    ----------
    household : str
    tied : int
        Members who share the last birthday, from 1.
    seed : int
        From 0, below 2⁶³.

    Returns
    -------
    int
        From 1, counted by line number; what `sampling.household.last_birthday` does.

    Raises
    ------
    DrawError
        The seed is out of range, or nobody is tied.

    Examples
    --------
    >>> tie_line("25195-01-017", 1, seed=2022)
    1
    """
    refuse_bad_seed(seed)
    if tied < 1:
        raise DrawError(f"{tied} members share the birthday; give a number from 1")
    return below(tied, stream(seed, "birthday", nfc(household))) + 1


def choose_member(household: VisitedHousehold, *, rule: HouseholdRule, seed: int) -> Member:
    """Choose the member of one household that the rule points at.

    Parameters
    ----------
    household : VisitedHousehold
        With the fixed day of the visit where birthdays decide.
    rule : HouseholdRule
    seed : int
        That of the tables.

    Returns
    -------
    Member

    Raises
    ------
    DrawError
        As `sampling.household.kish_person` and `last_birthday`, or the day of the visit is missing.

    Examples
    --------
    >>> members = (Member(line=1, male=True, age=40),)
    >>> home = VisitedHousehold(code="H1", members=members)
    >>> choose_member(home, rule=HouseholdRule.KISH, seed=1).line
    1
    """
    if rule is HouseholdRule.KISH:
        return kish_person(kish_table(household.code, seed=seed), household.members)
    if household.visit is None:
        raise DrawError(
            f"household {household.code}: the day fixed for the first visit is missing; the last "
            "birthday is counted back from it"
        )
    return last_birthday(
        household.members, visit=household.visit, household=household.code, seed=seed
    )


def choose_members(
    households: Sequence[VisitedHousehold], *, rule: HouseholdRule, seed: int
) -> DrawRecord:
    """Record the chosen member of each household.

    Parameters
    ----------
    households : sequence of VisitedHousehold
    rule : HouseholdRule
    seed : int
        That of the tables.

    Returns
    -------
    DrawRecord
        ``selected`` holds "code=line" by code.

    Raises
    ------
    DrawError
        A household stands twice, or as in `choose_member`.

    Examples
    --------
    >>> home = VisitedHousehold(code="H1", members=(Member(line=3, male=True, age=40),))
    >>> choose_members([home], rule=HouseholdRule.KISH, seed=1).selected
    ('H1=3',)
    """
    _refuse_twice([nfc(household.code) for household in households])
    ordered = sorted(households, key=lambda household: nfc(household.code))
    selected = tuple(
        f"{nfc(household.code)}={choose_member(household, rule=rule, seed=seed).line}"
        for household in ordered
    )
    return DrawRecord(
        method=_method(rule),
        version=VERSION,
        seed=seed,
        frame_digest=_digest(ordered),
        parameters=(("households", len(ordered)),),
        selected=selected,
        result_digest=result_digest(selected),
    )


def verify_members(record: DrawRecord, households: Sequence[VisitedHousehold]) -> Difference | None:
    """Choose the members again and name the first difference.

    Parameters
    ----------
    record : DrawRecord
    households : sequence of VisitedHousehold

    Returns
    -------
    Difference or None

    Raises
    ------
    DrawError
        The record names no rule, or the households cannot carry it.
    """
    rules = {_method(rule): rule for rule in HouseholdRule}
    if record.method not in rules:
        raise DrawError(
            f"{record.method!r} is no rule for a member; it must be one of {', '.join(rules)}"
        )
    again = choose_members(households, rule=rules[record.method], seed=record.seed)
    return first_difference(again, record)


def _method(rule: HouseholdRule) -> str:
    return f"household-member-{rule.value}"


def _digest(households: Sequence[VisitedHousehold]) -> str:
    """Hash what the rules look at."""
    content = [
        [
            nfc(household.code),
            None if household.visit is None else household.visit.isoformat(),
            [
                [m.line, m.male, m.age, [m.birthday.month, m.birthday.day] if m.birthday else None]
                for m in kish_order(household.members)
            ],
        ]
        for household in households
    ]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_twice(codes: Sequence[str]) -> None:
    """Refuse a household that is listed twice."""
    twice = sorted(code for code, count in Counter(codes).items() if count > 1)
    if twice:
        raise DrawError(
            f"{len(twice)} of {len(set(codes))} households are listed twice: {twice[:10]}; list "
            "each once"
        )
