"""The dot-and-interval chart of a unit group: ranked units, black on white.

Nothing depends on colour: a filled dot has an interval, an open one cannot have one, and units
without points are named below instead of being drawn at zero.
"""

from decimal import Decimal
from typing import Any

import altair as alt
import vl_convert

from survey.documents.typesetting import EMBEDDED_FONT, svg_to_png
from survey.documents.wording import decimal
from survey.rules.report import ChartUnit, IndexReport, ReportChart

__all__ = ["dot_interval_chart", "dot_interval_png"]

# Sans-serif faces of viewers' systems; all of them have the Vietnamese letters.
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_ROW = 24
_WIDTH = 330
_LABELS = 300
_PAD = 0.6
_VIETNAMESE = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}
_ENGLISH = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["$", ""]}


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

    The SVG is rasterised by Typst with its own fonts: vl-convert takes whatever fonts a machine
    has, and some of them lose Vietnamese letters.

    Raises
    ------
    LookupError
        The report has no chart of this unit group.
    """
    svg = _svg(_chart_of(report, unit_group)).replace(_FONT, EMBEDDED_FONT)
    return svg_to_png(svg, ppi=96 * scale)


def _chart_of(report: IndexReport, unit_group: str) -> ReportChart:
    chart = report.chart(unit_group)
    if chart is None:
        known = [found.unit_group for found in report.charts]
        raise LookupError(f"there is no chart of unit group {unit_group!r}; there are {known}")
    return chart


def _svg(chart: ReportChart) -> str:
    specification = _specification(chart)
    svg: str = vl_convert.vegalite_to_svg(specification, format_locale=_locale(chart))
    return svg


def _locale(chart: ReportChart) -> dict[str, Any]:
    return _VIETNAMESE if chart.language == "vi" else _ENGLISH


def _specification(chart: ReportChart) -> dict[str, Any]:
    drawing = alt.vconcat(_dots(chart), *_footer(chart), spacing=6).properties(
        title=alt.TitleParams(
            text=_wrapped(chart.title, 78),
            subtitle=[chart.subtitle],
            anchor="start",
            fontSize=15,
            subtitleFontSize=12,
            subtitleColor="black",
            offset=12,
        ),
        description=chart.title,
        background="white",
        padding={"left": 8, "right": 8, "top": 8, "bottom": 8},
    )
    specification: dict[str, Any] = (
        drawing.configure(font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="black",
            titleColor="black",
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            domainColor="black",
            tickColor="black",
        )
        .to_dict()
    )
    return specification


def _dots(chart: ReportChart) -> alt.LayerChart | alt.FacetChart:
    rows = [_row(unit, chart) for unit in chart.units]
    order = [row["label"] for row in rows]
    y = alt.Y(
        "label:N",
        sort=order,
        title=None,
        axis=alt.Axis(
            labelLimit=0,
            minExtent=_LABELS,
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
    base = alt.Chart(_values(rows)).encode(y=y)
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


def _values(rows: list[dict[str, Any]]) -> alt.Data:
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


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


def _footer(chart: ReportChart) -> list[alt.Chart]:
    """Write what the picture cannot show: open dots, and the units that are withheld."""
    lines = [chart.without_interval] if any(u.without_interval for u in chart.units) else []
    if chart.withheld:
        lines += _wrapped(f"{chart.withheld_title} {'; '.join(chart.withheld)}", 105)
    if not lines:
        return []
    values = [{"line": line, "place": place} for place, line in enumerate(lines)]
    return [
        alt.Chart(_values(values))
        .mark_text(align="left", baseline="top", fontSize=12, color="black")
        .encode(
            x=alt.value(-_LABELS),
            y=alt.Y("place:O", axis=None),
            text="line:N",
        )
        .properties(width=_WIDTH, height=18 * len(lines))
    ]


def _number(value: Decimal, chart: ReportChart) -> str:
    return decimal(value) if chart.language == "vi" else f"{value:f}"


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
