"""The unit register of a round: what its lines mean, and everything that can be wrong with them.

A register is taken as a whole or refused as a whole. Every line is read to its end whatever it
holds, so that an office sees all faults of a file at once and sends one corrected file.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

from sampling import Frame, FrameStratum, Person, Selection, UncountedUnit
from survey.rules.facts import HANDLES_PROCEDURES, KNOWN_FACTS, fact_column
from survey.rules.register_faults import RegisterFault, RegisterFaultCode
from survey.rules.register_lines import LineReader, TableText

__all__ = [
    "STAFF_COLUMNS",
    "Register",
    "RegisterRules",
    "RegisterUnit",
    "UnitGroupQuotas",
    "UnitLine",
    "population_column",
    "read_units",
    "unit_columns",
    "unit_faults",
]

STAFF_COLUMNS: Final = ("unit", "group", "position", "name")
_Code = RegisterFaultCode


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


class UnitGroupQuotas(_Coded, Protocol):
    """A unit group, and how many of each respondent group are asked in its units."""

    @property
    def quotas(self) -> Mapping[str, int]:
        """People by respondent group."""


class RegisterRules(Protocol):
    """What a register is read by: of a round's document, or as a register shows it by itself."""

    @property
    def year(self) -> int:
        """The year in which its units exist."""

    @property
    def respondent_groups(self) -> Sequence[_Coded]:
        """The groups that have a column."""

    @property
    def unit_groups(self) -> Sequence[UnitGroupQuotas]:
        """The groups that a unit may belong to."""

    @property
    def unit_facts(self) -> Sequence[str]:
        """Facts beside `HANDLES_PROCEDURES` that have a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterUnit:
    """One unit as its line and its staff lists declare it."""

    row: int
    code: str
    name: str
    unit_group: str
    parent: str | None
    facts: Mapping[str, str]
    selection: Selection
    list_date: date | None
    valid_from: date
    valid_to: date | None
    populations: Mapping[str, int]
    """N by respondent group; only groups whose N is given."""

    staff: Mapping[str, tuple[Person, ...]]
    """Staff lists by respondent group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A whole register without fault, its units in the order of the file."""

    file: str
    units: tuple[RegisterUnit, ...]

    def frame(self) -> Frame:
        """Lay the register out as the sampling room's frame."""
        return Frame(
            strata=tuple(
                FrameStratum(
                    unit=unit.code,
                    unit_group=unit.unit_group,
                    group=group,
                    population=population,
                    selection=unit.selection,
                    people=unit.staff.get(group, ()),
                )
                for unit in self.units
                for group, population in unit.populations.items()
            ),
            uncounted=tuple(
                UncountedUnit(unit=unit.code, unit_group=unit.unit_group)
                for unit in self.units
                if not unit.populations
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """What could be read of a unit's line; parts with a fault are None."""

    row: int
    code: str | None
    name: str | None
    unit_group: str | None
    parent: str | None
    handles_procedures: str | None
    selection: Selection | None
    list_date: date | None
    valid_from: date | None
    valid_to: date | None
    populations: Mapping[str, int]
    area: Mapping[str, str] = field(default_factory=dict)
    """Facts about where the unit lies, by name."""

    def unit(self, staff: Mapping[str, tuple[Person, ...]]) -> RegisterUnit:
        """Return the unit; only for a line without fault."""
        assert self.code and self.name and self.unit_group and self.valid_from  # noqa: S101, PT018
        known = {HANDLES_PROCEDURES: self.handles_procedures} if self.handles_procedures else {}
        return RegisterUnit(
            row=self.row,
            code=self.code,
            name=self.name,
            unit_group=self.unit_group,
            parent=self.parent,
            facts=known | dict(self.area),
            selection=self.selection or Selection.POSITIONS,
            list_date=self.list_date,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            populations=self.populations,
            staff=staff,
        )


def population_column(group: str) -> str:
    """Name the column that holds the N of a respondent group."""
    return f"population_{group}"


def unit_columns(document: RegisterRules) -> tuple[str, ...]:
    """Name the columns of a round's register, in the order of its template.

    Parameters
    ----------
    document : RegisterRules

    Returns
    -------
    tuple of str
    """
    populations = (population_column(group.code) for group in document.respondent_groups)
    before = ("code", "name", "unit_group", "parent", "handles_procedures")
    facts = map(fact_column, document.unit_facts)
    return (*before, *facts, *populations, "selection", "list_date", "valid_from", "valid_to")


def read_units(
    table: TableText, document: RegisterRules
) -> tuple[list[UnitLine], list[RegisterFault]]:
    """Read every line of the units' table.

    What a line must hold depends on its unit group: where the round asks nobody, head counts and
    ways of selection may stay empty.

    Parameters
    ----------
    table : TableText
    document : RegisterRules

    Returns
    -------
    tuple of list of UnitLine and list of RegisterFault
    """
    rules = {rule.code: rule for rule in document.unit_groups}
    lines: list[UnitLine] = []
    faults: list[RegisterFault] = []
    for line in table.lines:
        reader = LineReader(table=table, line=line)
        lines.append(_read_unit(reader, rules, document))
        faults += reader.faults
    return lines, faults


def unit_faults(
    lines: Sequence[UnitLine], table: TableText, document: RegisterRules
) -> Iterator[RegisterFault]:
    """Find what is wrong between lines: twins, unknown parents, circles, groups without units.

    Parameters
    ----------
    lines : sequence of UnitLine
    table : TableText
        Whose lines they are.
    document : RegisterRules

    Yields
    ------
    RegisterFault
    """
    yield from _twins(lines, table.file, "code", _Code.CODE_TWICE, _code_key)
    yield from _twins(lines, table.file, "name", _Code.UNIT_TWICE, _name_key)
    yield from _parents(lines, table.file)
    yield from _empty_groups(lines, table, document)


def _read_unit(
    reader: LineReader, rules: Mapping[str, UnitGroupQuotas], document: RegisterRules
) -> UnitLine:
    """Read one line of the units' table."""
    unit_group = reader.choice("unit_group", rules, code=_Code.UNIT_GROUP_UNKNOWN)
    quotas = rules[unit_group].quotas if unit_group else {}
    asked = any(quotas.values())
    selection = reader.choice(
        "selection", [str(way) for way in Selection], code=_Code.SELECTION_UNKNOWN, required=asked
    )
    found = UnitLine(
        row=reader.line.row,
        code=reader.code("code"),
        name=reader.text("name", most=300),
        unit_group=unit_group,
        parent=reader.code("parent", required=False),
        handles_procedures=reader.yes_or_no("handles_procedures", required=asked),
        selection=Selection(selection) if selection else None,
        list_date=reader.day(
            "list_date", required=asked and selection in {Selection.LIST, Selection.POSITIONS}
        ),
        valid_from=reader.day("valid_from", required=True),
        valid_to=reader.day("valid_to", required=False),
        populations=_populations(reader, quotas, document),
        area=_area(reader, document, required=asked),
    )
    _check_dates(reader, found, document.year)
    return found


def _populations(
    reader: LineReader, quotas: Mapping[str, int], document: RegisterRules
) -> dict[str, int]:
    """Read the head counts that are given; those with a quota must be."""
    counts = {
        group.code: reader.whole(
            population_column(group.code), required=quotas.get(group.code, 0) > 0
        )
        for group in document.respondent_groups
    }
    return {group: count for group, count in counts.items() if count is not None}


def _area(reader: LineReader, document: RegisterRules, *, required: bool) -> dict[str, str]:
    """Read the facts that the round wants to know of every unit it asks."""
    found = {
        name: reader.choice(
            fact_column(name), KNOWN_FACTS[name], code=_Code.FACT_UNKNOWN, required=required
        )
        for name in document.unit_facts
    }
    return {name: value for name, value in found.items() if value is not None}


def _check_dates(reader: LineReader, line: UnitLine, year: int) -> None:
    """Check the order of a unit's dates, and that it exists in the round's year."""
    first, last, listed = line.valid_from, line.valid_to, line.list_date
    if first is None:
        return
    if last is not None and last < first:
        reader.refuse(_Code.DATES_REVERSED, "valid_to", first=first)
        return
    if listed is not None and listed < first:
        reader.refuse(_Code.LIST_BEFORE_UNIT, "list_date", first=first)
    if first > date(year, 12, 31) or (last is not None and last < date(year, 1, 1)):
        column = "valid_from" if first.year > year else "valid_to"
        values = {"year": year, "first": first, "last": last or "…"}
        reader.refuse(_Code.UNIT_NOT_VALID_IN_YEAR, column, **values)


def _code_key(line: UnitLine) -> str | None:
    """Level letter case: SO01 and so01 beside each other are a slip of the hand."""
    return line.code.casefold() if line.code else None


def _name_key(line: UnitLine) -> tuple[str, str] | None:
    """Level spaces and letter case; communes of two districts may share a name."""
    if not line.name:
        return None
    return " ".join(line.name.casefold().split()), (line.parent or "").casefold()


def _twins(
    lines: Sequence[UnitLine],
    file: str,
    column: str,
    code: RegisterFaultCode,
    key: Callable[[UnitLine], object],
) -> Iterator[RegisterFault]:
    """Report each line whose key another line has too."""
    found: dict[object, list[UnitLine]] = defaultdict(list)
    for line in lines:
        found[key(line)].append(line)
    found.pop(None, None)
    for line in (line for twins in found.values() if len(twins) > 1 for line in twins):
        others = [str(twin.row) for twin in found[key(line)] if twin is not line]
        yield RegisterFault.of(
            code,
            file=file,
            row=line.row,
            column=column,
            value=str(getattr(line, column)),
            values={"rows": ", ".join(others)},
        )


def _parents(lines: Sequence[UnitLine], file: str) -> Iterator[RegisterFault]:
    """Report parents that no line has, and units that stand below themselves."""
    above = {line.code: line.parent for line in lines if line.code}
    for line in lines:
        if line.parent is None:
            continue
        if line.parent not in above:
            code, values = _Code.PARENT_UNKNOWN, {}
        elif circle := _circle(line.code, above):
            code, values = _Code.PARENT_CIRCLE, {"circle": " → ".join(circle)}
        else:
            continue
        yield RegisterFault.of(
            code, file=file, row=line.row, column="parent", value=line.parent, values=values
        )


def _circle(code: str | None, above: Mapping[str, str | None]) -> list[str]:
    """Walk up from a unit; return the way if it leads back to it."""
    if code is None:
        return []
    way = [code]
    step = above.get(code)
    while step is not None and step not in way:
        way.append(step)
        step = above.get(step)
    return [*way, code] if step == code else []


def _empty_groups(
    lines: Sequence[UnitLine], table: TableText, document: RegisterRules
) -> Iterator[RegisterFault]:
    """Report unit groups with quotas that no line belongs to."""
    if not lines or "unit_group" not in table.columns:
        return
    present = {line.unit_group for line in lines}
    for rule in document.unit_groups:
        if any(rule.quotas.values()) and rule.code not in present:
            yield RegisterFault.of(
                _Code.UNIT_GROUP_EMPTY, file=table.file, column="unit_group", value=rule.code
            )
