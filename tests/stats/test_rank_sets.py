"""Confidence sets for ranks: cases by hand, exact quantiles, and coverage."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.distributions import t_quantile
from stats.errors import ScoreError
from stats.rank_sets import RankSets, marginal_rank_sets, simultaneous_rank_sets


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def both(estimates: list[float], se: list[float], **options: object) -> tuple[RankSets, RankSets]:
    return (
        simultaneous_rank_sets(estimates, se, rng=generator(), **options),  # type: ignore[arg-type]
        marginal_rank_sets(estimates, se, rng=generator(), **options),  # type: ignore[arg-type]
    )


def test_two_units_are_told_apart_at_the_normal_quantile() -> None:
    """With two units the largest error is |Z| of one difference, so the limit is 1.96·√2·se."""
    limit = t_quantile(0.975, math.inf) * math.sqrt(2)
    for gap, sets in ((limit * 1.02, ((1, 1), (2, 2))), (limit * 0.98, ((1, 2), (1, 2)))):
        for found in both([gap, 0.0], [1.0, 1.0], draws=200_000):
            assert found.sets == sets


def test_few_degrees_of_freedom_ask_for_a_wider_gap() -> None:
    """One unit certain, the other on 4 degrees of freedom: the limit is t's, not the normal's."""
    for gap, sets in ((2.72, ((1, 2), (1, 2))), (2.83, ((1, 1), (2, 2)))):
        assert abs(gap - t_quantile(0.975, 4)) < 0.06
        for found in both([gap, 0.0], [1.0, 0.0], df=[4.0, math.inf], draws=200_000):
            assert found.sets == sets
    assert both([2.72, 0.0], [1.0, 0.0])[0].sets == ((1, 1), (2, 2))


def test_the_first_step_uses_the_studentised_range() -> None:
    """Eight units: tables print q(0.05; 8, ∞) = 4.29, so a lone gap must exceed 4.29 · se."""
    for top, apart in ((4.40, True), (4.20, False)):
        estimates = [top, *[top / 2] * 6, 0.0]
        found = simultaneous_rank_sets(estimates, [1.0] * 8, rng=generator(), draws=40_000)
        assert bool(found.above[0, 7]) is apart


def test_stepping_down_rejects_what_one_step_cannot() -> None:
    """Six far units leave the family in one direction, and the close pair needs less than 4.29."""
    far = [1000.0 * step for step in range(1, 7)]
    found = simultaneous_rank_sets([0.0, 4.1, *far], [1.0] * 8, rng=generator(), draws=40_000)
    assert found.steps >= 2
    assert found.sets == ((8, 8), (7, 7), (6, 6), (5, 5), (4, 4), (3, 3), (2, 2), (1, 1))


def test_without_uncertainty_the_order_is_exact() -> None:
    for found in both([3.0, 1.0, 2.0, 2.0], [0.0] * 4):
        assert found.sets == ((1, 1), (4, 4), (2, 3), (2, 3))


def test_shared_raters_make_units_easier_to_tell_apart() -> None:
    correlation = np.array([[1.0, 0.9], [0.9, 1.0]])
    apart = simultaneous_rank_sets([1.5, 0.0], [1, 1], correlation=correlation, rng=generator())
    assert apart.sets == ((1, 1), (2, 2))
    assert simultaneous_rank_sets([1.5, 0.0], [1, 1], rng=generator()).sets == ((1, 2), (1, 2))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-40, 40), st.integers(0, 5), st.integers(1, 30)),
        min_size=1,
        max_size=6,
    )
)
def test_sets_hold_the_observed_rank_and_marginal_ones_are_no_wider(
    units: list[tuple[int, int, int]],
) -> None:
    estimates = [value / 4 for value, _, _ in units]
    together, alone = both(
        estimates,
        [spread / 4 for _, spread, _ in units],
        df=[float(df) for _, _, df in units],
        draws=500,
    )
    assert not (together.above & together.above.T).any()
    for position, value in enumerate(estimates):
        best = 1 + sum(other > value for other in estimates)
        worst = len(estimates) - sum(other < value for other in estimates)
        for found in (together, alone):
            assert found.sets[position][0] <= best <= worst <= found.sets[position][1]


def test_marginal_sets_are_no_wider_than_simultaneous_ones() -> None:
    estimates = [float(value) for value in range(8)]
    together, alone = both(estimates, [0.8] * 8, draws=20_000)
    widths = [[worst - best for best, worst in found.sets] for found in (together, alone)]
    assert all(one <= other for one, other in zip(widths[1], widths[0], strict=True))
    assert sum(widths[1]) < sum(widths[0])


def test_equal_units_are_wrongly_told_apart_one_time_in_twenty() -> None:
    """All true values equal and se estimated on 5 df: any rejection is an error, 5 % of 1,200."""
    rng, count, rounds = generator(5), 6, 1200
    wrong = 0
    for _ in range(rounds):
        se = np.sqrt(rng.chisquare(5, count) / 5)
        found = simultaneous_rank_sets(
            rng.standard_normal(count), se, df=[5.0] * count, rng=rng, draws=400
        )
        wrong += bool(found.above.any())
    error = math.sqrt(0.05 * 0.95 / rounds)
    assert abs(wrong / rounds - 0.05) < 3.5 * error


def test_sets_cover_the_true_ranks_at_least_as_often_as_promised() -> None:
    truth = np.array([3.0, 3.0, 2.9, 2.0, 0.0])
    best = 1 + (truth[:, None] < truth).sum(axis=1)
    rng, rounds, held, alone = generator(6), 300, 0, np.zeros(5)
    for _ in range(rounds):
        se = 0.5 * np.sqrt(rng.chisquare(6, 5) / 6)
        estimates = truth + 0.5 * rng.standard_normal(5)
        together = simultaneous_rank_sets(estimates, se, df=[6.0] * 5, rng=rng, draws=400)
        single = marginal_rank_sets(estimates, se, df=[6.0] * 5, rng=rng, draws=400)
        held += all(lo <= b <= hi for b, (lo, hi) in zip(best, together.sets, strict=True))
        alone += [lo <= b <= hi for b, (lo, hi) in zip(best, single.sets, strict=True)]
    allowed = 3 * math.sqrt(0.05 * 0.95 / rounds)
    assert held / rounds >= 0.95 - allowed
    assert (alone / rounds >= 0.95 - allowed).all()


def test_estimates_and_errors_must_be_alike_many() -> None:
    with pytest.raises(ScoreError, match="2 estimates need"):
        simultaneous_rank_sets([1.0, 2.0], [1.0], rng=generator())


def test_a_standard_error_that_is_none_is_refused_with_its_unit() -> None:
    with pytest.raises(ScoreError, match=r"unit 1 has 2\.0 and nan \(1 of 2\); leave such"):
        simultaneous_rank_sets([1.0, 2.0], [1.0, math.nan], rng=generator())


def test_no_degrees_of_freedom_are_refused() -> None:
    with pytest.raises(ScoreError, match=r"df must be positive where se is: unit 0 has 0\.0"):
        simultaneous_rank_sets([1.0, 2.0], [1.0, 1.0], df=[0.0, 3.0], rng=generator())


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(ScoreError, match="draws must be 100 or more"):
        simultaneous_rank_sets([1.0, 2.0], [1.0, 1.0], rng=generator(), draws=99)


def test_a_level_is_a_probability() -> None:
    with pytest.raises(ScoreError, match="level must lie strictly between 0 and 1"):
        simultaneous_rank_sets([1.0, 2.0], [1.0, 1.0], rng=generator(), level=1.0)
