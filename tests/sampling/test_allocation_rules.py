"""The classical rules against R, and what every rule must keep."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import AllocationError
from sampling.allocation import (
    equal_allocation,
    largest_remainder,
    neyman_allocation,
    optimum_allocation,
    power_allocation,
    proportional_allocation,
    total_variance,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "sampling_r" / "allocation.json"
CASES = [
    case for case in json.loads(GOLDEN.read_text("utf-8"))["cases"] if case["kind"] == "allocation"
]
strata = st.lists(
    st.tuples(st.integers(1, 500), st.floats(0.1, 20), st.floats(0.5, 9)), min_size=1, max_size=8
)


def close(values: list[float]) -> Any:
    return pytest.approx(values, rel=1e-12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_rules_meet_r(case: dict[str, Any]) -> None:
    given_, expected = case["input"], case["result"]
    people, spread, size = given_["N_h"], given_["S_h"], given_["n"]
    mean = np.array(given_["mean_h"])
    assert equal_allocation(people, size).tolist() == close(expected["equal"])
    assert proportional_allocation(people, size).tolist() == close(expected["proportional"])
    assert neyman_allocation(people, spread, size).tolist() == close(expected["neyman"])
    power = power_allocation(people * mean, spread / mean, size, exponent=given_["power_q"])
    assert power.tolist() == close(expected["power"])
    optimum = optimum_allocation(people, spread, cost=given_["cost_h"], size=size)
    assert optimum.tolist() == close(expected["optimum_cost"])
    budget = expected["optimum_cost_budget_used"]
    assert optimum @ given_["cost_h"] == pytest.approx(budget, rel=1e-12)
    bought = optimum_allocation(people, spread, cost=given_["cost_h"], budget=budget)
    assert bought.tolist() == close(expected["optimum_cost"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_largest_remainders_and_variances_meet_r(case: dict[str, Any]) -> None:
    given_, expected = case["input"], case["result"]
    people, spread, size = given_["N_h"], given_["S_h"], given_["n"]
    shares = proportional_allocation(people, size)
    assert largest_remainder(shares).tolist() == expected["proportional_largest_remainder"]
    neyman = neyman_allocation(people, spread, size)
    assert largest_remainder(neyman).tolist() == expected["neyman_largest_remainder"]
    assert total_variance(people, spread, shares) == pytest.approx(
        expected["var_total_proportional_unrounded"], rel=1e-12
    )
    assert total_variance(people, spread, expected["neyman_integer_min2_maxNh"]) == pytest.approx(
        expected["var_total_neyman_integer_min2"], rel=1e-12
    )


@given(strata, st.integers(1, 1000))
def test_shares_add_up_and_no_other_size_has_less_variance_than_neyman(
    rows: list[tuple[int, float, float]], size: int
) -> None:
    people, spread, cost = (np.array(column) for column in zip(*rows, strict=True))
    neyman = neyman_allocation(people, spread, size)
    others = (
        equal_allocation(people, size),
        proportional_allocation(people, size),
        optimum_allocation(people, spread, cost=cost, size=size),
    )
    least = total_variance(people, spread, neyman)
    for shares in (neyman, *others):
        assert shares.sum() == pytest.approx(size)
        assert total_variance(people, spread, shares) >= least - 1e-9 * abs(least) - 1e-6


@given(strata, st.floats(10, 1000))
def test_a_budget_is_spent_and_buys_no_less_than_its_own_size(
    rows: list[tuple[int, float, float]], budget: float
) -> None:
    people, spread, cost = (np.array(column) for column in zip(*rows, strict=True))
    bought = optimum_allocation(people, spread, cost=cost, budget=budget)
    assert bought @ cost == pytest.approx(budget)
    same = proportional_allocation(people, 1)
    same = same * budget / float(same @ cost)
    gain = total_variance(people, spread, same) - total_variance(people, spread, bought)
    assert gain >= -1e-6 * max(1.0, abs(total_variance(people, spread, same)))


@given(strata, st.permutations(range(8)))
def test_the_order_of_strata_changes_nothing(
    rows: list[tuple[int, float, float]], order: list[int]
) -> None:
    order = [row for row in order if row < len(rows)]
    people, spread, _ = (np.array(column) for column in zip(*rows, strict=True))
    plain = neyman_allocation(people, spread, 50)
    mixed = neyman_allocation(people[order], spread[order], 50)
    assert mixed.tolist() == pytest.approx(plain[order].tolist())


@given(st.lists(st.floats(0, 50), min_size=1, max_size=10))
def test_largest_remainders_keep_the_sum_and_the_neighbours(shares: list[float]) -> None:
    rounded = largest_remainder(shares)
    assert rounded.sum() == round(math.fsum(shares))
    assert all(
        math.floor(s) <= r <= math.floor(s) + 1 for s, r in zip(shares, rounded, strict=True)
    )


def test_an_exponent_of_one_is_neyman_and_of_zero_serves_all_alike() -> None:
    people, mean, spread = np.array([100.0, 900.0]), np.array([10.0, 10.0]), np.array([2.0, 2.0])
    one = power_allocation(people * mean, spread / mean, 10, exponent=1)
    assert one.tolist() == close(neyman_allocation(people, spread, 10).tolist())
    assert power_allocation(people * mean, spread / mean, 10, exponent=0).tolist() == [5, 5]


def test_strata_of_nobody_get_nothing_and_cost_nothing() -> None:
    assert equal_allocation([30, 0, 60], 9).tolist() == [4.5, 0, 4.5]
    assert neyman_allocation([30, 0, 60], [1, 1, 1], 9).tolist() == [3, 0, 6]
    assert total_variance([30, 0], [1, 1], [30, 0]) == 0


def test_a_stratum_that_varies_unasked_leaves_no_finite_variance() -> None:
    assert math.isinf(total_variance([30, 60], [1, 1], [5, 0]))


def test_what_cannot_be_shared_is_refused_with_its_reason() -> None:
    with pytest.raises(AllocationError, match="none of 2 strata has people and spread"):
        neyman_allocation([30, 60], [0, 0], 9)
    with pytest.raises(AllocationError, match="the size to share is 0"):
        equal_allocation([30], 0)
    with pytest.raises(AllocationError, match=r"population .* stratum 1 has -1.0 \(1 of 2 strata"):
        equal_allocation([30, -1], 9)
    with pytest.raises(AllocationError, match=r"deviation has the shape \(1,\)"):
        neyman_allocation([30, 60], [1], 9)
    with pytest.raises(AllocationError, match="cost must be above 0: stratum 0"):
        optimum_allocation([30], [1], cost=[0], size=3)
    with pytest.raises(AllocationError, match="give exactly one"):
        optimum_allocation([30], [1], cost=[1], size=3, budget=3)
    with pytest.raises(AllocationError, match=r"the exponent is 1\.5"):
        power_allocation([1], [1], 3, exponent=1.5)
    with pytest.raises(AllocationError, match="shares"):
        largest_remainder([math.nan])
