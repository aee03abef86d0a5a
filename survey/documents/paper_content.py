"""What a paper form says: a questionnaire turned into plain values for the Typst template.

Paper is written from the definition as people wrote it, not from its expansion: a grid is a table,
a line to write on stands beside its option, and a repeated section is a block for each unit.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from questionnaires import (
    MultiItem,
    NoteItem,
    Option,
    Question,
    Questionnaire,
    ScaleItem,
    Section,
    SingleItem,
    parse,
    text_in,
)
from questionnaires.expansion import UNIT_NAME, RatedUnit, names_for, specify_id
from questionnaires.names import kinds_of
from questionnaires.questions import CalculationItem, GridItem, GridRow, Item
from questionnaires.texts import Text
from survey.documents.conditions import instruction
from survey.documents.paper_routing import Jump, Routing
from survey.documents.paper_written import written_values

__all__ = ["LANGUAGE", "PaperContent"]

LANGUAGE: Final = "vi"
"""Paper is printed in Vietnamese; a text without it stands in the document's language."""

_SHORT, _MIDDLE, _LONG = 16, 20, 40
_MOST_COLUMNS, _MOST_BARE = 8, 12
_WIDE, _NARROW = 18, 13.5
_MOST_WIDE = 4
_FOR_SPECIAL = 4
_CODE_LENGTH = 8
_SAYS_HOW_MANY = re.compile(r"\((?:có thể )?chọn", re.IGNORECASE)
_UNNAMED = "cơ quan, đơn vị được ghi tên trong phần này"
_STOP = "→ xin dừng tại đây và nộp lại phiếu"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """One writing of a section: the ids and the unit's name it is written with."""

    ids: Mapping[str, str]
    unit: str
    last: bool

    def id_of(self, item_id: str) -> str:
        return self.ids.get(item_id, item_id)


_PLAIN: Final = _Block(ids={}, unit=UNIT_NAME, last=True)


class PaperContent:
    """The sections of a questionnaire as the template draws them.

    Parameters
    ----------
    questionnaire : Questionnaire
    facts : mapping
        What the register knows; what it closes is left out.
    units : sequence of RatedUnit
        Units that repeated sections are written for; without any, one block has lines for a
        unit's name and code.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        facts: Mapping[str, str],
        units: Sequence[RatedUnit] = (),
    ) -> None:
        self._base = questionnaire
        self._questionnaire = _numbered(questionnaire, "", 1) if units else questionnaire
        self._facts = facts
        self._units = tuple(units)
        self._routing = Routing(self._questionnaire, facts)

    def consent(self) -> dict[str, Any] | None:
        """Write the consent question, or None where there is none."""
        item = self._questionnaire.consent
        if item is None:
            return None
        return self._question(item, _PLAIN) | {"number": "Đồng ý tham gia"}

    def sections(self) -> list[dict[str, Any]]:
        """Write all sections that the facts leave open, repeated ones once for each unit."""
        return [
            written
            for section in self._questionnaire.sections
            if section.enabled and self._routing.is_open(f"§{section.id}")
            for written in self._writings(section)
        ]

    def _writings(self, section: Section) -> list[dict[str, Any]]:
        if section.repeat is None:
            return [self._section(section, _PLAIN) | {"unit": None}]
        if not self._units:
            return [self._to_fill_in(section)]
        return [
            self._numbered(section, n)._section(  # noqa: SLF001 - of the same class
                section, self._block(section, n, unit.name)
            )
            | {"title": self._title(section, n, unit), "unit": None}
            for n, unit in enumerate(self._units, start=1)
        ]

    def _numbered(self, section: Section, number: int) -> "PaperContent":
        """Write the section's n-th block with the numbers that the screen has for it."""
        return PaperContent(_numbered(self._base, section.id, number), self._facts)

    def _title(self, section: Section, number: int, unit: RatedUnit) -> str:
        title = self._text(section.title)
        if UNIT_NAME not in title:
            title += f" – {UNIT_NAME}"
        place = f"{number}/{len(self._units)}"
        return f"{title.replace(UNIT_NAME, unit.name)} (mã {unit.code}; {place})"

    def _to_fill_in(self, section: Section) -> dict[str, Any]:
        unit = {
            "name_item": f"{section.id}_1.unit_name",
            "code_item": f"{section.id}_1.unit_code",
            "code_length": _CODE_LENGTH,
        }
        return self._section(section, self._block(section, 1, _UNNAMED)) | {"unit": unit}

    def _block(self, section: Section, number: int, name: str) -> _Block:
        last = number >= len(self._units)
        return _Block(ids=names_for(section, number), unit=name, last=last)

    def _section(self, section: Section, block: _Block) -> dict[str, Any]:
        questions = [
            drawn
            for item in section.items
            if self._routing.is_open(item.id)
            for drawn in self._item(item, block)
        ]
        instructions = section.instructions
        return {
            "title": self._filled(section.title, block),
            "instructions": None if instructions is None else self._filled(instructions, block),
            "instruction": self._routing.sentence(f"§{section.id}"),
            "questions": questions,
        }

    def _item(self, item: Item, block: _Block) -> list[dict[str, Any]]:
        if isinstance(item, GridItem):
            return self._grid(item, block)
        return [] if isinstance(item, CalculationItem) else [self._question(item, block)]

    def _question(self, item: Question | NoteItem, block: _Block) -> dict[str, Any]:
        number = self._questionnaire.number_of(item.id)
        said = self._routing.sentence(item.id)
        head = self._head(item, block)
        if isinstance(item, NoteItem):
            return head | {"kind": "note", "instruction": said}
        head |= {
            "number": number,
            "instruction": None if said is None else f"Câu {number}: {said}",
            "choose": self._choose(item),
        }
        if isinstance(item, SingleItem | MultiItem | ScaleItem):
            return head | {"kind": "choice"} | self._choices(item, block)
        return head | written_values(item, lambda text: self._filled(text, block))

    def _head(self, item: Item | GridRow, block: _Block) -> dict[str, Any]:
        return {
            "id": block.id_of(item.id),
            "text": self._filled(item.text, block),
            "hint": None if item.hint is None else self._filled(item.hint, block),
        }

    def _choose(self, item: Question) -> str | None:
        if not isinstance(item, MultiItem) or _SAYS_HOW_MANY.search(self._text(item.text)):
            return None
        if item.max_choices is None:
            return "có thể chọn nhiều ô"
        return f"chọn tối đa {item.max_choices:02d} ô"

    def _choices(self, item: SingleItem | MultiItem | ScaleItem, block: _Block) -> dict[str, Any]:
        source = self._questionnaire.scales[item.scale] if isinstance(item, ScaleItem) else item
        options = [self._option(item, option, block) for option in source.options]
        special = [self._option(item, option, block) for option in source.special]
        return {
            "options": options,
            "special": special,
            "columns": _columns(options),
            "special_columns": min(2, _columns(special)) if special else 1,
        }

    def _option(
        self, item: SingleItem | MultiItem | ScaleItem, option: Option, block: _Block
    ) -> dict[str, Any]:
        line, text = option.specify, self._filled(option.text, block)
        return {
            "code": option.code,
            "text": "" if text == option.code else text,
            "note": self._note(item, option, block),
            "specify": None
            if line is None
            else {
                "item": block.id_of(specify_id(item.id, option.code)),
                "text": _lowered(self._filled(line.text, block)),
            },
        }

    def _note(
        self, item: SingleItem | MultiItem | ScaleItem, option: Option, block: _Block
    ) -> str | None:
        if option.ends is not None:
            return _STOP
        if isinstance(item, MultiItem) and option.code in item.exclusive:
            return "(không chọn cùng ô khác)"
        jump = self._routing.jump(item.id, option.code)
        return None if jump is None else f"→ chuyển đến {self._destination(jump, block)}"

    def _destination(self, jump: Jump, block: _Block) -> str:
        if jump.leaves_section and not block.last:
            return "cơ quan, đơn vị tiếp theo"
        if jump.target is None:
            return "cuối phiếu"
        item = jump.target.item
        first = self._open_rows(item)[0] if isinstance(item, GridItem) else item
        return f"câu {self._questionnaire.number_of(first.id)}"

    def _open_rows(self, grid: GridItem) -> list[GridRow]:
        return [row for row in grid.rows if self._routing.is_open(row.id)]

    def _grid(self, grid: GridItem, block: _Block) -> list[dict[str, Any]]:
        """Draw a table, or question after question where the scale is too wide for one."""
        rows = self._open_rows(grid)
        scale = self._questionnaire.scales[grid.scale]
        options = (*scale.options, *scale.special)
        said = self._routing.sentence(grid.id)
        head = self._head(grid, block) | {
            "instruction": None if said is None else f"{self._span(rows)}: {said}"
        }
        if len(options) > _MOST_COLUMNS:
            return [head | {"kind": "note"}, *(self._asked_row(grid, row, block) for row in rows)]
        table = {
            "kind": "grid",
            "columns": [self._text(option.text) for option in options],
            "widths": _widths(len(scale.options), len(scale.special)),
            "rows": self._rows(grid, rows, [option.code for option in options], block),
        }
        return [head | table] if rows else []

    def _asked_row(self, grid: GridItem, row: GridRow, block: _Block) -> dict[str, Any]:
        settings = {name: getattr(row, name) for name in type(row).model_fields}
        item = ScaleItem(type="scale", scale=grid.scale, **settings)
        number = self._questionnaire.number_of(row.id)
        said = self._row_sentence(grid, row)
        return (
            self._head(row, block)
            | {
                "number": number,
                "instruction": None if said is None else f"Câu {number}: {said}",
                "choose": None,
                "kind": "choice",
            }
            | self._choices(item, block)
        )

    def _rows(
        self, grid: GridItem, rows: Sequence[GridRow], codes: Sequence[str], block: _Block
    ) -> list[dict[str, Any]]:
        """Write the rows; neighbours under one condition share its sentence."""
        written = []
        for said, group in groupby(rows, key=lambda row: self._row_sentence(grid, row)):
            together = list(group)
            for place, row in enumerate(together):
                begins = said is not None and place == 0
                written.append(
                    self._head(row, block)
                    | {
                        "number": self._questionnaire.number_of(row.id),
                        "options": [{"code": code} for code in codes],
                        "instruction": f"{self._span(together)}: {said}" if begins else None,
                    }
                )
        return written

    def _row_sentence(self, grid: GridItem, row: GridRow) -> str | None:
        """Write a row's own condition; its grid's stands above the table."""
        if row.show_if is None:
            return None
        if grid.show_if is None:
            return self._routing.sentence(row.id)
        questionnaire = self._questionnaire
        items = (*questionnaire.questions, *questionnaire.calculations)
        condition = parse(row.show_if, kinds_of(items, questionnaire.facts))
        return instruction(questionnaire, condition, self._facts)

    def _span(self, rows: Sequence[GridRow]) -> str:
        first, last = (self._questionnaire.number_of(row.id) for row in (rows[0], rows[-1]))
        return f"Câu {first}" if first == last else f"Từ câu {first} đến câu {last}"

    def _text(self, text: Text) -> str:
        return text_in(text, LANGUAGE, self._questionnaire.language)

    def _filled(self, text: Text, block: _Block) -> str:
        return self._text(text).replace(UNIT_NAME, block.unit)


def _numbered(questionnaire: Questionnaire, section_id: str, number: int) -> Questionnaire:
    """Write printed numbers as `rating_form` does: for the n-th unit in one section, else for 1."""
    sections = (
        section
        if section.repeat is None
        else _with_numbers(section, number if section.id == section_id else 1)
        for section in questionnaire.sections
    )
    return questionnaire.view({"sections": tuple(sections)})


def _with_numbers(section: Section, number: int) -> Section:
    items = []
    for item in section.items:
        changes = _number(item, number)
        if isinstance(item, GridItem):
            rows = (row.model_copy(update=_number(row, number)) for row in item.rows)
            changes["rows"] = tuple(rows)
        items.append(item.model_copy(update=changes))
    return section.model_copy(update={"items": tuple(items)})


def _number(item: Item | GridRow, number: int) -> dict[str, object]:
    printed = item.printed_number
    return {} if printed is None else {"printed_number": f"{printed}.{number}"}


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _widths(options: int, special: int) -> list[float]:
    """Give the millimetres of a table's columns; special codes have long names."""
    width = _WIDE if options + special <= _MOST_WIDE else _NARROW
    return [width] * options + [width + _FOR_SPECIAL] * special


def _columns(options: Sequence[Mapping[str, Any]]) -> int:
    """Lay out options by their longest text: short ones in a row, long ones below one another."""
    plain = [option for option in options if option["specify"] is None]
    lengths = [len(f"{option['text']} {option['note'] or ''}".strip()) for option in plain]
    longest = max(lengths, default=0)
    if longest > _LONG or any(option["note"] == _STOP for option in options):
        return 1
    if not longest:
        return max(1, min(len(plain), _MOST_BARE))
    if longest <= _SHORT:
        return min(len(plain), 5)
    return 3 if longest <= _MIDDLE else 2
