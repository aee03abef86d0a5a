"""Clusters and people per cluster against every pair of numbers."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import AllocationError, InfeasibleError
from sampling.allocation import (
    TwoStageCosts,
    optimum_cluster_size,
    two_stage_for_budget,
    two_stage_for_error,
)

costs = st.builds(
    TwoStageCosts,
    per_cluster=st.integers(0, 40),
    per_person=st.integers(1, 10),
    most_clusters=st.integers(1, 12),
    most_people=st.integers(1, 12),
)
likeness = st.integers(0, 18).map(lambda twentieths: twentieths / 20)


def error_of(clusters: int, people: int, icc: float) -> float:
    return math.sqrt((1 + (people - 1) * icc) / (clusters * people))


def pairs(limits: TwoStageCosts) -> list[tuple[int, int]]:
    return list(
        itertools.product(range(1, limits.most_clusters + 1), range(1, limits.most_people + 1))
    )


@given(costs, likeness, st.integers(1, 400))
def test_no_pair_that_the_budget_pays_for_is_more_precise(
    limits: TwoStageCosts, icc: float, budget: int
) -> None:
    paid = [pair for pair in pairs(limits) if limits.of(*pair) <= budget]
    if not paid:
        with pytest.raises(InfeasibleError, match="does not pay for one cluster"):
            two_stage_for_budget(budget, costs=limits, deviation=1, icc=icc)
        return
    design = two_stage_for_budget(budget, costs=limits, deviation=1, icc=icc)
    assert design.cost == limits.of(design.clusters, design.people) <= budget
    assert design.standard_error == pytest.approx(min(error_of(*pair, icc) for pair in paid))


@given(costs, likeness, st.floats(0.05, 1.2))
def test_no_cheaper_pair_reaches_the_error(limits: TwoStageCosts, icc: float, error: float) -> None:
    enough = [pair for pair in pairs(limits) if error_of(*pair, icc) <= error * (1 + 1e-13)]
    if not enough:
        with pytest.raises(InfeasibleError, match="out of reach") as refused:
            two_stage_for_error(error, costs=limits, deviation=1, icc=icc)
        most = error_of(limits.most_clusters, limits.most_people, icc)
        assert refused.value.nearest["standard_error"] == pytest.approx(most)
        return
    design = two_stage_for_error(error, costs=limits, deviation=1, icc=icc)
    assert design.standard_error <= error * (1 + 1e-9)
    assert design.cost == min(limits.of(*pair) for pair in enough)


def test_the_best_cluster_grows_with_the_way_and_shrinks_with_likeness() -> None:
    limits = TwoStageCosts(per_cluster=300, per_person=50, most_clusters=100, most_people=40)
    assert optimum_cluster_size(limits, 0.1) == pytest.approx(math.sqrt(6 * 9))
    assert optimum_cluster_size(limits, 0.4) == pytest.approx(3)
    assert optimum_cluster_size(limits, 0) == 40


def test_the_design_says_its_size_and_effect() -> None:
    limits = TwoStageCosts(per_cluster=300, per_person=50, most_clusters=100, most_people=40)
    design = two_stage_for_budget(20_000, costs=limits, deviation=2.0, icc=0.1)
    assert design.size == design.clusters * design.people
    assert design.standard_error == pytest.approx(2 * math.sqrt(design.design_effect / design.size))


def test_arguments_out_of_range_are_refused() -> None:
    limits = TwoStageCosts(per_cluster=1, per_person=1, most_clusters=2, most_people=2)
    with pytest.raises(AllocationError, match="icc is 2"):
        optimum_cluster_size(limits, 2)
    with pytest.raises(AllocationError, match="deviation is 0"):
        two_stage_for_budget(9, costs=limits, deviation=0, icc=0.1)
    with pytest.raises(AllocationError, match="the standard error wanted is 0"):
        two_stage_for_error(0, costs=limits, deviation=1, icc=0.1)
    with pytest.raises(AllocationError, match="a person 0"):
        TwoStageCosts(per_cluster=1, per_person=0, most_clusters=2, most_people=2)
    with pytest.raises(AllocationError, match="at most 0 clusters"):
        TwoStageCosts(per_cluster=1, per_person=1, most_clusters=0, most_people=2)


@pytest.mark.parametrize("budget", [float("nan"), float("inf")])
def test_a_budget_that_is_no_amount_is_refused(budget: float) -> None:
    limits = TwoStageCosts(per_cluster=1, per_person=1, most_clusters=2, most_people=2)
    with pytest.raises(AllocationError, match=f"the budget is {budget}"):
        two_stage_for_budget(budget, costs=limits, deviation=1.0, icc=0.1)
