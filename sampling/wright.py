"""Exact whole-number allocation: the best n_h of all, not the rounded optimum of fractions.

The variance Σ a²/n is convex in each n_h, so taking the steps n → n + 1 with the greatest priority
a/√(n(n + 1)) one after the other is optimal; here the last step's priority is searched for, since
100,000 strata would need a million steps.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.allocation_rules import read_column
from sampling.boxed import Bounds, boxed_for_variance, recursion
from sampling.errors import AllocationError, InfeasibleError

__all__ = ["wright", "wright_for_variance"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
_FEW = 4  # steps per stratum that are sorted rather than searched


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """Strata with importance, and whole bounds that leave none of them without an answer."""

    importance: Floats
    lower: Whole
    upper: Whole

    def sizes(self, priority: float) -> Whole:
        """Take every step whose priority is no less than this."""
        with np.errstate(over="ignore"):
            steps = (np.sqrt(1 + 4 * (self.importance / priority) ** 2) - 1) / 2
        steps = np.floor(np.minimum(steps, self.upper))
        steps -= _priority(self.importance, steps) < priority  # the root may be off by rounding
        steps += _priority(self.importance, steps + 1) >= priority
        return np.clip(steps.astype(np.int64) + 1, self.lower, self.upper)


def wright(importance: ArrayLike, size: int, *, bounds: Bounds) -> Whole:
    """Share a whole size in whole numbers at the least variance Σ a_h²/n_h within bounds.

    Equal priorities go to the lowest stratum. Strata with importance get at least one answer
    where their upper bound allows it, since without one the variance is infinite. Strata without
    importance get their lower bound, and more only when all others are full.

    Parameters
    ----------
    importance : array of shape (H,)
        a_h, from 0, for example N_h·S_h.
    size : int
        n = Σ n_h.
    bounds : Bounds
        Lower bounds are rounded up, upper ones down.

    Returns
    -------
    array of int64, shape (H,)

    Raises
    ------
    InfeasibleError
        The size is below the sum of the lower bounds (with one for each stratum that varies), or
        above that of the upper ones; ``.nearest["size"]`` is the nearest that can be shared.
    AllocationError
        A negative or missing number, or columns of different length.

    References
    ----------
    Wright (2012), The equivalence of Neyman optimum allocation for sampling and equal proportions
    for apportioning the U.S. House of Representatives; Wright (2017), Exact optimal sample
    allocation. Checked against: tests/golden/sampling_r (``neyman_integer_…``) and every
    allocation of small cases.

    Examples
    --------
    >>> wright([494 * 1.806, 562 * 5.042, 752 * 7.137, 853 * 11.252], 24,
    ...        bounds=Bounds.of([2] * 4, [494, 562, 752, 853])).tolist()
    [2, 3, 7, 12]
    """
    weight = read_column(importance, "importance", like=bounds.lower)
    lower, upper = _whole_bounds(weight, bounds)
    _refuse_out_of_reach(size, lower, upper)
    varies = weight > 0
    sizes = lower.copy()
    share = min(size - int(lower[~varies].sum()), int(upper[varies].sum()))
    if varies.any():
        sizes[varies] = _greedy(
            Steps(importance=weight[varies], lower=lower[varies], upper=upper[varies]), share
        )
    return _topped_up(sizes, ~varies, upper, size)


def wright_for_variance(importance: ArrayLike, variance: float, *, bounds: Bounds) -> Whole:
    """Find the fewest answers, in whole numbers, whose Σ a_h²/n_h does not exceed a limit.

    Parameters
    ----------
    importance : array of shape (H,)
    variance : float
        The limit, above 0; add Σ a_h²/N_h where it has the finite correction taken off.
    bounds : Bounds

    Returns
    -------
    array of int64, shape (H,)

    Raises
    ------
    InfeasibleError
        Even the upper bounds leave more variance; ``.nearest["variance"]`` says how much.
    AllocationError
        A negative or missing number, or columns of different length.

    References
    ----------
    Wright (2017), algorithm IV.

    Examples
    --------
    >>> wright_for_variance([40.0, 20.0], 61.1, bounds=Bounds.of([1, 1], [100, 100])).tolist()
    [39, 20]
    """
    weight = read_column(importance, "importance", like=bounds.lower)
    lower, upper = _whole_bounds(weight, bounds)
    whole = Bounds(lower=lower.astype(np.float64), upper=upper.astype(np.float64))
    start = boxed_for_variance(weight, variance, bounds=whole)  # no whole allocation is smaller
    low, high = math.floor(float(start.sum()) * (1 - 1e-12)), int(np.ceil(start).sum())
    low, high = max(low, int(lower.sum())), min(high, int(upper.sum()))
    varies = weight > 0
    while low < high:
        middle = (low + high) // 2
        sizes = wright(weight, middle, bounds=whole)
        if np.sum(weight[varies] ** 2 / sizes[varies]) <= variance * (1 + 1e-12):
            high = middle
        else:
            low = middle + 1
    return wright(weight, low, bounds=whole)


def _whole_bounds(weight: Floats, bounds: Bounds) -> tuple[Whole, Whole]:
    """Make bounds whole, with one answer at least where something varies."""
    if not np.all(np.isfinite(bounds.upper)):
        raise AllocationError(
            f"{int(np.sum(~np.isfinite(bounds.upper)))} upper bounds are infinite; write N_h"
        )
    upper = np.floor(bounds.upper).astype(np.int64)
    lower = np.ceil(bounds.lower).astype(np.int64)
    lower = np.where(weight > 0, np.maximum(lower, np.minimum(upper, 1)), lower)
    if np.any(lower > upper):
        row = int(np.argmax(lower > upper))
        raise AllocationError(
            f"no whole number lies between the bounds of stratum {row}: "
            f"{bounds.lower[row]} and {bounds.upper[row]}"
        )
    return lower, upper


def _refuse_out_of_reach(size: int, lower: Whole, upper: Whole) -> None:
    """Refuse a size that the bounds cannot add up to."""
    least, most = int(lower.sum()), int(upper.sum())
    if least <= size <= most:
        return
    side, nearest = ("lower", least) if size < least else ("upper", most)
    raise InfeasibleError(
        f"{size} cannot be shared among {lower.size} strata: their {side} bounds add up to "
        f"{nearest} (one answer at least where something varies); plan for {nearest} or change "
        "the bounds",
        binding=(f"{side} bounds",),
        nearest={"size": float(nearest)},
    )


def _greedy(strata: Steps, size: int) -> Whole:
    """Take the steps of greatest priority until the size is shared."""
    least, most = int(strata.lower.sum()), int(strata.upper.sum())
    if size <= least or size >= most:
        return strata.lower if size <= least else strata.upper
    fewer, more = _bracket(strata, size)
    below, above = strata.sizes(fewer), strata.sizes(more)
    while int(above.sum() - below.sum()) > _FEW * strata.lower.size:
        middle = (fewer + more) / 2
        if not more < middle < fewer:
            break
        sizes = strata.sizes(middle)
        if int(sizes.sum()) <= size:
            fewer, below = middle, sizes
        else:
            more, above = middle, sizes
    return _last_steps(strata, below, above, size)


def _bracket(strata: Steps, size: int) -> tuple[float, float]:
    """Find two priorities, one that takes too few steps (or just enough) and one too many."""
    bounds = Bounds(lower=strata.lower.astype(np.float64), upper=strata.upper.astype(np.float64))
    _, factor = recursion(strata.importance, np.ones(strata.importance.shape), size, bounds)
    fewer = more = 1 / factor if factor > 0 else float(strata.importance.max())
    width = 2.0**-10
    while int(strata.sizes(fewer).sum()) > size:
        fewer, width = fewer * (1 + width), width * 2
    width = 2.0**-10
    while int(strata.sizes(more).sum()) < size:
        more, width = more / (1 + width), width * 2
    return fewer, more


def _last_steps(strata: Steps, below: Whole, above: Whole, size: int) -> Whole:
    """Sort the steps that are still in doubt and take the first of them."""
    count = above - below
    rows = np.repeat(np.arange(count.size), count)
    first = np.repeat(np.cumsum(count) - count, count)
    steps = np.repeat(below, count) + (np.arange(rows.size) - first)
    order = np.lexsort((rows, -_priority(strata.importance[rows], steps.astype(np.float64))))
    taken = rows[order[: size - int(below.sum())]]
    return below + np.bincount(taken, minlength=count.size)


def _topped_up(sizes: Whole, some: NDArray[np.bool_], upper: Whole, size: int) -> Whole:
    """Fill strata without importance, in their order, with what is left."""
    room = np.where(some, upper - sizes, 0)
    before = np.cumsum(room) - room
    filled: Whole = sizes + np.clip(size - int(sizes.sum()) - before, 0, room)
    return filled


def _priority(importance: Floats, steps: Floats) -> Floats:
    """Compute a/√(k(k + 1)), infinite for the first answer."""
    with np.errstate(divide="ignore"):
        result: Floats = importance / np.sqrt(steps * (steps + 1))
    return result
