"""The one door to Typst: a template of this folder and plain values give a PDF.

Only the fonts inside the wheel are used, so a fresh machine prints the same pages as the one the
form was tested on. Values travel as JSON and are shown as text: markup in a name stays a name.
"""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import segno
import typst

__all__ = ["EMBEDDED_FONT", "qr_svg", "svg_to_png", "typeset"]

EMBEDDED_FONT = "Libertinus Serif"
"""Comes inside the wheel and has every Vietnamese letter."""

_TEMPLATES = Path(__file__).parent


def typeset(template: str, values: Mapping[str, Any]) -> bytes:
    """Typeset a template.

    Parameters
    ----------
    template : str
        Name of a ``.typ`` file of this folder.
    values : mapping
        JSON values; the template reads them as ``data``.

    Returns
    -------
    bytes
        A PDF.
    """
    pdf = typst.compile(
        str(_TEMPLATES / template),
        root=str(_TEMPLATES),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
    )
    assert isinstance(pdf, bytes)  # noqa: S101 - a PDF is one file, pages come as a list
    return pdf


def qr_svg(text: str, *, error: str = "m") -> str:
    """Draw a QR code as SVG, with its quiet zone.

    Parameters
    ----------
    text : str
    error : {"l", "m", "q", "h"}
        Error correction; ``q`` for sheets that have to last.
    """
    target = io.BytesIO()
    segno.make_qr(text, error=error, boost_error=False).save(
        target, kind="svg", border=4, xmldecl=False, svgns=True
    )
    return target.getvalue().decode("ascii")


def svg_to_png(svg: str, *, ppi: float) -> bytes:
    """Turn an SVG picture into a PNG; its text has to ask for `EMBEDDED_FONT`."""
    png = typst.compile(
        str(_TEMPLATES / "picture.typ"),
        root=str(_TEMPLATES),
        ignore_system_fonts=True,
        format="png",
        ppi=ppi,
        sys_inputs={"svg": svg},
    )
    assert isinstance(png, bytes)  # noqa: S101 - one page gives one picture
    return png
