"""Sheets as rows of texts, each with the cell that it stands in.

Everything becomes text here, as a person sees it in the cell: 1 and 1.0 are "1", TRUE is "yes", a
day is "2025-06-30". Accents are composed, line ends made one kind, outer spaces dropped.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils import get_column_letter

from questionnaires.errors import Fault
from questionnaires.texts import closest, nfc
from questionnaires.xlsform.archive import BROKEN_WORKBOOK, UnreadableWorkbook
from questionnaires.xlsform.layout import CUSTOM, language_tag, shown_names, texts_key

__all__ = ["At", "Columns", "Faults", "Place", "Row", "Sheet", "fault_at", "read_sheet", "tidy"]

_MOST_ROWS: Final = 10_000
_MOST_BLANK_ROWS: Final = 2**20
_MOST_COLUMNS: Final = 200
_LONGEST: Final = 32_767
_RETURN: Final = re.compile(r"(?:_x000D_|\r)\n?")
_EDGES: Final = " \t\r\n\u00a0\u200b\u2060\ufeff"
_PASSED_OVER: Final = "#…"
"""What headings of comments begin with, and of columns that cannot be read."""

_OURS: Final = CUSTOM.removesuffix("::")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A cell; places sort as a reader goes through the workbook."""

    order: int
    row: int
    column: int
    sheet: str = field(compare=False)

    @property
    def name(self) -> str:
        """Write the place as spreadsheets do, such as survey!C14."""
        return f"{self.sheet}!{get_column_letter(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class At:
    """A value of the document with the cell that it was read from."""

    value: Any
    place: Place


class Faults:
    """Collects faults of one workbook; every place is reported once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[tuple[Place, str], str] = {}
        self._unreadable: set[Place] = set()

    def add(self, place: Place, message: str, remedy: str) -> None:
        """Note a fault, unless the cell could not be read at all."""
        if place not in self._unreadable:
            self._found.setdefault((place, message), remedy)

    def spoil(self, place: Place, message: str, remedy: str) -> None:
        """Note that a cell cannot be read; nothing more is said about it."""
        self.add(place, message, remedy)
        self._unreadable.add(place)

    @property
    def places(self) -> set[Place]:
        """The cells that have a fault."""
        return {place for place, _ in self._found}

    def listed(self) -> list[Fault]:
        """Give the faults in the order of the workbook."""
        return [
            fault_at(self.file, place, message, self._found[place, message])
            for place, message in sorted(self._found, key=lambda key: key[0])
        ]

    def __bool__(self) -> bool:
        return bool(self._found)


def fault_at(file: str, place: Place, message: str, remedy: str) -> Fault:
    """Build a fault of a cell."""
    return Fault(file=file, line=place.row, path=place.name, message=message, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Row:
    """The filled cells of one row by the key of their column."""

    place: Place
    cells: Mapping[str, At]
    used: set[str] = field(default_factory=set, compare=False)

    def take(self, key: str) -> At | None:
        """Give a cell and note that it was used; None where it is empty."""
        self.used.add(key)
        return self.cells.get(key)

    def text(self, key: str) -> str:
        """Do so with its text, "" where it is empty."""
        cell = self.take(key)
        return "" if cell is None else str(cell.value)

    def unused(self) -> list[tuple[str, At]]:
        """List the cells that nothing has asked for."""
        return [(key, cell) for key, cell in self.cells.items() if key not in self.used]

    def at(self, *keys: str) -> Place:
        """Give the place of the first of these cells that is filled, else of the row."""
        return next((self.cells[key].place for key in keys if key in self.cells), self.place)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its columns by key, its rows that hold something."""

    name: str
    columns: Mapping[str, Place]
    rows: tuple[Row, ...]
    start: Place

    def languages(self, column: str) -> tuple[str, ...]:
        """List the tags of the languages that a text column is written in."""
        inside = f"{column}::"
        return tuple(key.removeprefix(inside) for key in self.columns if key.startswith(inside))


def tidy(text: str) -> str:
    r"""Clean the text of a cell.

    Examples
    --------
    >>> tidy("\ufeff Có\u00a0_x000D_\nkhông \t")
    'Có\xa0\nkhông'
    """
    return nfc(_RETURN.sub("\n", text)).strip(_EDGES)


def read_sheet(book: openpyxl.Workbook, title: str, kind: "Columns", faults: Faults) -> Sheet:
    """Read a sheet.

    Parameters
    ----------
    book : in read-only mode
    title : the sheet's name in the workbook
    kind : the name that it has in messages, its place among the sheets, its columns
    faults : where to note formulas, errors, columns that are unknown or stand twice

    Returns
    -------
    Sheet
        Empty where the sheet is.

    Raises
    ------
    UnreadableWorkbook
        When it is damaged or has more than 10,000 rows.
    """
    start = Place(kind.order, 1, 1, kind.name)
    try:
        sheet: Any = book[title]
        sheet.reset_dimensions()  # what a workbook says about its own size may be wrong
        lines = list(_lines(sheet.iter_rows(max_col=_MOST_COLUMNS + 1), kind.name))
    except BROKEN_WORKBOOK as error:
        message = f"sheet {title!r} is damaged ({type(error).__name__})"
        raise UnreadableWorkbook(
            message, "open it in Excel or LibreOffice, save it anew"
        ) from error
    if not lines:
        return Sheet(kind.name, {}, (), start)
    header, *others = lines
    keys = _keys(header, kind, faults)
    rows = [_row(cells, keys, kind, faults) for cells in others]
    columns = {key: place for key, place in keys.values() if key}
    return Sheet(kind.name, columns, tuple(row for row in rows if row.cells), start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns that a sheet may have.

    ``texts`` are written in several languages; ``aliases`` are other spellings; ``refused`` are
    known to XLSForm and not supported here, with their remedy.
    """

    name: str
    order: int
    plain: frozenset[str]
    texts: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> list[str]:
        """All names of columns, for suggestions."""
        return sorted(self.plain | self.texts | set(self.aliases))


def _lines(rows: Iterable[Sequence[Any]], name: str) -> Iterator[list[Any]]:
    """Walk over the rows with a filled cell, refusing a sheet without end."""
    filled = 0
    for number, row in enumerate(rows):
        cells = [cell for cell in row if cell is not EMPTY_CELL and cell.value is not None]
        filled += bool(cells)
        if filled > _MOST_ROWS or number > _MOST_BLANK_ROWS:
            message = f"sheet {name!r} has more than {_MOST_ROWS} rows"
            raise UnreadableWorkbook(message, "this cannot be a questionnaire; check the file")
        if cells:
            yield cells


def _place(cell: Any, kind: Columns) -> Place:  # noqa: ANN401 (openpyxl has several cells)
    return Place(kind.order, int(cell.row), int(cell.column), kind.name)


def _row(
    cells: list[Any], keys: Mapping[int, tuple[str, Place]], kind: Columns, faults: Faults
) -> Row:
    first = _place(cells[0], kind)
    row = Place(first.order, first.row, 1, first.sheet)
    found = {}
    for cell in cells:
        place = _place(cell, kind)
        key, _ = keys.get(place.column, (None, place))
        if key == "":
            continue  # a column of comments, or one that was reported by its heading
        text = _text(cell, place, faults)
        if key is None:
            if text:
                faults.add(place, f"{text[:40]!r} stands in a column without heading", "delete it")
        elif text and key in kind.refused:
            message = f"column {key!r} is not supported, here {text[:40]!r}"
            faults.add(place, message, kind.refused[key])
        elif text:
            found[key] = At(shown_names(text) if key.startswith(CUSTOM) else text, place)
    return Row(row, found)


def _text(cell: Any, place: Place, faults: Faults) -> str:  # noqa: ANN401 (see above)
    """Read a cell as the text that a person sees; "…" for what is reported."""
    value = cell.value
    text = tidy(_written(value))
    if cell.data_type == "f":
        shown = str(getattr(value, "text", value))[:60]
        faults.spoil(place, f"the cell holds the formula {shown!r}", "paste its value instead")
    elif cell.data_type == "e":
        faults.spoil(place, f"the cell holds the error {value}", "write a value")
    elif len(text) > _LONGEST:
        faults.spoil(place, f"the cell has {len(text)} characters", "shorten it")
    else:
        return text
    return "…"


def _written(value: object) -> str:
    """Write a value as it is shown; spreadsheets keep 1 as 1.0 and days with a time."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time(0):
        return value.date().isoformat()
    return str(value)


def _keys(header: list[Any], kind: Columns, faults: Faults) -> dict[int, tuple[str, Place]]:
    """Pair the numbers of columns with their keys; "" is a column that is passed over."""
    keys: dict[int, tuple[str, Place]] = {}
    taken: dict[str, Place] = {}
    for cell in header:
        place = _place(cell, kind)
        text = _text(cell, place, faults)
        key = "" if not text or text[0] in _PASSED_OVER else _key(text, place, kind, faults)
        if place.column > _MOST_COLUMNS:
            faults.add(place, f"there are more than {_MOST_COLUMNS} columns", "delete the others")
        if key and key in taken:
            message = f"column {text!r} stands twice, first at {taken[key].name}"
            faults.add(place, message, "keep one of the two")
            key = ""
        elif key not in kind.refused:
            taken[key] = place
        keys[place.column] = (key, place)
    return keys


def _key(text: str, place: Place, kind: Columns, faults: Faults) -> str:
    """Find the key of a column by its heading, "" where it is not known."""
    parts = [part.strip() for part in re.split("::" if "::" in text else ":", text)]
    if parts[0].casefold() == _OURS and len(parts) > 1:
        parts = [f"{_OURS}_{parts[1]}", *parts[2:]]
    name = re.sub(r"[\s\-]+", "_", parts[0].casefold())
    if name.startswith(f"{_OURS}_"):
        name = CUSTOM + name.removeprefix(f"{_OURS}_")
    name = kind.aliases.get(name, name)
    if name in kind.texts and len(parts) == 2:
        tag = language_tag(parts[1])
        if tag is None:
            message = f"the language of column {text!r} is not known"
            faults.add(place, message, f"write its tag, such as {parts[0]}::English (en)")
            return ""
        return texts_key(name, tag)
    if name in kind.refused:
        return name
    if len(parts) == 1 and name in kind.plain | kind.texts:
        return name
    faults.add(place, *_unknown(text, name, kind))
    return ""


def _unknown(text: str, name: str, kind: Columns) -> tuple[str, str]:
    close = closest(name[:64], kind.known)
    hint = f"did you mean {close!r}? else " if close else ""
    remedy = f"{hint}delete the column, or begin its heading with # to keep it as a comment"
    return f"column {text!r} is unknown on sheet {kind.name!r}", remedy
