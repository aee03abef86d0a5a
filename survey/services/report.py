"""What each audience may see of an index: the only place that decides it.

A reader of class (a) to (d) gets a report in which what is not theirs does not exist; pages and
files draw the report they are given and never reach behind it for the document.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from stats.disclosure import (
    Content,
    ReleaseClass,
    ReleasedCriterion,
    may_see,
    merge_small_criteria,
    public_total,
)
from stats.index import CriterionPoints, ItemPoints, round_half_up
from survey.language import translations
from survey.rules.index_document import (
    CaseTotals,
    IndexDocument,
    IntervalResult,
    NoPoints,
    UnitGroupResult,
    UnitResult,
)
from survey.rules.report import (
    Cell,
    ChartUnit,
    Column,
    IndexReport,
    Kind,
    Mark,
    MarkText,
    ReportChart,
    ReportTable,
)

__all__ = ["index_report"]

_PUBLIC_PLACES = 1
_RATE_PLACES = 1
_PRECISE = 6


def index_report(
    document: IndexDocument, release: ReleaseClass, language: str, *, unit: str | None = None
) -> IndexReport:
    """Prepare what an audience may see.

    Parameters
    ----------
    document : IndexDocument
    release : ReleaseClass
        (a) public: totals to 0.1, ranks, response rates of unit groups. (b) unit: official totals,
        points of criteria with at least three items, the unit's response rate. (c) council:
        intervals, and bands where the round shows them. (d) statistician: everything.
    language : {"vi", "en"}
    unit : str, optional
        Code of the one unit whose row is wanted, for a page handed to that unit.

    Returns
    -------
    IndexReport
    """
    writer = _Writer(document, release, language)
    return writer.report(unit)


class _Writer:
    """Writes the report of one document for one audience in one language."""

    def __init__(self, document: IndexDocument, release: ReleaseClass, language: str) -> None:
        self.document = document
        self.release = release
        self.language = language
        self.gettext = translations(language).gettext
        self.places = document.provenance.scoring.places
        self.lines = merge_small_criteria(
            _criterion_shapes(document), {entry.code: entry.field for entry in document.criteria}
        )

    def sees(self, content: Content) -> bool:
        return may_see(self.release, content)

    def report(self, unit: str | None) -> IndexReport:
        _ = self.gettext
        simulated = _("SIMULATED DATA") if self.document.provenance.simulated else None
        surveyed = [group for group in self.document.unit_groups if group.units]
        tables = [self.units_table(group, unit) for group in surveyed]
        tables.append(self.responses_table(surveyed))
        if self.sees(Content.CRITERION_POINTS):
            tables.append(self.criteria_table())
        if self.sees(Content.GROUP):
            tables.append(self.strata_table(surveyed))
        if self.sees(Content.ITEM):
            tables.append(self.items_table(surveyed))
        charts = [self.chart(group) for group in surveyed] if unit is None else []
        return IndexReport(
            title=self.labelled(self.document.title.in_language(self.language)),
            subtitle=f"{self.document.province}, {self.document.year}",
            simulated=simulated,
            release=self.release,
            release_label=self.release_label(),
            language=self.language,
            tables=tuple(tables),
            charts=tuple(chart for chart in charts if chart.units),
            notes_title=_("Notes"),
            notes=tuple(self.notes()),
            provenance=tuple(self.provenance()),
        )

    def labelled(self, title: str) -> str:
        """Put the warning before a title where the answers are made up."""
        _ = self.gettext
        simulated = self.document.provenance.simulated
        return f"{_('SIMULATED DATA')} – {title}" if simulated else title

    def release_label(self) -> str:
        _ = self.gettext
        return {
            ReleaseClass.PUBLIC: _("For the public"),
            ReleaseClass.UNIT: _("For the unit concerned"),
            ReleaseClass.COUNCIL: _("For the appraisal council"),
            ReleaseClass.STATISTICIAN: _("For the statistician only"),
        }[self.release]

    def units_table(self, group: UnitGroupResult, unit: str | None) -> ReportTable:
        _ = self.gettext
        columns = self.unit_columns()
        rows = [
            tuple(self.unit_cell(entry, column.key) for column in columns)
            for entry in _in_order(group.units)
            if unit is None or entry.code == unit
        ]
        return ReportTable(
            key=group.code,
            title=self.labelled(group.label.in_language(self.language)),
            columns=tuple(columns),
            rows=tuple(rows),
            marks=self.marks(rows),
        )

    def unit_columns(self) -> list[Column]:
        _ = self.gettext
        maximum = _number(self.document.points_total, self.language)
        official = self.sees(Content.OFFICIAL_TOTAL)
        places = self.places if official else _PUBLIC_PLACES
        columns = [
            Column(key="rank", label=_("Rank"), kind=Kind.COUNT),
            Column(key="name", label=_("Unit"), kind=Kind.TEXT),
            Column(
                key="total",
                label=_("Points (of %(maximum)s)") % {"maximum": maximum},
                kind=Kind.NUMBER,
                places=places,
            ),
        ]
        if self.sees(Content.INTERVAL):
            level = f"{self.document.provenance.scoring.confidence_level:.0%}"
            for key, label in (("low", _("%(level)s interval: from")), ("high", _("to"))):
                columns.append(
                    Column(
                        key=key,
                        label=label % {"level": level},
                        kind=Kind.NUMBER,
                        places=self.places,
                    )
                )
            if self.document.bands.show:
                label = _("Band (illustration, no classification)")
                columns.append(Column(key="band", label=label, kind=Kind.TEXT))
        if self.sees(Content.RESPONSE_RATE):
            columns += [
                Column(key="valid", label=_("Valid answers"), kind=Kind.COUNT),
                Column(
                    key="rate", label=_("Response rate"), kind=Kind.PERCENT, places=_RATE_PLACES
                ),
            ]
        if self.sees(Content.CRITERION_POINTS):
            columns += [
                Column(
                    key=_line_key(line),
                    label=" + ".join(line.codes),
                    kind=Kind.NUMBER,
                    places=self.places,
                )
                for line in self.lines
            ]
        return [*columns, *(self.statistics_columns() if self.sees(Content.GROUP) else [])]

    def statistics_columns(self) -> list[Column]:
        _ = self.gettext
        return [
            Column(key="code", label=_("Code"), kind=Kind.TEXT),
            Column(key="selection", label=_("Selection"), kind=Kind.TEXT),
            Column(
                key="exact", label=_("Points before rounding"), kind=Kind.NUMBER, places=_PRECISE
            ),
            Column(key="se", label=_("Standard error"), kind=Kind.NUMBER, places=_PRECISE),
            Column(key="df", label=_("Degrees of freedom"), kind=Kind.NUMBER, places=2),
            Column(key="method", label=_("Method"), kind=Kind.TEXT),
            Column(key="notes", label=_("Notes"), kind=Kind.TEXT),
            Column(key="flags", label=_("Flags"), kind=Kind.TEXT),
            Column(key="too_fast", label=_("Under two minutes"), kind=Kind.COUNT),
            Column(key="group_differs", label=_("Other group than invited"), kind=Kind.COUNT),
            Column(key="straight_lines", label=_("Straight lines"), kind=Kind.COUNT),
            Column(key="identical_sets", label=_("Sets of identical answers"), kind=Kind.COUNT),
        ]

    def unit_cell(self, unit: UnitResult, key: str) -> Cell:
        if key in _PLAIN_CELLS:
            return _PLAIN_CELLS[key](unit)
        if key in {"total", "exact"}:
            return self.total_cell(unit, key)
        if key in {"low", "high", "se", "df"}:
            return self.interval_cell(unit, key)
        if key == "band":
            return self.band_cell(unit)
        return self.line_cell(unit, next(line for line in self.lines if _line_key(line) == key))

    def total_cell(self, unit: UnitResult, key: str) -> Cell:
        if unit.converted is None:
            return Mark.WITHHELD if unit.withheld is NoPoints.TOO_FEW_ANSWERS else Mark.NOBODY_ASKED
        if key == "exact":
            return round_half_up(unit.converted.exact, _PRECISE)
        if self.sees(Content.OFFICIAL_TOTAL):
            return unit.converted.rounded
        return public_total(unit.converted.exact, places=_PUBLIC_PLACES)

    def interval_cell(self, unit: UnitResult, key: str) -> Cell:
        if unit.converted is None:
            return Mark.WITHHELD
        if unit.interval is None:
            return Mark.NO_INTERVAL
        value: float | None = getattr(unit.interval, key)
        if value is None:
            return Mark.NOT_DEFINED
        places = {"se": _PRECISE, "df": 2}.get(key, self.places)
        return round_half_up(Fraction(value), places)

    def band_cell(self, unit: UnitResult) -> Cell:
        if unit.band is None:
            return Mark.WITHHELD
        labels = {band.code: band.label for band in self.document.bands.bands}
        return labels[unit.band].in_language(self.language)

    def line_cell(self, unit: UnitResult, line: ReleasedCriterion) -> Cell:
        members = [entry for entry in unit.criteria if entry.code in line.codes]
        points = [entry.points.exact for entry in members if entry.points is not None]
        if points:
            return round_half_up(sum(points, Fraction(0)), self.places)
        return _REASONS[members[0].reason]

    def responses_table(self, groups: Sequence[UnitGroupResult]) -> ReportTable:
        """Write the response rates of unit groups, which every audience sees."""
        _ = self.gettext
        columns = (
            Column(key="group", label=_("Unit group"), kind=Kind.TEXT),
            Column(key="units", label=_("Units"), kind=Kind.COUNT),
            *self.case_columns(),
        )
        rows = [
            (
                group.label.in_language(self.language),
                len(group.units),
                *_case_cells(group.cases),
            )
            for group in groups
        ]
        return ReportTable(
            key="responses",
            title=self.labelled(_("Response by unit group")),
            columns=columns,
            rows=tuple(rows),
            notes=(_("The response rate counts everybody not reached as eligible (AAPOR RR1)."),),
            marks=self.marks(rows),
        )

    def case_columns(self) -> tuple[Column, ...]:
        _ = self.gettext
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
        rate = Column(key="rate", label=_("Response rate"), kind=Kind.PERCENT, places=_RATE_PLACES)
        return (*counts, rate)

    def criteria_table(self) -> ReportTable:
        _ = self.gettext
        columns = (
            Column(key="code", label=_("Criterion"), kind=Kind.TEXT),
            Column(key="name", label=_("Name"), kind=Kind.TEXT),
            Column(key="maximum", label=_("Maximum"), kind=Kind.NUMBER, places=self.places),
            Column(key="items", label=_("Questions"), kind=Kind.COUNT),
        )
        rows = [
            (entry.code, entry.name.in_language(self.language), entry.maximum, len(entry.items))
            for entry in self.document.criteria
        ]
        notes = [
            _("%(codes)s are shown as one sum: a criterion of few questions would tell too much.")
            % {"codes": ", ".join(line.codes)}
            for line in self.lines
            if len(line.codes) > 1
        ]
        return ReportTable(
            key="criteria",
            title=self.labelled(_("Criteria")),
            columns=columns,
            rows=tuple(rows),
            notes=tuple(notes),
        )

    def strata_table(self, groups: Sequence[UnitGroupResult]) -> ReportTable:
        _ = self.gettext
        labels = {
            group.code: group.label.in_language(self.language)
            for group in self.document.respondent_groups
        }
        columns = (
            Column(key="code", label=_("Code"), kind=Kind.TEXT),
            Column(key="name", label=_("Unit"), kind=Kind.TEXT),
            Column(key="group", label=_("Respondent group"), kind=Kind.TEXT),
            Column(key="population", label=_("People (N)"), kind=Kind.COUNT),
            *self.case_columns(),
        )
        rows = [
            (unit.code, unit.name, labels[part.group], part.population, *_case_cells(part.cases))
            for group in groups
            for unit in group.units
            for part in unit.groups
        ]
        return ReportTable(
            key="strata",
            title=self.labelled(_("Response by unit and respondent group")),
            columns=columns,
            rows=tuple(rows),
            marks=self.marks(rows),
        )

    def items_table(self, groups: Sequence[UnitGroupResult]) -> ReportTable:
        _ = self.gettext
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
            title=self.labelled(_("Question scores (0 to 1)")),
            columns=columns,
            rows=tuple(rows),
            marks=self.marks(rows),
        )

    def chart(self, group: UnitGroupResult) -> ReportChart:
        _ = self.gettext
        shown = self.sees(Content.INTERVAL)
        label = group.label.in_language(self.language)
        level = f"{self.document.provenance.scoring.confidence_level:.0%}"
        return ReportChart(
            unit_group=group.code,
            title=self.labelled(f"{self.document.title.in_language(self.language)}: {label}"),
            subtitle=_("Dot: points; line: %(level)s interval") % {"level": level}
            if shown
            else _("Dot: points, to one decimal"),
            axis=_("Points (of %(maximum)s)")
            % {"maximum": _number(self.document.points_total, self.language)},
            maximum=self.document.points_total,
            places=self.places if shown else _PUBLIC_PLACES,
            units=tuple(
                self.chart_unit(unit, shown=shown)
                for unit in _in_order(group.units)
                if unit.converted is not None
            ),
            without_interval=_("Open dot: the sampling error cannot be computed"),
            withheld=tuple(unit.name for unit in group.units if unit.converted is None),
            withheld_title=_("Too few valid answers, not ranked:"),
            language=self.language,
        )

    def chart_unit(self, unit: UnitResult, *, shown: bool) -> ChartUnit:
        value = self.total_cell(unit, "total")
        assert isinstance(value, Decimal)  # noqa: S101 - units without points are left out
        assert unit.rank is not None  # noqa: S101 - the same
        interval = unit.interval if shown else None
        return ChartUnit(
            name=unit.name,
            rank=unit.rank,
            value=value,
            low=_end(interval, "low", self.places),
            high=_end(interval, "high", self.places),
            without_interval=shown and unit.interval is None,
        )

    def marks(self, rows: Iterable[tuple[Cell, ...]]) -> dict[Mark, MarkText]:
        """Explain the marks that stand in ``rows``."""
        _ = self.gettext
        minimum = self.document.provenance.scoring.minimum_answers
        texts = {
            Mark.WITHHELD: MarkText(
                sign=_("[few]"),
                meaning=_("fewer than %(minimum)s valid answers: not scored, not ranked")
                % {"minimum": minimum},
            ),
            Mark.NOT_APPLICABLE: MarkText(
                sign=_("[n/a]"), meaning=_("the criterion does not apply to the unit")
            ),
            Mark.NOBODY_ASKED: MarkText(
                sign=_("[none]"), meaning=_("no valid answer to these questions")
            ),
            Mark.NO_INTERVAL: MarkText(
                sign=_("[no]"), meaning=_("does not qualify for a sampling error")
            ),
            Mark.NOT_DEFINED: MarkText(sign="[–]", meaning=_("not defined")),
        }
        found = {cell for row in rows for cell in row if isinstance(cell, Mark)}
        return {mark: texts[mark] for mark in Mark if mark in found}

    def notes(self) -> list[str]:
        _ = self.gettext
        scoring = self.document.provenance.scoring
        notes = []
        if self.document.provenance.simulated:
            notes.append(_("All answers are simulated; the numbers say nothing about the units."))
        notes += [
            _(
                "Survey part only; points are converted to the full maximum where a criterion "
                "does not apply."
            ),
            _("Ranks follow points rounded to %(places)s decimals; equal points share a rank.")
            % {"places": scoring.places},
        ]
        notes += [
            _("%(group)s: %(count)s unit(s) without a sample are not in the index.")
            % {
                "group": group.label.in_language(self.language),
                "count": len(group.not_surveyed),
            }
            for group in self.document.unit_groups
            if group.not_surveyed
        ]
        if self.sees(Content.INTERVAL):
            notes += [
                _(
                    "An interval says how far the points might move had other people of the unit "
                    "been drawn; units whose intervals overlap widely are hardly different."
                ),
                _("An interval has no width where everybody answered everything."),
                _(
                    "A unit that chose its respondents itself, or did not certify the drawn list, "
                    "does not qualify for a sampling error."
                ),
            ]
            if self.document.bands.show:
                notes.append(
                    _("Bands: illustration, no classification. Source: %(source)s.")
                    % {"source": self.document.bands.source}
                )
        return notes

    def provenance(self) -> list[tuple[str, str]]:
        _ = self.gettext
        source = self.document.provenance
        lines = [(_("Round"), source.round_code)]
        if self.sees(Content.OFFICIAL_TOTAL):
            lines += [
                (_("Questionnaire"), f"{source.questionnaire} {source.questionnaire_version}"),
                (_("Questionnaire fingerprint"), source.questionnaire_fingerprint),
                (_("Sample plan digest"), source.plan_digest),
                (_("Value map"), source.scoring.value_map),
                (_("Weighting of respondent groups"), str(source.scoring.group_weighting)),
                (_("Questions not asked"), str(source.scoring.hidden_items)),
                (_("Ties"), str(source.scoring.ties)),
            ]
        return [*lines, (_("Software"), source.software)]


_PLAIN_CELLS: Mapping[str, Callable[[UnitResult], Cell]] = {
    "rank": lambda unit: Mark.WITHHELD if unit.rank is None else unit.rank,
    "name": lambda unit: unit.name,
    "code": lambda unit: unit.code,
    "valid": lambda unit: unit.cases.valid,
    "rate": lambda unit: _rate_cell(unit.cases),
    "selection": lambda unit: str(unit.no_interval or unit.selection),
    "method": lambda unit: unit.interval.method if unit.interval else Mark.NO_INTERVAL,
    "notes": lambda unit: ", ".join(unit.interval.notes) if unit.interval else Mark.NO_INTERVAL,
    "flags": lambda unit: ", ".join(unit.flags),
    "too_fast": lambda unit: unit.quality.too_fast,
    "group_differs": lambda unit: unit.quality.group_differs,
    "straight_lines": lambda unit: unit.quality.straight_lines,
    "identical_sets": lambda unit: unit.quality.identical_sets,
}

_REASONS: Mapping[NoPoints | None, Mark] = {
    NoPoints.TOO_FEW_ANSWERS: Mark.WITHHELD,
    NoPoints.NOT_APPLICABLE: Mark.NOT_APPLICABLE,
    NoPoints.NOBODY_ASKED: Mark.NOBODY_ASKED,
}


def _in_order(units: Sequence[UnitResult]) -> list[UnitResult]:
    """Best rank first, units without points last, by code where equal."""
    return sorted(units, key=lambda unit: (unit.rank is None, unit.rank or 0, unit.code))


def _line_key(line: ReleasedCriterion) -> str:
    return "+".join(line.codes)


def _criterion_shapes(document: IndexDocument) -> list[CriterionPoints]:
    return [
        CriterionPoints(
            code=entry.code,
            maximum=entry.maximum,
            items=tuple(ItemPoints(item=part.item, points=part.points) for part in entry.items),
        )
        for entry in document.criteria
    ]


def _rate_cell(cases: CaseTotals) -> Cell:
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
        _rate_cell(cases),
    )


def _item_cells(unit: UnitResult, items: Sequence[str]) -> list[Cell]:
    if unit.withheld is not None:
        return [Mark.WITHHELD] * len(items)
    scores = [unit.items.get(item) for item in items]
    return [Mark.NOBODY_ASKED if value is None else value for value in scores]


def _end(interval: IntervalResult | None, key: str, places: int) -> Decimal | None:
    return None if interval is None else round_half_up(Fraction(getattr(interval, key)), places)


def _number(value: Decimal, language: str) -> str:
    """Write a maximum without needless decimals: 22, or 2,5."""
    text = f"{value.normalize():f}"
    return text.replace(".", ",") if language == "vi" else text
