"""An index report as a workbook: the report's tables as sheets, drawn and not decided here.

Numbers are numbers with the decimals they are shown with, so that no hidden digit travels along;
marks are written as their signs and explained below each table.
"""

import io
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey.rules.report import Cell, Column, IndexReport, Kind, Mark, ReportTable

__all__ = ["index_workbook"]

_FIRST_ROW = 4
_WIDTHS = {Kind.TEXT: 16, Kind.COUNT: 9, Kind.NUMBER: 11, Kind.PERCENT: 9, Kind.PRINTED: 13}
_NAME_WIDTH = 42


def index_workbook(report: IndexReport) -> bytes:
    """Draw a report as XLSX.

    Parameters
    ----------
    report : IndexReport

    Returns
    -------
    bytes
        XLSX; every sheet carries the report's title, its audience and, where the answers are made
        up, the warning.
    """
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(target, options)
    looks = _Looks(workbook)
    names: set[str] = set()
    for table in report.tables:
        sheet = workbook.add_worksheet(_sheet_name(table, names))
        _sheet(sheet, looks, report, table)
    _notes(workbook, looks, report)
    workbook.close()
    return target.getvalue()


class _Looks:
    """Cell formats, made once each."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def __call__(self, **looks: object) -> Format:
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            base = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
            self._made[key] = self._workbook.add_format({**base, **looks})
        return self._made[key]

    def cell(self, column: Column) -> Format:
        if column.kind is Kind.TEXT:
            return self(border=1, text_wrap=True)
        if column.kind is Kind.PRINTED:
            return self(border=1, align="center")
        decimals = f".{'0' * column.places}" if column.places else ""
        suffix = "%" if column.kind is Kind.PERCENT else ""
        align = "center" if column.kind is Kind.COUNT else "right"
        return self(border=1, align=align, num_format=f"#,##0{decimals}{suffix}")


def _sheet_name(table: ReportTable, taken: set[str]) -> str:
    """Name a sheet by its table's title, without what Excel refuses, at most 31 characters."""
    plain = "".join(" " if character in "[]:*?/\\" else character for character in table.title)
    name = plain.rsplit("–", 1)[-1].strip()[:31] or table.key
    number = 2
    while name.lower() in taken:
        name = f"{name[:27]} ({number})"
        number += 1
    taken.add(name.lower())
    return name


def _sheet(sheet: Worksheet, looks: _Looks, report: IndexReport, table: ReportTable) -> None:
    sheet.write_string(0, 0, report.title, looks(bold=True, font_size=14))
    sheet.write_string(1, 0, table.title, looks(bold=True, font_size=12))
    sheet.write_string(2, 0, f"{report.subtitle}. {report.release_label}.", looks(italic=True))
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_FIRST_ROW - 1)
    sheet.set_header(f"&C{report.simulated or ''}&R&P/&N")
    sheet.freeze_panes(_FIRST_ROW, 0)
    sheet.set_row(_FIRST_ROW - 1, 48)
    for place, column in enumerate(table.columns):
        head = looks(bold=True, border=1, align="center", text_wrap=True)
        sheet.write_string(_FIRST_ROW - 1, place, column.label, head)
        width = _NAME_WIDTH if column.key == "name" else _WIDTHS[column.kind]
        sheet.set_column(place, place, width)
    for row, cells in enumerate(table.rows, start=_FIRST_ROW):
        for place, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
            _write(sheet, row, place, cell, looks.cell(column), table)
    _below(sheet, looks, table)


def _write(
    sheet: Worksheet, row: int, place: int, cell: Cell, look: Format, table: ReportTable
) -> None:
    if isinstance(cell, Mark):
        sheet.write_string(row, place, table.marks[cell].sign, look)
    elif isinstance(cell, str):
        sheet.write_string(row, place, cell, look)
    else:
        sheet.write_number(row, place, _shown(cell, table.columns[place]), look)


def _shown(value: int | Decimal, column: Column) -> float:
    """Cut a number to what is displayed: a cell must not hold more than it shows."""
    places = column.places + (2 if column.kind is Kind.PERCENT else 0)
    return float(round(Decimal(value), places))


def _below(sheet: Worksheet, looks: _Looks, table: ReportTable) -> None:
    row = _FIRST_ROW + len(table.rows) + 1
    lines = [f"{mark.sign} {mark.meaning}" for mark in table.marks.values()]
    for line in [*lines, *table.notes]:
        sheet.write_string(row, 0, line, looks(italic=True))
        row += 1


def _notes(workbook: xlsxwriter.Workbook, looks: _Looks, report: IndexReport) -> None:
    sheet = workbook.add_worksheet(report.notes_title[:31])
    sheet.write_string(0, 0, report.title, looks(bold=True, font_size=14))
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_header(f"&C{report.simulated or ''}&R&P/&N")
    row = 2
    for note in report.notes:
        sheet.merge_range(row, 0, row, 1, note, looks(text_wrap=True))
        sheet.set_row(row, 32)
        row += 1
    for label, value in report.provenance:
        sheet.write_string(row + 1, 0, label, looks(border=1))
        sheet.write_string(row + 1, 1, value, looks(border=1))
        row += 1
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 74)
