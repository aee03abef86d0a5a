"""Other ways to share the same number of forms, laid beside the quotas that the round declares.

Units that pick their people are left out: whatever their n, it buys no interval. Every stratum with
people keeps at least one form, because a group that nobody speaks for cannot be weighted in.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sampling import Frame, Quota, Selection, allocate
from sampling.boxed import make_bounds
from sampling.comparison import PlanningStrata, compare
from sampling.size_values import Quantile
from sampling.wright import wright
from survey.rules.budget import Budget, budget_of
from survey.rules.outlook import deviation
from survey.rules.round_document import CostRule

__all__ = ["SMALL_UNIT", "Outcome", "Rule", "alternatives"]

SMALL_UNIT = 20
"""A unit of at most so many people is asked whole in the census of small units."""


class Rule(StrEnum):
    """How the forms are shared."""

    DECLARED = "declared"
    EQUAL = "equal"
    PROPORTIONAL = "proportional"
    NEYMAN = "neyman"
    POWER = "power"
    SMALL_UNITS = "small_units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one way of sharing costs and buys; half-widths are shares of 1."""

    rule: Rule
    size: int
    budget: Budget | None
    narrowest: float
    median: float
    widest: float
    widest_unit: str
    """Code of the unit that is served worst, the first of equals."""

    province: float


def alternatives(
    frame: Frame, quotas: Sequence[Quota], *, level: float, costs: CostRule | None
) -> tuple[Outcome, ...]:
    """Lay the declared quotas beside five other ways to share as many forms.

    Equal: every group of every unit alike. Proportional to people. Neyman: to N·S, with S of a
    proportion of one half. Power: to √N, between the first two (Bankier's rule). Census of small
    units: the smallest units whole, the rest in proportion.

    Parameters
    ----------
    frame : Frame
        Sound, as `sampling.check_frame` says.
    quotas : sequence of Quota
    level : float
        Of confidence.
    costs : CostRule or None

    Returns
    -------
    tuple of Outcome
        In the order of `Rule`; empty where no unit has its people drawn.

    Raises
    ------
    InfeasibleError
        The declared quotas give fewer forms than there are groups with people.

    References
    ----------
    Wright (2012) for whole sizes; Bankier (1988) for the power rule.
    """
    chosen = [
        stratum
        for stratum in allocate(frame, quotas).strata
        if stratum.selection is not Selection.PICKED and stratum.population
    ]
    if not chosen:
        return ()
    strata = PlanningStrata.of(
        [(stratum.unit, stratum.group) for stratum in chosen],
        [stratum.population for stratum in chosen],
        deviation=[deviation(stratum.population) for stratum in chosen],
    )
    sizes = _sizes(strata, np.array([stratum.size for stratum in chosen], dtype=np.int64))
    found = compare(sizes, strata, level=level, quantile=Quantile.NORMAL)
    return tuple(
        Outcome(
            rule=Rule(each.name),
            size=each.size,
            budget=_budget(costs, each.size, sum(unit.size > 0 for unit in each.units)),
            narrowest=min(unit.half_width for unit in each.units),
            median=_median([unit.half_width for unit in each.units]),
            widest=each.widest.half_width,
            widest_unit=each.widest.unit,
            province=each.half_width,
        )
        for each in found
    )


def _sizes(strata: PlanningStrata, declared: NDArray[np.int64]) -> Mapping[str, NDArray[np.int64]]:
    """Share the declared total by every rule, in whole numbers from 1 to N."""
    people = strata.population.astype(np.float64)
    total = int(declared.sum())
    free = make_bounds(people, minimum=1)
    importance: Mapping[str, NDArray[np.float64]] = {
        Rule.EQUAL: np.ones_like(people),
        Rule.PROPORTIONAL: people,
        Rule.NEYMAN: people * strata.deviation,
        Rule.POWER: np.sqrt(people),
    }
    shared = {rule: wright(weight, total, bounds=free) for rule, weight in importance.items()}
    small = make_bounds(people, minimum=1, take_all=_small_units(strata, total))
    return {
        Rule.DECLARED: declared,
        **shared,
        Rule.SMALL_UNITS: wright(people, total, bounds=small),
    }


def _small_units(strata: PlanningStrata, total: int) -> NDArray[np.bool_]:
    """Mark the smallest units, as long as every other stratum still gets a form."""
    rows: dict[str, list[int]] = {}
    for row, unit in enumerate(strata.unit):
        rows.setdefault(unit, []).append(row)
    whole = np.zeros(strata.population.shape, dtype=bool)
    heads = {unit: int(strata.population[found].sum()) for unit, found in rows.items()}
    needed = whole.size
    for unit in sorted(heads, key=lambda code: (heads[code], code)):
        more = heads[unit] - len(rows[unit])
        if heads[unit] > SMALL_UNIT or needed + more > total:
            break
        whole[rows[unit]] = True
        needed += more
    return whole


def _budget(costs: CostRule | None, forms: int, units: int) -> Budget | None:
    """Compute the cost of so many forms."""
    return None if costs is None else budget_of(costs, forms=forms, units=units)


def _median(values: Sequence[float]) -> float:
    """Compute the median; of an even number of values, the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2 or math.isinf(ordered[middle]):
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
