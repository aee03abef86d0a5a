"""What the charts of an index have in common: black on white, titles, lines below, SVG and PNG."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import vl_convert

from survey.documents.typesetting import EMBEDDED_FONT, svg_to_png

__all__ = ["LABELS", "as_png", "as_svg", "footer", "values", "wrapped"]

# Sans-serif faces of viewers' systems; all of them have the Vietnamese letters.
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_VIETNAMESE = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}
_ENGLISH = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["$", ""]}
_TITLE_CHARACTERS = 78

LABELS = 300
"""Pixels for the names of units."""


def as_svg(
    parts: Sequence[alt.Chart | alt.LayerChart | alt.FacetChart],
    *,
    title: str,
    subtitles: Sequence[str],
    language: str,
) -> str:
    """Draw parts below each other, under a title.

    Parameters
    ----------
    parts : sequence of charts
    title : str
        Also the description that reading software finds in the file.
    subtitles : sequence of str
        One line each; wrapped where too long.
    language : {"vi", "en"}

    Returns
    -------
    str
        SVG.
    """
    lines = [line for text in subtitles for line in wrapped(text, _TITLE_CHARACTERS)]
    drawing = alt.vconcat(*parts, spacing=6).properties(
        title=alt.TitleParams(
            text=wrapped(title, _TITLE_CHARACTERS),
            subtitle=lines,
            anchor="start",
            fontSize=15,
            subtitleFontSize=12,
            subtitleColor="black",
            offset=12,
        ),
        description=title,
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
    locale = _VIETNAMESE if language == "vi" else _ENGLISH
    svg: str = vl_convert.vegalite_to_svg(specification, format_locale=locale)
    return svg


def as_png(svg: str, *, scale: float) -> bytes:
    """Rasterise a drawing of `as_svg`, ``scale`` times 96 dots per inch.

    Typst does it with its own fonts: vl-convert takes whatever fonts a machine has, and some of
    them lose Vietnamese letters.
    """
    return svg_to_png(svg.replace(_FONT, EMBEDDED_FONT), ppi=96 * scale)


def footer(lines: Sequence[str], *, width: int) -> list[alt.Chart]:
    """Write what the picture cannot show, one line each, from the left edge of the names."""
    if not lines:
        return []
    rows = [{"line": line, "place": place} for place, line in enumerate(lines)]
    return [
        alt.Chart(values(rows))
        .mark_text(align="left", baseline="top", fontSize=12, color="black")
        .encode(
            x=alt.value(-LABELS),
            y=alt.Y("place:O", axis=None),
            text="line:N",
        )
        .properties(width=width, height=18 * len(lines))
    ]


def values(rows: Sequence[Mapping[str, Any]]) -> alt.Data:
    """Hand rows to a chart."""
    return alt.Data(values=list(rows))  # type: ignore[no-untyped-call]


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of fewer than ``width`` characters, between words."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
