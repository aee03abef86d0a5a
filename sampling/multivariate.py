"""Several precision targets at once: the cheapest sizes that meet every one of them.

One composite variance would let a province meet its target while a unit misses its own; here each
target is a constraint. The dual has one price per target, whatever the number of strata, and the
prices tell which targets cost money: the others are met for nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds as Box
from scipy.optimize import minimize

from sampling.allocation_rules import read_column, read_cost
from sampling.boxed import Bounds
from sampling.errors import AllocationError, InfeasibleError
from sampling.size_values import normal_quantile
from sampling.wright import Steps

__all__ = ["MultivariateAllocation", "PrecisionTarget", "allocate_for_targets", "mean_target"]

Floats = NDArray[np.float64]
_MET = 1 + 1e-9  # a variance beyond its limit by less is met
_ROUNDS = 60  # of Chromy's update before the quasi-Newton search


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrecisionTarget:
    """One estimate and its greatest standard error: Σ a_h²(1/n_h − 1/N_h) ≤ se²."""

    name: str
    importance: Floats
    standard_error: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MultivariateAllocation:
    """The cheapest sizes, and which targets they are owed to.

    ``exact`` are the optimum's fractions, ``sizes`` whole numbers that meet all targets (few above
    the optimum: `cost` against ``least_cost``). ``prices`` gives by target what the total cost
    would fall by if its variance limit rose by 1 % (×0.01); targets of price 0 bind nothing.
    """

    exact: Floats
    sizes: NDArray[np.int64]
    cost: float
    least_cost: float
    prices: Mapping[str, float]
    standard_errors: Mapping[str, float]

    @property
    def binding(self) -> tuple[str, ...]:
        """Names of the targets that decide the sizes, the dearest first."""
        dear = [name for name, price in self.prices.items() if price > 1e-6 * self.least_cost]
        return tuple(sorted(dear, key=lambda name: -self.prices[name]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
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
        shares: Floats = _over(self.squares, sizes).sum(axis=1)
        return shares

    def slope(self, prices: Floats) -> Floats:
        """Compute how the dual value changes with the prices."""
        return self.used(self.sizes(prices)) - 1

    def least(self, prices: Floats) -> float:
        """Compute the dual value: no sizes that meet the targets cost less."""
        sizes = self.sizes(prices)
        return float(self.cost @ sizes + prices @ (self.used(sizes) - 1))


def mean_target(
    name: str,
    population: ArrayLike,
    deviation: ArrayLike,
    *,
    half_width: float,
    level: float = 0.95,
    domain: ArrayLike | None = None,
) -> PrecisionTarget:
    """Ask for the half-width of a population-weighted mean, of all strata or of a domain.

    Parameters
    ----------
    name : str
        What messages call it.
    population : array of shape (H,)
    deviation : array of shape (H,)
        S_h of the answer that the target is about.
    half_width : float
        Above 0, in the unit of the answers.
    level : float
        Normal quantile.
    domain : array of bool, shape (H,), optional
        The strata that belong to the domain; all by default.

    Returns
    -------
    PrecisionTarget

    Raises
    ------
    AllocationError
        A negative or missing number, a half-width not above 0, or a domain of nobody.

    Examples
    --------
    >>> target = mean_target("province", [30, 60], [3.0, 3.0], half_width=1.96)
    >>> target.importance.tolist(), round(target.standard_error, 4)
    ([1.0, 2.0], 1.0)
    """
    people = read_column(population, "population")
    spread = read_column(deviation, "deviation", like=people)
    inside = np.ones(people.shape, bool) if domain is None else np.asarray(domain, bool)
    everybody = float(people[inside].sum()) if inside.shape == people.shape else 0.0
    if not everybody > 0 or not half_width > 0:
        raise AllocationError(
            f"target {name!r} wants ±{half_width} for {everybody:g} people in "
            f"{int(inside.sum())} strata; it needs people and a half-width above 0"
        )
    return PrecisionTarget(
        name=name,
        importance=np.where(inside, people * spread / everybody, 0.0),
        standard_error=half_width / normal_quantile(level),
    )


def allocate_for_targets(
    targets: Sequence[PrecisionTarget],
    population: ArrayLike,
    *,
    bounds: Bounds,
    cost: ArrayLike | None = None,
    budget: float | None = None,
) -> MultivariateAllocation:
    """Find the cheapest sizes within bounds that meet all precision targets.

    The optimum has n_h² = Σ_j λ_j·a_jh²/c_h within bounds; Chromy's update brings the prices λ
    near, a bounded quasi-Newton search on the dual ends it. Whole sizes take the steps of greatest
    worth at these prices until all targets are met, less what no target needs.

    Parameters
    ----------
    targets : sequence of PrecisionTarget
        With different names.
    population : array of shape (H,)
        N_h of the finite corrections.
    bounds : Bounds
        Upper bounds finite.
    cost : array of shape (H,), optional
        c_h of one answer; 1 by default, which gives the smallest n.
    budget : float, optional
        The most that Σ c_h·n_h may be.

    Returns
    -------
    MultivariateAllocation

    Raises
    ------
    InfeasibleError
        Some targets are missed even at the upper bounds, or the budget is too small for all of
        them. ``.binding`` names what stands in the way, ``.nearest`` the standard error of each
        target that can be had.
    AllocationError
        No targets, two of one name, one not above 0, or columns that do not fit.

    References
    ----------
    Bethel (1989), Sample allocation in multivariate surveys; Chromy (1987), Design optimization
    with multiple objectives; Huddleston, Claypool and Hocking (1970). Checked against: Neyman for
    one target, a general solver for several, and the dual bound.

    Examples
    --------
    >>> people, bounds = [300, 600], Bounds.of([2, 2], [300, 600])
    >>> targets = [mean_target("province", people, [3.0, 3.0], half_width=0.5),
    ...            mean_target("first", people, [3.0, 3.0], half_width=1.0, domain=[True, False])]
    >>> plan = allocate_for_targets(targets, people, bounds=bounds)
    >>> plan.sizes.tolist(), plan.binding
    ([40, 80], ('province',))
    """
    people = read_column(population, "population", like=bounds.lower)
    problem = _problem(targets, people, bounds, cost)
    _refuse_out_of_reach(problem, targets)
    prices, exact = _solved(problem)
    sizes = _whole(problem, exact, prices)
    if budget is not None and not float(problem.cost @ sizes) <= budget * _MET:
        raise _beyond_budget(problem, targets, people, budget)
    return MultivariateAllocation(
        exact=exact,
        sizes=sizes,
        cost=float(problem.cost @ sizes),
        least_cost=problem.least(prices),
        prices=dict(zip(problem.names, prices.tolist(), strict=True)),
        standard_errors=_errors(targets, people, sizes.astype(np.float64)),
    )


def _problem(
    targets: Sequence[PrecisionTarget], people: Floats, bounds: Bounds, cost: ArrayLike | None
) -> _Problem:
    """Scale the targets so that each limit is 1."""
    names = tuple(target.name for target in targets)
    if not names or len(set(names)) < len(names):
        raise AllocationError(f"the {len(names)} targets are named {names}; give each its own name")
    if not np.all(np.isfinite(bounds.upper)):
        raise AllocationError("an upper bound is infinite; write N_h")
    rows = []
    for target in targets:
        squares = read_column(target.importance, target.name, like=people) ** 2
        if not target.standard_error > 0:
            raise AllocationError(f"target {target.name!r} wants {target.standard_error}, not > 0")
        rows.append(squares / (target.standard_error**2 + _over(squares, people).sum()))
    price = np.ones_like(people) if cost is None else read_cost(cost, people)
    varies = np.any(np.array(rows) > 0, axis=0)
    one = np.where(varies, np.minimum(1.0, bounds.upper), 0.0)  # none that varies goes unasked
    limits = Bounds(lower=np.maximum(bounds.lower, one), upper=bounds.upper)
    return _Problem(names=names, squares=np.array(rows), cost=price, bounds=limits)


def _over(squares: Floats, sizes: Floats) -> Floats:
    """Divide where there is something to divide; infinite where something varies unasked."""
    with np.errstate(divide="ignore"):
        each = np.where(sizes > 0, 1 / sizes, np.inf)
    result: Floats = np.multiply(squares, each, where=squares > 0, out=np.zeros_like(squares))
    return result


def _errors(targets: Sequence[PrecisionTarget], people: Floats, sizes: Floats) -> dict[str, float]:
    """Compute the standard error that sizes give each target."""
    return {
        target.name: float(
            np.sqrt(
                max(
                    0.0,
                    float((_over(target.importance**2, sizes)).sum())
                    - float(_over(target.importance**2, people).sum()),
                )
            )
        )
        for target in targets
    }


def _solved(problem: _Problem) -> tuple[Floats, Floats]:
    """Maximise the dual, and make the sizes at its prices meet the targets."""
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
    while (worst := float(problem.used(sizes).max())) > _MET:
        sizes = np.minimum(np.maximum(sizes * worst, 1e-6), problem.bounds.upper)
    return prices, sizes


def _whole(problem: _Problem, exact: Floats, prices: Floats) -> NDArray[np.int64]:
    """Make whole sizes that meet the targets, in two ways, and take the cheaper."""
    up = np.minimum(np.ceil(exact - 1e-9), np.floor(problem.bounds.upper))
    ways = [_trimmed(problem, sizes) for sizes in (up, _by_worth(problem, prices, up))]
    return min(ways, key=lambda sizes: float(problem.cost @ sizes)).astype(np.int64)


def _by_worth(problem: _Problem, prices: Floats, enough: Floats) -> Floats:
    """Take the steps of greatest worth at given prices until all targets are met."""
    worth = np.sqrt((prices @ problem.squares) / problem.cost)
    steps = Steps(
        importance=np.maximum(worth, np.finfo(float).tiny),
        lower=np.ceil(problem.bounds.lower).astype(np.int64),
        upper=np.floor(problem.bounds.upper).astype(np.int64),
    )
    few, many = 4.0, 0.25
    sizes = steps.sizes(many).astype(np.float64)
    if np.any(problem.used(sizes) > _MET):
        return enough
    for _ in range(40):
        middle = (few + many) / 2
        tried = steps.sizes(middle).astype(np.float64)
        if np.all(problem.used(tried) <= _MET):
            many, sizes = middle, tried
        else:
            few = middle
    return sizes


def _trimmed(problem: _Problem, sizes: Floats) -> Floats:
    """Take back what no target needs, one each, the dearest first."""
    sizes, used = sizes.copy(), problem.used(sizes)
    for row in np.argsort(-problem.cost, kind="stable"):
        if sizes[row] - 1 < max(problem.bounds.lower[row], float(problem.squares[:, row].any())):
            continue
        change = 1 / max(sizes[row] - 1, 1.0) - 1 / sizes[row]
        more = used + problem.squares[:, row] * change
        if np.all(more <= _MET):
            sizes[row], used = sizes[row] - 1, more
    return sizes


def _refuse_out_of_reach(problem: _Problem, targets: Sequence[PrecisionTarget]) -> None:
    """Refuse targets that the upper bounds miss."""
    used = problem.used(problem.bounds.upper)
    missed = [row for row in range(used.size) if used[row] > _MET]
    if not missed:
        return
    nearest = {}
    for row in missed:
        target = targets[row]
        limit = _limit(target, problem, row)
        nearest[target.name] = float(
            np.sqrt(limit * used[row] - (limit - target.standard_error**2))
        )
    first = targets[missed[0]]
    raise InfeasibleError(
        f"{len(missed)} of {len(targets)} targets are missed even at the upper bounds: "
        f"{first.name!r} wants a standard error of {first.standard_error:g}, "
        f"{nearest[first.name]:g} is the least; allow that or raise the bounds",
        binding=tuple(nearest),
        nearest=nearest,
    )


def _limit(target: PrecisionTarget, problem: _Problem, row: int) -> float:
    """Recover the limit of Σ a²/n that a target was scaled by."""
    widest = int(np.argmax(problem.squares[row]))
    return float(target.importance[widest] ** 2 / problem.squares[row, widest])


def _beyond_budget(
    problem: _Problem, targets: Sequence[PrecisionTarget], people: Floats, budget: float
) -> AllocationError:
    """Find the least factor that all standard errors must widen by to fit the budget."""
    if not budget > 0:
        return AllocationError(f"the budget is {budget}; it must be a number above 0")
    floor = float(problem.cost @ problem.bounds.lower)
    if floor > budget:
        return InfeasibleError(
            f"the lower bounds alone cost {floor:g}, the budget is {budget:g}",
            binding=("lower bounds", "budget"),
            nearest={"budget": floor},
        )
    low, high = 1.0, 2.0
    while _cost_at(targets, people, problem, high) > budget:
        low, high = high, 2 * high
    for _ in range(40):
        middle = (low + high) / 2
        if _cost_at(targets, people, problem, middle) > budget:
            low = middle
        else:
            high = middle
    prices, exact = _solved(problem)
    names = [name for name, price in zip(problem.names, prices, strict=True) if price > 0]
    needed = float(problem.cost @ _whole(problem, exact, prices))
    return InfeasibleError(
        f"the targets cost {needed:g}, the budget is {budget:g}; they fit when every standard "
        f"error is allowed {high:.4g} times as wide, or for a budget of {needed:g}",
        binding=("budget", *names),
        nearest={target.name: target.standard_error * high for target in targets},
    )


def _cost_at(
    targets: Sequence[PrecisionTarget], people: Floats, problem: _Problem, factor: float
) -> float:
    """Compute the cost in whole sizes when all standard errors are widened by a factor."""
    wider = [
        PrecisionTarget(
            name=target.name,
            importance=target.importance,
            standard_error=target.standard_error * factor,
        )
        for target in targets
    ]
    scaled = _problem(wider, people, problem.bounds, problem.cost)
    prices, exact = _solved(scaled)
    return float(scaled.cost @ _whole(scaled, exact, prices))
