"""The table of changes: which old unit goes into which new one, and what the new ones are.

One line is one share of one old unit. What describes a new unit may stand in any of its lines and
need not be repeated, but lines must not contradict each other; a unit that goes on under its old
code keeps what is not written.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from sampling.crosswalk import Crosswalk, Succession, Successor
from survey.rules.facts import HANDLES_PROCEDURES
from survey.rules.register import RegisterUnit
from survey.rules.register_faults import RegisterFault
from survey.rules.register_lines import LineReader, TableText

__all__ = [
    "CHANGE_COLUMNS",
    "CROSSWALK_FAULTS",
    "OPTIONAL_COLUMNS",
    "ChangeLine",
    "NewUnit",
    "crosswalk_of",
    "new_units",
    "read_changes",
]

_DESCRIBING: Final = (
    "name",
    "unit_group",
    "parent",
    "handles_procedures",
    "list_date",
    "valid_from",
)
CHANGE_COLUMNS: Final = ("old", "new", "share", *_DESCRIBING)
OPTIONAL_COLUMNS: Final = frozenset(_DESCRIBING) - {"valid_from"}
CROSSWALK_FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "share": ("This is no share; write 1, 0.25 or 1/3, in a cell that is formatted as text."),
        "contradiction": (
            "The lines that lead to this unit say different things (%(values)s); keep one of them."
        ),
        "undescribed": (
            "No line that leads to this new unit has a value here; write it in one of them."
        ),
    }
)
_SHARE: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,12})?|[0-9]{1,9}/[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One line of the changes; ``says`` holds what it tells about the new unit."""

    row: int
    old: str
    new: str
    share: Fraction
    says: Mapping[str, str | date]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """A new unit as its lines and, where it goes on, its old line describe it."""

    code: str
    name: str
    unit_group: str
    parent: str | None
    handles_procedures: str | None
    list_date: date
    valid_from: date


def read_changes(table: TableText) -> tuple[list[ChangeLine], list[RegisterFault]]:
    """Read every line of the changes.

    Parameters
    ----------
    table : TableText

    Returns
    -------
    tuple of list of ChangeLine and list of RegisterFault
        Lines with a fault are left out.
    """
    lines, faults = [], list[RegisterFault]()
    for line in table.lines:
        reader = LineReader(table=table, line=line)
        old, new = reader.code("old"), reader.code("new")
        share, says = _share(reader), _says(reader)
        faults += reader.faults
        if old and new and share is not None and not reader.faults:
            lines.append(ChangeLine(row=line.row, old=old, new=new, share=share, says=says))
    return lines, faults


def new_units(
    lines: Sequence[ChangeLine], old: Mapping[str, RegisterUnit], *, file: str
) -> tuple[list[NewUnit], list[RegisterFault]]:
    """Put together what the lines say about each new unit.

    Where nothing is written, the list is as old as the unit, and a new unit handles procedures if
    one of its old units does.

    Parameters
    ----------
    lines : sequence of ChangeLine
    old : mapping of str to RegisterUnit
        The old register by code.
    file : str
        The name to show.

    Returns
    -------
    tuple of list of NewUnit and list of RegisterFault
        In the order of the lines; units with a fault are left out.
    """
    by_unit: dict[str, list[ChangeLine]] = defaultdict(list)
    for line in lines:
        by_unit[line.new].append(line)
    made, faults = [], list[RegisterFault]()
    for code, own in by_unit.items():
        said, found = _said(code, own, file)
        told = {**_known(code, own, old), **said}
        missing = [column for column in ("name", "unit_group", "valid_from") if column not in told]
        found += [
            _fault("undescribed", file, own[0].row, column=column, value=code) for column in missing
        ]
        faults += found
        if not found:
            made.append(_new_unit(code, told))
    return made, faults


def crosswalk_of(lines: Sequence[ChangeLine], units: Sequence[NewUnit]) -> Crosswalk:
    """Lay the changes out for the sampling room.

    Parameters
    ----------
    lines : sequence of ChangeLine
    units : sequence of NewUnit
        One that could not be described is left out; the shares can be judged without it.

    Returns
    -------
    Crosswalk
    """
    groups = {unit.code: unit.unit_group for unit in units}
    return Crosswalk(
        successors=tuple(
            Successor(unit=code, unit_group=groups.get(code, "-"))
            for code in dict.fromkeys(line.new for line in lines)
        ),
        lines=tuple(Succession(old=line.old, new=line.new, share=line.share) for line in lines),
    )


def _share(reader: LineReader) -> Fraction | None:
    """Read an exact share; its range is the sampling room's to judge."""
    cell = reader.cell("share", required=True)
    if cell is None:
        return None
    if not _SHARE.fullmatch(cell.text):
        file = reader.table.file
        reader.faults.append(
            _fault("share", file, reader.line.row, column="share", value=cell.text)
        )
        return None
    return Fraction(cell.text)


def _says(reader: LineReader) -> dict[str, str | date]:
    """Read what a line tells about its new unit."""
    found: dict[str, str | date | None] = {
        "name": reader.text("name", most=300, required=False),
        "unit_group": reader.code("unit_group", required=False),
        "parent": reader.code("parent", required=False),
        "handles_procedures": reader.yes_or_no("handles_procedures", required=False),
        "list_date": reader.day("list_date", required=False),
        "valid_from": reader.day("valid_from", required=False),
    }
    return {column: value for column, value in found.items() if value is not None}


def _said(
    code: str, lines: Sequence[ChangeLine], file: str
) -> tuple[dict[str, str | date], list[RegisterFault]]:
    """Join what the lines of one new unit say, reporting where they differ."""
    said, faults = dict[str, str | date](), list[RegisterFault]()
    for column in _DESCRIBING:
        values = list(dict.fromkeys(line.says[column] for line in lines if column in line.says))
        if len(values) > 1:
            row = max(line.row for line in lines if column in line.says)
            shown = ", ".join(map(str, values))
            faults.append(
                _fault("contradiction", file, row, column=column, value=code, shown=shown)
            )
        if values:
            said[column] = values[0]
    return said, faults


def _known(
    code: str, lines: Sequence[ChangeLine], old: Mapping[str, RegisterUnit]
) -> dict[str, str | date]:
    """Find what the old register tells about a new unit."""
    sources = [old[line.old] for line in lines if line.old in old]
    answers = {unit.facts.get(HANDLES_PROCEDURES) for unit in sources} - {None}
    known: dict[str, str | date] = {}
    if answers:
        known["handles_procedures"] = "yes" if "yes" in answers else "no"
    if code in old and any(line.old == code for line in lines):
        unit = old[code]
        known |= {"name": unit.name, "unit_group": unit.unit_group}
        known |= {"parent": unit.parent} if unit.parent else {}
    return known


def _new_unit(code: str, told: Mapping[str, str | date]) -> NewUnit:
    """Make a unit of what is known about it."""
    first, listed = told["valid_from"], told.get("list_date", told["valid_from"])
    assert isinstance(first, date)  # noqa: S101 - as `_says` read them
    assert isinstance(listed, date)  # noqa: S101 - same
    texts = {column: str(told[column]) for column in _DESCRIBING[:4] if column in told}
    return NewUnit(
        code=code,
        name=texts["name"],
        unit_group=texts["unit_group"],
        parent=texts.get("parent"),
        handles_procedures=texts.get("handles_procedures"),
        list_date=listed,
        valid_from=first,
    )


def _fault(
    code: str, file: str, row: int, *, column: str, value: str, shown: str = ""
) -> RegisterFault:
    """Make a fault of this catalogue."""
    return RegisterFault(
        code=f"change-{code}",
        file=file,
        row=row,
        column=column,
        value=value[:80],
        template=CROSSWALK_FAULTS[code],
        values={"values": shown} if shown else {},
    )
