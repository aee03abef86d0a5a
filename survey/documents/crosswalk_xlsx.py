"""A register carried over as a workbook that the importer reads, with the lines that made it.

The sheets "units" and "staff" have the names and columns of the importer's own template; the third
one is for people and is not read.
"""

import io
from collections.abc import Mapping, Sequence

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

__all__ = ["crosswalk_workbook"]

Row = tuple[str | int, ...]


def crosswalk_workbook(
    *,
    units: tuple[Sequence[str], Sequence[Row]],
    staff: tuple[Sequence[str], Sequence[Row]],
    groups: Sequence[str],
    sources: Sequence[tuple[Row, Mapping[str, int]]],
) -> bytes:
    """Draw the workbook.

    Parameters
    ----------
    units, staff : tuple of columns and rows
        As the importer reads them; no sheet "staff" without rows.
    groups : sequence of str
        Respondent groups.
    sources : sequence of ((new, name, old, name, share), people by group)

    Returns
    -------
    bytes
        XLSX with the sheets "units", "staff" and "Nguồn gốc".
    """
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(file, options)
    head = book.add_format({"bold": True, "bg_color": "#D9E2EC", "border": 1})
    text = book.add_format({"num_format": "@"})
    _table(book, "units", units, (head, text))
    if staff[1]:
        _table(book, "staff", staff, (head, text))
    named = ("Mã mới", "Đơn vị mới", "Mã cũ", "Đơn vị cũ", "Tỷ lệ chuyển sang")
    columns = (*named, *(f"Số người nhóm {group}" for group in groups))
    rows = [(*row, *(people.get(group, "") for group in groups)) for row, people in sources]
    _table(book, "Nguồn gốc", (columns, rows), (head, text))
    book.close()
    return file.getvalue()


def _table(
    book: Workbook,
    name: str,
    table: tuple[Sequence[str], Sequence[Row]],
    formats: tuple[Format, Format],
) -> None:
    """Write a table; texts stay texts, so that 01 and 1/3 do not become a number and a date."""
    head, text = formats
    sheet = book.add_worksheet(name)
    for place, column in enumerate(table[0]):
        wide = 46 if column in {"name", "Đơn vị mới", "Đơn vị cũ"} else max(12, len(column) + 2)
        sheet.set_column(place, place, wide, text)
        sheet.write_string(0, place, column, head)
    for row, values in enumerate(table[1], start=1):
        for place, value in enumerate(values):
            if isinstance(value, int):
                sheet.write_number(row, place, value)
            else:
                sheet.write_string(row, place, value, text)
    sheet.freeze_panes(1, 0)
