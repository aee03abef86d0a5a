"""Band-probability strips of a unit group: a row a unit, a cell a band, the number in every cell.

The shade repeats the printed number, so nothing depends on seeing it, and nothing finer than what
is printed is in the file. Strips are not stacked bars: numbers rounded one by one need not add up.
"""

from typing import Any

import altair as alt

from survey.documents.chart_looks import LABELS, as_png, as_svg, footer, values, wrapped
from survey.rules.report import IndexReport, ReportStrips

__all__ = ["band_strips_chart", "band_strips_png"]

_ROW = 26
_CELL = 92
_LINE = 14  # characters of a band's name in one line
_DARKEST = 60  # of 255, so that white letters stand out and printing needs little ink
_WHITE_LETTERS = 70  # from this shade on, in per cent; at 60 black still has the better contrast


def band_strips_chart(report: IndexReport, key: str) -> bytes:
    """Draw the strips as SVG.

    Parameters
    ----------
    report : IndexReport
        Decides what is drawn.
    key : str
        Code of the unit group.

    Returns
    -------
    bytes
        SVG, UTF-8.

    Raises
    ------
    LookupError
        The report has no strips of this unit group.
    """
    return _svg(report, key).encode()


def band_strips_png(report: IndexReport, key: str, *, scale: float = 2) -> bytes:
    """Draw the strips as PNG, ``scale`` times 96 dots per inch.

    Raises
    ------
    LookupError
        The report has no strips of this unit group.
    """
    return as_png(_svg(report, key), scale=scale)


def _svg(report: IndexReport, key: str) -> str:
    strips = report.strip(key)
    if strips is None:
        known = [found.unit_group for found in report.strips]
        raise LookupError(f"there are no strips of unit group {key!r}; there are {known}")
    below = wrapped(f"{strips.left_out_title} {'; '.join(strips.left_out)}", 105)
    width = _CELL * len(strips.bands)
    parts = [_cells(strips, width), *footer(below if strips.left_out else [], width=width)]
    subtitles = [strips.subtitle, *([strips.caveat] if strips.caveat else [])]
    return as_svg(parts, title=strips.title, subtitles=subtitles, language=report.language)


def _cells(strips: ReportStrips, width: int) -> alt.LayerChart | alt.FacetChart:
    rows = _rows(strips)
    bands = ["\n".join(wrapped(band, _LINE)) for band in strips.bands]
    x = alt.X(
        "band:N",
        sort=bands,
        scale=alt.Scale(domain=bands, paddingInner=0.06, paddingOuter=0.03),
        title=None,
        axis=alt.Axis(
            orient="top",
            labelAngle=0,
            labelLimit=0,
            labelExpr="split(datum.value, '\\n')",
            ticks=False,
            domain=False,
        ),
    )
    y = alt.Y(
        "label:N",
        sort=list(dict.fromkeys(row["label"] for row in rows)),
        scale=alt.Scale(paddingInner=0.14, paddingOuter=0.07),
        title=None,
        axis=alt.Axis(labelLimit=0, minExtent=LABELS, ticks=False, domain=False),
    )
    base = alt.Chart(values(rows)).encode(x=x, y=y)
    box = base.mark_rect(opacity=1).encode(
        fill=alt.Fill("fill:N", scale=None),
        stroke=alt.Stroke("stroke:N", scale=None),
        strokeWidth=alt.StrokeWidth("line:Q", scale=None),
    )
    written = base.mark_text(fontSize=12).encode(
        text="written:N", color=alt.Color("letters:N", scale=None)
    )
    height = _ROW * len(strips.units)
    return alt.layer(box, written).properties(width=width, height=height)


def _rows(strips: ReportStrips) -> list[dict[str, Any]]:
    return [
        {
            "label": f"{unit.rank}. {unit.name}",
            "band": "\n".join(wrapped(band, _LINE)),
            "written": cell.text,
            "fill": _grey(cell.percent),
            "letters": "white" if cell.percent >= _WHITE_LETTERS else "black",
            "stroke": "black" if cell.official else "#c8c8c8",
            "line": 2.4 if cell.official else 0.8,
        }
        for unit in strips.units
        for band, cell in zip(strips.bands, unit.cells, strict=True)
    ]


def _grey(percent: int) -> str:
    level = round(255 - (255 - _DARKEST) * percent / 100)
    return f"#{level:02x}{level:02x}{level:02x}"
