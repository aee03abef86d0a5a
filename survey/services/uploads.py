"""Uploaded tables: XLSX or CSV from a stranger's computer, into lines of plain text.

Nothing is repaired and nothing is computed: a formula is refused rather than evaluated, and a
number keeps the digits that the cell holds. Sizes are checked before anything is unpacked.
"""

import csv
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import repeat
from typing import Any, Final

import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from survey.rules.register_faults import RegisterFault, RegisterFaultCode
from survey.rules.register_lines import Cell, Line, TableText

__all__ = ["UploadedTable", "read_table", "sheet_names"]

LARGEST_FILE: Final = 8 * 2**20
LARGEST_UNPACKED: Final = 64 * 2**20
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 40
_LAST_ROW: Final = 2**20
"""The last row that a spreadsheet can have; a file may claim any."""

_LONGEST_CELL: Final = 2_000
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be")
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(encoding) for encoding in _ENCODINGS)
_Code = RegisterFaultCode


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedTable:
    """A file as it came in: its name, which is only shown, and its bytes."""

    filename: str
    content: bytes


class _Unreadable(Exception):  # noqa: N818 - never leaves this module
    """The file as a whole cannot be read."""

    def __init__(self, code: RegisterFaultCode, **values: object) -> None:
        self.code, self.values = code, values
        super().__init__(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raw:
    """A cell before its text is judged."""

    text: str
    is_number: bool = False
    fault: RegisterFaultCode | None = None


def sheet_names(table: UploadedTable) -> list[str]:
    """List the sheets of a workbook.

    Parameters
    ----------
    table : UploadedTable

    Returns
    -------
    list of str
        Empty for CSV, and for what cannot be read (`read_table` says why).
    """
    if not table.content.startswith(_ZIP):
        return []
    try:
        return _open_workbook(table.content).sheetnames
    except _Unreadable:
        return []


def read_table(table: UploadedTable, *, sheet: str, columns: Sequence[str]) -> TableText:
    """Read a table with known columns, in any order, from XLSX or CSV.

    Parameters
    ----------
    table : UploadedTable
        A workbook is recognised by its first bytes; everything else is CSV in UTF-8, with or
        without byte order mark, separated by commas, semicolons or tabs.
    sheet : str
        The sheet to read where the workbook has one of this name, else the first.
    columns : sequence of str
        The names that the first row must hold, each once.

    Returns
    -------
    TableText
        Empty lines are left out. Cells with a fault of their own are left out too, so that what
        checks the values does not report them again as missing: ask `TableText.faults` first.
    """
    file = table.filename
    try:
        rows = list(_raw_rows(table, sheet))
    except _Unreadable as error:
        return _refused(RegisterFault.of(error.code, file=file, values=error.values))
    if len(rows) > MOST_ROWS + 1:
        values = {"most": MOST_ROWS}
        return _refused(RegisterFault.of(_Code.TOO_MANY_ROWS, file=file, values=values))
    header = [raw.text for raw in rows[0]] if rows else []
    faults = [*_header_faults(file, header, columns)]
    lines = []
    for row, raws in enumerate(rows[1:], start=2):
        if any(raw.text for raw in raws):
            line, found = _line(file, row, header, raws)
            lines.append(line)
            faults += found
    if not lines and not faults:
        faults.append(RegisterFault.of(_Code.FILE_EMPTY, file=file))
    known = frozenset(header) & frozenset(columns)
    return TableText(file=file, lines=tuple(lines), columns=known, faults=tuple(faults))


def _refused(fault: RegisterFault) -> TableText:
    return TableText(file=fault.file, lines=(), columns=frozenset(), faults=(fault,))


def _header_faults(
    file: str, header: Sequence[str], columns: Sequence[str]
) -> Iterator[RegisterFault]:
    """Compare the first row with the names that it must hold."""
    for name in dict.fromkeys(header):
        count = header.count(name)
        if name and name not in columns:
            values: dict[str, object] = {"known": ", ".join(columns)}
            yield RegisterFault.of(
                _Code.COLUMN_UNKNOWN, file=file, row=1, column=name, values=values
            )
        elif name and count > 1:
            values = {"count": count}
            yield RegisterFault.of(_Code.COLUMN_TWICE, file=file, row=1, column=name, values=values)
    for name in columns:
        if name not in header:
            yield RegisterFault.of(_Code.COLUMN_MISSING, file=file, row=1, column=name)


def _line(
    file: str, row: int, header: Sequence[str], raws: Sequence[_Raw]
) -> tuple[Line, list[RegisterFault]]:
    """Judge the cells of one row."""
    cells: dict[str, Cell] = {}
    faults: list[RegisterFault] = []
    for place, raw in enumerate(raws):
        name = header[place] if place < len(header) else ""
        problem = _cell_problem(raw, named=bool(name))
        if problem is not None:
            column = name or _letter(place)
            values = {"count": len(raw.text), "most": _LONGEST_CELL}
            faults.append(
                RegisterFault.of(
                    problem, file=file, row=row, column=column, value=raw.text, values=values
                )
            )
        elif raw.text:
            cells[name] = Cell(text=raw.text, is_number=raw.is_number)
    refused = frozenset(fault.column for fault in faults if fault.column)
    return Line(row=row, cells=cells, refused=refused), faults


def _cell_problem(raw: _Raw, *, named: bool) -> RegisterFaultCode | None:
    """Say what is wrong with a cell, whatever its column."""
    if not raw.text:
        return None
    if not named:
        return _Code.CELL_WITHOUT_COLUMN
    if raw.fault is not None:
        return raw.fault
    if len(raw.text) > _LONGEST_CELL:
        return _Code.CELL_LONG
    if any(unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"} for character in raw.text):
        return _Code.CELL_UNPRINTABLE
    return None


def _letter(place: int) -> str:
    """Name a column as spreadsheets do."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _raw_rows(table: UploadedTable, sheet: str) -> Iterator[list[_Raw]]:
    """Walk over the rows of either kind of file."""
    if len(table.content) > LARGEST_FILE:
        raise _Unreadable(_Code.FILE_TOO_LARGE, most=LARGEST_FILE // 2**20)
    if table.content.startswith(_OLE):
        raise _Unreadable(_Code.FILE_OLD_EXCEL)
    if table.content.startswith(_ZIP):
        return _workbook_rows(table.content, sheet)
    if table.filename.lower().endswith((".xlsx", ".xlsm")):
        raise _Unreadable(_Code.FILE_UNREADABLE, kind="XLSX", reason="it is no workbook")
    return _csv_rows(table.content)


def _clean(text: str) -> str:
    """Compose accents and drop outer spaces, the unbreakable one and marks of width 0 too."""
    return unicodedata.normalize("NFC", text).strip(" \t\r\n\u00a0\u200b\ufeff")


def _csv_rows(content: bytes) -> Iterator[list[_Raw]]:
    """Walk over the rows of a CSV file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _Unreadable(_Code.FILE_NOT_UTF8, line=line) from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, row in enumerate(reader):
            if number > MOST_ROWS + 1:
                return
            yield [_csv_cell(value) for value in row[:MOST_COLUMNS]]
    except csv.Error as error:
        reason = f"{error} (line {reader.line_num})"
        raise _Unreadable(_Code.FILE_UNREADABLE, kind="CSV", reason=reason) from error


def _csv_cell(value: str) -> _Raw:
    text = _clean(value)
    return _Raw(text=text, fault=_Code.CELL_FORMULA if text.startswith("=") else None)


def _workbook_rows(content: bytes, sheet: str) -> Iterator[list[_Raw]]:
    """Walk over the rows of a workbook's sheet."""
    book = _open_workbook(content)
    try:
        found = book[sheet] if sheet in book.sheetnames else book.worksheets[0]
        assert isinstance(found, ReadOnlyWorksheet)  # noqa: S101 - opened in read-only mode
        found.reset_dimensions()  # what a workbook says about its own size may be wrong
        rows = found.iter_rows(max_col=MOST_COLUMNS)
        yield from _without_trailing_blanks(_workbook_row(row) for row in rows)
    except _BROKEN_WORKBOOK as error:
        raise _unreadable_workbook(error) from error
    finally:
        book.close()


def _without_trailing_blanks(rows: Iterable[list[_Raw]]) -> Iterator[list[_Raw]]:
    """Drop the empty rows that a workbook keeps below its last line, refusing too many rows."""
    blanks = 0
    for number, row in enumerate(rows):
        blank = not any(raw.text for raw in row)
        if number > (_LAST_ROW if blank else MOST_ROWS):
            raise _Unreadable(_Code.TOO_MANY_ROWS, most=MOST_ROWS)
        if blank:
            blanks += 1
            continue
        yield from repeat([], blanks)
        yield row
        blanks = 0


_BROKEN_WORKBOOK: Final = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    SyntaxError,  # what both XML parsers raise
)
"""What openpyxl lets through when a workbook is broken or was made to break it."""


def _unreadable_workbook(error: BaseException) -> _Unreadable:
    return _Unreadable(_Code.FILE_UNREADABLE, kind="XLSX", reason=type(error).__name__)


def _open_workbook(content: bytes) -> openpyxl.Workbook:
    """Open a workbook after looking at what it would unpack to."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_bombs(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which are not read
            return openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    except _BROKEN_WORKBOOK as error:
        raise _unreadable_workbook(error) from error


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    """Refuse an archive that unpacks to too much, or XML that defines entities.

    `zipfile` never reads more of a member than the size declared for it, so the sum bounds what
    can come out.
    """
    members = archive.infolist()
    if sum(member.file_size for member in members) > LARGEST_UNPACKED or len(members) > 2_000:
        raise _Unreadable(_Code.FILE_TOO_LARGE, most=LARGEST_UNPACKED // 2**20)
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            content = archive.read(member)
            if any(mark in content for mark in _DOCTYPES):
                raise _Unreadable(_Code.FILE_UNREADABLE, kind="XLSX", reason="DOCTYPE")


def _workbook_row(cells: Sequence[Any]) -> list[_Raw]:
    """Lay a row out as text; one without any value as nothing, as openpyxl makes up many."""
    if all(cell is EMPTY_CELL for cell in cells):
        return []
    return [_workbook_cell(cell) for cell in cells]


def _workbook_cell(cell: Any) -> _Raw:  # noqa: ANN401 - openpyxl has three classes of cells
    """Lay a workbook's cell out as text."""
    value = cell.value
    if value is None:
        return _Raw(text="")
    if cell.data_type == "f":
        return _Raw(text=_clean(str(value)) or "=", fault=_Code.CELL_FORMULA)
    if cell.data_type == "e":
        return _Raw(text=str(value), fault=_Code.CELL_ERROR)
    if isinstance(value, bool):
        return _Raw(text="yes" if value else "no")
    if isinstance(value, int | float):
        return _Raw(text=_number(value), is_number=True)
    return _Raw(text=_clean(_written(value)))


def _number(value: float) -> str:
    """Write a number as it would be typed; spreadsheets keep 12 as 12.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _written(value: object) -> str:
    """Write a date as ISO, everything else as it is."""
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
