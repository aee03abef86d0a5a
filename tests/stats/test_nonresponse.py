"""Weights in classes, and best and worst cases of a unit."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stats.errors import ScoreError
from stats.nonresponse import CaseStatus, answer_bounds, weights_in_classes
from stats.scores import (
    CriterionPoints,
    GroupWeighting,
    HiddenRule,
    ItemPoints,
    StratumAnswers,
    UnitAnswers,
    score_unit,
)

RESPONDED, SILENT = CaseStatus.RESPONDED, CaseStatus.NONRESPONSE
INELIGIBLE, UNKNOWN = CaseStatus.INELIGIBLE, CaseStatus.UNKNOWN
CRITERIA = [
    CriterionPoints(
        code="A",
        maximum=Decimal("2.5"),
        items=(
            ItemPoints(item="a", points=Decimal(1)),
            ItemPoints(item="b", points=Decimal("1.5")),
        ),
    ),
    CriterionPoints(code="B", maximum=Decimal(3), items=(ItemPoints(item="c", points=Decimal(3)),)),
]
POPULATION = GroupWeighting.POPULATION
halves = st.none() | st.integers(0, 2)


def answers(*values: int | None) -> dict[str, Fraction]:
    return {
        item: Fraction(value, 2)
        for item, value in zip("abc", values, strict=True)
        if value is not None
    }


def stratum(group: str, population: int, *values: Mapping[str, Fraction]) -> StratumAnswers:
    return StratumAnswers(group=group, population=population, values=values)


def unit(*strata: StratumAnswers) -> UnitAnswers:
    return UnitAnswers(unit="A", strata=strata)


def test_weights_by_hand() -> None:
    """Class x: 10 of unknown go to 30 known; then 20 + 10 eligible rest on 20 responding."""
    found = weights_in_classes(
        [10.0, 10.0, 10.0, 10.0, 7.0],
        ["x", "x", "x", "x", "y"],
        [RESPONDED, SILENT, INELIGIBLE, UNKNOWN, RESPONDED],
        minimum=1,
    )
    learnt = 40 / 30
    assert found.weights == pytest.approx([20 * learnt, 0, 10 * learnt, 0, 7])
    assert found.factors == pytest.approx({"x": 2 * learnt, "y": 1})
    final = np.array([20 * learnt, 7])
    assert found.effect == pytest.approx(2 * (final**2).sum() / final.sum() ** 2)


def test_classes_with_too_few_respondents_join_the_next() -> None:
    status = [SILENT, RESPONDED, RESPONDED, RESPONDED, SILENT]
    found = weights_in_classes([1.0] * 5, list("abccd"), status, minimum=2)
    assert found.merged == {"a": "a+b+c+d", "b": "a+b+c+d", "c": "a+b+c+d", "d": "a+b+c+d"}
    assert found.factors == pytest.approx({"a+b+c+d": 5 / 3})
    some = weights_in_classes([1.0] * 5, list("abccd"), status, minimum=1)
    assert some.merged == {"a": "a+b", "b": "a+b", "c": "c+d", "d": "c+d"}


@given(
    st.lists(
        st.tuples(st.floats(0.5, 50), st.sampled_from("xyz"), st.sampled_from(list(CaseStatus))),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 4),
)
def test_respondents_and_ineligible_carry_all_the_weight_of_their_class(
    cases: list[tuple[float, str, CaseStatus]], minimum: int
) -> None:
    base, classes, status = (list(column) for column in zip(*cases, strict=True))
    assume(RESPONDED in status)
    found = weights_in_classes(base, classes, status, minimum=minimum)
    for merged in found.factors:
        inside = [found.merged[name] == merged for name in classes]
        assert found.weights[inside].sum() == pytest.approx(np.array(base)[inside].sum())
    assert all(
        (weight > 0) == (state in (RESPONDED, INELIGIBLE))
        for weight, state in zip(found.weights, status, strict=True)
    )
    assert found.effect >= 1 - 1e-12


def test_a_mean_is_right_when_only_the_class_decides_who_answers() -> None:
    """Class x answers every time, y one time in four; the raw mean is far off."""
    classes = ["x"] * 40 + ["y"] * 40
    status = [RESPONDED] * 40 + [RESPONDED, SILENT, SILENT, SILENT] * 10
    value = np.array([1.0] * 40 + [3.0] * 40)
    found = weights_in_classes([1.0] * 80, classes, status)
    assert (found.weights * value).sum() / found.weights.sum() == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("base", "status", "message"),
    [
        ([1.0], [RESPONDED, SILENT], "must be alike long"),
        ([1.0, 0.0], [RESPONDED, SILENT], r"case 1 has 0\.0 \(1 of 2\)"),
        ([1.0, 1.0], [SILENT, UNKNOWN], "none of 2 cases responded"),
    ],
)
def test_cases_that_cannot_be_weighted_are_refused(
    base: list[float], status: list[CaseStatus], message: str
) -> None:
    with pytest.raises(ScoreError, match=message):
        weights_in_classes(base, ["x", "x"], status)


def completions(one: UnitAnswers) -> list[UnitAnswers]:
    """Fill every absent answer of everybody with 0 or 1, in all ways."""
    people: list[tuple[str, Mapping[str, Fraction]]] = []
    for s in one.strata:
        people += [(s.group, row) for row in s.values]
        people += [(s.group, {})] * int(s.population - len(s.values))
    holes = [(p, item) for p, (_, row) in enumerate(people) for item in "abc" if item not in row]
    found = []
    for fill in product((Fraction(0), Fraction(1)), repeat=len(holes)):
        filled = [dict(row) for _, row in people]
        for (person, item), value in zip(holes, fill, strict=True):
            filled[person][item] = value
        found.append(
            unit(
                *(
                    stratum(
                        s.group,
                        int(s.population),
                        *(row for (g, _), row in zip(people, filled, strict=True) if g == s.group),
                    )
                    for s in one.strata
                )
            )
        )
    return found


def test_bounds_are_the_extremes_over_all_answers_that_could_be() -> None:
    one = unit(
        stratum("LD", 2, answers(2, None, 1)), stratum("CC", 3, answers(0, 1, 2), answers(1, 2, 0))
    )
    totals = [
        score_unit(each, CRITERIA, weighting=POPULATION).total or Fraction(0)
        for each in completions(one)
    ]
    bounds = answer_bounds(one, CRITERIA, weighting=POPULATION)
    assert (bounds.lowest, bounds.highest) == (min(totals), max(totals))
    assert (bounds.unseen_people, bounds.missing_answers) == (2, 1)


def test_a_silent_group_counts_in_full() -> None:
    one = unit(stratum("LD", 1, answers(2, 2, 2)), stratum("CC", 3))
    bounds = answer_bounds(one, CRITERIA, weighting=POPULATION)
    assert (bounds.lowest, bounds.highest) == (Fraction(11, 8), Fraction(11, 2))
    pooled = answer_bounds(one, CRITERIA, weighting=GroupWeighting.POOLED)
    assert pooled.lowest == pooled.highest == Fraction(11, 2)


@st.composite
def units(draw: st.DrawFn) -> UnitAnswers:
    return unit(
        *(
            stratum(group, len(rows) + draw(st.integers(0, 3)), *rows)
            for group in ("LD", "CC")
            for rows in [draw(st.lists(st.builds(answers, halves, halves, halves), max_size=3))]
        )
    )


@settings(max_examples=120)
@given(units(), st.sampled_from(list(GroupWeighting)), st.sampled_from(list(HiddenRule)))
def test_the_official_total_lies_between_the_bounds(
    one: UnitAnswers, weighting: GroupWeighting, hidden: HiddenRule
) -> None:
    fixed = {"LD": Decimal(1), "CC": Decimal(2)} if weighting is GroupWeighting.FIXED else None
    score = score_unit(one, CRITERIA, weighting=weighting, fixed=fixed, hidden=hidden)
    assume(score.total is not None)
    bounds = answer_bounds(one, CRITERIA, weighting=weighting, fixed=fixed, hidden=hidden)
    total = score.total or Fraction(0)
    assert 0 <= bounds.lowest <= bounds.lowest_of_people
    assert bounds.lowest_of_people <= total <= bounds.highest_of_people
    assert bounds.highest_of_people <= bounds.highest <= bounds.maximum == score.maximum


def test_when_everybody_answered_everything_the_bounds_are_the_total() -> None:
    one = unit(
        stratum("LD", 1, answers(2, 1, 1)), stratum("CC", 2, answers(0, 1, 2), answers(1, 2, 0))
    )
    bounds = answer_bounds(one, CRITERIA, weighting=POPULATION)
    total = score_unit(one, CRITERIA, weighting=POPULATION).total
    assert bounds.lowest == bounds.highest == bounds.lowest_of_people == total


def test_criteria_that_do_not_apply_stay_out_of_the_bounds() -> None:
    one = unit(stratum("LD", 2, answers(2, 2, 0)))
    bounds = answer_bounds(one, CRITERIA, weighting=POPULATION, not_applicable={"B"})
    assert (bounds.lowest, bounds.highest) == (Fraction(5, 4), Fraction(5, 2))


def test_a_unit_without_an_answer_has_no_bounds() -> None:
    with pytest.raises(ScoreError, match="unit 'A' has no valid answer"):
        answer_bounds(unit(stratum("LD", 2)), CRITERIA, weighting=POPULATION)


def test_a_silent_group_without_a_declared_weight_is_refused() -> None:
    one = unit(stratum("LD", 2, answers(2, 2, 0)), stratum("CC", 3))
    with pytest.raises(ScoreError, match=r"no fixed weight for groups \['CC'\]"):
        answer_bounds(one, CRITERIA, weighting=GroupWeighting.FIXED, fixed={"LD": Decimal(1)})
