"""Several precision targets at once: the cheapest sizes that meet every one of them.

One composite variance would let a province meet its target while a unit misses its own; here each
target is a constraint. The dual has one price per target, whatever the number of strata, and the
prices tell which targets cost money: the others are met for nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.allocation_rules import read_column, read_cost
from sampling.boxed import Bounds
from sampling.errors import AllocationError, InfeasibleError
from sampling.size_values import normal_quantile
from sampling.target_solver import MET, TargetProblem, over, solved, whole_optimum

__all__ = ["MultivariateAllocation", "PrecisionTarget", "allocate_for_targets", "mean_target"]

Floats = NDArray[np.float64]
_NAMED = 5  # targets written out in a message; the error holds them all


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
    prices, exact = solved(problem)
    sizes = whole_optimum(problem, exact, prices)
    if budget is not None and not float(problem.cost @ sizes) <= budget * MET:
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
) -> TargetProblem:
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
        rows.append(squares / (target.standard_error**2 + over(squares, people).sum()))
    price = np.ones_like(people) if cost is None else read_cost(cost, people)
    varies = np.any(np.array(rows) > 0, axis=0)
    one = np.where(varies, np.minimum(1.0, bounds.upper), 0.0)  # none that varies goes unasked
    limits = Bounds(lower=np.maximum(bounds.lower, one), upper=bounds.upper)
    return TargetProblem(names=names, squares=np.array(rows), cost=price, bounds=limits)


def _errors(targets: Sequence[PrecisionTarget], people: Floats, sizes: Floats) -> dict[str, float]:
    """Compute the standard error that sizes give each target."""
    return {
        target.name: float(
            np.sqrt(
                max(
                    0.0,
                    float((over(target.importance**2, sizes)).sum())
                    - float(over(target.importance**2, people).sum()),
                )
            )
        )
        for target in targets
    }


def _refuse_out_of_reach(problem: TargetProblem, targets: Sequence[PrecisionTarget]) -> None:
    """Refuse targets that the upper bounds miss."""
    used = problem.used(problem.bounds.upper)
    missed = [row for row in range(used.size) if used[row] > MET]
    if not missed:
        return
    nearest = {}
    for row in missed:
        target = targets[row]
        limit = _limit(target, problem, row)
        nearest[target.name] = float(
            np.sqrt(limit * used[row] - (limit - target.standard_error**2))
        )
    wanted = {target.name: target.standard_error for target in targets}
    named = [
        f"{name!r} wants a standard error of {wanted[name]:g}, {least:g} is the least"
        for name, least in list(nearest.items())[:_NAMED]
    ]
    more = f" and {len(missed) - _NAMED} more" if len(missed) > _NAMED else ""
    raise InfeasibleError(
        f"{len(missed)} of {len(targets)} targets are missed even at the upper bounds: "
        f"{'; '.join(named)}{more}; most of the variance stays in "
        f"{_worst_strata(problem, missed)}; allow these errors or raise these bounds",
        binding=tuple(nearest),
        nearest=nearest,
    )


def _worst_strata(problem: TargetProblem, missed: Sequence[int]) -> str:
    """Name the strata whose upper bounds leave the missed targets most variance."""
    left = over(problem.squares[list(missed)], problem.bounds.upper).sum(axis=0)
    worst = [int(row) for row in np.argsort(-left, kind="stable")[:3] if left[row] > 0]
    return ", ".join(f"stratum {row} (upper bound {problem.bounds.upper[row]:g})" for row in worst)


def _limit(target: PrecisionTarget, problem: TargetProblem, row: int) -> float:
    """Recover the limit of Σ a²/n that a target was scaled by."""
    widest = int(np.argmax(problem.squares[row]))
    return float(target.importance[widest] ** 2 / problem.squares[row, widest])


def _beyond_budget(
    problem: TargetProblem, targets: Sequence[PrecisionTarget], people: Floats, budget: float
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
    prices, exact = solved(problem)
    names = [name for name, price in zip(problem.names, prices, strict=True) if price > 0]
    needed = float(problem.cost @ whole_optimum(problem, exact, prices))
    return InfeasibleError(
        f"the targets cost {needed:g}, the budget is {budget:g}; what binds is "
        f"{', '.join(map(repr, names))}; they fit when every standard error is allowed "
        f"{high:.4g} times as wide, or for a budget of {needed:g}",
        binding=("budget", *names),
        nearest={target.name: target.standard_error * high for target in targets},
    )


def _cost_at(
    targets: Sequence[PrecisionTarget], people: Floats, problem: TargetProblem, factor: float
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
    prices, exact = solved(scaled)
    return float(scaled.cost @ whole_optimum(scaled, exact, prices))
