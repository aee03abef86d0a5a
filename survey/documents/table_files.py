"""Columns as a CSV or XLSX file for another program: plain names, full digits, nothing drawn.

Infinity is written as the word Inf, which R and pandas read as the number; a workbook has no other
way to hold it.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from xlsxwriter.workbook import Workbook

__all__ = ["Cell", "columns_csv", "columns_xlsx", "matrix_csv"]

Cell = str | int | float
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # a workbook's date would make equal files differ


def columns_csv(columns: Mapping[str, Sequence[Cell]]) -> bytes:
    r"""Write columns as CSV in UTF-8, a first row of names.

    Parameters
    ----------
    columns : mapping of str to sequence of n cells

    Returns
    -------
    bytes

    Examples
    --------
    >>> columns_csv({"code": ["A"], "fpc": [float("inf")]})
    b'code,fpc\nA,Inf\n'
    """
    return _csv([list(columns), *map(list, zip(*columns.values(), strict=True))])


def columns_xlsx(columns: Mapping[str, Sequence[Cell]], *, sheet: str) -> bytes:
    """Write columns as a workbook of one sheet; codes stay text, numbers stay numbers.

    Parameters
    ----------
    columns : mapping of str to sequence of n cells
    sheet : str

    Returns
    -------
    bytes
    """
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _NO_DATE})
    page = book.add_worksheet(sheet)
    head, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    for place, (name, cells) in enumerate(columns.items()):
        page.write_string(0, place, name, head)
        page.set_column(place, place, max(12, len(name) + 2))
        for row, cell in enumerate(cells, start=1):
            if isinstance(cell, str) or not math.isfinite(cell):
                page.write_string(row, place, _written(cell), text)
            else:
                page.write_number(row, place, cell)
    page.freeze_panes(1, 0)
    book.close()
    return file.getvalue()


def matrix_csv(names: Sequence[str], rows: Sequence[Sequence[float]]) -> bytes:
    r"""Write a square matrix as CSV: a row and a column per name.

    Parameters
    ----------
    names : sequence of n str
    rows : sequence of n sequences of n float

    Returns
    -------
    bytes

    Examples
    --------
    >>> matrix_csv(["A"], [[0.5]])
    b'code,A\nA,0.5\n'
    """
    lines: list[list[Cell]] = [[name, *row] for name, row in zip(names, rows, strict=True)]
    return _csv([["code", *names], *lines])


def _csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    """Write rows as CSV."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([_written(c) for c in row] for row in rows)
    return file.getvalue().encode()


def _written(cell: Cell) -> str:
    """Write a cell with every digit; infinity as R and pandas read it."""
    if isinstance(cell, float) and math.isinf(cell):
        return "Inf" if cell > 0 else "-Inf"
    return str(cell)
