"""Records within households: tables and members can be redone, and a swap is named."""

import dataclasses
from collections.abc import Callable
from datetime import date

import pytest

from sampling import DrawError
from sampling.household import Birthday, HouseholdRule, KishTable, Member, kish_table, last_birthday
from sampling.household_records import (
    VisitedHousehold,
    choose_member,
    choose_members,
    give_tables,
    tie_line,
    verify_members,
    verify_tables,
)

VISIT = date(2026, 10, 5)
CODES = [f"X1/T2/H{number}" for number in range(1, 31)]
DAY = Birthday(month=5, day=19)


def home(code: str, *, visit: date | None = VISIT) -> VisitedHousehold:
    people = tuple(
        Member(line=line, male=line % 2 == 0, age=80 - 7 * line, birthday=DAY)
        for line in range(1, 5)
    )
    return VisitedHousehold(code=code, members=people, visit=visit)


def test_tables_are_those_of_each_household_whatever_the_order_of_the_list() -> None:
    given = give_tables(CODES, seed=3)
    assert list(given.tables) == [kish_table(code, seed=3) for code in CODES]
    assert verify_tables(given.record, CODES[::-1]) is None


def test_a_swapped_table_is_named_with_its_household() -> None:
    record = give_tables(CODES, seed=3).record
    other = next(table for table in KishTable if not record.selected[4].endswith(f"={table.value}"))
    code = record.selected[4].partition("=")[0]
    changed = (*record.selected[:4], f"{code}={other.value}", *record.selected[5:])
    found = verify_tables(dataclasses.replace(record, selected=changed), CODES)
    assert found is not None
    assert found.place == "selected[4]"
    assert found.found == repr(f"{code}={other.value}")


@pytest.mark.parametrize("rule", list(HouseholdRule))
def test_members_are_redone_and_a_swap_at_the_door_is_named(rule: HouseholdRule) -> None:
    homes = [home(code) for code in CODES]
    record = choose_members(homes, rule=rule, seed=3)
    assert verify_members(record, homes[::-1]) is None
    code, _, line = record.selected[0].partition("=")
    swapped = f"{code}={int(line) % 4 + 1}"
    changed = dataclasses.replace(record, selected=(swapped, *record.selected[1:]))
    found = verify_members(changed, homes)
    assert found is not None
    assert (found.place, found.found) == ("selected[0]", repr(swapped))


def test_the_tie_on_the_sheet_is_the_one_that_the_rule_takes() -> None:
    for code in CODES:
        people = home(code).members
        chosen = last_birthday(people, visit=VISIT, household=code, seed=3)
        assert chosen.line == tie_line(code, len(people), seed=3)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: give_tables(["A", "A"], seed=1), r"1 of 1 households are listed twice: \['A'\]"),
        (lambda: tie_line("A", 0, seed=1), "0 members share the birthday"),
        (
            lambda: choose_member(home("A", visit=None), rule=HouseholdRule.LAST_BIRTHDAY, seed=1),
            "household A: the day fixed for the first visit is missing",
        ),
        (
            lambda: verify_tables(
                choose_members([home("A")], rule=HouseholdRule.KISH, seed=1), ["A"]
            ),
            "is no record of tables",
        ),
        (
            lambda: verify_members(give_tables(["A"], seed=1).record, [home("A")]),
            "is no rule for a member",
        ),
    ],
)
def test_what_cannot_be_redone_is_refused(act: Callable[[], object], message: str) -> None:
    with pytest.raises(DrawError, match=message):
        act()
