"""The sample plan as a person reads it: numbers, names and totals that every drawing shares.

The page, the workbook and the official document all draw these values, so that no two of them
can disagree; none of them adds anything up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sampling import Plan, PlannedStratum, Selection
from survey.rules.budget import Budget, budget_of
from survey.rules.outlook import Asked, Outlook, outlook
from survey.rules.round_document import BilingualText, RoundDocument, UnitGroupRule

__all__ = [
    "ListedUnit",
    "PlanCell",
    "PlanGroup",
    "PlanTable",
    "PlanTotal",
    "PlanUnit",
    "SelectedPlace",
    "build_plan_table",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedUnit:
    """A unit of the round as the register has it, to lay beside the plan."""

    round_unit_id: str
    code: str
    name: str
    unit_group: str
    selection: Selection
    list_date: date | None
    certified_at: datetime | None
    stratum_ids: Mapping[str, str]
    """Stratum id by respondent group."""

    names: Mapping[str, Mapping[int, str]]
    """Names by respondent group and position, where the staff list is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedPlace:
    """A drawn position of a staff list, with the person's name where the list is known."""

    position: int
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCell:
    """One respondent group of one unit."""

    stratum_id: str
    respondent_group: str
    population: int
    planned: int
    size: int
    shortfall: int
    selected: tuple[SelectedPlace, ...]
    """In the order of the slots; empty where the unit picks its people."""

    reserves: tuple[SelectedPlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTotal:
    """Sums over strata; ``respondent_group`` is None where they run over all groups."""

    respondent_group: str | None
    population: int
    planned: int
    size: int
    shortfall: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUnit:
    """One unit with its cells in the order of the round's respondent groups."""

    round_unit_id: str
    code: str
    name: str
    selection: Selection
    list_date: date | None
    certified_at: datetime | None
    cells: tuple[PlanCell, ...]
    """Empty where the unit's group has no quotas."""

    total: PlanTotal
    outlook: Outlook
    """Expected errors; none where the unit picks its people or none is asked."""

    @property
    def certified(self) -> bool:
        """Whether the unit's certificate has been recorded."""
        return self.certified_at is not None

    @property
    def needs_certificate(self) -> bool:
        """Whether the unit itself must apply drawn positions to its list, and certify it."""
        return self.selection is Selection.POSITIONS and self.total.size > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGroup:
    """Units that are ranked together, in the order of the register."""

    code: str
    label: BilingualText
    counted_as: str
    quotas: Mapping[str, int]
    """People to ask in each unit, by respondent group; empty where none are asked."""

    units: tuple[PlanUnit, ...]
    totals: tuple[PlanTotal, ...]
    """One per respondent group with a quota, in the round's order."""

    total: PlanTotal
    outlook: Outlook
    """Over the units whose people are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTable:
    """The whole plan, in the order of the round's document."""

    round_code: str
    seed: int
    method: str
    digest: str
    frame_digest: str
    drawn_at: datetime
    groups: tuple[PlanGroup, ...]
    totals: tuple[PlanTotal, ...]
    total: PlanTotal
    outlook: Outlook
    """Over the units whose people are drawn."""

    level: float
    """Of confidence, that the expected half-widths are for."""

    budget: Budget | None
    """None where the round declares no unit costs."""


def build_plan_table(
    plan: Plan, document: RoundDocument, units: Sequence[ListedUnit], *, drawn_at: datetime
) -> PlanTable:
    """Lay a plan out by unit group, unit and respondent group, with all its totals.

    Parameters
    ----------
    plan : Plan
    document : RoundDocument
        Gives the order of unit groups and respondent groups, and their labels.
    units : sequence of ListedUnit
        All units of the round, in the order in which they are to stand.
    drawn_at : datetime
        Aware.

    Returns
    -------
    PlanTable
    """
    strata = {(stratum.unit, stratum.group): stratum for stratum in plan.strata}
    how = _How(
        order=[group.code for group in document.respondent_groups],
        level=document.scoring.confidence_level,
    )
    groups = tuple(
        _group(rule, [unit for unit in units if unit.unit_group == rule.code], strata, how)
        for rule in document.unit_groups
    )
    laid_out = [unit for group in groups for unit in group.units]
    totals = _totals_by_group([cell for unit in laid_out for cell in unit.cells], how.order)
    total = _sum(totals)
    return PlanTable(
        round_code=document.code,
        seed=plan.seed,
        method=plan.method,
        digest=plan.digest,
        frame_digest=plan.frame_digest,
        drawn_at=drawn_at,
        groups=groups,
        totals=totals,
        total=total,
        outlook=_outlook(laid_out, how),
        level=how.level,
        budget=_budget(document, laid_out, total),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    """The order of respondent groups and the level of confidence."""

    order: Sequence[str]
    level: float


def _budget(document: RoundDocument, units: Sequence[PlanUnit], total: PlanTotal) -> Budget | None:
    """Compute what the sample costs, where the round says what things cost."""
    if document.costs is None:
        return None
    asked = sum(unit.total.size > 0 for unit in units)
    return budget_of(document.costs, forms=total.size, units=asked)


def _group(
    rule: UnitGroupRule,
    listed: Sequence[ListedUnit],
    strata: Mapping[tuple[str, str], PlannedStratum],
    how: _How,
) -> PlanGroup:
    """Lay out one unit group."""
    units = tuple(_unit(unit, strata, how) for unit in listed)
    totals = _totals_by_group([cell for unit in units for cell in unit.cells], how.order)
    return PlanGroup(
        code=rule.code,
        label=rule.label,
        counted_as=rule.counted_as,
        quotas={code: rule.quotas[code] for code in how.order if rule.quotas.get(code)},
        units=units,
        totals=totals,
        total=_sum(totals),
        outlook=_outlook(units, how),
    )


def _unit(
    unit: ListedUnit, strata: Mapping[tuple[str, str], PlannedStratum], how: _How
) -> PlanUnit:
    """Lay out one unit."""
    cells = tuple(
        _cell(unit, strata[unit.code, group]) for group in how.order if (unit.code, group) in strata
    )
    return PlanUnit(
        round_unit_id=unit.round_unit_id,
        code=unit.code,
        name=unit.name,
        selection=unit.selection,
        list_date=unit.list_date,
        certified_at=unit.certified_at,
        cells=cells,
        total=_sum(cells),
        outlook=outlook(_asked(unit.selection, cells), level=how.level),
    )


def _cell(unit: ListedUnit, stratum: PlannedStratum) -> PlanCell:
    """Lay out one stratum."""
    names = unit.names.get(stratum.group, {})
    return PlanCell(
        stratum_id=unit.stratum_ids[stratum.group],
        respondent_group=stratum.group,
        population=stratum.population,
        planned=stratum.planned,
        size=stratum.size,
        shortfall=stratum.shortfall,
        selected=_places(stratum.selected, names),
        reserves=_places(stratum.reserve, names),
    )


def _places(positions: Iterable[int], names: Mapping[int, str]) -> tuple[SelectedPlace, ...]:
    """Name the people at drawn positions."""
    return tuple(SelectedPlace(position=place, name=names.get(place)) for place in positions)


def _outlook(units: Sequence[PlanUnit], how: _How) -> Outlook:
    """Say what to expect over several units."""
    asked = [each for unit in units for each in _asked(unit.selection, unit.cells)]
    return outlook(asked, level=how.level)


def _asked(selection: Selection, cells: Sequence[PlanCell]) -> list[Asked]:
    """List the strata that chance draws from; people who were picked have no sampling error."""
    if selection is Selection.PICKED:
        return []
    return [Asked(population=cell.population, size=cell.size) for cell in cells]


def _totals_by_group(cells: Sequence[PlanCell], order: Sequence[str]) -> tuple[PlanTotal, ...]:
    """Add up cells by respondent group, in the round's order."""
    groups = [[cell for cell in cells if cell.respondent_group == code] for code in order]
    return tuple(_sum(found, found[0].respondent_group) for found in groups if found)


def _sum(
    parts: Sequence[PlanCell] | Sequence[PlanTotal], respondent_group: str | None = None
) -> PlanTotal:
    """Add up cells or totals."""
    return PlanTotal(
        respondent_group=respondent_group,
        population=sum(part.population for part in parts),
        planned=sum(part.planned for part in parts),
        size=sum(part.size for part in parts),
        shortfall=sum(part.shortfall for part in parts),
    )
