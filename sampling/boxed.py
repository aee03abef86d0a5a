"""Optimum allocation within bounds: no stratum asked less than it needs or more than it has.

Recursive Neyman allocation (rnabox): share by Neyman's rule, take strata above their upper bound
out at it, share the rest again, and only then look below. The optimum is exact and needs no sort
and no tolerance; every round is one pass over the columns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.allocation_rules import read_column, read_cost
from sampling.errors import AllocationError, InfeasibleError

__all__ = ["Bounds", "boxed", "boxed_for_variance", "make_bounds"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bounds:
    """The least and the most that each stratum may be asked, arrays of shape (H,)."""

    lower: Floats
    upper: Floats

    def __post_init__(self) -> None:
        crossed = ~(self.lower <= self.upper)  # NaN crosses everything
        if self.lower.shape != self.upper.shape or crossed.any():
            row = int(np.argmax(crossed))
            raise AllocationError(
                f"{int(crossed.sum())} of {self.lower.size} strata must give more than they may: "
                f"stratum {row} at least {self.lower[row]:g}, at most {self.upper[row]:g}; "
                "a quota above N is taken whole with `make_bounds(…, minimum=…)`"
            )

    @classmethod
    def of(cls, lower: ArrayLike, upper: ArrayLike) -> "Bounds":
        """Read two columns.

        Parameters
        ----------
        lower, upper : array of shape (H,)
            From 0; the upper may be infinite.

        Returns
        -------
        Bounds

        Raises
        ------
        AllocationError
            A negative or missing bound, columns of different length, or lower above upper.

        Examples
        --------
        >>> Bounds.of([2, 2], [8, 40]).upper.tolist()
        [8.0, 40.0]
        """
        least = read_column(lower, "lower")
        most = np.asarray(upper, dtype=np.float64)
        read_column(np.where(np.isposinf(most), 0.0, most), "upper", like=least)
        return cls(lower=least, upper=most)


def make_bounds(
    population: ArrayLike,
    *,
    minimum: float = 2,
    maximum: float | None = None,
    take_all: ArrayLike | None = None,
) -> Bounds:
    """Make bounds from head counts: at least the minimum, at most N, take-all strata whole.

    A stratum smaller than the minimum is taken whole; a stratum of nobody gets 0.

    Parameters
    ----------
    population : array of shape (H,)
        N_h, from 0.
    minimum : float
        2 keeps the variance estimable.
    maximum : float, optional
        The most of any stratum that is not taken whole; no less than the minimum.
    take_all : array of bool, shape (H,), optional
        Strata taken whole.

    Returns
    -------
    Bounds

    Raises
    ------
    AllocationError
        A negative or missing N_h, a maximum below the minimum, or a stratum of nobody among
        those to be taken whole.

    Examples
    --------
    >>> limits = make_bounds([1, 40, 9], minimum=2, maximum=12, take_all=[False, False, True])
    >>> limits.lower.tolist(), limits.upper.tolist()
    ([1.0, 2.0, 9.0], [1.0, 12.0, 9.0])
    """
    people = read_column(population, "population")
    if not minimum >= 0 or not (maximum is None or maximum >= minimum):
        raise AllocationError(
            f"minimum is {minimum} and maximum {maximum}; 0 <= minimum <= maximum must hold"
        )
    whole = np.zeros(people.shape, bool) if take_all is None else np.asarray(take_all, bool)
    if whole.shape != people.shape:
        raise AllocationError(f"take_all has the shape {whole.shape}; it must be {people.shape}")
    if np.any(whole & (people == 0)):
        row = int(np.argmax(whole & (people == 0)))
        raise AllocationError(f"stratum {row} is to be taken whole but has nobody (N = 0)")
    most = people if maximum is None else np.minimum(people, maximum)
    return Bounds(
        lower=np.where(whole, people, np.minimum(people, minimum)),
        upper=np.where(whole, people, most),
    )


def boxed(
    importance: ArrayLike, size: float, *, bounds: Bounds, cost: ArrayLike | None = None
) -> Floats:
    """Share a size, or a budget, at the least variance Σ a_h²/n_h within bounds.

    Importance a_h = N_h·S_h gives Neyman's rule, N_h proportional allocation, `power_importance`
    Bankier's rule, all with bounds. Strata without importance get their lower bound, and more
    only when all others are full.

    Parameters
    ----------
    importance : array of shape (H,)
        a_h, from 0.
    size : float
        n = Σ n_h; with costs the budget Σ c_h·n_h.
    bounds : Bounds
    cost : array of shape (H,), optional
        c_h, above 0.

    Returns
    -------
    array of shape (H,)
        Not whole; `sampling.wright.wright` gives the best whole numbers.

    Raises
    ------
    InfeasibleError
        The size is below the sum of the lower bounds or above that of the upper ones; the error
        names which, and the nearest size.
    AllocationError
        A negative or missing number, or columns of different length.

    References
    ----------
    Wesołowski, Wieczorkowski and Wójciak (2021), Optimality of the recursive Neyman allocation;
    the same (2024) for rnabox; Stenger and Gabler (2005). Checked against:
    tests/golden/allocation_published (stratallo) and a bisection for λ.

    Examples
    --------
    >>> importance = [3000 * 48, 4000 * 79, 5000 * 76, 2000 * 16]
    >>> bounds = Bounds.of([100, 90, 500, 50], [300, 400, 800, 90])
    >>> boxed(importance, 1284, bounds=bounds).round(4).tolist()
    [228.9496, 400.0, 604.1727, 50.8777]
    """
    weight = read_column(importance, "importance", like=bounds.lower)
    price = np.ones_like(weight) if cost is None else read_cost(cost, weight)
    _refuse_out_of_reach(size, price, bounds)
    sizes, varies = bounds.lower.copy(), weight > 0
    for some, rule in ((varies, weight / np.sqrt(price)), (~varies, np.ones_like(weight))):
        if some.any():
            part = Bounds(lower=bounds.lower[some], upper=bounds.upper[some])
            rest = size - float(sizes[~some] @ price[~some])
            share = min(rest, float(part.upper @ price[some]))
            sizes[some], _ = recursion(rule[some], price[some], share, part)
    return sizes


def boxed_for_variance(
    importance: ArrayLike, variance: float, *, bounds: Bounds, cost: ArrayLike | None = None
) -> Floats:
    """Find the cheapest sizes within bounds whose Σ a_h²/n_h does not exceed a limit.

    For a variance with finite correction, add Σ a_h²/N_h to the limit. It is `boxed` in the shares
    a_h²/n_h of the variance.

    Parameters
    ----------
    importance : array of shape (H,)
        a_h, from 0.
    variance : float
        The limit, above 0.
    bounds : Bounds
    cost : array of shape (H,), optional
        c_h, above 0; all 1 by default, which gives the smallest n.

    Returns
    -------
    array of shape (H,)

    Raises
    ------
    InfeasibleError
        Even the upper bounds leave more variance; ``.nearest["variance"]`` says how much, and
        ``.binding`` names the strata that hold most of it.
    AllocationError
        A negative or missing number, or columns of different length.

    References
    ----------
    Wójciak (2023), Another solution of some optimum allocation problem. Checked against:
    the Lagrange condition
    and the inverse of `boxed`.

    Examples
    --------
    >>> bounds = Bounds.of([0, 0], [100, 100])
    >>> boxed_for_variance([40.0, 20.0], 60.0, bounds=bounds).tolist()
    [40.0, 20.0]
    """
    weight = read_column(importance, "importance", like=bounds.lower)
    price = np.ones_like(weight) if cost is None else read_cost(cost, weight)
    varies = weight > 0
    part = Bounds(lower=bounds.lower[varies], upper=bounds.upper[varies])
    squares = weight[varies] ** 2
    _refuse_too_little_variance(variance, squares, part, np.flatnonzero(varies))
    sizes = bounds.lower.copy()
    with np.errstate(divide="ignore"):
        parts = Bounds(lower=squares / part.upper, upper=squares / part.lower)
    if variance < parts.upper.sum():
        rule, ones = weight[varies] * np.sqrt(price[varies]), np.ones_like(squares)
        shares, _ = recursion(rule, ones, max(variance, float(parts.lower.sum())), parts)
        sizes[varies] = np.clip(squares / shares, part.lower, part.upper)
    return sizes


def recursion(rule: Floats, price: Floats, size: float, bounds: Bounds) -> tuple[Floats, float]:
    """Share a size in proportion to a rule within bounds, as rnabox does.

    Parameters
    ----------
    rule : array of shape (H,)
        a_h/√c_h, above 0.
    price : array of shape (H,)
        c_h, above 0.
    size : float
        Σ c_h·n_h, within reach of the bounds.
    bounds : Bounds

    Returns
    -------
    array of shape (H,), and float
        The sizes, and the factor λ of the rule in strata between their bounds (0 if there are
        none).
    """
    low = np.zeros(rule.shape, bool)
    while True:
        high = np.zeros(rule.shape, bool)
        while True:
            free = ~(low | high)
            fixed = bounds.lower[low] @ price[low] + bounds.upper[high] @ price[high]
            slope = float(rule[free] @ price[free])
            factor = float(size - fixed) / slope if slope > 0 else 0.0
            over = free & (factor * rule >= bounds.upper)
            if not over.any():
                break
            high |= over
        under = free & (factor * rule <= bounds.lower)
        if not under.any():
            sizes = np.where(high, bounds.upper, np.where(low, bounds.lower, factor * rule))
            return sizes, factor
        low |= under


def _refuse_out_of_reach(size: float, price: Floats, bounds: Bounds) -> None:
    """Refuse a size that the bounds cannot add up to."""
    if not np.isfinite(size):
        raise AllocationError(f"the size to share is {size}; it must be a finite number")
    least, most = float(bounds.lower @ price), float(bounds.upper @ price)
    slack = 1e-9 * max(1.0, least)
    if least - slack <= size <= most + slack:
        return
    side, nearest = ("lower", least) if size < least else ("upper", most)
    raise InfeasibleError(
        f"{size:g} cannot be shared among {price.size} strata: their {side} bounds add up to "
        f"{nearest:g}; plan for {nearest:g} or change the bounds",
        binding=(f"{side} bounds",),
        nearest={"size": nearest},
    )


def _refuse_too_little_variance(
    variance: float, squares: Floats, bounds: Bounds, rows: NDArray[np.int64]
) -> None:
    """Refuse a variance that the upper bounds do not reach."""
    if not variance > 0:
        raise AllocationError(f"the variance allowed is {variance}; it must be above 0")
    with np.errstate(divide="ignore"):
        parts = squares / bounds.upper
    least = float(parts.sum())
    if least <= variance * (1 + 1e-12):
        return
    worst = rows[np.argsort(-parts, kind="stable")[:3]]
    named = tuple(f"stratum {int(row)}" for row in worst)
    raise InfeasibleError(
        f"a variance of {variance:g} is out of reach: even the upper bounds of {rows.size} strata "
        f"leave {least:g}, most of it in {', '.join(named)}; raise their bounds or allow {least:g}",
        binding=named,
        nearest={"variance": least},
    )
