"""The solver behind precision targets: prices in fractions first, then whole numbers.

The dual has one price per target, whatever the number of strata. SciPy's quasi-Newton search only
polishes the prices: sizes are computed from them and are made to meet every target here, so that
another release of the library may change the last person, never a promise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds as Box
from scipy.optimize import minimize

from sampling.boxed import Bounds
from sampling.wright import Steps

__all__ = ["MET", "TargetProblem", "over", "solved", "whole_optimum"]

Floats = NDArray[np.float64]
MET = 1 + 1e-9  # a variance beyond its limit by less is met
_ROUNDS = 60  # of Chromy's update before the quasi-Newton search


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TargetProblem:
    """Minimise Σ c·n subject to Σ A_jh/n_h ≤ 1 and bounds; A has a row per target."""

    names: tuple[str, ...]
    squares: Floats
    cost: Floats
    bounds: Bounds

    def sizes(self, prices: Floats) -> Floats:
        """Choose the best sizes at given prices of the targets."""
        worth = np.sqrt((prices @ self.squares) / self.cost)
        return np.clip(worth, self.bounds.lower, self.bounds.upper)

    def used(self, sizes: Floats) -> Floats:
        """Compute the share of each target's limit that is used, infinite where n is 0."""
        shares: Floats = over(self.squares, sizes).sum(axis=1)
        return shares

    def slope(self, prices: Floats) -> Floats:
        """Compute how the dual value changes with the prices."""
        return self.used(self.sizes(prices)) - 1

    def least(self, prices: Floats) -> float:
        """Compute the dual value: no sizes that meet the targets cost less."""
        sizes = self.sizes(prices)
        return float(self.cost @ sizes + prices @ (self.used(sizes) - 1))


def over(squares: Floats, sizes: Floats) -> Floats:
    """Divide where there is something to divide; infinite where something varies unasked.

    Parameters
    ----------
    squares : array of shape (H,) or (k, H)
        a², from 0.
    sizes : array of shape (H,)
        From 0.

    Returns
    -------
    array of the shape of squares

    Examples
    --------
    >>> over(np.array([4.0, 0.0, 1.0]), np.array([2.0, 0.0, 0.0])).tolist()
    [2.0, 0.0, inf]
    """
    with np.errstate(divide="ignore"):
        each = np.where(sizes > 0, 1 / sizes, np.inf)
    result: Floats = np.multiply(squares, each, where=squares > 0, out=np.zeros_like(squares))
    return result


def solved(problem: TargetProblem) -> tuple[Floats, Floats]:
    """Maximise the dual, and make the sizes at its prices meet the targets.

    Parameters
    ----------
    problem : TargetProblem of k targets and H strata
        That the upper bounds meet.

    Returns
    -------
    array of shape (k,), and array of shape (H,)
        Prices, and sizes in fractions.
    """
    start = np.full(len(problem.names), float(problem.cost @ problem.bounds.upper))
    for _ in range(_ROUNDS):
        used = np.minimum(problem.used(problem.sizes(start)), 1e6)
        start = np.maximum(start * used**2, 1e-12 * max(start.max(), 1e-300))
    unit = max(float(start.max()), 1e-300)

    def fall(prices: Floats) -> tuple[float, Floats]:
        return -problem.least(prices * unit) / unit, -problem.slope(prices * unit)

    found = minimize(
        fall,
        start / unit,
        jac=True,
        bounds=Box(0, np.inf),
        method="L-BFGS-B",
        options={"maxiter": 500, "ftol": 1e-15, "gtol": 1e-10},
    )
    prices = max((start, np.asarray(found.x, dtype=np.float64) * unit), key=problem.least)
    sizes = problem.sizes(prices)
    while (worst := float(problem.used(sizes).max())) > MET:
        sizes = np.minimum(np.maximum(sizes * worst, 1e-6), problem.bounds.upper)
    return prices, sizes


def whole_optimum(problem: TargetProblem, exact: Floats, prices: Floats) -> NDArray[np.int64]:
    """Make whole sizes that meet the targets, in two ways, and take the cheaper.

    Parameters
    ----------
    problem : TargetProblem
    exact : array of shape (H,)
    prices : array of shape (k,)
        Both of `solved`.

    Returns
    -------
    array of int64, shape (H,)
    """
    up = np.minimum(np.ceil(exact - 1e-9), np.floor(problem.bounds.upper))
    ways = [_trimmed(problem, sizes) for sizes in (up, _by_worth(problem, prices, up))]
    return min(ways, key=lambda sizes: float(problem.cost @ sizes)).astype(np.int64)


def _by_worth(problem: TargetProblem, prices: Floats, enough: Floats) -> Floats:
    """Take the steps of greatest worth at given prices until all targets are met."""
    worth = np.sqrt((prices @ problem.squares) / problem.cost)
    steps = Steps(
        importance=np.maximum(worth, np.finfo(float).tiny),
        lower=np.ceil(problem.bounds.lower).astype(np.int64),
        upper=np.floor(problem.bounds.upper).astype(np.int64),
    )
    few, many = 4.0, 0.25
    sizes = steps.sizes(many).astype(np.float64)
    if np.any(problem.used(sizes) > MET):
        return enough
    for _ in range(40):
        middle = (few + many) / 2
        tried = steps.sizes(middle).astype(np.float64)
        if np.all(problem.used(tried) <= MET):
            many, sizes = middle, tried
        else:
            few = middle
    return sizes


def _trimmed(problem: TargetProblem, sizes: Floats) -> Floats:
    """Take back what no target needs, one each, the dearest first."""
    sizes, used = sizes.copy(), problem.used(sizes)
    for row in np.argsort(-problem.cost, kind="stable"):
        if sizes[row] - 1 < max(problem.bounds.lower[row], float(problem.squares[:, row].any())):
            continue
        change = 1 / max(sizes[row] - 1, 1.0) - 1 / sizes[row]
        more = used + problem.squares[:, row] * change
        if np.all(more <= MET):
            sizes[row], used = sizes[row] - 1, more
    return sizes
