"""How many people are asked in each stratum: fixed quotas here, and the door to all other rules.

A stratum smaller than its quota is taken whole and its shortfall is recorded; it is never topped
up from another group of the unit, because the groups are weighted apart. The rules that share a
total (`sampling.allocation_rules`, `boxed`, `wright`, `multivariate`, `rounding`, `two_stage`) work
on plain columns and are exported from here, with `compare` to lay their results side by side.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sampling.allocation_rules import (
    equal_allocation,
    largest_remainder,
    neyman_allocation,
    optimum_allocation,
    power_allocation,
    power_importance,
    proportional_allocation,
    total_variance,
)
from sampling.boxed import Bounds, boxed, boxed_for_variance, make_bounds
from sampling.comparison import Alternative, PlanningStrata, UnitOutlook, compare
from sampling.errors import QuotaError
from sampling.frame import Frame, FrameStratum, Selection, is_count, nfc, units_and_groups
from sampling.multivariate import (
    MultivariateAllocation,
    PrecisionTarget,
    allocate_for_targets,
    mean_target,
)
from sampling.rounding import controlled_rounding, unbiased_rounding
from sampling.two_stage import (
    TwoStage,
    TwoStageCosts,
    optimum_cluster_size,
    two_stage_for_budget,
    two_stage_for_error,
)
from sampling.wright import wright, wright_for_variance

__all__ = [
    "AllocatedStratum",
    "Allocation",
    "Alternative",
    "Bounds",
    "MultivariateAllocation",
    "NoQuota",
    "PlanningStrata",
    "PrecisionTarget",
    "Quota",
    "Total",
    "TwoStage",
    "TwoStageCosts",
    "UnitOutlook",
    "allocate",
    "allocate_for_targets",
    "boxed",
    "boxed_for_variance",
    "compare",
    "controlled_rounding",
    "equal_allocation",
    "largest_remainder",
    "make_bounds",
    "mean_target",
    "neyman_allocation",
    "optimum_allocation",
    "optimum_cluster_size",
    "power_allocation",
    "power_importance",
    "proportional_allocation",
    "total_variance",
    "two_stage_for_budget",
    "two_stage_for_error",
    "unbiased_rounding",
    "wright",
    "wright_for_variance",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """People to ask in every unit of a unit group, for one respondent group."""

    unit_group: str
    group: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoQuota:
    """Something in the frame that nobody asks: a stratum, or a unit whose staff is not counted."""

    unit: str
    unit_group: str
    group: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatedStratum:
    """A stratum with its planned size, the size it can give, and what is missing."""

    unit: str
    unit_group: str
    group: str
    population: int
    planned: int
    size: int
    shortfall: int
    selection: Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Sums over strata; ``units`` counts different units."""

    units: int
    population: int
    planned: int
    size: int
    shortfall: int


class _Sized(Protocol):
    """What a total adds up."""

    @property
    def unit(self) -> str: ...
    @property
    def unit_group(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def population(self) -> int: ...
    @property
    def planned(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def shortfall(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Sizes of all strata with a quota, ordered by unit and group, and what has no quota."""

    strata: tuple[AllocatedStratum, ...]
    without_quota: tuple[NoQuota, ...]

    def totals(self) -> dict[str, Total]:
        """Add up the strata of each unit group.

        Returns
        -------
        dict of str to Total
            By unit group.
        """
        return totals_by_unit_group(self.strata)

    def total(self) -> Total:
        """Add up all strata.

        Returns
        -------
        Total
        """
        return sum_strata(self.strata)


def allocate(frame: Frame, quotas: Sequence[Quota]) -> Allocation:
    """Give each stratum its planned size, its size min(planned, N) and its shortfall.

    Parameters
    ----------
    frame : Frame
        Assumed sound; `sampling.check_frame` says whether it is.
    quotas : sequence of Quota
        One per unit group and respondent group that is asked. Their order does not matter.

    Returns
    -------
    Allocation

    Raises
    ------
    QuotaError
        A quota is no whole number from 0 or given twice; no unit has its unit group; or a unit of
        its group lacks the stratum (write N = 0 if there is nobody) or is listed without head
        counts.

    Examples
    --------
    >>> small = FrameStratum(
    ...     unit="SO01", unit_group="cap_so", group="LD", population=3,
    ...     selection=Selection.POSITIONS)
    >>> quotas = [Quota(unit_group="cap_so", group="LD", size=5)]
    >>> stratum = allocate(Frame(strata=(small,)), quotas).strata[0]
    >>> stratum.planned, stratum.size, stratum.shortfall
    (5, 3, 2)
    """
    sizes = _sizes(quotas)
    _refuse_unmet_quotas(frame, sizes)
    asked = [stratum for stratum in frame.strata if _key(stratum) in sizes]
    strata = (_allocated(stratum, sizes[_key(stratum)]) for stratum in asked)
    unasked = _without_quota(frame, sizes)
    return Allocation(
        strata=tuple(sorted(strata, key=lambda stratum: (stratum.unit, stratum.group))),
        without_quota=tuple(sorted(unasked, key=lambda item: (item.unit, item.group or ""))),
    )


def sum_strata(strata: Iterable[_Sized]) -> Total:
    """Add up strata.

    Parameters
    ----------
    strata : iterable of strata with ``unit, population, planned, size, shortfall``

    Returns
    -------
    Total
    """
    strata = list(strata)
    return Total(
        units=len({stratum.unit for stratum in strata}),
        population=sum(stratum.population for stratum in strata),
        planned=sum(stratum.planned for stratum in strata),
        size=sum(stratum.size for stratum in strata),
        shortfall=sum(stratum.shortfall for stratum in strata),
    )


def totals_by_unit_group(strata: Sequence[_Sized]) -> dict[str, Total]:
    """Add up strata within each unit group.

    Parameters
    ----------
    strata : sequence of strata with ``unit_group`` and the columns of `sum_strata`

    Returns
    -------
    dict of str to Total
        By unit group, in the order of its code.
    """
    names = sorted({stratum.unit_group for stratum in strata})
    return {
        name: sum_strata(stratum for stratum in strata if stratum.unit_group == name)
        for name in names
    }


def _key(stratum: FrameStratum) -> tuple[str, str]:
    """Return the unit group and group that a quota is looked up by."""
    return nfc(stratum.unit_group), nfc(stratum.group)


def _sizes(quotas: Sequence[Quota]) -> dict[tuple[str, str], int]:
    """Index quotas, refusing repeated and negative ones."""
    keys = [(nfc(quota.unit_group), nfc(quota.group)) for quota in quotas]
    for (unit_group, group), count in Counter(keys).items():
        if count > 1:
            raise QuotaError(
                f"the quota of {unit_group}/{group} is given {count} times "
                f"among {len(quotas)} quotas; keep one"
            )
    for quota in quotas:
        if not is_count(quota.size):
            raise QuotaError(
                f"the quota of {quota.unit_group}/{quota.group} is {quota.size}; "
                "it must be a whole number from 0"
            )
    return dict(zip(keys, (quota.size for quota in quotas), strict=True))


def _refuse_unmet_quotas(frame: Frame, sizes: Mapping[tuple[str, str], int]) -> None:
    """Refuse quotas that would silently ask fewer units than their unit group has."""
    strata = {(nfc(stratum.unit), nfc(stratum.group)) for stratum in frame.strata}
    for unit_group, group in sizes:
        units = sorted({unit for unit, found in units_and_groups(frame) if found == unit_group})
        if not units:
            known = sorted({found for _, found in units_and_groups(frame)})
            raise QuotaError(
                f"the quota of {unit_group}/{group} meets no unit; unit groups of the frame: "
                f"{', '.join(known)}; correct the quota's unit group or add the units"
            )
        missing = [unit for unit in units if (unit, group) not in strata]
        if missing:
            raise QuotaError(
                f"{len(missing)} of {len(units)} units of {unit_group} have a quota but no head "
                f"count of group {group} (first: {', '.join(missing[:5])}); "
                "write N for each, 0 where there is nobody"
            )


def _without_quota(frame: Frame, sizes: Mapping[tuple[str, str], int]) -> Iterator[NoQuota]:
    """List the strata and the uncounted units that no quota asks."""
    for stratum in frame.strata:
        if _key(stratum) not in sizes:
            unit_group, group = _key(stratum)
            yield NoQuota(unit=nfc(stratum.unit), unit_group=unit_group, group=group)
    for unit in frame.uncounted:
        yield NoQuota(unit=nfc(unit.unit), unit_group=nfc(unit.unit_group), group=None)


def _allocated(stratum: FrameStratum, planned: int) -> AllocatedStratum:
    """Take min(planned, N) and record the rest as shortfall."""
    size = min(planned, stratum.population)
    unit_group, group = _key(stratum)
    return AllocatedStratum(
        unit=nfc(stratum.unit),
        unit_group=unit_group,
        group=group,
        population=stratum.population,
        planned=planned,
        size=size,
        shortfall=planned - size,
        selection=stratum.selection,
    )
