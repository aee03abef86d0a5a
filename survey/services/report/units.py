"""The units of a group, best first: as many columns as the audience may see."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from stats.disclosure import Content, ReleasedCriterion, public_total
from stats.index import round_half_up
from survey.rules.index_document import NoPoints, UnitGroupResult, UnitResult
from survey.rules.report import Cell, Column, Kind, Mark, ReportTable
from survey.services.report.edition import Edition, in_order, plain_number
from survey.services.report.marks import marks_in
from survey.services.report.tables import RATE_PLACES, rate_cell
from survey.services.report.words import in_words

__all__ = ["PUBLIC_PLACES", "total_cell", "units_table"]

PUBLIC_PLACES = 1
"""Decimals of points for those who may not see the official total."""

_PRECISE = 6


def units_table(edition: Edition, group: UnitGroupResult, unit: str | None) -> ReportTable:
    """Write the units of a group, or the one whose own page this is."""
    columns = _columns(edition)
    rows = [
        tuple(_cell(edition, entry, column.key) for column in columns)
        for entry in in_order(group.units)
        if unit is None or entry.code == unit
    ]
    return ReportTable(
        key=group.code,
        title=edition.labelled(group.label.in_language(edition.language)),
        columns=tuple(columns),
        rows=tuple(rows),
        marks=marks_in(edition, rows),
    )


def _columns(edition: Edition) -> list[Column]:
    columns = _total_columns(edition)
    if edition.sees(Content.INTERVAL):
        columns += _interval_columns(edition)
    if edition.sees(Content.RESPONSE_RATE):
        columns += _response_columns(edition)
    if edition.sees(Content.CRITERION_POINTS):
        columns += [
            Column(
                key=_line_key(line),
                label=" + ".join(line.codes),
                kind=Kind.NUMBER,
                places=edition.places,
            )
            for line in edition.lines
        ]
    if edition.sees(Content.GROUP):
        columns += _statistics_columns(edition)
    return columns


def _total_columns(edition: Edition) -> list[Column]:
    _ = edition.gettext
    maximum = plain_number(edition.document.points_total, edition.language)
    official = edition.sees(Content.OFFICIAL_TOTAL)
    return [
        Column(key="rank", label=_("Rank"), kind=Kind.COUNT),
        Column(key="name", label=_("Unit"), kind=Kind.TEXT),
        Column(
            key="total",
            label=_("Points (of %(maximum)s)") % {"maximum": maximum},
            kind=Kind.NUMBER,
            places=edition.places if official else PUBLIC_PLACES,
        ),
    ]


def _interval_columns(edition: Edition) -> list[Column]:
    _ = edition.gettext
    labels = {"low": _("%(level)s interval: from") % {"level": edition.level}, "high": _("to")}
    columns = [
        Column(key=key, label=label, kind=Kind.NUMBER, places=edition.places)
        for key, label in labels.items()
    ]
    if edition.document.bands.show:
        label = _("Band (illustration, no classification)")
        columns.append(Column(key="band", label=label, kind=Kind.TEXT))
    return columns


def _response_columns(edition: Edition) -> list[Column]:
    _ = edition.gettext
    return [
        Column(key="valid", label=_("Valid answers"), kind=Kind.COUNT),
        Column(key="rate", label=_("Response rate"), kind=Kind.PERCENT, places=RATE_PLACES),
    ]


def _statistics_columns(edition: Edition) -> list[Column]:
    _ = edition.gettext
    return [
        Column(key="code", label=_("Code"), kind=Kind.TEXT),
        Column(key="selection", label=_("Selection"), kind=Kind.TEXT),
        Column(key="exact", label=_("Points before rounding"), kind=Kind.NUMBER, places=_PRECISE),
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


def _cell(edition: Edition, unit: UnitResult, key: str) -> Cell:
    if key in _PLAIN_CELLS:
        return _PLAIN_CELLS[key](unit)
    if key in _CODED_CELLS:
        return _coded_cell(edition, unit, key)
    if key in {"total", "exact"}:
        return total_cell(edition, unit, key)
    if key in {"low", "high", "se", "df"}:
        return _interval_cell(edition, unit, key)
    if key == "band":
        return _band_cell(edition, unit)
    return _line_cell(edition, unit, next(line for line in edition.lines if _line_key(line) == key))


def _coded_cell(edition: Edition, unit: UnitResult, key: str) -> Cell:
    codes = _CODED_CELLS[key](unit)
    return Mark.NO_INTERVAL if codes is None else in_words(edition, key, codes)


def total_cell(edition: Edition, unit: UnitResult, key: str) -> Cell:
    """Give the points of a unit as the audience may see them, or why there are none."""
    if unit.converted is None:
        return Mark.WITHHELD if unit.withheld is NoPoints.TOO_FEW_ANSWERS else Mark.NOBODY_ASKED
    if key == "exact":
        return round_half_up(unit.converted.exact, _PRECISE)
    if edition.sees(Content.OFFICIAL_TOTAL):
        return unit.converted.rounded
    return public_total(unit.converted.exact, places=PUBLIC_PLACES)


def _interval_cell(edition: Edition, unit: UnitResult, key: str) -> Cell:
    if unit.converted is None:
        return Mark.WITHHELD
    if unit.interval is None:
        return Mark.NO_INTERVAL
    value: float | None = getattr(unit.interval, key)
    if value is None:
        return Mark.NOT_DEFINED
    places = {"se": _PRECISE, "df": 2}.get(key, edition.places)
    return round_half_up(Fraction(value), places)


def _band_cell(edition: Edition, unit: UnitResult) -> Cell:
    if unit.band is None:
        return Mark.WITHHELD
    labels = {band.code: band.label for band in edition.document.bands.bands}
    return labels[unit.band].in_language(edition.language)


def _line_cell(edition: Edition, unit: UnitResult, line: ReleasedCriterion) -> Cell:
    members = [entry for entry in unit.criteria if entry.code in line.codes]
    points = [entry.points.exact for entry in members if entry.points is not None]
    if points:
        return round_half_up(sum(points, Fraction(0)), edition.places)
    return _REASONS[members[0].reason]


def _line_key(line: ReleasedCriterion) -> str:
    return "+".join(line.codes)


_PLAIN_CELLS: Mapping[str, Callable[[UnitResult], Cell]] = {
    "rank": lambda unit: Mark.WITHHELD if unit.rank is None else unit.rank,
    "name": lambda unit: unit.name,
    "code": lambda unit: unit.code,
    "valid": lambda unit: unit.cases.valid,
    "rate": lambda unit: rate_cell(unit.cases),
    "too_fast": lambda unit: unit.quality.too_fast,
    "group_differs": lambda unit: unit.quality.group_differs,
    "straight_lines": lambda unit: unit.quality.straight_lines,
    "identical_sets": lambda unit: unit.quality.identical_sets,
}

_CODED_CELLS: Mapping[str, Callable[[UnitResult], str | None]] = {
    "selection": lambda unit: unit.no_interval or unit.selection,
    "method": lambda unit: unit.interval.method if unit.interval else None,
    "notes": lambda unit: ", ".join(unit.interval.notes) if unit.interval else None,
    "flags": lambda unit: ", ".join(unit.flags),
}

_REASONS: Mapping[NoPoints | None, Mark] = {
    NoPoints.TOO_FEW_ANSWERS: Mark.WITHHELD,
    NoPoints.NOT_APPLICABLE: Mark.NOT_APPLICABLE,
    NoPoints.NOBODY_ASKED: Mark.NOBODY_ASKED,
}
