"""Allocating 100,000 strata within bounds, many targets at once, and who rates whom.

Beside Neyman allocation without bounds, one pass over the same columns. The promise is 0.2 s for
Neyman allocation with box constraints.
"""

import time
from collections.abc import Callable

import numpy as np

from sampling.allocation import (
    Bounds,
    allocate_for_targets,
    boxed,
    boxed_for_variance,
    make_bounds,
    mean_target,
    neyman_allocation,
    wright,
)
from sampling.assignments import Rater, RatingNeed, RatingRequest, assign

STRATA = 100_000
SIZE = 3_000_000
ROUNDS = 5


def best(work: Callable[[], object]) -> float:
    """Take the least time of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def cross_rating() -> RatingRequest:
    """Ask 180 raters of 20 units for three units each."""
    units = tuple(f"SO{row:02}" for row in range(20))
    raters = tuple(
        Rater(code=f"{unit}-{kind}{row}", unit=unit, kind=kind)
        for unit in units
        for kind, count in (("LD", 5), ("CC", 4))
        for row in range(count)
    )
    needs = (
        RatingNeed(kind="LD", per_unit=15, most_units=4),
        RatingNeed(kind="CC", per_unit=12, most_units=4),
    )
    return RatingRequest(raters=raters, units=units, needs=needs)


def rows() -> list[tuple[str, float, float, str]]:
    """Measure: what, seconds, seconds of the floor, and the floor's name."""
    rng = np.random.Generator(np.random.PCG64(2022))
    people = rng.integers(3, 5000, STRATA).astype(np.float64)
    spread = rng.gamma(0.3, 3, STRATA) + 1e-3
    importance, bounds = people * spread, make_bounds(people, minimum=2)
    variance = float(np.sum(importance**2 / boxed(importance, SIZE, bounds=bounds)))
    part = slice(0, 2_000)
    few = Bounds(lower=bounds.lower[part], upper=bounds.upper[part])
    units = np.arange(2_000) // 100
    targets = [
        mean_target(str(unit), people[part], spread[part], half_width=0.05, domain=units == unit)
        for unit in range(20)
    ]
    request = cross_rating()
    tasks: dict[str, Callable[[], object]] = {
        "Neyman with box constraints, 100,000 strata": lambda: boxed(
            importance, SIZE, bounds=bounds
        ),
        "cheapest sizes for a variance": lambda: boxed_for_variance(
            importance, variance, bounds=bounds
        ),
        "exact whole sizes": lambda: wright(importance, SIZE, bounds=bounds),
        "20 precision targets, 2,000 strata": lambda: allocate_for_targets(
            targets, people[part], bounds=few
        ),
        "who rates whom, 180 raters of 20 units": lambda: assign(request, seed=1),
    }
    neyman_allocation(people, spread, SIZE)  # warms the memory up
    floor = best(lambda: neyman_allocation(people, spread, SIZE))
    return [(name, best(work), floor, "Neyman, no bounds") for name, work in tasks.items()]
