"""One person of a household: Kish's printed table, birthdays round the year, exact chances."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import DrawError
from sampling.household import (
    KISH_TABLES,
    Birthday,
    HouseholdRule,
    KishTable,
    Member,
    kish_chance,
    kish_order,
    kish_person,
    kish_table,
    last_birthday,
    person_weight,
    within_household_chance,
)
from tests.sampling.binomial import binomial_limits

# As printed in Kish (1965), Survey Sampling, section 11.3: share of tables, then the number to
# select by the number of adults 1, 2, 3, 4, 5, 6 or more.
PRINTED = {
    "A": (Fraction(1, 6), "111111"),
    "B1": (Fraction(1, 12), "111122"),
    "B2": (Fraction(1, 12), "111222"),
    "C": (Fraction(1, 6), "112233"),
    "D": (Fraction(1, 6), "122344"),
    "E1": (Fraction(1, 12), "123335"),
    "E2": (Fraction(1, 12), "123455"),
    "F": (Fraction(1, 6), "123456"),
}


def household(*birthdays: Birthday | None) -> list[Member]:
    return [
        Member(line=k + 1, male=k % 2 == 0, age=70 - 9 * k, birthday=birthday)
        for k, birthday in enumerate(birthdays)
    ]


def test_the_tables_are_the_printed_ones() -> None:
    assert {table.value: "".join(map(str, row)) for table, row in KISH_TABLES.items()} == {
        letter: row for letter, (_, row) in PRINTED.items()
    }


@pytest.mark.parametrize("eligible", [1, 2, 3, 4, 6])
def test_every_member_has_the_same_chance_but_among_five(eligible: int) -> None:
    chances = [kish_chance(eligible, place) for place in range(1, eligible + 1)]
    assert chances == [Fraction(1, eligible)] * eligible


def test_chances_among_five_and_seven_are_what_the_tables_give() -> None:
    five = [kish_chance(5, place) for place in range(1, 6)]
    assert five == [Fraction(k, 12) for k in (2, 2, 3, 2, 3)]
    assert kish_chance(7, 7) == 0
    by_hand = sum(share for share, row in PRINTED.values() if row[4] == "3")
    assert five[2] == by_hand


def test_tables_are_given_out_in_their_shares_and_stay_with_the_household() -> None:
    counts = Counter(kish_table(f"25195-{k}", seed=1) for k in range(3000))
    for letter, (share, _) in PRINTED.items():
        low, high = binomial_limits(3000, float(share), 0.001 / 16)
        assert low <= counts[KishTable(letter)] <= high
    assert kish_table("25195-7", seed=1) is kish_table("25195-7", seed=1)


def test_men_come_first_from_the_oldest_then_women() -> None:
    people = [
        Member(line=1, male=False, age=60),
        Member(line=2, male=True, age=30),
        Member(line=3, male=True, age=58),
        Member(line=4, male=False, age=25),
    ]
    assert [member.line for member in kish_order(people)] == [3, 2, 1, 4]
    assert [kish_person(KishTable(letter), people).line for letter in PRINTED] == [
        {"1": 3, "2": 2, "3": 1, "4": 4}[row[3]] for _, row in PRINTED.values()
    ]


def test_large_households_use_the_last_column() -> None:
    people = [Member(line=k, male=True, age=90 - k) for k in range(1, 9)]
    assert kish_person(KishTable.F, people).line == 6


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.lists(st.dates(), min_size=1, max_size=9))
def test_nobody_had_a_birthday_after_the_chosen_member(visit: date, births: list[date]) -> None:
    people = household(*(Birthday(month=day.month, day=day.day) for day in births))
    chosen = last_birthday(people, visit=visit, household="25195-1", seed=1).birthday
    assert chosen is not None
    day = visit
    marks = {(person.birthday.month, person.birthday.day) for person in people if person.birthday}
    while True:
        leap = day.month == 3 and day.day == 1 and (day - timedelta(days=1)).day == 28
        here = {(day.month, day.day)} | ({(2, 29)} if leap else set())
        if here & marks:
            assert (chosen.month, chosen.day) in here
            return
        day -= timedelta(days=1)


@pytest.mark.parametrize(
    ("visit", "line"),
    [
        (date(2022, 10, 7), 1),  # the day itself counts
        (date(2022, 10, 6), 2),
        (date(2023, 1, 1), 1),
        (date(2023, 3, 1), 2),  # 29 February is had on 1 March
        (date(2023, 2, 28), 1),
        (date(2024, 2, 29), 2),
    ],
)
def test_birthdays_round_the_turn_of_years(visit: date, line: int) -> None:
    people = household(Birthday(month=10, day=7), Birthday(month=2, day=29))
    assert last_birthday(people, visit=visit, household="h", seed=1).line == line


def test_twins_are_drawn_among_fairly_and_reproducibly() -> None:
    day = Birthday(month=5, day=19)
    people = household(day, day, Birthday(month=4, day=1))
    visit = date(2022, 10, 7)
    lines = [last_birthday(people, visit=visit, household=f"h{k}", seed=1).line for k in range(600)]
    low, high = binomial_limits(600, 0.5, 0.0005)
    assert low <= lines.count(1) <= high
    assert set(lines) == {1, 2}


def test_the_order_of_the_form_does_not_choose() -> None:
    day = Birthday(month=5, day=19)
    people = household(day, day, day)
    visit = date(2022, 10, 7)
    chosen = {
        last_birthday(order, visit=visit, household="h", seed=1).line
        for order in (people, people[::-1])
    }
    assert len(chosen) == 1


def test_chances_for_the_weight() -> None:
    assert within_household_chance(HouseholdRule.KISH, eligible=5, place=3) == Fraction(1, 4)
    birthday = within_household_chance(HouseholdRule.LAST_BIRTHDAY, eligible=5, place=3)
    assert birthday == Fraction(1, 5)
    with pytest.raises(DrawError, match="place 4 is not among 3 eligible members"):
        within_household_chance(HouseholdRule.LAST_BIRTHDAY, eligible=3, place=4)


@pytest.mark.parametrize("eligible", [1, 2, 3, 4, 5, 6])
def test_weights_of_all_possible_choices_count_every_member_once(eligible: int) -> None:
    chances = [kish_chance(eligible, place) for place in range(1, eligible + 1)]
    expected = sum(float(chance) * 0.25 * person_weight(0.25, chance) for chance in chances)
    assert expected == pytest.approx(eligible)


def test_a_member_whom_no_table_points_at_has_no_weight() -> None:
    with pytest.raises(DrawError, match="the member's 0; both must be above 0"):
        person_weight(0.5, kish_chance(7, 7))


def test_missing_birthdays_are_named_by_line() -> None:
    people = household(Birthday(month=1, day=1), None)
    with pytest.raises(DrawError, match=r"household h: no birthday for line\(s\) \[2\] of 2"):
        last_birthday(people, visit=date(2022, 10, 7), household="h", seed=1)


def test_nobody_eligible_and_repeated_lines_are_refused() -> None:
    with pytest.raises(DrawError, match="no eligible member"):
        kish_person(KishTable.A, [])
    with pytest.raises(DrawError, match=r"line\(s\) \[1\] stand twice among 2"):
        kish_person(KishTable.A, [Member(line=1, male=True, age=30)] * 2)


def test_a_day_that_no_year_has_is_refused() -> None:
    with pytest.raises(DrawError, match="day 31 of month 4 is no birthday"):
        Birthday(month=4, day=31)
