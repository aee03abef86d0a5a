"""Alternatives side by side: what each allocation costs and what it buys, per unit and overall.

An allocation is chosen by people who see n and money; this table puts the interval beside them.
Half-widths use t with Satterthwaite's degrees of freedom, as the results will, so a unit with one
answer in a group shows that no interval can be given.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.allocation_rules import read_column, read_cost
from sampling.errors import AllocationError
from sampling.precision import stratified_half_width
from sampling.size_values import Quantile

__all__ = ["Alternative", "PlanningStrata", "UnitOutlook", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanningStrata:
    """Strata as a plan sees them, columns of shape (H,): unit, group, N_h, S_h and unit costs.

    ``deviation`` is an expectation, from an earlier round or a guess; the half-widths are no
    better than it is.
    """

    unit: tuple[str, ...]
    group: tuple[str, ...]
    population: NDArray[np.int64]
    deviation: NDArray[np.float64]
    cost: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        keys: Sequence[tuple[str, str]],
        population: ArrayLike,
        *,
        deviation: ArrayLike,
        cost: ArrayLike | None = None,
    ) -> "PlanningStrata":
        """Read columns.

        Parameters
        ----------
        keys : sequence of (unit, group)
            Each once.
        population : array of shape (H,)
        deviation : array of shape (H,)
        cost : array of shape (H,), optional
            Of one answer, in any currency; 1 by default.

        Returns
        -------
        PlanningStrata

        Raises
        ------
        AllocationError
            Columns that do not fit, a negative or missing number, or a stratum given twice.
        """
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if list(keys).count(key) > 1)
            raise AllocationError(f"stratum {'/'.join(twice)} is given more than once; keep one")
        people = read_column(population, "population")
        if len(keys) != people.size:
            raise AllocationError(f"{len(keys)} strata are named, {people.size} have a head count")
        return cls(
            unit=tuple(unit for unit, _ in keys),
            group=tuple(group for _, group in keys),
            population=people.astype(np.int64),
            deviation=read_column(deviation, "deviation", like=people),
            cost=np.ones_like(people) if cost is None else read_cost(cost, people),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOutlook:
    """What an allocation promises one unit.

    ``half_width`` in the unit of the answers, infinite where no interval can be given;
    ``slovin_error`` is the error that Slovin's formula grants n of N, a proportion.
    """

    unit: str
    population: int
    size: int
    half_width: float
    slovin_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One allocation: total size, cost, the province's half-width, and each unit's outlook."""

    name: str
    sizes: tuple[int, ...]
    size: int
    cost: float
    half_width: float
    units: tuple[UnitOutlook, ...]

    @property
    def widest(self) -> UnitOutlook:
        """The unit that is served worst, the first of equals."""
        return max(self.units, key=lambda unit: unit.half_width)

    @property
    def mean_unit_half_width(self) -> float:
        """The plain mean over units, infinite if one is."""
        return sum(unit.half_width for unit in self.units) / len(self.units)


def compare(
    alternatives: Mapping[str, ArrayLike],
    strata: PlanningStrata,
    *,
    level: float = 0.95,
    quantile: Quantile = Quantile.STUDENT,
) -> tuple[Alternative, ...]:
    """Lay allocations side by side.

    The mean of a unit weights its groups by people, and so does that of the province.

    Parameters
    ----------
    alternatives : mapping of name to array of shape (H,)
        Whole sizes n_h, from 0 to N_h.
    strata : PlanningStrata
    level : float
    quantile : Quantile

    Returns
    -------
    tuple of Alternative
        In the order given.

    Raises
    ------
    AllocationError
        A size that is not whole or exceeds N_h, or a column of another length.

    Examples
    --------
    >>> strata = PlanningStrata.of(
    ...     [("SO01", "LD"), ("SO01", "CC")], [8, 40], deviation=[1.5, 3.4], cost=[50.0, 40.0])
    >>> quota, more = compare({"5 + 4": [5, 4], "5 + 9": [5, 9]}, strata)
    >>> quota.size, quota.cost, round(quota.half_width, 2), round(more.half_width, 2)
    (9, 410.0, 4.27, 1.92)
    """
    return tuple(
        _alternative(name, _whole(name, sizes, strata), strata, (level, quantile))
        for name, sizes in alternatives.items()
    )


def _alternative(
    name: str, sizes: NDArray[np.int64], strata: PlanningStrata, how: tuple[float, Quantile]
) -> Alternative:
    """Work out one allocation."""
    rows: dict[str, list[int]] = {}
    for row, unit in enumerate(strata.unit):
        rows.setdefault(unit, []).append(row)
    return Alternative(
        name=name,
        sizes=tuple(sizes.tolist()),
        size=int(sizes.sum()),
        cost=float(sizes @ strata.cost),
        half_width=_half_width(range(sizes.size), sizes, strata, how),
        units=tuple(_outlook(unit, found, sizes, strata, how) for unit, found in rows.items()),
    )


def _outlook(
    unit: str,
    rows: Sequence[int],
    sizes: NDArray[np.int64],
    strata: PlanningStrata,
    how: tuple[float, Quantile],
) -> UnitOutlook:
    """Work out one unit."""
    population, size = int(strata.population[rows].sum()), int(sizes[rows].sum())
    return UnitOutlook(
        unit=unit,
        population=population,
        size=size,
        half_width=_half_width(rows, sizes, strata, how),
        slovin_error=math.sqrt(1 / size - 1 / population) if size else math.inf,
    )


def _half_width(
    rows: Sequence[int],
    sizes: NDArray[np.int64],
    strata: PlanningStrata,
    how: tuple[float, Quantile],
) -> float:
    """Compute the half-width over some strata; infinite where there is nobody."""
    chosen = [
        (int(strata.population[row]), int(sizes[row]), float(strata.deviation[row])) for row in rows
    ]
    if not any(people for people, _, _ in chosen):
        return math.inf
    return stratified_half_width(chosen, level=how[0], quantile=how[1])


def _whole(name: str, sizes: ArrayLike, strata: PlanningStrata) -> NDArray[np.int64]:
    """Read sizes, refusing fractions and more people than there are."""
    values = read_column(sizes, name, like=strata.deviation)
    bad = (values != np.floor(values)) | (values > strata.population)
    if bad.any():
        row = int(np.argmax(bad))
        raise AllocationError(
            f"{name}: stratum {strata.unit[row]}/{strata.group[row]} has a size of {values[row]:g} "
            f"of {strata.population[row]} people ({int(bad.sum())} of {values.size} strata); "
            "sizes must be whole and at most N"
        )
    return values.astype(np.int64)
