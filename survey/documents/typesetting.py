"""The one door to Typst: a template of this folder and plain values give a PDF.

Only the fonts inside the wheel are used, so a fresh machine prints the same pages as the one the
form was tested on. Values travel as JSON and are shown as text: markup in a name stays a name.
"""

import io
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import segno
import typst

__all__ = [
    "EMBEDDED_FONT",
    "qr_svg",
    "svg_to_png",
    "typeset",
    "typeset_and_tell",
    "typeset_around",
]

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
    return _pdf(_compiler(_TEMPLATES, template, values))


def typeset_and_tell(
    template: str, values: Mapping[str, Any], *, labels: Sequence[str]
) -> tuple[bytes, dict[str, Any]]:
    """Typeset a template that also says something about its finished pages.

    Parameters
    ----------
    template : str
        Name of a ``.typ`` file of this folder.
    values : mapping
        JSON values; the template reads them as ``data``.
    labels : sequence of str
        Labels of one ``metadata`` element each.

    Returns
    -------
    tuple of bytes and dict
        The PDF, and the value of each label.
    """
    compiler = _compiler(_TEMPLATES, template, values)
    told = {
        label: json.loads(compiler.query(f"<{label}>", field="value", one=True)) for label in labels
    }
    return _pdf(compiler), told


def typeset_around(template: str, values: Mapping[str, Any], *, form: bytes) -> bytes:
    """Typeset a template that shows pages of a finished PDF, which it reads as ``form.pdf``.

    The pages are kept once in the result, however often they are shown.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in _TEMPLATES.glob("*.typ"):
            shutil.copyfile(source, folder / source.name)
        (folder / "form.pdf").write_bytes(form)
        return _pdf(_compiler(folder, template, values))


def _compiler(folder: Path, template: str, values: Mapping[str, Any]) -> typst.Compiler:
    return typst.Compiler(
        str(folder / template),
        root=str(folder),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
    )


def _pdf(compiler: typst.Compiler) -> bytes:
    pdf = compiler.compile(format="pdf")
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
