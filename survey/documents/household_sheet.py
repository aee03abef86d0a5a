"""The sheet that an interviewer takes to the households: whom to interview in each.

For the Kish table the row says which member to take for one to six eligible members; for the last
birthday it says the day to count from, and who is taken when birthdays are the same. The seed is
not on the sheet: the person at the door is fixed before anybody knocks.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

__all__ = ["HouseholdSheet", "SheetRow", "household_sheet_csv", "household_sheet_xlsx"]

_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # a workbook's date would make equal files differ
_RESERVE = "Dự phòng"
_FONT = {"font_name": "Times New Roman", "font_size": 12}
_STEP_WIDTH = 90
_LINE_HEIGHT = 18
_TO_FILL = (
    "Số người đủ điều kiện",
    "Số thứ tự người được chọn",
    "Kết quả",
    "Ngày",
    "Ký tên điều tra viên",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One household: its path, its place among the reserves (0 if drawn), and what is printed."""

    path: tuple[str, ...]
    reserve: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdSheet:
    """A sheet: title, the names of its printed columns, rows, and how to choose, step by step."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    steps: tuple[str, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """Names of all columns, those to fill in last."""
        depth = max((len(row.path) for row in self.rows), default=1)
        above = [f"Cấp {number}" for number in range(1, depth)]
        return (*above, "Mã hộ", "Mẫu", *self.columns, *_TO_FILL)

    def lines(self) -> Sequence[Sequence[str]]:
        """Lay the rows out under the header, with room to fill in.

        Returns
        -------
        sequence of sequences of str
        """
        blanks = ("",) * len(_TO_FILL)
        return [
            (
                *row.path,
                f"{_RESERVE} {row.reserve}" if row.reserve else "Chính",
                *row.cells,
                *blanks,
            )
            for row in self.rows
        ]


def household_sheet_csv(sheet: HouseholdSheet) -> bytes:
    """Write the sheet as CSV, with the mark by which spreadsheets know UTF-8.

    Parameters
    ----------
    sheet : HouseholdSheet

    Returns
    -------
    bytes
    """
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([sheet.header, *sheet.lines()])
    return file.getvalue().encode("utf-8-sig")


def household_sheet_xlsx(sheet: HouseholdSheet) -> bytes:
    """Draw the sheet as a workbook to print: A4 landscape, headings on every page, then the steps.

    Parameters
    ----------
    sheet : HouseholdSheet

    Returns
    -------
    bytes
    """
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _NO_DATE, "title": sheet.title})
    cell = _FONT | {"border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
    boxed = book.add_format(cell | {"num_format": "@"})
    head = book.add_format(cell | {"bold": True, "bg_color": "#D9E2EC"})
    page = book.add_worksheet("Phiếu chọn người")
    _page_setup(page, sheet)
    for place, name in enumerate(sheet.header):
        page.write_string(0, place, name, head)
    _rows(page, sheet, boxed)
    _steps(book, sheet)
    book.close()
    return file.getvalue()


def _page_setup(page: Worksheet, sheet: HouseholdSheet) -> None:
    """Fit the sheet to the width of paper, with its heading on every page."""
    _on_a4(page)
    page.repeat_rows(0)
    page.freeze_panes(1, 0)
    page.set_header(f"&L{sheet.title.replace('&', '&&')}&RTrang &P/&N")
    page.set_row(0, 64)
    page.set_column(0, len(sheet.header) - 1, 10)
    sampled = sheet.header.index("Mẫu")
    page.set_column(sampled, sampled, 13)  # "Dự phòng 10" on one line
    page.set_column(sampled + 1, sampled + len(sheet.columns), 8)
    if "Ngày ấn định" in sheet.columns:
        page.set_column(sampled + 1, sampled + 1, 12)


def _on_a4(page: Worksheet) -> None:
    """Print on A4 landscape, as wide as the paper."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.5)


def _steps(book: Workbook, sheet: HouseholdSheet) -> None:
    """Write how to choose; nobody's program guesses the height of a wrapped line, so it is set."""
    page = book.add_worksheet("Hướng dẫn")
    _on_a4(page)
    wrap = book.add_format(_FONT | {"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, _STEP_WIDTH)
    page.write_string(0, 0, sheet.title, book.add_format(_FONT | {"bold": True}))
    for row, step in enumerate(sheet.steps, start=1):
        text = f"{row}. {step}"
        page.set_row(row, _LINE_HEIGHT * (1 + len(text) // _STEP_WIDTH))
        page.write_string(row, 0, text, wrap)


def _rows(page: Worksheet, sheet: HouseholdSheet, boxed: Format) -> None:
    """Write the households, high enough to write by hand."""
    for row, cells in enumerate(sheet.lines(), start=1):
        page.set_row(row, 24)
        for place, cell in enumerate(cells):
            page.write_string(row, place, cell, boxed)
