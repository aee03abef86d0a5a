"""XLSForm in: a workbook to a sound `Questionnaire`, or every fault with its cell.

The sheets become the same document that YAML gives and go through the same checks; only the places
of what is found are cells.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import openpyxl

from questionnaires.errors import DefinitionError, Fault
from questionnaires.questionnaire import Questionnaire
from questionnaires.reading import validated
from questionnaires.texts import closest
from questionnaires.xlsform.archive import UnreadableWorkbook, content_of, open_workbook
from questionnaires.xlsform.columns import FOREIGN_SHEETS, SHEETS
from questionnaires.xlsform.document import document
from questionnaires.xlsform.layout import SURVEY
from questionnaires.xlsform.rows import flatten
from questionnaires.xlsform.sheets import Faults, Place, Sheet, read_sheet

__all__ = ["read_xlsform"]

_BYTES: Final = "<workbook>"
_NAMES: Final = re.compile(r"\$\{([A-Za-z][\w.]*)\}|unknown (?:item|fact) ([\w.]+)|item '([\w.]+)'")


def read_xlsform(source: Path | bytes) -> Questionnaire:
    """Read a questionnaire written as XLSForm.

    Parameters
    ----------
    source : a Path of an XLSX file, or its bytes

    Returns
    -------
    Questionnaire
        What a plain XLSForm does not say has the defaults of docs/xlsform.md.

    Raises
    ------
    DefinitionError
        When the file is no workbook, or the form cannot be used or uses what is not supported;
        lists every fault, its ``line`` being the row and its ``path`` the cell, as survey!C14.
    OSError
        When the file cannot be read.
    """
    file = source.name if isinstance(source, Path) else _BYTES
    stem = source.stem if isinstance(source, Path) else ""
    faults = Faults(file)
    try:
        book = open_workbook(content_of(source))
        try:
            sheets = _sheets(book, faults)
        finally:
            book.close()
    except UnreadableWorkbook as error:
        fault = Fault(file=file, line=1, path="", message=error.message, remedy=error.remedy)
        raise DefinitionError([fault]) from error
    return _questionnaire(document(sheets, faults, stem), faults, sheets)


def _sheets(book: openpyxl.Workbook, faults: Faults) -> dict[str, Sheet]:
    """Read the sheets by name, hidden ones too; every sheet is there, be it empty."""
    sheets: dict[str, Sheet] = {}
    for title in book.sheetnames:
        name = title.strip().casefold()
        if name in SHEETS and name not in sheets:
            sheets[name] = read_sheet(book, title, SHEETS[name], faults)
        elif not name.startswith("#") and _is_filled(book, title):
            faults.add(Place(len(SHEETS), 1, 1, title), *_foreign(title, name, list(sheets)))
    if SURVEY not in sheets:
        titles = ", ".join(map(repr, book.sheetnames[:10]))
        message = f"there is no sheet survey, only {titles}"
        raise UnreadableWorkbook(message, "name the sheet of the questions survey")
    empty = {
        name: Sheet(name, {}, (), Place(kind.order, 1, 1, name)) for name, kind in SHEETS.items()
    }
    return empty | sheets


def _is_filled(book: openpyxl.Workbook, title: str) -> bool:
    sheet: Any = book[title]
    rows = getattr(sheet, "iter_rows", None)  # a chart has a sheet without rows
    if rows is None:
        return True
    sheet.reset_dimensions()
    return any(value is not None for row in rows(values_only=True, max_row=1000) for value in row)


def _foreign(title: str, name: str, read: list[str]) -> tuple[str, str]:
    if name in FOREIGN_SHEETS:
        return f"sheet {title!r} is not supported", FOREIGN_SHEETS[name]
    close = closest(name[:31], [sheet for sheet in SHEETS if sheet not in read])
    hint = f"did you mean {close!r}? else " if close else ""
    remedy = f"{hint}delete it, or begin its name with # to keep it as a comment"
    return f"sheet {title!r} is no part of an XLSForm", remedy


def _questionnaire(tree: dict[str, Any], faults: Faults, sheets: dict[str, Sheet]) -> Questionnaire:
    value, places = flatten(tree)
    listed = sorted(set(places.values()) | {sheets[SURVEY].start})
    lines = {place: n for n, place in enumerate(listed)}
    located = {(): lines[sheets[SURVEY].start]} | {path: lines[at] for path, at in places.items()}
    try:
        questionnaire = validated(value, lambda: located, faults.file)
    except DefinitionError as error:
        found = [(listed[fault.line], fault) for fault in error.faults]
        for place, fault in _not_echoes(found, faults, sheets):
            faults.add(place, fault.message, fault.remedy)
        raise DefinitionError(faults.listed()) from error
    if faults:
        raise DefinitionError(faults.listed())
    return questionnaire


def _not_echoes(
    found: list[tuple[Place, Fault]], faults: Faults, sheets: dict[str, Sheet]
) -> Iterator[tuple[Place, Fault]]:
    """Leave out what follows from a fault that is listed already: its cell, its row, its name."""
    at_fault = faults.places
    lost = [
        row for row in sheets[SURVEY].rows if at_fault & {row.place, row.at("type"), row.at("name")}
    ]
    rows = {row.place.row for row in lost}
    names = {row.cells["name"].value for row in lost if "name" in row.cells}
    for place, fault in found:
        named = {name for groups in _NAMES.findall(fault.message) for name in groups if name}
        if place in at_fault or named & names or (place.sheet == SURVEY and place.row in rows):
            continue
        if faults and fault.path in {"", "sections"}:
            continue
        yield place, fault
