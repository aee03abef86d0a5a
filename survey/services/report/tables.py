"""The tables beside the units: responses, criteria, strata, questions."""

from collections.abc import Sequence

from survey.rules.index_document import CaseTotals, UnitGroupResult, UnitResult
from survey.rules.report import Cell, Column, Kind, Mark, ReportTable
from survey.services.report.edition import Edition
from survey.services.report.marks import marks_in

__all__ = [
    "RATE_PLACES",
    "criteria_table",
    "items_table",
    "rate_cell",
    "responses_table",
    "strata_table",
]

RATE_PLACES = 1
"""Decimals of response rates, in per cent."""


def responses_table(edition: Edition, groups: Sequence[UnitGroupResult]) -> ReportTable:
    """Write the response rates of unit groups, which every audience sees."""
    _ = edition.gettext
    columns = (
        Column(key="group", label=_("Unit group"), kind=Kind.TEXT),
        Column(key="units", label=_("Units"), kind=Kind.COUNT),
        *_case_columns(edition),
    )
    rows = [
        (
            group.label.in_language(edition.language),
            len(group.units),
            *_case_cells(group.cases),
        )
        for group in groups
    ]
    return ReportTable(
        key="responses",
        title=edition.labelled(_("Response by unit group")),
        columns=columns,
        rows=tuple(rows),
        notes=(_("The response rate counts everybody not reached as eligible (AAPOR RR1)."),),
        marks=marks_in(edition, rows),
    )


def _case_columns(edition: Edition) -> tuple[Column, ...]:
    _ = edition.gettext
    labels = {
        "planned": _("Planned"),
        "shortfall": _("Shortfall"),
        "web": _("Web"),
        "paper": _("Paper"),
        "refused": _("Refused"),
        "ineligible": _("Ineligible"),
        "unreached": _("Not reached"),
        "valid": _("Valid answers"),
    }
    counts = [Column(key=key, label=label, kind=Kind.COUNT) for key, label in labels.items()]
    rate = Column(key="rate", label=_("Response rate"), kind=Kind.PERCENT, places=RATE_PLACES)
    return (*counts, rate)


def criteria_table(edition: Edition) -> ReportTable:
    """Write what the criteria are, and which of them are shown as one sum."""
    _ = edition.gettext
    columns = (
        Column(key="code", label=_("Criterion"), kind=Kind.TEXT),
        Column(key="name", label=_("Name"), kind=Kind.TEXT),
        Column(key="maximum", label=_("Maximum"), kind=Kind.NUMBER, places=edition.places),
        Column(key="items", label=_("Questions"), kind=Kind.COUNT),
    )
    rows = [
        (entry.code, entry.name.in_language(edition.language), entry.maximum, len(entry.items))
        for entry in edition.document.criteria
    ]
    notes = [
        _("%(codes)s are shown as one sum: a criterion of few questions would tell too much.")
        % {"codes": ", ".join(line.codes)}
        for line in edition.lines
        if len(line.codes) > 1
    ]
    return ReportTable(
        key="criteria",
        title=edition.labelled(_("Criteria")),
        columns=columns,
        rows=tuple(rows),
        notes=tuple(notes),
    )


def strata_table(edition: Edition, groups: Sequence[UnitGroupResult]) -> ReportTable:
    """Write the cases of every stratum."""
    _ = edition.gettext
    labels = {
        group.code: group.label.in_language(edition.language)
        for group in edition.document.respondent_groups
    }
    columns = (
        Column(key="code", label=_("Code"), kind=Kind.TEXT),
        Column(key="name", label=_("Unit"), kind=Kind.TEXT),
        Column(key="group", label=_("Respondent group"), kind=Kind.TEXT),
        Column(key="population", label=_("People (N)"), kind=Kind.COUNT),
        *_case_columns(edition),
    )
    rows = [
        (unit.code, unit.name, labels[part.group], part.population, *_case_cells(part.cases))
        for group in groups
        for unit in group.units
        for part in unit.groups
    ]
    return ReportTable(
        key="strata",
        title=edition.labelled(_("Response by unit and respondent group")),
        columns=columns,
        rows=tuple(rows),
        marks=marks_in(edition, rows),
    )


def items_table(edition: Edition, groups: Sequence[UnitGroupResult]) -> ReportTable:
    """Write the scores of every question by unit."""
    _ = edition.gettext
    units = [unit for group in groups for unit in group.units]
    items = list(dict.fromkeys(item for unit in units for item in unit.items))
    columns = (
        Column(key="code", label=_("Code"), kind=Kind.TEXT),
        Column(key="name", label=_("Unit"), kind=Kind.TEXT),
        *(Column(key=item, label=item, kind=Kind.NUMBER, places=4) for item in items),
    )
    rows = [(unit.code, unit.name, *_item_cells(unit, items)) for unit in units]
    return ReportTable(
        key="items",
        title=edition.labelled(_("Question scores (0 to 1)")),
        columns=columns,
        rows=tuple(rows),
        marks=marks_in(edition, rows),
    )


def rate_cell(cases: CaseTotals) -> Cell:
    """Give a response rate, or the mark of one that is not defined."""
    return Mark.NOT_DEFINED if cases.response_rate is None else cases.response_rate


def _case_cells(cases: CaseTotals) -> tuple[Cell, ...]:
    return (
        cases.planned,
        cases.shortfall,
        cases.web,
        cases.paper,
        cases.refused,
        cases.ineligible,
        cases.unreached,
        cases.valid,
        rate_cell(cases),
    )


def _item_cells(unit: UnitResult, items: Sequence[str]) -> list[Cell]:
    if unit.withheld is not None:
        return [Mark.WITHHELD] * len(items)
    scores = [unit.items.get(item) for item in items]
    return [Mark.NOBODY_ASKED if value is None else value for value in scores]
