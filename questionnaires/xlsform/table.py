"""Rows of texts to a workbook; what a cell cannot hold unchanged is refused.

Every cell is written as text, so that "01" stays "01" and nothing is taken for a formula.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from questionnaires.choices import Document
from questionnaires.errors import DefinitionError, Fault
from questionnaires.expansion import UNIT_NAME
from questionnaires.texts import Text
from questionnaires.xlsform.layout import CHOICES, CUSTOM, hidden_names, language_heading, texts_key
from questionnaires.xlsform.sheets import tidy

__all__ = ["Texts", "heading", "workbook"]

_FILE: Final = "<workbook>"
_LONGEST: Final = 32_767
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|x005F_")
_VARIABLE: Final = re.compile(r"\$\{[^{}]*\}")
_FIRST: Final = (
    *("type", "list_name", "name", "label", "hint", "required", "relevant", "constraint"),
    *("constraint_message", "calculation", "appearance", "parameters", "repeat_count"),
    *("form_title", "form_id", "version", "default_language", "map", "code", "block"),
)
_TAG: Final = re.compile(r"[a-z]{2}(-[A-Z]{2})?")

Rows = Sequence[Mapping[str, str]]


class Texts:
    """Writes texts into columns, one for each language as soon as anything is translated."""

    def __init__(self, questionnaire: Document, language: str) -> None:
        self._language = language
        self._translated = any(_wordings(questionnaire))

    def cells(self, column: str, text: Text | None) -> dict[str, str]:
        """Give the cells of a text; one that only names its own language is marked as such."""
        if text is None:
            return {}
        if isinstance(text, dict):
            return {texts_key(column, tag): wording for tag, wording in text.items()}
        return {texts_key(column, self._language) if self._translated else column: text}

    def row(self, texts: Mapping[str, Text | None], **cells: str | None) -> dict[str, str]:
        """Give the cells of a row: its texts and what else is not None."""
        row = {key.replace("__", "::"): value for key, value in cells.items() if value is not None}
        for column, text in texts.items():
            row |= self.cells(column, text)
        tagged = [column for column, text in texts.items() if self._is_tagged(text)]
        return row | ({"khaosat::tagged": " ".join(tagged)} if tagged else {})

    def _is_tagged(self, text: Text | None) -> bool:
        return isinstance(text, dict) and list(text) == [self._language]


def _wordings(value: object) -> Iterator[Mapping[str, str]]:
    """Find the texts that name a language."""
    if isinstance(value, Document):
        for name in type(value).model_fields:
            yield from _wordings(getattr(value, name))
    elif isinstance(value, tuple):
        for part in value:
            yield from _wordings(part)
    elif isinstance(value, dict):
        if value and all(isinstance(part, str) for part in value.values()):
            yield value
        for part in value.values():
            yield from _wordings(part)


def heading(key: str, sheet: str) -> str:
    """Write the heading of a column, such as "label::Tiếng Việt (vi)" for label::vi.

    On the choices sheet other software puts custom columns into the form's XML, as names of
    elements; there they have an underscore.
    """
    if sheet == CHOICES:
        key = key.replace(CUSTOM, CUSTOM.replace("::", "_"))
    column, _, tag = key.rpartition("::")
    return f"{column}::{language_heading(tag)}" if column and _TAG.fullmatch(tag) else key


def workbook(sheets: Mapping[str, Rows]) -> bytes:
    """Write sheets, each with the columns that its rows use.

    Parameters
    ----------
    sheets : rows of texts by column, by name of the sheet

    Returns
    -------
    bytes
        An XLSX file; the same sheets give the same cells.

    Raises
    ------
    DefinitionError
        When a text cannot stand in a cell unchanged; lists every such cell.
    """
    faults: list[Fault] = []
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        styles = {"head": book.add_format({"bold": True, "bg_color": "#E6EEF5"})}
        styles["cell"] = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for name, rows in sheets.items():
            columns = _columns(rows)
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for place, key in enumerate(columns):
                sheet.write_string(0, place, heading(key, name), styles["head"])
                sheet.set_column(place, place, 48 if key.startswith(("label", "hint")) else 18)
            faults += _fill(sheet, rows, columns, styles["cell"])
    if faults:
        raise DefinitionError(faults)
    return stream.getvalue()


def _columns(rows: Rows) -> list[str]:
    """Order the columns: XLSForm's own as people expect them, then ours as they come."""
    seen = dict.fromkeys(key for row in rows for key in row)
    rank = {name: n for n, name in enumerate(_FIRST)}
    return sorted(seen, key=lambda key: rank.get(key.partition("::")[0], len(rank)))


def _fill(sheet: Any, rows: Rows, columns: list[str], style: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Write the rows below the headings."""
    for number, row in enumerate(rows, start=1):
        for place, key in enumerate(columns):
            if key not in row:
                continue
            problem = _problem(key, row[key])
            if problem is not None:
                message, remedy = problem
                at = f"{sheet.name}!{xl_rowcol_to_cell(number, place)}"
                yield Fault(file=_FILE, line=number + 1, path=at, message=message, remedy=remedy)
                continue
            text = hidden_names(row[key]) if key.startswith(CUSTOM) else row[key]
            sheet.write_string(number, place, text, style)


def _problem(key: str, text: str) -> tuple[str, str] | None:
    """Say why a text would come back changed, or not at all."""
    if len(text) > _LONGEST:
        return f"{key} has {len(text)} characters, a cell holds {_LONGEST}", "shorten it"
    if _NOT_IN_XML.search(text) or tidy(text) != text:
        message = f"{key} has characters that a workbook does not keep: {text[:40]!r}"
        return message, "remove control characters and marks at its ends"
    if key.startswith(CUSTOM) and "@{" in text:
        return f"{key} holds “@{{”, which stands for a name there", "write it in another way"
    base = key.partition("::")[0]
    if base in {"label", "hint", "constraint_message"}:
        strange = [name for name in _VARIABLE.findall(text) if name != UNIT_NAME]
        if strange:
            message = f"{strange[0]} in {key} would be filled in by XLSForm software"
            return message, "say it in words"
    return None
