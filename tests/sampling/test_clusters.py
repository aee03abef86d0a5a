"""What clusters, weights and silence cost, against hand-made data and exact chances."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import SampleSizeError
from sampling.sizes import (
    design_effect,
    effective_size,
    intraclass_correlation,
    invitations_for,
    weighting_effect,
)


def chance_of_enough(invited: int, answers: int, rate: float) -> float:
    terms = (
        math.comb(invited, k) * rate**k * (1 - rate) ** (invited - k)
        for k in range(answers, invited + 1)
    )
    return math.fsum(terms)


@pytest.mark.parametrize(("size", "icc", "effect"), [(1, 0.3, 1), (21, 0.1, 3), (9, 0, 1)])
def test_the_design_effect_grows_with_the_cluster(size: int, icc: float, effect: float) -> None:
    assert design_effect(size, icc) == pytest.approx(effect)


def test_unequal_clusters_cost_more() -> None:
    assert design_effect(20, 0.05, size_cv=0.5) == pytest.approx(1 + (25 - 1) * 0.05)


def test_the_design_effect_is_the_variance_of_cluster_means() -> None:
    rho, size, clusters = 0.2, 5, 4
    covariance = np.kron(np.eye(clusters), np.full((size, size), rho) + (1 - rho) * np.eye(size))
    mean = np.full(size * clusters, 1 / (size * clusters))
    assert mean @ covariance @ mean * size * clusters == pytest.approx(design_effect(size, rho))


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=20))
def test_weights_cost_between_nothing_and_everything(weights: list[float]) -> None:
    effect = weighting_effect(weights)
    assert 1 - 1e-12 <= effect <= len(weights) + 1e-12
    assert effect == pytest.approx(1 + np.var(weights) / np.mean(weights) ** 2)


def test_the_effective_size_divides_by_the_effect() -> None:
    assert effective_size(580, 2.9) == pytest.approx(200)


def test_likeness_of_two_by_two_answers_by_hand() -> None:
    # means 2 and 5, grand 3.5; B = 2·(2.25 + 2.25)/1 = 9; W = (2 + 2)/2 = 2; (9 − 2)/(9 + 2)
    assert intraclass_correlation([[1, 3], [4, 6]]) == pytest.approx(7 / 11)


def test_clusters_without_likeness_come_out_negative() -> None:
    assert intraclass_correlation([[1, 3], [1, 3]]) == pytest.approx(-1)


@given(st.integers(1, 40), st.floats(0.2, 1), st.sampled_from([0.5, 0.9, 0.99]))
def test_invitations_are_the_fewest_that_assure_enough_answers(
    answers: int, rate: float, assurance: float
) -> None:
    invited = invitations_for(answers, rate, assurance=assurance)
    assert chance_of_enough(invited, answers, rate) >= assurance - 1e-9
    if invited > answers:
        assert chance_of_enough(invited - 1, answers, rate) < assurance + 1e-9


def test_no_answers_need_no_invitations() -> None:
    assert invitations_for(0, 0.5) == 0


@pytest.mark.parametrize("clusters", [[[1, 2]], [[1], [2]], [[], []], [[3, 3], [3, 3]]])
def test_answers_that_tell_no_likeness_are_refused(clusters: list[list[float]]) -> None:
    with pytest.raises(SampleSizeError, match="answers"):
        intraclass_correlation(clusters)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 3], [1, math.nan]])
def test_weights_that_are_none_are_refused(weights: list[float]) -> None:
    with pytest.raises(SampleSizeError, match="weights"):
        weighting_effect(weights)


def test_a_likeness_below_its_limit_is_refused() -> None:
    with pytest.raises(SampleSizeError, match="it cannot be below"):
        design_effect(11, -0.2)


def test_arguments_out_of_range_are_refused() -> None:
    for call in (
        lambda: design_effect(0.5, 0.1),
        lambda: design_effect(5, 2),
        lambda: invitations_for(-1, 0.5),
        lambda: invitations_for(3, 0),
        lambda: invitations_for(3, 0.5, assurance=1),
    ):
        with pytest.raises(SampleSizeError):
            call()


@pytest.mark.parametrize("answers", [float("nan"), float("inf"), 2.5])
def test_answers_that_are_no_whole_number_are_refused(answers: float) -> None:
    with pytest.raises(SampleSizeError, match=f"answers is {answers};"):
        invitations_for(answers, 0.8)  # type: ignore[arg-type]


@pytest.mark.parametrize("answers", [10**6, 10**9, 10**12])
def test_invitations_of_millions_come_near_the_normal_approximation(answers: int) -> None:
    # n/2 ≥ a + z·√n/2 with z = 1.2816 for an assurance of 0.9.
    near = 2 * answers + 1.2816 * math.sqrt(2 * answers)
    assert invitations_for(answers, 0.5) == pytest.approx(near, rel=1e-5)
