"""Whole-number allocation against R, against every allocation of small cases, and refusals."""

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import AllocationError, InfeasibleError
from sampling.allocation import (
    Bounds,
    make_bounds,
    neyman_allocation,
    total_variance,
    wright,
    wright_for_variance,
)

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = [
    case
    for case in json.loads((GOLDEN / "sampling_r" / "allocation.json").read_text("utf-8"))["cases"]
    if case["kind"] == "allocation"
]
PUBLISHED = json.loads((GOLDEN / "allocation_published" / "published.json").read_text("utf-8"))
small = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=4
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
@pytest.mark.parametrize("minimum", [1, 2])
def test_whole_neyman_sizes_meet_r(case: dict[str, Any], minimum: int) -> None:
    people, spread = np.array(case["input"]["N_h"], float), np.array(case["input"]["S_h"])
    bounds = make_bounds(people, minimum=minimum)
    sizes = wright(people * spread, case["input"]["n"], bounds=bounds)
    assert sizes.tolist() == case["result"][f"neyman_integer_min{minimum}_maxNh"]


def test_the_exact_sizes_vary_no_more_than_the_published_rounding() -> None:
    case = next(case for case in PUBLISHED["stratallo"] if "whole" in case)
    people, spread = np.array(case["N"], float), np.array(case["S"], float)
    bounds = Bounds.of(case["lower"], case["upper"])
    sizes = wright(people * spread, case["n"], bounds=bounds)
    assert round(total_variance(people, spread, case["whole"])) == case["whole_variance"]
    assert round(total_variance(people, spread, sizes)) <= case["whole_variance"]


@given(small, st.integers(0, 40))
def test_no_whole_allocation_has_less_variance(rows: list[tuple[int, int, int]], size: int) -> None:
    importance, lower, width = (np.array(column) for column in zip(*rows, strict=True))
    upper = lower + width
    ranges = [range(low, high + 1) for low, high in zip(lower, upper, strict=True)]
    ways = [way for way in itertools.product(*ranges) if sum(way) == size]
    ways = [
        way
        for way in ways
        if all(n or not a or not u for n, a, u in zip(way, importance, upper, strict=True))
    ]
    bounds = Bounds.of(lower, upper)
    if not ways:
        with pytest.raises(InfeasibleError):
            wright(importance, size, bounds=bounds)
        return
    varies = (importance > 0) & (upper > 0)

    def variance(way: Any) -> float:
        return float(np.sum(importance[varies] ** 2 / np.array(way)[varies]))

    sizes = wright(importance, size, bounds=bounds)
    assert tuple(sizes.tolist()) in ways
    assert variance(sizes) == pytest.approx(min(map(variance, ways)))


@given(small, st.floats(1, 400))
def test_the_fewest_whole_answers_for_a_variance_are_the_fewest_of_all(
    rows: list[tuple[int, int, int]], limit: float
) -> None:
    importance, lower, width = (np.array(column) for column in zip(*rows, strict=True))
    lower, upper = lower + 1, lower + 1 + width
    ranges = [range(low, high + 1) for low, high in zip(lower, upper, strict=True)]
    enough = [
        sum(way)
        for way in itertools.product(*ranges)
        if np.sum(importance**2 / np.array(way)) <= limit
    ]
    if enough:
        sizes = wright_for_variance(importance, limit, bounds=Bounds.of(lower, upper))
        assert sizes.sum() == min(enough)
        assert np.sum(importance**2 / sizes) <= limit * (1 + 1e-9)
    else:
        with pytest.raises(InfeasibleError):
            wright_for_variance(importance, limit, bounds=Bounds.of(lower, upper))


def test_equal_strata_are_filled_from_the_first() -> None:
    assert wright([3, 3, 3], 8, bounds=Bounds.of([1] * 3, [9] * 3)).tolist() == [3, 3, 2]


def test_whole_sizes_stay_near_the_fractions_of_many_strata() -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    people, spread = rng.integers(50, 900, 5000).astype(float), rng.uniform(0.5, 5, 5000)
    sizes = wright(people * spread, 60_000, bounds=make_bounds(people, minimum=0))
    assert sizes.sum() == 60_000
    assert np.abs(sizes - neyman_allocation(people, spread, 60_000)).max() < 1.2


def test_a_size_out_of_reach_counts_one_answer_where_something_varies() -> None:
    with pytest.raises(InfeasibleError, match="1 cannot be shared among 2 strata") as error:
        wright([3, 3], 1, bounds=Bounds.of([0, 0], [5, 5]))
    assert error.value.nearest == {"size": 2}


def test_bounds_that_no_whole_number_meets_are_refused() -> None:
    with pytest.raises(AllocationError, match="no whole number lies between"):
        wright([1, 1], 3, bounds=Bounds.of([0.2, 1], [0.8, 5]))
    with pytest.raises(AllocationError, match="1 upper bounds are infinite"):
        wright([1, 1], 3, bounds=Bounds.of([0, 1], [np.inf, 5]))


@given(small, st.permutations(range(4)), st.floats(0, 1))
def test_the_order_of_strata_decides_at_most_between_equals(
    found: list[tuple[int, int, int]], order: list[int], place: float
) -> None:
    importance, lower, width = (np.array(column) for column in zip(*found, strict=True))
    order = [row for row in order if row < importance.size]
    upper = lower + width
    least = int(np.maximum(lower, np.minimum(importance, 1) * np.minimum(upper, 1)).sum())
    size = least + int(place * (int(upper.sum()) - least))
    plain = wright(importance, size, bounds=Bounds.of(lower, upper))
    mixed = wright(importance[order], size, bounds=Bounds.of(lower[order], upper[order]))
    assert mixed.sum() == plain.sum() == size

    def variance(weights: np.ndarray, sizes: np.ndarray) -> float:
        asked = (weights > 0) & (sizes > 0)
        return float(np.sum(weights[asked] ** 2 / sizes[asked]))

    assert variance(importance[order], mixed) == pytest.approx(variance(importance, plain))
