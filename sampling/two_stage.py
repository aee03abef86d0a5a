"""Two stages: how many clusters, and how many people in each, for a cost and a likeness.

Few large clusters are cheap to reach and tell little, many small ones the reverse. The whole
numbers here are the best of all pairs, not the rounded optimum of fractions.
"""

import math
from dataclasses import dataclass

import numpy as np

from sampling.clusters import design_effect
from sampling.errors import AllocationError, InfeasibleError

__all__ = [
    "TwoStage",
    "TwoStageCosts",
    "optimum_cluster_size",
    "two_stage_for_budget",
    "two_stage_for_error",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStageCosts:
    """What a cluster and a person in it cost, in one currency, and the limits of both numbers."""

    per_cluster: float
    per_person: float
    most_clusters: int
    most_people: int

    def __post_init__(self) -> None:
        if not (self.per_cluster >= 0 and self.per_person > 0):
            raise AllocationError(
                f"a cluster costs {self.per_cluster}, a person {self.per_person}; "
                "the first must be from 0, the second above 0"
            )
        if self.most_clusters < 1 or self.most_people < 1:
            raise AllocationError(
                f"at most {self.most_clusters} clusters of {self.most_people} people; "
                "both limits must be from 1"
            )

    def of(self, clusters: int, people: int) -> float:
        """Compute the cost of a design, without its fixed part.

        Parameters
        ----------
        clusters, people : int

        Returns
        -------
        float
        """
        return clusters * (self.per_cluster + self.per_person * people)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStage:
    """A two-stage design: clusters, people in each, its cost, and the standard error of a mean."""

    clusters: int
    people: int
    cost: float
    standard_error: float
    design_effect: float

    @property
    def size(self) -> int:
        """People in all."""
        return self.clusters * self.people


def optimum_cluster_size(costs: TwoStageCosts, icc: float) -> float:
    """Compute the best number of people per cluster, √(c₁/c₂·(1 − ρ)/ρ), not rounded.

    Parameters
    ----------
    costs : TwoStageCosts
    icc : float
        ρ; where it is not above 0 clusters cost nothing in precision, and the limit is best.

    Returns
    -------
    float
        Between 1 and ``costs.most_people``.

    Raises
    ------
    AllocationError
        ρ outside [−1, 1].

    References
    ----------
    Hansen, Hurwitz and Madow (1953), volume I, chapter 6, section 16; Cochran (1977), section
    10.6. PracTools calls it ``clusOpt2``. Checked against: all pairs of whole numbers.

    Examples
    --------
    >>> costs = TwoStageCosts(
    ...     per_cluster=750, per_person=100, most_clusters=500, most_people=200)
    >>> round(optimum_cluster_size(costs, 0.05), 1)
    11.9
    """
    _refuse_icc(icc)
    if icc <= 0:
        return float(costs.most_people)
    best = math.sqrt(costs.per_cluster / costs.per_person * (1 - icc) / icc)
    return min(max(best, 1.0), float(costs.most_people))


def two_stage_for_budget(
    budget: float, *, costs: TwoStageCosts, deviation: float, icc: float
) -> TwoStage:
    """Find the clusters and people per cluster of least variance that a budget pays for.

    V = S²·(1 + (m − 1)ρ)/(k·m), clusters drawn as if with replacement. All m are tried, each
    with the most clusters that the budget pays for; of equal variances the cheapest is taken.

    Parameters
    ----------
    budget : float
        Without fixed costs.
    costs : TwoStageCosts
    deviation : float
        S, above 0.
    icc : float
        ρ in [−1, 1].

    Returns
    -------
    TwoStage

    Raises
    ------
    InfeasibleError
        The budget does not pay for one cluster of one person.
    AllocationError
        S not above 0 or ρ outside [−1, 1].

    References
    ----------
    As `optimum_cluster_size`.

    Examples
    --------
    >>> costs = TwoStageCosts(
    ...     per_cluster=750, per_person=100, most_clusters=500, most_people=200)
    >>> design = two_stage_for_budget(100_000, costs=costs, deviation=1.0, icc=0.05)
    >>> design.clusters, design.people, round(design.standard_error, 4)
    (54, 11, 0.0503)
    """
    _refuse_icc(icc)
    if not math.isfinite(budget):
        raise AllocationError(f"the budget is {budget}; it must be a finite number")
    if costs.of(1, 1) > budget:
        raise InfeasibleError(
            f"a budget of {budget:g} does not pay for one cluster of one person; "
            f"that costs {costs.of(1, 1):g}",
            binding=("budget",),
            nearest={"budget": costs.of(1, 1)},
        )
    people = np.arange(1, costs.most_people + 1)
    paid = np.floor(budget / (costs.per_cluster + costs.per_person * people) * (1 + 1e-12))
    designs = [
        _design(min(int(count), costs.most_clusters), int(each), costs, deviation, icc)
        for count, each in zip(paid, people, strict=True)
        if count >= 1
    ]
    return min(designs, key=lambda design: (design.standard_error, design.cost))


def two_stage_for_error(
    standard_error: float, *, costs: TwoStageCosts, deviation: float, icc: float
) -> TwoStage:
    """Find the cheapest clusters and people per cluster that reach a standard error.

    Parameters
    ----------
    standard_error : float
        Of the mean, above 0.
    costs : TwoStageCosts
    deviation : float
        S, above 0.
    icc : float
        ρ in [−1, 1].

    Returns
    -------
    TwoStage

    Raises
    ------
    InfeasibleError
        Even all clusters with the most people each do not reach it; ``.nearest`` says what they
        reach.
    AllocationError
        An argument outside its range.

    References
    ----------
    As `optimum_cluster_size`.

    Examples
    --------
    >>> costs = TwoStageCosts(
    ...     per_cluster=750, per_person=100, most_clusters=500, most_people=200)
    >>> design = two_stage_for_error(0.05, costs=costs, deviation=1.0, icc=0.05)
    >>> design.clusters, design.people, design.cost
    (52, 12, 101400.0)
    """
    _refuse_icc(icc)
    if not standard_error > 0:
        raise AllocationError(f"the standard error wanted is {standard_error}; it must be above 0")
    designs = []
    for people in range(1, costs.most_people + 1):
        effect = design_effect(people, icc)
        needed = deviation**2 * effect / (people * standard_error**2)
        clusters = math.ceil(needed * (1 - 1e-12))
        if clusters <= costs.most_clusters:
            designs.append(_design(max(clusters, 1), people, costs, deviation, icc))
    if not designs:
        best = _design(costs.most_clusters, costs.most_people, costs, deviation, icc)
        raise InfeasibleError(
            f"a standard error of {standard_error:g} is out of reach: {costs.most_clusters} "
            f"clusters of {costs.most_people} people reach {best.standard_error:g}",
            binding=("most_clusters", "most_people"),
            nearest={"standard_error": best.standard_error},
        )
    return min(designs, key=lambda design: (design.cost, design.standard_error))


def _design(
    clusters: int, people: int, costs: TwoStageCosts, deviation: float, icc: float
) -> TwoStage:
    """Compute cost and precision of a pair of numbers."""
    if not (math.isfinite(deviation) and deviation > 0):
        raise AllocationError(f"deviation is {deviation}; it must be a finite number above 0")
    effect = design_effect(people, icc)
    return TwoStage(
        clusters=clusters,
        people=people,
        cost=float(costs.of(clusters, people)),
        standard_error=deviation * math.sqrt(effect / (clusters * people)),
        design_effect=effect,
    )


def _refuse_icc(icc: float) -> None:
    """Refuse a correlation that is none."""
    if not -1 <= icc <= 1:
        raise AllocationError(f"icc is {icc}; it must lie in [-1, 1]")
