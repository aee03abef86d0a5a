"""Bounded allocation: published examples, a search by halving, and optimality."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sampling import AllocationError, InfeasibleError
from sampling.allocation import Bounds, boxed, boxed_for_variance, make_bounds, total_variance

GOLDEN = Path(__file__).parents[1] / "golden" / "allocation_published" / "published.json"
PUBLISHED = json.loads(GOLDEN.read_text("utf-8"))["stratallo"]
Floats = NDArray[np.float64]

rows = st.tuples(st.floats(0.5, 50), st.floats(0.5, 9), st.integers(0, 20), st.integers(1, 60))
strata = st.lists(rows, min_size=1, max_size=8)


def columns(found: list[tuple[float, float, int, int]]) -> tuple[Floats, Floats, Bounds]:
    importance, cost, lower, width = (np.array(part, float) for part in zip(*found, strict=True))
    return importance, cost, Bounds(lower=lower, upper=lower + width)


def bisected(rule: Floats, price: Floats, size: float, bounds: Bounds) -> Floats:
    """Find the factor of the rule by halving, without any recursion."""
    low, high = 0.0, float((bounds.upper / rule).max()) + 1
    for _ in range(200):
        middle = (low + high) / 2
        if np.clip(middle * rule, bounds.lower, bounds.upper) @ price < size:
            low = middle
        else:
            high = middle
    return np.clip(high * rule, bounds.lower, bounds.upper)


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case["case"])
def test_published_examples_are_met_to_the_printed_digit(case: dict[str, Any]) -> None:
    people, spread = np.array(case["N"], float), np.array(case["S"], float)
    bounds = Bounds.of(case["lower"] or np.zeros(4), case["upper"] or np.full(4, np.inf))
    sizes = boxed(people * spread, case["n"], bounds=bounds)
    assert sizes.tolist() == pytest.approx(case["x"], abs=5.01e-5 if case["n"] > 999 else 5.01e-7)
    assert round(total_variance(people, spread, sizes)) == case["variance"]


def test_the_cheapest_sizes_for_a_variance_meet_the_lagrange_condition() -> None:
    importance, cost = np.array([3000.0, 4000, 5000, 2000]), np.array([0.5, 0.6, 0.6, 0.3])
    bounds = Bounds.of(np.zeros(4), [100, 90, 70, 80])
    sizes = boxed_for_variance(importance, 1_070_000, bounds=bounds, cost=cost)
    assert np.sum(importance**2 / sizes) == pytest.approx(1_070_000, rel=1e-12)
    prices = importance**2 / (cost * sizes**2)
    assert prices.tolist() == pytest.approx([prices[0]] * 4)


@given(strata, st.floats(0, 1))
def test_the_recursion_finds_what_halving_finds(
    found: list[tuple[float, float, int, int]], place: float
) -> None:
    importance, cost, bounds = columns(found)
    low, high = bounds.lower @ cost, bounds.upper @ cost
    budget = float(low + place * (high - low))
    sizes = boxed(importance, budget, bounds=bounds, cost=cost)
    expected = bisected(importance / np.sqrt(cost), cost, budget, bounds)
    assert sizes.tolist() == pytest.approx(expected.tolist(), rel=1e-9, abs=1e-9)


@given(strata, st.floats(0.001, 1))
def test_no_shift_between_two_strata_lowers_the_variance(
    found: list[tuple[float, float, int, int]], place: float
) -> None:
    importance, cost, bounds = columns(found)
    low, high = bounds.lower @ cost, bounds.upper @ cost
    budget = low + place * (high - low)
    sizes = boxed(importance, budget, bounds=bounds, cost=cost)
    assert sizes @ cost == pytest.approx(budget)
    assert np.all((sizes >= bounds.lower) & (sizes <= bounds.upper))
    gain = importance**2 / (np.maximum(sizes, 1e-12) ** 2 * cost)  # per unit of money
    may_rise, may_fall = sizes < bounds.upper * (1 - 1e-9), sizes > bounds.lower * (1 + 1e-9)
    if may_rise.any() and may_fall.any():
        assert gain[may_rise].max() <= gain[may_fall].min() * (1 + 1e-6)


@given(strata, st.floats(0.01, 1))
def test_the_cheapest_sizes_and_the_best_sizes_are_each_others_inverse(
    found: list[tuple[float, float, int, int]], place: float
) -> None:
    importance, cost, bounds = columns(found)
    low, high = bounds.lower @ cost, bounds.upper @ cost
    budget = low + place * (high - low)
    sizes = boxed(importance, budget, bounds=bounds, cost=cost)
    variance = float(np.sum(importance**2 / sizes))
    again = boxed_for_variance(importance, variance, bounds=bounds, cost=cost)
    assert again @ cost == pytest.approx(budget, rel=1e-6)


@given(strata, st.permutations(range(8)))
def test_the_order_of_strata_changes_nothing(
    found: list[tuple[float, float, int, int]], order: list[int]
) -> None:
    importance, _, bounds = columns(found)
    order = [row for row in order if row < importance.size]
    size = float(bounds.lower.sum() + bounds.upper.sum()) / 2
    mixed = Bounds(lower=bounds.lower[order], upper=bounds.upper[order])
    plain = boxed(importance, size, bounds=bounds)
    assert boxed(importance[order], size, bounds=mixed).tolist() == pytest.approx(
        plain[order].tolist()
    )


def test_take_all_strata_are_taken_whole_and_the_rest_is_neyman() -> None:
    people, spread = np.array([12.0, 400, 600]), np.array([9.0, 2, 1])
    bounds = make_bounds(people, minimum=2, take_all=[True, False, False])
    sizes = boxed(people * spread, 82, bounds=bounds)
    assert sizes.tolist() == pytest.approx([12, 40, 30])


def test_strata_smaller_than_the_minimum_are_taken_whole() -> None:
    bounds = make_bounds([1, 0, 40], minimum=2)
    assert (bounds.lower.tolist(), bounds.upper.tolist()) == ([1, 0, 2], [1, 0, 40])


def test_strata_that_do_not_vary_get_their_minimum_until_all_others_are_full() -> None:
    bounds = Bounds.of([2, 2, 2], [10, 10, 30])
    assert boxed([5, 0, 0], 12, bounds=bounds).tolist() == pytest.approx([8, 2, 2])
    assert boxed([5, 0, 0], 22, bounds=bounds).sum() == pytest.approx(22)
    assert boxed([5, 0, 0], 22, bounds=bounds)[0] == 10


@pytest.mark.parametrize(("size", "side", "nearest"), [(3, "lower", 4), (51, "upper", 50)])
def test_a_size_out_of_reach_names_the_bound_and_the_nearest_size(
    size: int, side: str, nearest: int
) -> None:
    with pytest.raises(InfeasibleError, match=f"their {side} bounds add up to {nearest};") as error:
        boxed([1, 1], size, bounds=Bounds.of([2, 2], [10, 40]))
    assert error.value.binding == (f"{side} bounds",)
    assert error.value.nearest == {"size": nearest}


def test_a_variance_out_of_reach_names_the_strata_and_the_nearest_variance() -> None:
    with pytest.raises(InfeasibleError, match="most of it in stratum 1") as error:
        boxed_for_variance([1.0, 20.0], 5.0, bounds=Bounds.of([0, 0], [10, 40]))
    nearest = error.value.nearest["variance"]
    assert nearest == pytest.approx(10.1)
    sizes = boxed_for_variance([1.0, 20.0], nearest, bounds=Bounds.of([0, 0], [10, 40]))
    assert sizes.tolist() == [10, 40]


def test_a_quota_over_the_population_is_refused_with_its_stratum() -> None:
    with pytest.raises(AllocationError, match="stratum 1 at least 5, at most 3; a quota above N"):
        Bounds.of([2, 5], [8, 3])


def test_bounds_that_cannot_be_are_refused() -> None:
    with pytest.raises(AllocationError, match="stratum 1 is to be taken whole but has nobody"):
        make_bounds([3, 0], take_all=[False, True])
    with pytest.raises(AllocationError, match="minimum is 5 and maximum 3"):
        make_bounds([30], minimum=5, maximum=3)
    with pytest.raises(AllocationError, match="the variance allowed is 0"):
        boxed_for_variance([1.0], 0, bounds=Bounds.of([0], [5]))
    with pytest.raises(AllocationError, match="take_all has the shape"):
        make_bounds([3, 4], take_all=[True])


@pytest.mark.parametrize("limits", [{"minimum": float("nan")}, {"maximum": float("nan")}])
def test_limits_that_are_no_numbers_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(AllocationError, match="nan"):
        make_bounds([10, 20], **limits)


def test_bounds_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(AllocationError, match="stratum 1 at least nan"):
        Bounds(lower=np.array([1.0, np.nan]), upper=np.array([2.0, 2.0]))


@pytest.mark.parametrize("size", [float("nan"), float("inf")])
def test_a_size_that_is_no_number_is_refused(size: float) -> None:
    with pytest.raises(AllocationError, match=f"the size to share is {size}; it must be a finite"):
        boxed([4, 40], size, bounds=make_bounds([4, 40]))
