"""Straight lines, unanimous units, missing answers, sealed signs and sensitivity."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.disclosure import ReleaseClass
from stats.errors import DisclosureError, ScoreError
from stats.form_signs import (
    AnswerState,
    SealedCounts,
    item_nonresponse,
    sealed_share,
    straight_lines,
    unanimous_units,
)
from stats.sensitivity import (
    FlaggedForms,
    UnitSensitivity,
    sensitivity_by_unit,
    sensitivity_over_units,
)

ITEMS = [f"q{number}" for number in range(10)]


def form(codes: Sequence[int | None]) -> dict[str, int]:
    return {item: code for item, code in zip(ITEMS, codes, strict=True) if code is not None}


def test_a_straight_line_counts_answered_items_and_its_longest_run() -> None:
    forms = [
        form([5] * 10),
        form([5] * 4 + [1] + [5] * 5),
        form([5] * 8 + [1, 1]),
        form([5] * 9 + [None]),
    ]
    found = straight_lines(forms, ITEMS, share=Fraction(9, 10), minimum=10)
    assert [(line.form, line.share, line.longest_run) for line in found] == [
        (0, 1, 10),
        (1, Fraction(9, 10), 5),
    ]
    assert [line.form for line in straight_lines(forms, ITEMS, minimum=9)] == [0, 1, 3]


def test_a_share_that_two_codes_could_reach_is_refused() -> None:
    with pytest.raises(ScoreError, match="1/2 < share"):
        straight_lines([], ITEMS, share=Fraction(1, 2))


def test_a_unit_is_unanimous_only_where_two_people_answered() -> None:
    units = {
        "whole": [form([5] * 10), form([5] * 9 + [None])],
        "nearly": [form([5] * 10), form([5] * 9 + [4]), form([5] * 10)],
        "single": [form([5] * 10)],
    }
    whole, nearly, single = unanimous_units(units, ITEMS)
    assert (whole.compared, whole.unanimous, whole.whole) == (9, 9, True)
    assert (nearly.compared, nearly.unanimous, nearly.whole) == (10, 9, False)
    assert (single.compared, single.whole) == (0, False)


def test_item_nonresponse_leaves_out_whom_the_item_did_not_concern() -> None:
    counts = {"valid": 6, "dont_know": 2, "refused": 1, "blank": 1, "not_applicable": 5}
    states = [AnswerState(state) for state, count in counts.items() for _ in range(count)]
    states += [AnswerState.NOT_ASKED] * 9
    row, skipped = item_nonresponse({"a": states, "b": [AnswerState.NOT_ASKED] * 24})
    assert (row.rate, row.dont_know) == (Fraction(4, 10), Fraction(2, 10))
    assert row.states[AnswerState.NOT_APPLICABLE] == 5
    assert (skipped.rate, skipped.dont_know) == (None, None)
    with pytest.raises(ScoreError, match="one state per form"):
        item_nonresponse({"a": states, "b": []})


@pytest.mark.parametrize(
    ("yes", "no", "told"), [(10, 90, True), (9, 91, False), (91, 9, False), (0, 100, False)]
)
def test_a_sealed_sign_is_told_only_of_many(yes: int, no: int, told: bool) -> None:  # noqa: FBT001
    found = sealed_share(SealedCounts(sign="too_fast", yes=yes, no=no, unobserved=3), minimum=10)
    assert found.observed == 100
    assert found.share == (Fraction(yes, 100) if told else None)


def test_impossible_sealed_counts_are_refused() -> None:
    with pytest.raises(ScoreError, match="0 or more"):
        sealed_share(SealedCounts(sign="group", yes=-1, no=3), minimum=1)


def share_of_good(unit: str, codes: Sequence[int]) -> Fraction | None:
    """Withhold a unit below two forms, as a round does."""
    assert unit
    return Fraction(sum(code >= 4 for code in codes), len(codes)) if len(codes) > 1 else None


UNITS = {"A": [5, 5, 2, 4], "B": [3, 5], "C": [5, 1, 1, 1], "D": [4, 4, 4], "E": [2, 5, 5]}
FLAGS = [
    FlaggedForms(unit="A", positions=frozenset({0, 1})),
    FlaggedForms(unit="B", positions=frozenset({1})),
    FlaggedForms(unit="C", positions=frozenset({0})),
    FlaggedForms(unit="E", positions=frozenset({1})),
]


def test_a_units_own_change_is_for_the_statistician() -> None:
    rows = sensitivity_by_unit(UNITS, FLAGS, share_of_good)
    assert [row.change for row in rows] == [
        Fraction(-1, 4),
        None,
        Fraction(-1, 4),
        Fraction(0),
        Fraction(-1, 6),
    ]
    assert {row.release for row in rows} == {ReleaseClass.STATISTICIAN}
    assert not ReleaseClass.COUNCIL.includes(rows[0].release)


def test_over_units_there_is_no_figure_of_one_unit() -> None:
    rows = sensitivity_by_unit(UNITS, FLAGS, share_of_good)
    summary = sensitivity_over_units(rows, tolerance=Fraction(1, 5), minimum=3)
    assert (summary.units, summary.withheld, summary.flagged) == (4, 1, 4)
    assert summary.mean_change == -summary.mean_size == Fraction(-1, 6)
    assert summary.moved is None  # 2 of 4 moved: too few to be told
    assert ReleaseClass.COUNCIL.includes(summary.release)


@pytest.mark.parametrize(("moved", "told"), [(0, 0), (1, None), (3, 3), (5, None), (6, 6)])
def test_moved_units_are_counted_where_neither_they_nor_the_rest_are_few(
    moved: int, told: int | None
) -> None:
    rows = [
        UnitSensitivity(
            unit=str(place),
            forms=9,
            flagged=1,
            as_is=Fraction(1, 2),
            without=Fraction(1, 4) if place < moved else Fraction(1, 2),
        )
        for place in range(6)
    ]
    assert sensitivity_over_units(rows, tolerance=Fraction(1, 5), minimum=3).moved == told


def test_too_few_units_give_no_average() -> None:
    rows = sensitivity_by_unit({"A": UNITS["A"], "D": UNITS["D"]}, FLAGS[:1], share_of_good)
    with pytest.raises(DisclosureError, match="1 units have flagged forms"):
        sensitivity_over_units(rows, tolerance=Fraction(0), minimum=2)
    with pytest.raises(ScoreError, match="minimum >= 2"):
        sensitivity_over_units(rows, tolerance=Fraction(0), minimum=1)


def test_flags_that_fit_no_form_are_refused() -> None:
    for flag in (
        FlaggedForms(unit="Z", positions=frozenset()),
        FlaggedForms(unit="A", positions=frozenset({9})),
    ):
        with pytest.raises(ScoreError, match=f"flags of unit '{flag.unit}' do not fit"):
            sensitivity_by_unit(UNITS, [flag], share_of_good)


@given(st.lists(st.fractions(0, 1), min_size=5, max_size=9))
def test_nothing_flagged_changes_nothing_and_nothing_is_deleted(shares: list[Fraction]) -> None:
    units = {str(place): [share] for place, share in enumerate(shares)}
    rows = sensitivity_by_unit(units, [], lambda _, forms: forms[0])
    assert all(row.change == 0 for row in rows)
    assert units == {str(place): [share] for place, share in enumerate(shares)}
    flagged = [
        UnitSensitivity(unit=row.unit, forms=1, flagged=1, as_is=row.as_is, without=row.without)
        for row in rows
    ]
    assert sensitivity_over_units(flagged, tolerance=Fraction(0), minimum=2).moved == 0
