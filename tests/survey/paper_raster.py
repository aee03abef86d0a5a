"""Printed forms as a scanner sees them: pages of grey pixels, and where lines really are."""

from dataclasses import dataclass

import numpy as np
import pypdfium2
from numpy.typing import NDArray

DPI = 300
PER_MM = DPI / 25.4
_DARK = 128


@dataclass(frozen=True, slots=True)
class Edges:
    """The middles of the four sides of an outline, in millimetres."""

    left: float
    right: float
    top: float
    bottom: float


def pages_of(pdf: bytes) -> list[NDArray[np.uint8]]:
    """Render every page in grey at 300 dots per inch."""
    opened = pypdfium2.PdfDocument(pdf)
    pages = [
        page.render(scale=DPI / 72, grayscale=True).to_numpy().squeeze().copy() for page in opened
    ]
    opened.close()
    return pages


def crop(
    page: NDArray[np.uint8], x: float, y: float, width: float, height: float
) -> NDArray[np.uint8]:
    """Cut out a rectangle given in millimetres; the result shares the page's pixels."""
    left, top, right, bottom = (round(length * PER_MM) for length in (x, y, x + width, y + height))
    return page[top:bottom, left:right]


def dark_bounds(piece: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Find the bounds of what is dark: left, top, right, bottom in millimetres of the piece."""
    rows, columns = np.nonzero(piece < _DARK)
    bounds = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    left, top, right, bottom = (float(bound) / PER_MM for bound in bounds)
    return left, top, right, bottom


def edges_of(page: NDArray[np.uint8], x: float, y: float, width: float, height: float) -> Edges:
    """Find the outline of a box near the place where it should be; each side is a dark run."""
    return Edges(
        left=x + _line_near(crop(page, x - 0.8, y + 0.8, 1.6, height - 1.6)) - 0.8,
        right=x + width + _line_near(crop(page, x + width - 0.8, y + 0.8, 1.6, height - 1.6)) - 0.8,
        top=y + _line_near(crop(page, x + 0.8, y - 0.8, width - 1.6, 1.6).T) - 0.8,
        bottom=y
        + height
        + _line_near(crop(page, x + 0.8, y + height - 0.8, width - 1.6, 1.6).T)
        - 0.8,
    )


def _line_near(piece: NDArray[np.uint8]) -> float:
    """Find an upright line that runs through the whole piece: its middle, in millimetres."""
    through = np.nonzero((piece < _DARK).all(axis=0))[0]
    if not len(through):
        message = "no line runs through the piece"
        raise AssertionError(message)
    return float((through.min() + through.max() + 1) / 2 / PER_MM)
