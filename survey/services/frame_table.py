"""A frame's table from XLSX or CSV: columns that the caller names, and every fault at once.

Unlike an uploaded register a frame has columns of anybody's making, so only those asked for are
looked at. Faults are gathered by column and kind with their row numbers, because a wrong column of
a frame is wrong in a thousand rows.
"""

import csv
import difflib
import io
import math
import re
import unicodedata
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import openpyxl

from survey.errors import RefusedInputError

__all__ = ["FrameColumns", "FrameRow", "FrameTable", "Least", "read_frame_table"]

LARGEST_FILE: Final = 256 * 2**20
LARGEST_UNPACKED: Final = 1024 * 2**20
MOST_ROWS: Final = 2**20
_SHOWN: Final = 20  # row numbers named in one fault
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ERRORS: Final = frozenset({"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!"})
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_BLANK: Final = " \t\r\n\u00a0\u200b\ufeff"
_BROKEN: Final = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    SyntaxError,
)


class Least(StrEnum):
    """From where the numbers of a column count as sound."""

    ANY = "any"
    ZERO = "zero"
    ABOVE_ZERO = "above_zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRow:
    """One line of the file: its number as a spreadsheet counts it, and its cells as text."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTable:
    """A table as it stands in a file; empty lines are left out."""

    file: str
    header: tuple[str, ...]
    rows: tuple[FrameRow, ...]


def read_frame_table(filename: str, content: bytes) -> FrameTable:
    """Read the first sheet of a workbook, or a CSV file in UTF-8.

    Parameters
    ----------
    filename : str
        Shown in messages.
    content : bytes
        A workbook is recognised by its first bytes; CSV is separated by commas, semicolons or tabs.

    Returns
    -------
    FrameTable

    Raises
    ------
    RefusedInputError
        This is no such file, it has no rows, or a column's name stands twice.
    """
    try:
        lines = list(_lines(filename, content))
    except _UnreadableError as error:
        raise RefusedInputError(what=filename, faults=[str(error)]) from error
    if len(lines) > MOST_ROWS:
        fault = f"there are more than {MOST_ROWS} rows; divide the frame, for instance by district"
        raise RefusedInputError(what=filename, faults=[fault])
    header = tuple(unicodedata.normalize("NFC", name) for name in lines[0]) if lines else ()
    rows = tuple(
        FrameRow(number=number, cells=tuple(cells))
        for number, cells in enumerate(lines[1:], start=2)
        if any(cells)
    )
    faults = [
        f"row 1: the column {name!r} stands {header.count(name)} times; keep it once"
        for name in dict.fromkeys(header)
        if name and header.count(name) > 1
    ]
    if not rows:
        faults.append("there is no unit below the first row, which names the columns")
    if faults:
        raise RefusedInputError(what=filename, faults=faults)
    return FrameTable(file=filename, header=header, rows=rows)


@dataclass(slots=True, kw_only=True)
class FrameColumns:
    """Takes columns of a table by name and gathers what is wrong with them in ``faults``."""

    table: FrameTable
    faults: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Tell whether a column exists, and note a fault that names those that do.

        Parameters
        ----------
        name : str

        Returns
        -------
        bool
        """
        name = unicodedata.normalize("NFC", name)
        if name in self.table.header:
            return True
        near = difflib.get_close_matches(name, [n for n in self.table.header if n], n=1, cutoff=0.6)
        meant = f"did you mean {near[0]!r}? " if near else ""
        known = ", ".join(repr(each) for each in self.table.header if each)
        self.faults.append(f"there is no column {name!r}: {meant}the columns are {known}")
        return False

    def texts(self, name: str, *, blanks: bool = False) -> list[str]:
        """Read a column of codes or names.

        Parameters
        ----------
        name : str
        blanks : bool
            True accepts blank cells.

        Returns
        -------
        list of N str
            In NFC; blank where a fault was noted or the column does not exist.
        """
        if not self.has(name):
            return [""] * len(self.table.rows)
        found: list[str] = []
        wrong: dict[str, list[int]] = defaultdict(list)
        for number, text in self.cells(name):
            fault = _text_fault(text, blanks=blanks)
            if fault:
                wrong[fault].append(number)
            found.append("" if fault else unicodedata.normalize("NFC", text))
        self._note(name, wrong)
        return found

    def numbers(self, name: str, *, least: Least, whole: bool = False) -> list[int | float]:
        """Read a column of numbers; whole ones stay whole.

        Parameters
        ----------
        name : str
        least : Least
        whole : bool
            True refuses fractions.

        Returns
        -------
        list of N int or float
            All float where one is; 0 where a fault was noted or the column does not exist.
        """
        if not self.has(name):
            return [0] * len(self.table.rows)
        found: list[int | float] = []
        wrong: dict[str, list[int]] = defaultdict(list)
        for row, text in self.cells(name):
            value, fault = _number(text, least=least, whole=whole)
            if fault:
                wrong[fault].append(row)
            found.append(value)
        self._note(name, wrong)
        return found if all(isinstance(v, int) for v in found) else [float(v) for v in found]

    def cells(self, name: str) -> Iterator[tuple[int, str]]:
        """Walk over a column that exists, with row numbers.

        Parameters
        ----------
        name : str

        Yields
        ------
        tuple of int and str
        """
        place = self.table.header.index(unicodedata.normalize("NFC", name))
        for row in self.table.rows:
            yield row.number, row.cells[place] if place < len(row.cells) else ""

    def refuse_repeats(self, keys: Sequence[str], names: Sequence[str]) -> None:
        """Note keys that stand twice, and those that do so in two spellings (NFC and NFD).

        Parameters
        ----------
        keys : sequence of N str
            In NFC; blank ones are passed over.
        names : sequence of str
            Columns that make the key.
        """
        places: dict[str, list[int]] = defaultdict(list)
        for place, key in enumerate(keys):
            if key.strip("/"):
                places[key].append(place)
        known = [name for name in names if unicodedata.normalize("NFC", name) in self.table.header]
        written = list(zip(*(self.cells(name) for name in known), strict=True))
        for key, found in places.items():
            if len(found) == 1:
                continue
            rows = rows_of([self.table.rows[place].number for place in found])
            spellings = {tuple(text for _, text in written[place]) for place in found}
            if len(spellings) > 1:
                self.faults.append(
                    f"{rows}: the code {key!r} stands {len(found)} times in {len(spellings)} "
                    "spellings that look alike (composed and decomposed accents); they would be "
                    "one unit, keep one"
                )
            else:
                self.faults.append(
                    f"{rows}: the code {key!r} stands {len(found)} times; give every unit a code "
                    "of its own"
                )

    def refuse(self) -> None:
        """Stop here when a fault was noted.

        Raises
        ------
        RefusedInputError
            With every fault.
        """
        if self.faults:
            raise RefusedInputError(what=self.table.file, faults=self.faults)

    def _note(self, name: str, wrong: dict[str, list[int]]) -> None:
        for fault, rows in wrong.items():
            self.faults.append(f"{rows_of(rows)}, column {name!r}: {fault}")


def rows_of(numbers: Sequence[int]) -> str:
    """Name rows, the first twenty of many.

    Parameters
    ----------
    numbers : sequence of int

    Returns
    -------
    str

    Examples
    --------
    >>> rows_of([7]), rows_of([2, 5])
    ('row 7', '2 rows (2, 5)')
    """
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    shown = ", ".join(str(number) for number in numbers[:_SHOWN])
    return f"{len(numbers)} rows ({shown}{', …' if len(numbers) > _SHOWN else ''})"


class _UnreadableError(Exception):
    """The file as a whole cannot be read; never leaves this module."""


def _text_fault(text: str, *, blanks: bool) -> str:
    """Say what keeps a cell from being a code."""
    if not text:
        return "" if blanks else "the cell is blank; write the code"
    if text.startswith("=") or text in _ERRORS:
        return "the cell holds a formula or its error; write the value itself"
    if any(unicodedata.category(character) in {"Cc", "Cs", "Cn"} for character in text):
        return "the cell holds control characters; type the code anew"
    return ""


def _number(text: str, *, least: Least, whole: bool) -> tuple[int | float, str]:
    """Read a number, or say what is wrong with it."""
    fault = _text_fault(text, blanks=False)
    if fault:
        return 0, fault.replace("write the code", "write a number, also where it is 0")
    if not _NUMBER.fullmatch(text):
        return 0, f"{text!r} is no number; write digits, with a point before decimals"
    value: int | float = int(text) if _WHOLE.fullmatch(text) else float(text)
    if not math.isfinite(value) or abs(value) >= 2**62:
        return 0, f"{text!r} is no number that can be counted with; write one below 2^62"
    if whole and value != int(value):
        return 0, f"{text!r} is not whole; write a whole number"
    if whole:
        value = int(value)
    return value, _range_fault(value, text, least)


def _range_fault(value: float, text: str, least: Least) -> str:
    """Say when a number is below what its column allows."""
    if value < 0 and least is not Least.ANY:
        return f"{text!r} is below 0; correct it"
    if value == 0 and least is Least.ABOVE_ZERO:
        return "the number is 0; correct it, or declare units of size 0 out of scope (--zeros)"
    return ""


def _lines(filename: str, content: bytes) -> Iterator[list[str]]:
    """Walk over the rows of either kind of file."""
    if len(content) > LARGEST_FILE:
        raise _UnreadableError(f"the file is larger than {LARGEST_FILE // 2**20} MiB")
    if content.startswith(_OLE):
        raise _UnreadableError("this is a workbook of the old kind (.xls); save it as .xlsx")
    if content.startswith(_ZIP):
        return _workbook_lines(content)
    if filename.lower().endswith((".xlsx", ".xlsm")):
        raise _UnreadableError("the name says XLSX, but the content is no workbook")
    return _csv_lines(content)


def _csv_lines(content: bytes) -> Iterator[list[str]]:
    """Walk over the rows of a CSV file."""
    if b"\x00" in content or content.startswith((b"%PDF", b"{", b"[")):
        raise _UnreadableError("this is neither CSV nor XLSX; save the frame as one of them")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _UnreadableError(f"row {line} is not UTF-8; save the file as “CSV UTF-8”") from error
    separator = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, row in enumerate(reader):
            if number > MOST_ROWS:
                return
            yield [cell.strip(_BLANK) for cell in row]
    except csv.Error as error:
        raise _UnreadableError(f"line {reader.line_num} is no CSV: {error}") from error


def _workbook_lines(content: bytes) -> Iterator[list[str]]:
    """Walk over the rows of a workbook's first sheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_UNPACKED:
                raise _UnreadableError("the workbook unpacks to more than 1 GiB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which are not read
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()  # what a workbook says about its own size may be wrong
        for number, row in enumerate(sheet.iter_rows()):
            if number > MOST_ROWS:
                break
            yield [_cell(cell.value) for cell in row]
        book.close()
    except _BROKEN as error:
        raise _UnreadableError(f"the workbook cannot be read ({type(error).__name__})") from error


def _cell(value: object) -> str:
    """Write a workbook's value as it would be typed; spreadsheets keep 12 as 12.0."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip(_BLANK)
