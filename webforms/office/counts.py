"""Sums that only a page needs: responses by unit and group, the register by unit group.

Pure, and counts only: nothing here, or on the pages that show it, says who has answered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from survey.services.register_view import RegisteredUnit
from survey.services.watch import StratumProgress

__all__ = [
    "Counts",
    "MonitoredGroup",
    "MonitoredUnit",
    "RegisteredGroup",
    "monitor",
    "registered",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Counts over one or more strata."""

    invited: int
    answered: int
    """Sent on the web, or keyed twice and sealed from paper."""

    paper_out: int
    refused: int
    ineligible: int

    @classmethod
    def over(cls, strata: Iterable[StratumProgress]) -> Self:
        """Add up strata."""
        rows = list(strata)
        return cls(
            invited=sum(row.invited for row in rows),
            answered=sum(row.used + row.paper_sealed for row in rows),
            paper_out=sum(row.paper_out for row in rows),
            refused=sum(row.refused for row in rows),
            ineligible=sum(row.ineligible for row in rows),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoredUnit:
    """A unit: its strata and their sum."""

    round_unit_id: str
    code: str
    name: str
    groups: tuple[tuple[str, Counts], ...]
    """Code of the respondent group and its counts."""

    total: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoredGroup:
    """The units ranked together: each of them, and all of them."""

    code: str
    units: tuple[MonitoredUnit, ...]
    total: Counts


def monitor(
    progress: Sequence[StratumProgress], unit_groups: Iterable[str]
) -> list[MonitoredGroup]:
    """Add up the strata by unit and unit group.

    Parameters
    ----------
    progress : counts by stratum
    unit_groups : codes in the order in which they are to stand; those without strata are left out

    Returns
    -------
    list of MonitoredGroup
        Units in the order of ``progress``.
    """
    return [
        MonitoredGroup(code=code, units=_units(rows), total=Counts.over(rows))
        for code in unit_groups
        if (rows := [row for row in progress if row.unit_group == code])
    ]


def _units(strata: Sequence[StratumProgress]) -> tuple[MonitoredUnit, ...]:
    by_unit: dict[str, list[StratumProgress]] = {}
    for row in strata:
        by_unit.setdefault(row.round_unit_id, []).append(row)
    return tuple(
        MonitoredUnit(
            round_unit_id=round_unit_id,
            code=rows[0].unit_code,
            name=rows[0].unit_name,
            groups=tuple((row.respondent_group, Counts.over([row])) for row in rows),
            total=Counts.over(rows),
        )
        for round_unit_id, rows in by_unit.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredGroup:
    """A unit group of the register: its units, and the people of all of them."""

    code: str
    units: tuple[RegisteredUnit, ...]
    population: int


def registered(
    units: Sequence[RegisteredUnit], unit_groups: Iterable[str]
) -> list[RegisteredGroup]:
    """Lay the register out by unit group; groups without units are left out."""
    return [
        RegisteredGroup(code=code, units=found, population=sum(unit.population for unit in found))
        for code in unit_groups
        if (found := tuple(unit for unit in units if unit.unit_group == code))
    ]
