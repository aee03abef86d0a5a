"""Lines of an uploaded table as text, and how one line's cells become typed values.

Each reading method adds what is wrong to the reader's faults and returns nothing in its place, so
that a line is read to its end and every fault of it is seen at once.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from survey.rules.register_faults import RegisterFault, RegisterFaultCode

__all__ = ["Cell", "Line", "LineReader", "TableText"]

LONGEST_CODE: Final = 32
LARGEST_POPULATION: Final = 1_000_000
_YES_NO: Final = {"yes": "yes", "có": "yes", "no": "no", "không": "no"}
_WHOLE: Final = re.compile(r"[0-9]+")
_NEGATIVE: Final = re.compile(r"[-−–][0-9]+")
_GROUPED: Final = re.compile(r"[0-9]{1,3}([., \u00a0\u202f][0-9]{3})+")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_VIETNAMESE: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_Code = RegisterFaultCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell's text in NFC, without outer spaces, and whether the file kept it as a number."""

    text: str
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line below the names of the columns; ``row`` counts as the spreadsheet does."""

    row: int
    cells: Mapping[str, Cell]
    refused: frozenset[str] = frozenset()
    """Columns whose cell has a fault already and is not among the cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableText:
    """A whole table as text, and everything that kept parts of it from being read."""

    file: str
    lines: tuple[Line, ...]
    columns: frozenset[str]
    faults: tuple[RegisterFault, ...]


@dataclass(slots=True, kw_only=True)
class LineReader:
    """Reads one line; ``faults`` grows while it does."""

    table: TableText
    line: Line
    faults: list[RegisterFault] = field(default_factory=list)

    def refuse(self, code: RegisterFaultCode, column: str, **values: object) -> None:
        """Add a fault of a cell."""
        cell = self.line.cells.get(column)
        self.faults.append(
            RegisterFault.of(
                code,
                file=self.table.file,
                row=self.line.row,
                column=column,
                value=cell.text if cell else "",
                values=values,
            )
        )

    def cell(self, column: str, *, required: bool) -> Cell | None:
        """Find a cell; a missing one is a fault once, unless its column is missing as a whole."""
        found = self.line.cells.get(column)
        known = column in self.table.columns and column not in self.line.refused
        if found is None and required and known:
            self.refuse(_Code.VALUE_MISSING, column)
        return found

    def text(self, column: str, *, most: int, required: bool = True) -> str | None:
        """Read a text of at most ``most`` characters."""
        found = self.cell(column, required=required)
        if found is None:
            return None
        if len(found.text) > most:
            self.refuse(_Code.CELL_LONG, column, count=len(found.text), most=most)
            return None
        return found.text

    def code(self, column: str, *, required: bool = True) -> str | None:
        """Read a code: text without spaces that no spreadsheet has turned into a number."""
        found = self.cell(column, required=required)
        if found is None:
            return None
        if found.is_number:
            self.refuse(_Code.CODE_NUMBER, column)
            return None
        if any(character.isspace() for character in found.text):
            self.refuse(_Code.CODE_SPACES, column)
            return None
        return self.text(column, most=LONGEST_CODE)

    def choice(
        self, column: str, known: Collection[str], *, code: RegisterFaultCode, required: bool = True
    ) -> str | None:
        """Read one of the known codes."""
        found = self.cell(column, required=required)
        if found is None:
            return None
        if found.text not in known:
            self.refuse(code, column, known=", ".join(known))
            return None
        return found.text

    def yes_or_no(self, column: str, *, required: bool) -> str | None:
        """Read "yes" or "no", in English or Vietnamese."""
        found = self.cell(column, required=required)
        if found is None:
            return None
        answer = _YES_NO.get(found.text.casefold())
        if answer is None:
            self.refuse(_Code.NOT_YES_OR_NO, column)
        return answer

    def whole(self, column: str, *, required: bool) -> int | None:
        """Read a whole number from 0; separators are refused, because 1.234 has two meanings."""
        found = self.cell(column, required=required)
        if found is None:
            return None
        problem = _number_problem(found)
        if problem is not None:
            self.refuse(problem, column)
            return None
        # The length first: turning a million digits into a number would take minutes.
        if len(found.text) > 9 or int(found.text) > LARGEST_POPULATION:
            self.refuse(_Code.NUMBER_LARGE, column, most=LARGEST_POPULATION)
            return None
        return int(found.text)

    def day(self, column: str, *, required: bool) -> date | None:
        """Read a date written 2022-09-30 or 30/09/2022."""
        found = self.cell(column, required=required)
        if found is None:
            return None
        day = _day(found)
        if day is None:
            self.refuse(_Code.DATE_UNREADABLE, column)
        return day


def _number_problem(cell: Cell) -> RegisterFaultCode | None:
    """Say why a cell is no whole number from 0."""
    if _WHOLE.fullmatch(cell.text):
        return None
    if _NEGATIVE.fullmatch(cell.text):
        return _Code.NUMBER_NEGATIVE
    if _GROUPED.fullmatch(cell.text) and not cell.is_number:
        return _Code.NUMBER_GROUPED
    return _Code.NUMBER_NOT_WHOLE


def _day(cell: Cell) -> date | None:
    """Read a date in one of the two declared forms; a year far away is a slip of the hand."""
    iso, vietnamese = _ISO.fullmatch(cell.text), _VIETNAMESE.fullmatch(cell.text)
    if iso:
        year, month, day = map(int, iso.groups())
    elif vietnamese:
        day, month, year = map(int, vietnamese.groups())
    else:
        return None
    try:
        return date(year, month, day) if 1900 <= year <= 2200 else None
    except ValueError:
        return None
