"""From what is written to what is asked: rows of grids, lines to write on, units to rate.

A short form in the document becomes plain items here, once, so that routing, checks, pages, paper
and tables know scale and text items only and need no case of their own for grids or "other".
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from questionnaires.choices import Option, Specify
from questionnaires.questions import (
    CalculationItem,
    GridItem,
    GridRow,
    Item,
    MultiItem,
    NoteItem,
    Question,
    ScaleItem,
    SingleItem,
    TextItem,
)
from questionnaires.tree import Definition, Section

__all__ = [
    "UNIT_NAME",
    "PlainItem",
    "RatedUnit",
    "expanded",
    "in_force",
    "is_offered",
    "names_for",
    "names_in",
    "repeated",
    "specify_id",
    "written_out",
]

PlainItem = Question | NoteItem | CalculationItem
"""What is left when short forms are written out."""

UNIT_NAME = "${unit.name}"
"""Stands for the rated unit's name in the texts of a repeated section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedUnit:
    """A unit that a respondent rates: its code in the register and its name."""

    code: str
    name: str


def specify_id(item_id: str, code: str) -> str:
    """Name the text item beside an option, such as ``C1_9`` for option 9 of C1."""
    return f"{item_id}_{code}"


def expanded(section: Section) -> tuple[PlainItem, ...]:
    """List a section's items with grids as rows and with the lines beside options.

    Parameters
    ----------
    section : Section

    Returns
    -------
    tuple of items
        A grid gives a note with its stem, then a scale item a row; a choice whose option says
        ``specify`` is followed by a text item shown when that option is chosen.
    """
    return tuple(part for item in section.items for _, part in written_out(item))


def written_out(item: Item) -> Iterator[tuple[tuple[str | int, ...], PlainItem]]:
    """Write one item out, each part with the path below the item where its text stands.

    Raises
    ------
    pydantic.ValidationError
        When an id that is put together is no item id; soundness looks at the ids first.
    """
    if isinstance(item, GridItem):
        yield (), _stem(item)
        for n, row in enumerate(item.rows):
            yield ("rows", n), _row(item, row)
        return
    yield (), item
    if isinstance(item, SingleItem | MultiItem):
        for n, option in enumerate(item.options):
            if option.specify is not None:
                yield ("options", n, "specify"), _line(item, option, option.specify)


def _stem(grid: GridItem) -> NoteItem:
    return NoteItem(
        id=grid.id,
        type="note",
        text=grid.text,
        hint=grid.hint,
        show_if=grid.show_if,
        printed_number=grid.printed_number,
    )


def _row(grid: GridItem, row: GridRow) -> ScaleItem:
    settings: dict[str, Any] = {name: getattr(row, name) for name in type(row).model_fields}
    settings["show_if"] = _both(grid.show_if, row.show_if)
    return ScaleItem(type="scale", scale=grid.scale, **settings)


def _both(first: str | None, second: str | None) -> str | None:
    if first is None or second is None:
        return first or second
    return f"({first}) and ({second})"


def _line(item: SingleItem | MultiItem, option: Option, specify: Specify) -> TextItem:
    """Build the text item beside an option."""
    chosen = (
        f"${{{item.id}}} = '{option.code}'"
        if isinstance(item, SingleItem)
        else f"selected(${{{item.id}}}, '{option.code}')"
    )
    return TextItem(
        id=specify_id(item.id, option.code),
        type="text",
        text=specify.text,
        max_length=specify.max_length,
        short=True,
        show_if=chosen,
    )


def in_force(definition: Definition, day: dt.date) -> dict[str, Any]:
    """Write a definition with the options that are offered on a day.

    Parameters
    ----------
    definition : Definition
    day : usually the first day of the fieldwork

    Returns
    -------
    dict
        The changed fields, for `model_copy`.
    """
    scales = {name: _offered(scale, day) for name, scale in definition.scales.items()}
    sections = tuple(
        _with(section, items=tuple(_offered(item, day) for item in section.items))
        for section in definition.sections
    )
    return {"scales": scales, "sections": sections}


def _offered(holder: Any, day: dt.date) -> Any:  # noqa: ANN401 (a scale or an item of any kind)
    options = getattr(holder, "options", None)
    if options is None:
        return holder
    kept = tuple(option for option in options if is_offered(option, day))
    return holder if kept == options else _with(holder, options=kept)


def is_offered(option: Option, day: dt.date) -> bool:
    """Tell whether an option is offered on a day; both ends of its window are included."""
    starts = option.valid_from is None or option.valid_from <= day
    return starts and (option.valid_until is None or day <= option.valid_until)


def repeated(section: Section, units: Sequence[RatedUnit]) -> tuple[Section, ...]:
    """Write a repeated section once for each unit.

    Parameters
    ----------
    section : a section with ``repeat``, its grids not yet expanded
    units : the units that one respondent rates, in the order of asking

    Returns
    -------
    tuple of Section
        The ids of the n-th (from 1) end in ``_n``, in conditions too, and printed numbers in
        ``.n``; ``${unit.name}`` is filled in. A reference to an item outside the section stays as
        it is.
    """
    return tuple(_for_unit(section, n, unit.name) for n, unit in enumerate(units, start=1))


def _for_unit(section: Section, number: int, name: str) -> Section:
    changed: Section = _Writing(names_for(section, number), number, name).of(section)
    return changed.model_copy(update={"id": f"{section.id}_{number}", "repeat": None})


def names_for(section: Section, number: int) -> dict[str, str]:
    """Pair the ids inside a section with those of its n-th writing, lines beside options too."""
    names = {}
    for item in section.items:
        new = f"{item.id}_{number}"
        names[item.id] = new
        if isinstance(item, GridItem):
            names |= {row.id: f"{row.id}_{number}" for row in item.rows}
        elif isinstance(item, SingleItem | MultiItem):
            codes = [option.code for option in item.options if option.specify is not None]
            names |= {specify_id(item.id, code): specify_id(new, code) for code in codes}
    return names


_VARIABLE = re.compile(r"\$\{\s*([A-Za-z][A-Za-z0-9_.]*)\s*\}")
_CONDITIONS = frozenset({"show_if", "that", "value"})


@dataclass(frozen=True, slots=True)
class _Writing:
    """Writes parts of a definition for one unit: ids, references, printed numbers, the name."""

    names: Mapping[str, str]
    number: int
    unit: str

    def of(self, value: Any) -> Any:  # noqa: ANN401 (a tree)
        if isinstance(value, BaseModel):
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            return _with(value, **{name: self._field(name, part) for name, part in fields.items()})
        if isinstance(value, tuple):
            return tuple(map(self.of, value))
        if isinstance(value, dict):
            return {key: self.of(part) for key, part in value.items()}
        return value.replace(UNIT_NAME, self.unit) if type(value) is str else value

    def _field(self, name: str, part: Any) -> Any:  # noqa: ANN401 (a tree)
        if name == "id" and part in self.names:
            return self.names[part]
        if name == "printed_number" and part is not None:
            return f"{part}.{self.number}"
        if name in _CONDITIONS and isinstance(part, str):
            return _references(part, self.names)
        return self.of(part)


def names_in(text: str | None) -> tuple[str, ...]:
    """List the names that an expression refers to, by their form alone."""
    return tuple(_VARIABLE.findall(text or ""))


def _references(condition: str, names: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: f"${{{names.get(found[1], found[1])}}}", condition)


def _with(value: Any, **changes: object) -> Any:  # noqa: ANN401 (a model of any kind)
    """Copy a frozen part with changes that are known to be valid."""
    return value.model_copy(update=changes)
