"""The register of a new year made from that of the old one, and the files that carry it.

No round is needed: a register shows by itself which groups it counts. What comes out is read again
by the importer's own rules before anybody gets it, so that a file that is handed over can be
imported.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from sampling import Frame, SamplingError, Selection
from sampling.crosswalk import (
    CarriedCount,
    CarriedFrame,
    CrosswalkFault,
    carry_over,
    check_crosswalk,
)
from survey.documents.crosswalk_xlsx import crosswalk_workbook
from survey.errors import RefusedInputError
from survey.rules.facts import HANDLES_PROCEDURES
from survey.rules.register import (
    STAFF_COLUMNS,
    Register,
    RegisterUnit,
    unit_columns,
)
from survey.rules.register_faults import RegisterFault, RegisterFaultCode
from survey.rules.register_lines import TableText
from survey.rules.succession_lines import (
    CHANGE_COLUMNS,
    OPTIONAL_COLUMNS,
    ChangeLine,
    NewUnit,
    crosswalk_of,
    new_units,
    read_changes,
)
from survey.services.observed_register import ObservedRules, groups_of, observed_rules
from survey.services.register import UploadedTable, parse_register
from survey.services.uploads import read_table

__all__ = [
    "CarriedRegister",
    "carry_register",
    "register_csv",
    "register_xlsx",
    "staff_csv",
]

_NEEDS_EVERY_LINE: Final = frozenset(
    {
        CrosswalkFault.SHARES_NOT_ONE,
        CrosswalkFault.CODE_TAKEN,
        CrosswalkFault.CODE_REUSED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedRegister:
    """A register carried over: before, after, and the lines that made each new unit."""

    before: Register
    units: tuple[RegisterUnit, ...]
    lines: tuple[ChangeLine, ...]
    counts: tuple[CarriedCount, ...]
    groups: tuple[str, ...]
    lists_needed: tuple[tuple[str, str], ...]
    """(unit, group) of new units whose people were listed and are only counted now."""

    @property
    def new_units(self) -> tuple[RegisterUnit, ...]:
        """The units that lines lead to."""
        made = {line.new for line in self.lines}
        return tuple(unit for unit in self.units if unit.code in made)

    @property
    def has_lists(self) -> bool:
        """Whether the new register has staff lists."""
        return any(people for unit in self.units for people in unit.staff.values())

    def total(self, group: str, *, after: bool) -> int:
        """Count the people of a group in the old or the new register."""
        units = self.units if after else self.before.units
        return sum(unit.populations.get(group, 0) for unit in units)

    def rules(self) -> ObservedRules:
        """Give the rules that the new register is read by."""
        made = {line.new for line in self.lines}
        return ObservedRules(
            year=max(unit.valid_from.year for unit in self.units if unit.code in made),
            respondent_groups=groups_of(self.groups),
            unit_groups=groups_of(dict.fromkeys(unit.unit_group for unit in self.units)),
        )


def carry_register(
    units: UploadedTable, changes: UploadedTable, *, staff: UploadedTable | None = None
) -> CarriedRegister:
    """Make the register of the new year.

    Parameters
    ----------
    units : UploadedTable
        The old register, XLSX or CSV, with the columns of the import.
    changes : UploadedTable
        One line a share: columns `CHANGE_COLUMNS`, of which `OPTIONAL_COLUMNS` may be missing.
    staff : UploadedTable, optional
        Staff lists of the old register, where they do not stand in its workbook.

    Returns
    -------
    CarriedRegister

    Raises
    ------
    RefusedInputError
        ``faults`` holds every fault of the register, of the changes and of what they would make.
    """
    table = _changes_table(changes)
    lines, line_faults = read_changes(table)
    faults: list[object] = [*table.faults, *line_faults]
    register, groups, register_faults = _old_register(units, staff, lines)
    old = {unit.code: unit for unit in register.units}
    made, unit_faults = new_units(lines, old, file=table.file)
    if register_faults:
        unit_faults = [fault for fault in unit_faults if fault.code == "change-contradiction"]
    unread = bool(faults)
    faults = [*register_faults, *faults, *unit_faults]
    crosswalk, frame = crosswalk_of(lines, made), register.frame()
    if not register_faults:
        found = check_crosswalk(crosswalk, frame)
        faults += [each for each in found if not (unread and each.code in _NEEDS_EVERY_LINE)]
    if faults:
        raise RefusedInputError(what="The crosswalk", faults=faults)
    try:
        carried = carry_over(frame, crosswalk)
    except SamplingError as error:
        raise RefusedInputError(what="The crosswalk", faults=[error]) from error
    result = _carried((register, groups), carried, lines, made)
    _check_again(result)
    return result


def register_csv(carried: CarriedRegister) -> bytes:
    """Write the new register as CSV, in UTF-8 with the mark that spreadsheets look for."""
    return _csv(unit_columns(carried.rules()), _unit_rows(carried))


def staff_csv(carried: CarriedRegister) -> bytes:
    """Write the staff lists of the new register as CSV, to be imported with it."""
    return _csv(STAFF_COLUMNS, _staff_rows(carried))


def register_xlsx(carried: CarriedRegister) -> bytes:
    """Write the new register as a workbook: units, staff lists, and where each new unit is from."""
    names = {unit.code: unit.name for unit in (*carried.before.units, *carried.units)}
    people: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for count in carried.counts:
        people[count.old, count.new][count.group] = count.people
    return crosswalk_workbook(
        units=(unit_columns(carried.rules()), list(_unit_rows(carried))),
        staff=(STAFF_COLUMNS, list(_staff_rows(carried))),
        groups=carried.groups,
        sources=[
            (
                (line.new, names[line.new], line.old, names[line.old], str(line.share)),
                people[line.old, line.new],
            )
            for line in sorted(carried.lines, key=lambda line: (line.new, line.old))
        ],
    )


def _changes_table(changes: UploadedTable) -> TableText:
    """Read the changes; columns that only describe may be missing."""
    table = read_table(changes, sheet="changes", columns=CHANGE_COLUMNS)
    faults = tuple(
        fault
        for fault in table.faults
        if not (fault.code == RegisterFaultCode.COLUMN_MISSING and fault.column in OPTIONAL_COLUMNS)
    )
    if table.faults and not faults and not table.lines:
        faults = (RegisterFault.of(RegisterFaultCode.FILE_EMPTY, file=table.file),)
    return replace(table, faults=faults)


def _old_register(
    units: UploadedTable, staff: UploadedTable | None, lines: Sequence[ChangeLine]
) -> tuple[Register, tuple[str, ...], tuple[object, ...]]:
    """Read the old register as it stood on the day before the first change."""
    begins = [day for line in lines if not isinstance(day := line.says.get("valid_from"), str)]
    first = min((day for day in begins if day is not None), default=None)
    try:
        rules = observed_rules(units, year=(first - timedelta(days=1)).year if first else None)
        register = parse_register(units=units, staff=staff, document=rules)
        return register, tuple(group.code for group in rules.respondent_groups), ()
    except RefusedInputError as refusal:
        return Register(file=units.filename, units=()), (), refusal.faults


def _carried(
    before: tuple[Register, tuple[str, ...]],
    carried: CarriedFrame,
    lines: Sequence[ChangeLine],
    made: Sequence[NewUnit],
) -> CarriedRegister:
    """Put kept and new units into one register."""
    register, groups = before
    named = {line.old for line in lines}
    kept = [unit for unit in register.units if unit.code not in named]
    needed = set(carried.lists_needed)
    new = []
    for row, unit in enumerate(made, start=len(kept) + 2):
        found, lost = _made_unit(unit, carried.frame, row, groups)
        new.append(found)
        needed |= lost
    return CarriedRegister(
        before=register,
        units=(*kept, *new),
        lines=tuple(lines),
        counts=carried.counts,
        groups=groups,
        lists_needed=tuple(sorted(needed)),
    )


def _made_unit(
    unit: NewUnit, frame: Frame, row: int, groups: Sequence[str]
) -> tuple[RegisterUnit, set[tuple[str, str]]]:
    """Make a new unit's line; a unit has one way of selection, the least exact of its groups'."""
    strata = sorted(
        (stratum for stratum in frame.strata if stratum.unit == unit.code),
        key=lambda stratum: groups.index(stratum.group),
    )
    ways = {stratum.selection for stratum in strata}
    order = (Selection.PICKED, Selection.POSITIONS, Selection.LIST)
    way = next((way for way in order if way in ways), Selection.POSITIONS)
    people = {stratum.group: stratum.people for stratum in strata if stratum.people}
    lost = set() if way is Selection.LIST else {(unit.code, group) for group in people}
    facts = {HANDLES_PROCEDURES: unit.handles_procedures} if unit.handles_procedures else {}
    made = RegisterUnit(
        row=row,
        code=unit.code,
        name=unit.name,
        unit_group=unit.unit_group,
        parent=unit.parent,
        facts=facts,
        selection=way,
        list_date=unit.list_date if strata else None,
        valid_from=unit.valid_from,
        valid_to=None,
        populations={stratum.group: stratum.population for stratum in strata},
        staff=people if way is Selection.LIST else {},
    )
    return made, lost


def _check_again(carried: CarriedRegister) -> None:
    """Read the new register as the importer will."""
    units = UploadedTable(filename="units.csv", content=register_csv(carried))
    staff = UploadedTable(filename="staff.csv", content=staff_csv(carried))
    try:
        parse_register(
            units=units, staff=staff if carried.has_lists else None, document=carried.rules()
        )
    except RefusedInputError as refusal:
        faults = [_of_unit(fault, carried) for fault in refusal.faults]
        raise RefusedInputError(
            what="The register that the changes make", faults=faults
        ) from refusal


def _of_unit(fault: object, carried: CarriedRegister) -> object:
    """Place a fault at its unit: nobody has seen the rows of the new register yet."""
    if not isinstance(fault, RegisterFault) or fault.row is None:
        return fault
    if fault.file == "units.csv":
        values = dict(fault.values)
        if "rows" in values:
            rows = [int(row) - 2 for row in str(values["rows"]).split(", ")]
            values["rows"] = ", ".join(carried.units[row].code for row in rows)
        return replace(fault, file=carried.units[fault.row - 2].code, row=None, values=values)
    people = list(_staff_rows(carried))
    return replace(fault, file=str(people[fault.row - 2][0]), row=None)


def _unit_rows(carried: CarriedRegister) -> Iterator[tuple[str | int, ...]]:
    """Lay units out in the order of the register's columns."""
    for unit in carried.units:
        yield (
            unit.code,
            unit.name,
            unit.unit_group,
            unit.parent or "",
            unit.facts.get(HANDLES_PROCEDURES, ""),
            *(unit.populations.get(group, "") for group in carried.groups),
            str(unit.selection) if unit.populations else "",
            unit.list_date.isoformat() if unit.list_date else "",
            unit.valid_from.isoformat(),
            unit.valid_to.isoformat() if unit.valid_to else "",
        )


def _staff_rows(carried: CarriedRegister) -> Iterator[tuple[str | int, ...]]:
    """Lay staff lists out in the order of their columns."""
    for unit in carried.units:
        for group, people in unit.staff.items():
            yield from ((unit.code, group, person.position, person.name) for person in people)


def _csv(columns: Sequence[str], rows: Iterator[tuple[str | int, ...]]) -> bytes:
    """Write a table as CSV."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return file.getvalue().encode("utf-8-sig")
