"""The survey sheet: groups as sections, rows as items, roles as the parts around them."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from questionnaires.expansion import specify_id
from questionnaires.expressions import Kind
from questionnaires.xlsform.dialect import to_xlsform
from questionnaires.xlsform.items import Items, kind_and_list
from questionnaires.xlsform.layout import REPEAT_OVER, ROLES
from questionnaires.xlsform.lists import Lists
from questionnaires.xlsform.rows import Reader
from questionnaires.xlsform.sheets import At, Place, Row, Sheet

__all__ = ["Survey", "kinds_in"]

_STRUCTURE: Final = re.compile(
    r"(begin|end)[ _](group|repeat)(?:[ _](?:group|repeat))?", re.IGNORECASE
)
_LIST_LOOKS: Final = frozenset(
    {"field-list", "table-list", "pages", "h1", "h2", "h3", "w1", "w2", "w3", "w4"}
)
_KINDS: Final = {
    "single": Kind.CODE,
    "multi": Kind.CODES,
    "integer": Kind.NUMBER,
    "range": Kind.NUMBER,
    "decimal": Kind.DECIMAL,
    "calculation": Kind.DECIMAL,
    "date": Kind.DATE,
    "text": Kind.TEXT,
}


def kinds_in(sheet: Sheet) -> dict[str, Kind]:
    """Pair the names of rows with the kinds of their answers."""
    kinds = {}
    for row in sheet.rows:
        type_cell, name = row.cells.get("type"), row.cells.get("name")
        if type_cell is None or name is None:
            continue
        kind, _, _ = kind_and_list(type_cell.value)
        if type_cell.value.lower() == "hidden":
            kinds[name.value] = Kind.CODE
        elif kind in _KINDS:
            kinds[name.value] = _KINDS[kind]
    return kinds


@dataclass(slots=True)
class _Frame:
    """A group that is open: its row, the list that takes its items, its condition."""

    row: Row
    kind: str
    items: list[At]
    show_if: At | None = None
    grid: dict[str, Any] | None = None


@dataclass(slots=True)
class Survey:
    """Reads the sheet from top to bottom into the parts of the document."""

    reader: Reader
    lists: Lists
    title: Any
    sections: list[At] = field(default_factory=list)
    facts: list[At] = field(default_factory=list)
    intro: list[At] = field(default_factory=list)
    consent: At | None = None
    _items: Items = field(init=False)
    _open: list[_Frame] = field(default_factory=list)
    _loose: list[At] | None = None
    _section: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._items = Items(self.reader, self.lists)

    def read(self) -> None:
        """Read every row; what is wrong is noted among the faults."""
        for row in self.reader.sheet.rows:
            self._row(row)
            self.reader.leftovers(row)
        for frame in self._open:
            kind, name = frame.kind, frame.row.text("name")
            message = f"{kind} {name!r} has no end_{kind}"
            self._fault(frame.row.at("type"), message, f"add a row of type end_{kind}")
        if self._open and not self._open[0].items:
            self.sections.pop()
        if not self.sections:
            place = self.reader.sheet.start
            self._fault(place, "sheet survey has no question", "add rows with type, name and label")

    def _fault(self, place: Place, message: str, remedy: str) -> None:
        self.reader.faults.add(place, message, remedy)

    def _row(self, row: Row) -> None:
        self._refuse_disabled(row)
        role = row.text("khaosat::role")
        structure = _STRUCTURE.fullmatch(" ".join(row.text("type").split()))
        if role:
            self._role(row, role)
        elif structure is None:
            self._item(row)
        elif structure[1].lower() == "end":
            self._close(row, structure[2].lower())
        elif self._open:
            self._inner(row, structure[2].lower())
        else:
            self._begin(row, structure[2].lower())

    def _refuse_disabled(self, row: Row) -> None:
        """Report a row that is switched off alone; a whole group can be off."""
        disabled = self.reader.yes(row, "disabled")
        opens = not self._open and row.text("type").lower().startswith("begin")
        if disabled is not None and disabled.value and not opens:
            if self._open and self._section.get("enabled") is not None:
                return
            remedy = "delete the row, or switch its whole group off"
            self._fault(disabled.place, "a single row is switched off", remedy)

    # Groups

    def _begin(self, row: Row, kind: str) -> None:
        """Begin a section."""
        self._loose = None
        items: list[At] = []
        off = self._is_off(row)
        name = row.take("name")
        exact = row.take("khaosat::id")
        if name is None:
            self._fault(row.at("type"), f"the {kind} has no name", "fill in name")
        fields = {
            "id": exact or name or At("", row.at("type")),
            "title": self.reader.texts(row, "label") or self.title,
            "show_if": self.reader.condition(row, off=off),
            "if_hidden": row.take("khaosat::if_hidden"),
            "enabled": At(value=False, place=row.at("khaosat::enabled", "disabled"))
            if off
            else None,
            "repeat": self._repeat(row) if kind == "repeat" else None,
        }
        self._looks(row)
        self._section = {key: value for key, value in fields.items() if value is not None}
        self._section["items"] = At(items, row.at("name", "type"))
        self.sections.append(At(self._section, row.at("name", "type")))
        self._open.append(_Frame(row, kind, items))

    def _is_off(self, row: Row) -> bool:
        enabled = self.reader.yes(row, "khaosat::enabled")
        disabled = self.reader.yes(row, "disabled")
        return (enabled is not None and not enabled.value) or bool(disabled and disabled.value)

    def _repeat(self, row: Row) -> At:
        over, most = row.take("khaosat::over"), self.reader.whole(row, "repeat_count")
        if over is None or over.value != REPEAT_OVER or most is None:
            remedy = (
                f"repeats go over the rated units: khaosat::over = {REPEAT_OVER}, repeat_count = 40"
            )
            self._fault(row.at("type"), "this repeat is not supported", remedy)
            row.used.update({"repeat_count"})
            return At({"over": REPEAT_OVER, "most": 1}, row.at("type"))
        return At({"over": over, "most": most}, row.at("repeat_count"))

    def _looks(self, row: Row) -> None:
        for word in row.text("appearance").lower().split():
            if word not in _LIST_LOOKS:
                message = f"appearance {word!r} of a group is not supported"
                self._fault(row.at("appearance"), message, "clear the cell")

    def _inner(self, row: Row, kind: str) -> None:
        """Begin a group inside a group: a grid, or items with a condition and a heading."""
        if kind == "repeat":
            remedy = "close the group before it; repeats go over the rated units"
            self._fault(row.at("type"), "a repeat inside a group is not supported", remedy)
        outer = self._open[-1]
        frame = _Frame(row, kind, outer.items)
        if row.text("khaosat::kind") == "grid":
            self._grid(row, frame)
        else:
            frame.show_if = self._both(outer.show_if, self.reader.condition(row))
            heading = self.reader.texts(row, "label")
            if heading is not None:
                name = row.take("name") or At("", row.at("type"))
                note = {"id": name, "type": "note", "text": heading}
                note |= {} if frame.show_if is None else {"show_if": frame.show_if}
                outer.items.append(At(note, row.at("name", "type")))
            row.used.add("name")
        self._looks(row)
        self._open.append(frame)

    def _grid(self, row: Row, frame: _Frame) -> None:
        fields = self._items.shown(row)
        fields["show_if"] = self._both(self._open[-1].show_if, fields["show_if"])
        kept = {key: value for key, value in fields.items() if value is not None}
        frame.grid = kept | {"type": "grid", "rows": At([], row.at("name", "type"))}
        self._need_label(row, kept)
        frame.items.append(At(frame.grid, row.at("name", "type")))

    def _both(self, outer: At | None, own: At | None) -> At | None:
        if outer is None or own is None:
            return own or outer
        return At(f"({outer.value}) and ({own.value})", own.place)

    def _close(self, row: Row, kind: str) -> None:
        for key in (
            "name",
            "label",
            *(f"label::{tag}" for tag in self.reader.sheet.languages("label")),
        ):
            row.take(key)  # people repeat the group's name at its end
        if not self._open or self._open[-1].kind != kind:
            message = f"end_{kind} closes no {kind}"
            self._fault(row.at("type"), message, f"delete it, or add begin_{kind} above")
            return
        frame = self._open.pop()
        if not self._open and not frame.items:
            message = f"{kind} {frame.row.text('name')!r} has no question"
            self._fault(frame.row.at("type"), message, "add one, or delete the group")
            self.sections.pop()
        if frame.grid is not None and "scale" not in frame.grid:
            self._fault(frame.row.at("type"), "the grid has no rows", "add rows of type select_one")

    # Items

    def _item(self, row: Row) -> None:
        if row.text("type").lower() == "hidden" and "khaosat::options" in row.cells:
            self._fact(row)
            return
        fields = self._items.item(row)
        if fields is None:
            return
        self._need_label(row, fields)
        frame = self._open[-1] if self._open else None
        if frame is not None and frame.grid is not None:
            self._grid_row(row, fields, frame.grid)
            return
        show_if = self._both(None if frame is None else frame.show_if, fields.get("show_if"))
        fields |= {} if show_if is None else {"show_if": show_if}
        into = self._loose_items(row) if frame is None else frame.items
        into.append(At(fields, row.at("name", "type")))

    def _need_label(self, row: Row, fields: dict[str, Any]) -> None:
        if fields.get("text") is None:
            self._fault(row.at("name", "type"), "the row has no label", "fill in label")
            fields["text"] = "…"  # so that the other checks can go on

    def _loose_items(self, row: Row) -> list[At]:
        """Give the section for rows outside every group; each stretch of them is one."""
        if self._loose is None:
            self._loose = []
            taken = {str(section.value["id"]) for section in self.sections}
            name = next(n for k in range(1, 10_000) if (n := f"PHAN{k}") not in taken)
            self._section = {"id": name, "title": self.title, "items": At(self._loose, row.place)}
            self.sections.append(At(self._section, row.place))
        return self._loose

    def _grid_row(self, row: Row, fields: dict[str, Any], grid: dict[str, Any]) -> None:
        scale = fields.pop("scale", None)
        if fields.pop("type").value != "scale" or scale is None:
            message = "a row of a grid is no scale"
            self._fault(row.at("type"), message, "write select_one and khaosat::kind = scale")
        elif grid.setdefault("scale", scale).value != scale.value:
            message = f"the grid has list {grid['scale'].value!r}, this row {scale.value!r}"
            self._fault(row.at("type"), message, "use one list for all rows")
        grid["rows"].value.append(At(fields, row.at("name", "type")))

    def _fact(self, row: Row) -> None:
        name, options = row.take("name"), row.take("khaosat::options")
        assert options is not None  # noqa: S101 (the caller looked)
        fields = self.lists.options(options.value, options.place)
        kept = {"id": name, "text": self.reader.texts(row, "label"), "options": fields["options"]}
        if "special" in fields:
            self._fault(options.place, "a fact has special options", "remove codes 97 and 99")
        self._need_label(row, kept)
        self.facts.append(At({k: v for k, v in kept.items() if v is not None}, row.at("name")))

    # Roles

    def _role(self, row: Row, role: str) -> None:
        if role not in ROLES:
            place = row.at("khaosat::role")
            self._fault(place, f"khaosat::role is {role[:40]!r}", f"use {', '.join(ROLES)}")
        elif role == "consent":
            fields = self._items.item(row)
            if fields is not None:
                self._need_label(row, fields)
                self.consent = At(fields, row.at("name"))
        elif role == "specify":
            self._line(row)
        elif role == "unit_name":
            row.used.update(row.cells)  # a question for others; the form knows the unit
        else:
            self._said(row, role)

    def _said(self, row: Row, role: str) -> None:
        """Read a note that belongs to the form or to its section."""
        text = self.reader.texts(row, "label")
        row.take("name")
        if text is None:
            self._fault(row.at("type"), "the row has no label", "fill in label")
        elif role == "intro":
            show_if = self.reader.condition(row)
            kept = {"text": text} | ({} if show_if is None else {"show_if": show_if})
            self.intro.append(At(kept, row.at("name", "type")))
        elif not self._open:
            self._fault(row.at("khaosat::role"), f"{role} stand in no group", "move the row")
        else:
            self._section[role] = text

    def _line(self, row: Row) -> None:
        """Give the option its line to write on."""
        name = row.text("name")
        item, option = self._option_of(name)
        fields = self._items.item(row)
        if item is None or option is None or fields is None:
            message = f"{name!r} stands beside no option of the question above"
            remedy = "name it after question and option, such as C1_9, or clear khaosat::role"
            self._fault(row.at("name", "type"), message, remedy)
            return
        self._need_label(row, fields)
        code = option["code"].value
        quoted = f"${{{item['id'].value}}} = '{code}'"
        if item["type"].value == "multi":
            quoted = f"selected(${{{item['id'].value}}}, '{code}')"
        allowed = {"id", "text", "show_if", "type", "max_length", "short"}
        shown = fields.get("show_if")
        is_line = fields.keys() <= allowed and {"text", "max_length"} <= fields.keys()
        if not is_line or shown is None or shown.value != quoted:
            remedy = f"keep relevant {to_xlsform(quoted)} and nothing more, or clear khaosat::role"
            self._fault(
                row.at("relevant", "name"), f"{name} is more than a line to write on", remedy
            )
            return
        specify = {"text": fields["text"], "max_length": fields["max_length"]}
        option["specify"] = At(specify, row.at("name"))

    def _option_of(self, name: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        if not self._open:
            return None, None
        for part in reversed(self._open[-1].items):
            for option in getattr(part.value.get("options"), "value", []):
                fields = option.value if isinstance(option, At) else {}
                if fields and specify_id(part.value["id"].value, fields["code"].value) == name:
                    return part.value, fields
        return None, None
