"""The dot-and-interval chart of a unit group: ranked units, black on white.

Nothing depends on colour: a filled dot has an interval, an open one cannot have one, and units
without points are named below instead of being drawn at zero.
"""

from decimal import Decimal
from typing import Any

import altair as alt

from survey.documents.chart_looks import LABELS, as_png, as_svg, footer, values, wrapped
from survey.documents.wording import decimal
from survey.rules.report import ChartUnit, IndexReport, ReportChart

__all__ = ["dot_interval_chart", "dot_interval_png"]

_ROW = 24
_WIDTH = 330
_PAD = 0.6


def dot_interval_chart(report: IndexReport, unit_group: str) -> bytes:
    """Draw the chart as SVG.

    Parameters
    ----------
    report : IndexReport
        Decides what is drawn; intervals appear where the report has them.
    unit_group : str

    Returns
    -------
    bytes
        SVG, UTF-8.

    Raises
    ------
    LookupError
        The report has no chart of this unit group.
    """
    return _svg(_chart_of(report, unit_group)).encode()


def dot_interval_png(report: IndexReport, unit_group: str, *, scale: float = 2) -> bytes:
    """Draw the chart as PNG, ``scale`` times 96 dots per inch.

    Raises
    ------
    LookupError
        The report has no chart of this unit group.
    """
    return as_png(_svg(_chart_of(report, unit_group)), scale=scale)


def _chart_of(report: IndexReport, unit_group: str) -> ReportChart:
    chart = report.chart(unit_group)
    if chart is None:
        known = [found.unit_group for found in report.charts]
        raise LookupError(f"there is no chart of unit group {unit_group!r}; there are {known}")
    return chart


def _svg(chart: ReportChart) -> str:
    subtitles = [chart.subtitle, *([chart.caveat] if chart.caveat else [])]
    parts = [_dots(chart), *footer(_below(chart), width=_WIDTH)]
    return as_svg(parts, title=chart.title, subtitles=subtitles, language=chart.language)


def _dots(chart: ReportChart) -> alt.LayerChart | alt.FacetChart:
    rows = [_row(unit, chart) for unit in chart.units]
    order = [row["label"] for row in rows]
    y = alt.Y(
        "label:N",
        sort=order,
        title=None,
        axis=alt.Axis(
            labelLimit=0,
            minExtent=LABELS,
            ticks=False,
            domain=False,
            grid=True,
            gridColor="#d0d0d0",
            gridDash=[1, 3],
        ),
    )
    lowest, highest = _ends(chart)
    scale = alt.Scale(domain=[lowest, highest], nice=False, zero=False)
    x = alt.X(
        "value:Q",
        scale=scale,
        title=chart.axis,
        axis=alt.Axis(grid=True, gridColor="#d0d0d0", tickCount=6, labelFlush=True),
    )
    base = alt.Chart(values(rows)).encode(y=y)
    line = base.mark_rule(color="black", strokeWidth=1.4).encode(
        x=alt.X("low:Q", scale=scale, title=chart.axis), x2="high:Q"
    )
    ends = [
        base.mark_tick(color="black", thickness=1.4, size=9).encode(
            x=alt.X(f"{end}:Q", scale=scale, title=chart.axis)
        )
        for end in ("low", "high")
    ]
    dot = base.mark_point(size=62, stroke="black", strokeWidth=1.6, opacity=1).encode(
        x=x, fill=alt.Fill("fill:N", scale=None)
    )
    written = base.mark_text(align="left", fontSize=12, color="black").encode(
        x=alt.value(_WIDTH + 10), text="written:N"
    )
    layers = [*([line, *ends] if any(row["low"] is not None for row in rows) else []), dot, written]
    return alt.layer(*layers).properties(width=_WIDTH, height=_ROW * len(rows))


def _row(unit: ChartUnit, chart: ReportChart) -> dict[str, Any]:
    written = _number(unit.value, chart)
    if unit.low is not None and unit.high is not None:
        written += f"  ({_number(unit.low, chart)} – {_number(unit.high, chart)})"
    return {
        "label": f"{unit.rank}. {unit.name}",
        "value": float(unit.value),
        "low": None if unit.low is None else float(unit.low),
        "high": None if unit.high is None else float(unit.high),
        "fill": "white" if unit.without_interval else "black",
        "written": written,
    }


def _ends(chart: ReportChart) -> tuple[float, float]:
    """Return the ends of the axis: all that is drawn and a little air, within 0 and the maximum."""
    found = [
        float(value)
        for unit in chart.units
        for value in (unit.value, unit.low, unit.high)
        if value is not None
    ]
    return max(0.0, min(found) - _PAD), min(float(chart.maximum), max(found) + _PAD)


def _below(chart: ReportChart) -> list[str]:
    """Write what the picture cannot show: open dots, and the units that are withheld."""
    lines = [chart.without_interval] if any(u.without_interval for u in chart.units) else []
    if chart.withheld:
        lines += wrapped(f"{chart.withheld_title} {'; '.join(chart.withheld)}", 105)
    return lines


def _number(value: Decimal, chart: ReportChart) -> str:
    return decimal(value) if chart.language == "vi" else f"{value:f}"
