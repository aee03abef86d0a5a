"""What the dot-and-interval chart of a unit group shows."""

from decimal import Decimal
from fractions import Fraction

from stats.disclosure import Content
from stats.index import round_half_up
from survey.rules.index_document import IntervalResult, UnitGroupResult, UnitResult
from survey.rules.report import ChartUnit, ReportChart
from survey.services.report.certainty import caveat_of
from survey.services.report.edition import Edition, in_order, plain_number
from survey.services.report.units import PUBLIC_PLACES, total_cell

__all__ = ["chart_of"]


def chart_of(edition: Edition, group: UnitGroupResult) -> ReportChart:
    """Lay out the chart of one unit group, best unit first."""
    _ = edition.gettext
    shown = edition.sees(Content.INTERVAL)
    label = group.label.in_language(edition.language)
    return ReportChart(
        unit_group=group.code,
        title=edition.labelled(f"{edition.document.title.in_language(edition.language)}: {label}"),
        subtitle=_("Dot: points; line: %(level)s interval") % {"level": edition.level}
        if shown
        else _("Dot: points, to one decimal"),
        axis=_("Points (of %(maximum)s)")
        % {"maximum": plain_number(edition.document.points_total, edition.language)},
        maximum=edition.document.points_total,
        places=edition.places if shown else PUBLIC_PLACES,
        units=tuple(
            _chart_unit(edition, unit, shown=shown)
            for unit in in_order(group.units)
            if unit.converted is not None
        ),
        without_interval=_("Open dot: the sampling error cannot be computed"),
        withheld=tuple(unit.name for unit in group.units if unit.converted is None),
        withheld_title=_("Too few valid answers, not ranked:"),
        language=edition.language,
        caveat=caveat_of(edition, group),
    )


def _chart_unit(edition: Edition, unit: UnitResult, *, shown: bool) -> ChartUnit:
    value = total_cell(edition, unit, "total")
    assert isinstance(value, Decimal)  # noqa: S101 - units without points are left out
    assert unit.rank is not None  # noqa: S101 - the same
    interval = unit.interval if shown else None
    return ChartUnit(
        name=unit.name,
        rank=unit.rank,
        value=value,
        low=_end(interval, "low", edition.places),
        high=_end(interval, "high", edition.places),
        without_interval=shown and unit.interval is None,
    )


def _end(interval: IntervalResult | None, key: str, places: int) -> Decimal | None:
    return None if interval is None else round_half_up(Fraction(getattr(interval, key)), places)
