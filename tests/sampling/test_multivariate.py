"""Several precision targets: one target is Neyman, many agree with a general solver."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize

from sampling import AllocationError, InfeasibleError
from sampling.allocation import (
    Bounds,
    PrecisionTarget,
    allocate_for_targets,
    boxed_for_variance,
    make_bounds,
    mean_target,
    wright_for_variance,
)

PEOPLE = np.array([300.0, 600, 80])


def targets_of(seed: int, count: int) -> tuple[list[PrecisionTarget], NDArray[Any], NDArray[Any]]:
    """Draw targets of domains of a few strata, with head counts and costs."""
    rng = np.random.Generator(np.random.PCG64(seed))
    strata = int(rng.integers(2, 8))
    people = rng.integers(20, 600, strata).astype(float)
    made = []
    for name in range(count):
        domain = rng.random(strata) < 0.6
        domain[rng.integers(strata)] = True
        made.append(
            mean_target(
                str(name),
                people,
                rng.uniform(0.5, 6, strata),
                half_width=float(rng.uniform(0.5, 2)),
                domain=domain,
            )
        )
    return made, people, rng.uniform(0.5, 5, strata)


def used(targets: list[PrecisionTarget], people: NDArray[Any], sizes: NDArray[Any]) -> list[float]:
    """Compute the variance of each target over its limit."""
    return [
        float(np.sum(target.importance**2 * (1 / sizes - 1 / people)) / target.standard_error**2)
        for target in targets
    ]


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_the_order_of_strata_and_targets_does_not_change_the_optimum(seed: int, count: int) -> None:
    targets, people, cost = targets_of(seed, count)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(people.size)
    moved = [
        PrecisionTarget(
            name=target.name,
            importance=target.importance[order],
            standard_error=target.standard_error,
        )
        for target in targets[::-1]
    ]
    plain = allocate_for_targets(targets, people, bounds=make_bounds(people), cost=cost)
    mixed = allocate_for_targets(
        moved, people[order], bounds=make_bounds(people[order]), cost=cost[order]
    )
    assert mixed.least_cost == pytest.approx(plain.least_cost, rel=1e-6)
    assert mixed.cost == pytest.approx(plain.cost, rel=0.02)
    assert max(used(moved, people[order], mixed.sizes)) <= 1 + 1e-8


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_the_optimum_agrees_with_a_general_solver_and_with_its_dual(seed: int, count: int) -> None:
    targets, people, cost = targets_of(seed, count)
    bounds = make_bounds(people, minimum=2)
    plan = allocate_for_targets(targets, people, bounds=bounds, cost=cost)
    squares = np.array([target.importance**2 for target in targets])
    limits = np.array([target.standard_error**2 for target in targets])
    limits = limits + (squares / people).sum(axis=1)
    found = minimize(
        lambda sizes: cost @ sizes,
        np.minimum(plan.exact * 1.2, people),
        jac=lambda _: cost,
        bounds=list(zip(bounds.lower, bounds.upper, strict=True)),
        constraints={"type": "ineq", "fun": lambda n: 1 - (squares / n).sum(axis=1) / limits},
        method="SLSQP",
        options={"ftol": 1e-13, "maxiter": 500},
    )
    least = float(cost @ plan.exact)
    assert least <= found.fun * (1 + 1e-5)
    assert plan.least_cost * (1 - 1e-8) <= least <= plan.least_cost * (1 + 1e-6)
    assert max(used(targets, people, plan.exact)) <= 1 + 1e-6


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_whole_sizes_meet_every_target_within_bounds(seed: int, count: int) -> None:
    targets, people, cost = targets_of(seed, count)
    bounds = make_bounds(people, minimum=2)
    plan = allocate_for_targets(targets, people, bounds=bounds, cost=cost)
    assert max(used(targets, people, plan.sizes.astype(float))) <= 1 + 1e-6
    assert np.all((plan.sizes >= bounds.lower) & (plan.sizes <= bounds.upper))
    assert plan.least_cost * (1 - 1e-9) <= plan.cost == pytest.approx(float(cost @ plan.sizes))
    assert plan.cost <= plan.least_cost + cost.sum()
    for target in targets:
        assert plan.standard_errors[target.name] <= target.standard_error * (1 + 1e-6)


def test_one_target_is_the_cheapest_bounded_allocation() -> None:
    target = mean_target("province", PEOPLE, [2.0, 3, 9], half_width=0.4)
    bounds = make_bounds(PEOPLE)
    plan = allocate_for_targets([target], PEOPLE, bounds=bounds)
    limit = target.standard_error**2 + float(np.sum(target.importance**2 / PEOPLE))
    single = boxed_for_variance(target.importance, limit, bounds=bounds)
    assert plan.exact.tolist() == pytest.approx(single.tolist(), rel=1e-5)
    fewest = wright_for_variance(target.importance, limit, bounds=bounds)
    assert fewest.sum() <= plan.sizes.sum() <= fewest.sum() + 1


def test_a_target_that_others_meet_costs_nothing() -> None:
    sharp = mean_target("sharp", PEOPLE, [2.0, 3, 9], half_width=0.4)
    dull = mean_target("dull", PEOPLE, [2.0, 3, 9], half_width=0.9)
    plan = allocate_for_targets([dull, sharp], PEOPLE, bounds=make_bounds(PEOPLE))
    assert plan.binding == ("sharp",)
    assert plan.standard_errors["dull"] < dull.standard_error


def test_the_price_of_a_target_is_what_its_limit_costs() -> None:
    targets = [
        mean_target("province", PEOPLE, [2.0, 3, 9], half_width=0.4),
        mean_target("third", PEOPLE, [2.0, 3, 9], half_width=1.5, domain=[False, False, True]),
    ]
    bounds = make_bounds(PEOPLE)
    plan = allocate_for_targets(targets, PEOPLE, bounds=bounds)
    squares = targets[0].importance ** 2
    limit = targets[0].standard_error ** 2 + float(np.sum(squares / PEOPLE))
    wider = PrecisionTarget(
        name="province",
        importance=targets[0].importance,
        standard_error=float(np.sqrt(limit * 1.0001 - np.sum(squares / PEOPLE))),
    )
    cheaper = allocate_for_targets([wider, targets[1]], PEOPLE, bounds=bounds)
    fall = (plan.least_cost - cheaper.least_cost) / 0.0001
    assert fall == pytest.approx(plan.prices["province"], rel=1e-2)


def test_a_target_out_of_reach_is_named_with_the_nearest() -> None:
    easy = mean_target("easy", PEOPLE, [1.0, 1, 1], half_width=2)
    hard = mean_target("hard", PEOPLE, [2.0, 3, 9], half_width=0.01)
    bounds = make_bounds(PEOPLE, maximum=50)
    with pytest.raises(InfeasibleError, match=r"1 of 2 targets .* 'hard' wants") as error:
        allocate_for_targets([easy, hard], PEOPLE, bounds=bounds)
    assert error.value.binding == ("hard",)
    near = PrecisionTarget(
        name="hard", importance=hard.importance, standard_error=error.value.nearest["hard"]
    )
    plan = allocate_for_targets([easy, near], PEOPLE, bounds=bounds)
    assert plan.sizes.tolist() == [50, 50, 50]


def test_a_budget_too_small_names_the_targets_and_the_factor_that_fits() -> None:
    target = mean_target("province", PEOPLE, [2.0, 3, 9], half_width=0.4)
    bounds = make_bounds(PEOPLE)
    with pytest.raises(
        InfeasibleError, match="the budget is 60; what binds is 'province'"
    ) as error:
        allocate_for_targets([target], PEOPLE, bounds=bounds, budget=60)
    assert error.value.binding == ("budget", "province")
    near = PrecisionTarget(
        name="province",
        importance=target.importance,
        standard_error=error.value.nearest["province"],
    )
    assert allocate_for_targets([near], PEOPLE, bounds=bounds, budget=60).cost <= 60


def test_a_budget_below_the_lower_bounds_says_so() -> None:
    target = mean_target("province", PEOPLE, [2.0, 3, 9], half_width=0.4)
    with pytest.raises(InfeasibleError, match="the lower bounds alone cost 60") as error:
        allocate_for_targets([target], PEOPLE, bounds=Bounds.of([20] * 3, PEOPLE), budget=50)
    assert error.value.nearest == {"budget": 60}


def test_targets_that_cannot_be_are_refused() -> None:
    bounds = make_bounds(PEOPLE)
    target = mean_target("a", PEOPLE, [2.0, 3, 9], half_width=0.4)
    with pytest.raises(AllocationError, match="give each its own name"):
        allocate_for_targets([target, target], PEOPLE, bounds=bounds)
    with pytest.raises(AllocationError, match="the 0 targets"):
        allocate_for_targets([], PEOPLE, bounds=bounds)
    with pytest.raises(AllocationError, match="target 'x' wants ±0 for 980 people"):
        mean_target("x", PEOPLE, [2.0, 3, 9], half_width=0)
    with pytest.raises(AllocationError, match="0 people in 0 strata"):
        mean_target("x", PEOPLE, [2.0, 3, 9], half_width=1, domain=[False] * 3)


def test_a_budget_that_is_no_number_is_refused() -> None:
    target = mean_target("province", PEOPLE, [3.0, 3.0, 3.0], half_width=0.5)
    with pytest.raises(AllocationError, match="the budget is nan"):
        allocate_for_targets([target], PEOPLE, bounds=make_bounds(PEOPLE), budget=float("nan"))


def test_targets_out_of_reach_name_each_target_and_the_strata_whose_bounds_bind() -> None:
    targets = [
        mean_target("tỉnh", [0, 4, 40], [1, 1, 1], half_width=0.01),
        mean_target("huyện", [0, 4, 40], [1, 1, 1], half_width=0.01, domain=[0, 1, 0]),
        mean_target("xã", [0, 4, 40], [1, 1, 1], half_width=5, domain=[0, 0, 1]),
    ]
    bounds = Bounds.of([0, 2, 2], [0, 3, 5])
    with pytest.raises(InfeasibleError) as caught:
        allocate_for_targets(targets, [0, 4, 40], bounds=bounds)
    message = str(caught.value)
    assert "2 of 3 targets are missed" in message
    assert "'tỉnh' wants a standard error of 0.00510213, 0.381204 is the least" in message
    assert "'huyện' wants a standard error of 0.00510213, 0.288675 is the least" in message
    assert "stratum 2 (upper bound 5), stratum 1 (upper bound 3)" in message
    assert caught.value.binding == ("tỉnh", "huyện")
    nearest = [
        PrecisionTarget(
            name=target.name,
            importance=target.importance,
            standard_error=caught.value.nearest.get(target.name, target.standard_error),
        )
        for target in targets
    ]
    assert allocate_for_targets(nearest, [0, 4, 40], bounds=bounds).sizes.tolist() == [0, 3, 5]
