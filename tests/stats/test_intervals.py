"""Intervals of a unit's points: exact reductions, enumeration, and the hard cases."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stats.distributions import t_quantile
from stats.index import (
    CriterionPoints,
    GroupWeighting,
    HiddenRule,
    ItemPoints,
    ScoreError,
    StratumAnswers,
    UnitAnswers,
    score_unit,
)
from stats.intervals import (
    Interval,
    IntervalMethod,
    IntervalNote,
    PooledCovariance,
    composite_interval,
    pooled_covariance,
    satterthwaite_interval,
)

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
POINTS = {"a": 1.0, "b": 1.5, "c": 3.0}
POPULATION = GroupWeighting.POPULATION


def answers(*quarters: int | None) -> dict[str, Fraction]:
    """Write one respondent as quarters for a, b, c; None where absent."""
    return {
        item: Fraction(quarter, 4)
        for item, quarter in zip("abc", quarters, strict=True)
        if quarter is not None
    }


def stratum(group: str, population: int, *values: Mapping[str, Fraction]) -> StratumAnswers:
    return StratumAnswers(group=group, population=population, values=values)


def unit(*strata: StratumAnswers, name: str = "A") -> UnitAnswers:
    return UnitAnswers(unit=name, strata=strata)


def interval_of(
    one: UnitAnswers, others: Sequence[UnitAnswers] = (), **options: GroupWeighting | HiddenRule
) -> Interval:
    hidden = HiddenRule(options.get("hidden", HiddenRule.PER_ITEM))
    return composite_interval(
        one,
        CRITERIA,
        weighting=GroupWeighting(options.get("weighting", POPULATION)),
        hidden=hidden,
        pooled=pooled_covariance([one, *others], CRITERIA, hidden=hidden),
    )


LEADERS = stratum("LD", 8, answers(4, 3, 2), answers(3, 3, 1), answers(4, 4, 3))
OFFICIALS = stratum(
    "CC", 40, answers(2, 3, 2), answers(1, 1, 0), answers(4, 3, 4), answers(2, 2, 2)
)
OTHER = unit(
    stratum("LD", 6, answers(1, 2, 2), answers(4, 4, 4)),
    stratum("CC", 30, answers(0, 1, 2), answers(3, 3, 3), answers(4, 2, 1)),
    name="B",
)


def composite(values: Mapping[str, Fraction]) -> float:
    return sum(POINTS[item] * float(value) for item, value in values.items())


def test_with_every_item_answered_the_variance_is_that_of_composites() -> None:
    one = unit(LEADERS, OFFICIALS)
    parts = []
    for position, group in enumerate(one.strata):
        own = np.array([composite(values) for values in group.values])
        other = np.array([composite(values) for values in OTHER.strata[position].values])
        pooled = (own.var() * own.size + other.var() * other.size) / (own.size + other.size - 2)
        shrunk = (2 * pooled + (own.size - 1) * own.var(ddof=1)) / (own.size + 1)
        share = group.population / 48
        variance = share**2 * (1 - own.size / group.population) * shrunk / own.size
        parts.append((variance, own.size + 1))
    variance = sum(part for part, _ in parts)
    df = variance**2 / sum(part**2 / nu for part, nu in parts)
    result = interval_of(one, [OTHER])
    assert result.method is IntervalMethod.SHRUNK_T
    assert result.se == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert result.df == pytest.approx(df, rel=1e-12)
    reach = t_quantile(0.975, df) * math.sqrt(variance)
    assert result.low == pytest.approx(result.estimate - reach, rel=1e-12)
    assert result.high == pytest.approx(result.estimate + reach, rel=1e-12)


def test_item_nonresponse_variance_is_right_over_all_samples_of_a_small_population() -> None:
    """Every ordered sample of 4 from 5; the fourth never answers b, the first never c."""
    people = [
        answers(4, 3, 2),
        answers(0, 1, 4),
        answers(2, 2, 1),
        answers(3, 0, 0),
        answers(1, 4, 3),
    ]
    table = np.array([[float(person[item]) for item in "abc"] for person in people])
    pooled = {
        "CC": PooledCovariance(
            group="CC",
            items=("a", "b", "c"),
            matrix=np.cov(table, rowvar=False),
            df=np.full((3, 3), 4.0),
        )
    }
    estimates, variances = [], []
    for first, second, third, fourth in permutations(people, 4):
        sample = stratum(
            "CC",
            5,
            {item: value for item, value in first.items() if item != "c"},
            second,
            third,
            {item: value for item, value in fourth.items() if item != "b"},
        )
        result = composite_interval(unit(sample), CRITERIA, weighting=POPULATION, pooled=pooled)
        assert result.se is not None
        estimates.append(result.estimate)
        variances.append(result.se**2)
    assert np.mean(variances) == pytest.approx(np.var(estimates), rel=1e-10)


def test_a_census_with_every_item_valid_has_no_width() -> None:
    one = unit(replace(LEADERS, population=3), replace(OFFICIALS, population=4))
    result = interval_of(one, [OTHER])
    assert result.low == result.estimate == result.high
    assert (result.se, result.df) == (0.0, None)
    assert result.notes == (IntervalNote.CENSUS,)


def test_a_stratum_taken_whole_is_uncertain_where_an_item_is_missing() -> None:
    one = unit(stratum("LD", 2, answers(4, 3, 2), answers(3, None, 1)), OFFICIALS)
    whole = unit(stratum("LD", 2, answers(4, 3, 2), answers(3, 3, 1)), OFFICIALS)
    assert (interval_of(one, [OTHER]).se or 0) > (interval_of(whole, [OTHER]).se or 0)
    assert f"{IntervalNote.ITEM_NONRESPONSE}:LD" in interval_of(one, [OTHER]).notes


def test_a_single_answer_leans_on_its_group() -> None:
    one = unit(stratum("LD", 8, answers(4, 3, 2)), OFFICIALS)
    result = interval_of(one, [OTHER])
    assert f"{IntervalNote.SINGLE_ANSWER}:LD" in result.notes
    assert result.se is not None
    alone = interval_of(unit(stratum("LD", 8, answers(4, 3, 2))), [OTHER])
    other = np.array([composite(values) for values in OTHER.strata[0].values])
    assert alone.se == pytest.approx(math.sqrt((1 - 1 / 8) * other.var(ddof=1)), rel=1e-12)
    assert alone.df == pytest.approx(2)


def test_unanimous_answers_keep_a_width_and_are_flagged() -> None:
    one = unit(stratum("LD", 8, *[answers(4, 4, 4)] * 5), OFFICIALS)
    result = interval_of(one, [OTHER])
    assert f"{IntervalNote.UNANIMOUS}:LD" in result.notes
    only_leaders = interval_of(unit(stratum("LD", 8, *[answers(4, 4, 4)] * 5)), [OTHER])
    assert only_leaders.low < only_leaders.estimate == only_leaders.high == 5.5
    assert IntervalNote.CLIPPED in only_leaders.notes


def test_limits_never_leave_what_the_unseen_answers_could_still_be() -> None:
    one = unit(stratum("LD", 4, answers(4, 4, 4), answers(0, 0, 0), answers(4, 4, 4)))
    result = interval_of(one)
    assert (result.low, result.high) == (5.5 * 2 / 4, 5.5 * 3 / 4)


def test_without_any_comparable_person_only_bounds_are_given() -> None:
    result = interval_of(unit(stratum("LD", 4, answers(4, 2, 2))))
    assert result.method is IntervalMethod.BOUNDS
    assert (result.se, result.df) == (None, None)
    assert f"{IntervalNote.NO_VARIANCE}:LD" in result.notes
    seen = 1 + 0.75 + 1.5
    assert (result.low, result.high) == (seen / 4, (seen + 3 * 5.5) / 4)


def test_a_group_that_did_not_answer_is_named() -> None:
    result = interval_of(unit(stratum("LD", 4), OFFICIALS), [OTHER])
    assert f"{IntervalNote.GROUP_UNANSWERED}:LD" in result.notes


def test_a_unit_without_a_valid_answer_is_refused() -> None:
    with pytest.raises(ScoreError, match="unit 'A' has no valid answer"):
        interval_of(unit(stratum("LD", 4)), [OTHER])


def test_a_group_without_pooled_covariance_is_refused() -> None:
    with pytest.raises(ScoreError, match="no pooled covariance for group 'LD'"):
        composite_interval(unit(LEADERS), CRITERIA, weighting=POPULATION, pooled={})


def test_pairs_nobody_answered_together_can_only_widen_the_interval() -> None:
    one = unit(stratum("CC", 40, answers(4, 3, 2)))
    apart = unit(
        stratum("CC", 30, answers(0, None, 1), answers(4, None, 3), answers(None, 0, 4),
                answers(None, 4, 1)),
        name="B",
    )  # fmt: skip
    together = pooled_covariance([apart], CRITERIA)["CC"]
    assert math.isnan(together.matrix[0, 1])
    widest = composite_interval(one, CRITERIA, weighting=POPULATION, pooled={"CC": together})
    known = together.matrix.copy()
    known[0, 1] = known[1, 0] = 0.0
    narrower = replace(together, matrix=known)
    independent = composite_interval(one, CRITERIA, weighting=POPULATION, pooled={"CC": narrower})
    assert (widest.se or 0) > (independent.se or 0)


def test_scaling_to_points_of_22_scales_every_part() -> None:
    one = unit(LEADERS, OFFICIALS)
    score = score_unit(one, CRITERIA, weighting=POPULATION)
    factor, whole = score.conversion(), score.converted()
    assert factor == Fraction(4)
    assert whole is not None
    plain, scaled = interval_of(one, [OTHER]), interval_of(one, [OTHER]).scaled(factor)
    assert scaled.estimate == float(whole)
    assert (scaled.low, scaled.high) == (plain.low * 4, plain.high * 4)
    assert scaled.df == plain.df


def test_plain_interval_refuses_a_single_answer_that_is_not_a_census() -> None:
    with pytest.raises(ScoreError, match="one answer from 8 people"):
        satterthwaite_interval([(1.0, 8, [3.0])])


@pytest.mark.parametrize("values", [[], [1.0, 2.0, 3.0], [math.nan]])
def test_plain_interval_refuses_answers_that_cannot_be(values: list[float]) -> None:
    with pytest.raises(ScoreError, match="a stratum of 2 people cannot give"):
        satterthwaite_interval([(1.0, 2, values)])


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_levels_are_probabilities(level: float) -> None:
    with pytest.raises(ScoreError, match="level must lie strictly between 0 and 1"):
        satterthwaite_interval([(1.0, 8, [1.0, 2.0])], level)


quarters = st.none() | st.integers(0, 4)
respondents = st.builds(answers, quarters, quarters, quarters)


@st.composite
def units(draw: st.DrawFn) -> UnitAnswers:
    groups = []
    for group in ("LD", "CC"):
        values = draw(st.lists(respondents, max_size=5))
        groups.append(stratum(group, len(values) + draw(st.integers(0, 9)), *values))
    return unit(*groups)


@settings(max_examples=150)
@given(
    units(),
    st.sampled_from([GroupWeighting.POPULATION, GroupWeighting.POOLED]),
    st.sampled_from(list(HiddenRule)),
)
def test_the_interval_surrounds_the_official_total(
    one: UnitAnswers, weighting: GroupWeighting, hidden: HiddenRule
) -> None:
    score = score_unit(one, CRITERIA, weighting=weighting, hidden=hidden)
    assume(score.total is not None)
    result = interval_of(one, [OTHER], weighting=weighting, hidden=hidden)
    assert result.estimate == float(score.total or 0)
    assert -1e-12 <= result.low <= result.estimate <= result.high
    assert result.high <= float(score.maximum) + 1e-12
    assert result.se is None or result.se >= 0


@settings(max_examples=60)
@given(units())
def test_order_of_people_and_names_of_groups_do_not_matter(one: UnitAnswers) -> None:
    assume(any(values for group in one.strata for values in group.values))

    def renamed(original: UnitAnswers) -> UnitAnswers:
        return unit(
            *(
                replace(group, group=f"x{group.group}", values=tuple(reversed(group.values)))
                for group in original.strata
            )
        )

    first, second = interval_of(one, [OTHER]), interval_of(renamed(one), [renamed(OTHER)])
    assert second.low == pytest.approx(first.low, abs=1e-9)
    assert second.high == pytest.approx(first.high, abs=1e-9)
