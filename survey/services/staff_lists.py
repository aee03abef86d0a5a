"""Staff lists that units returned, stored beside a register that stands already.

A list changes nothing but the way its own unit is drawn: a unit drawn by positions of a list kept
elsewhere is drawn by name from now on. Head counts, facts and the other units stay; the plan is
dropped, because it was drawn from another frame.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from sampling import Person, Selection
from survey.errors import NotReadyError, RefusedInputError
from survey.queries.units import sample_plan, strata_by_round_unit, units_in_order
from survey.records.rounds import Round
from survey.records.units import RoundUnit, StaffMember, Stratum
from survey.rules.lifecycle import Action
from survey.rules.register import STAFF_COLUMNS, UnitLine
from survey.rules.register_faults import RegisterFault
from survey.rules.register_lines import TableText
from survey.rules.register_staff import StaffLists, read_staff, staff_faults
from survey.services import audit
from survey.services.plan import NO_REGISTER_FAULT, frame_of
from survey.services.rounds import hold_round
from survey.services.uploads import UploadedTable, read_table

__all__ = ["STAFF_LIST_FAULTS", "StaffImport", "import_staff", "read_staff_files"]

STAFF_LIST_FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "two-files": "Lists of this unit come in more than one file (%(files)s); keep one of them.",
        "same-name": "Two files have the same name (%(files)s); rename one of them.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffImport:
    """What was stored: units whose lists came, the people on them, and whether a plan was lost."""

    units: tuple[str, ...]
    people: int
    dropped_plan: bool


def read_staff_files(files: Sequence[UploadedTable]) -> list[TableText]:
    """Read the tables of staff lists, outside any transaction.

    Parameters
    ----------
    files : sequence of UploadedTable
        XLSX (sheet "staff", else the first) or CSV; one file may hold several units.

    Returns
    -------
    list of TableText
        With the faults of their cells, which `import_staff` reports beside its own.
    """
    return [read_table(file, sheet="staff", columns=STAFF_COLUMNS) for file in files]


def import_staff(
    session: Session, round_: Round, tables: Sequence[TableText], *, actor: str, now: datetime
) -> StaffImport:
    """Store the staff lists of some units, each replacing what was known of that unit.

    A list must hold every counted group of its unit with exactly the register's number of people.
    A unit that picks its people by itself takes no list: change its way of selection first.

    Parameters
    ----------
    session : Session
    round_ : Round
        A draft with a register.
    tables : sequence of TableText
        From `read_staff_files`.
    actor : str
    now : datetime
        Aware.

    Returns
    -------
    StaffImport

    Raises
    ------
    NotAllowedNowError
        The round is no draft.
    NotReadyError
        The round has no register.
    RefusedInputError
        ``faults`` holds every fault of all files; nothing was changed.
    """
    hold_round(session, round_.code, exclusive=True).require(Action.IMPORT_REGISTER)
    parts = units_in_order(session, round_.id)
    if not parts:
        raise NotReadyError(action="import staff lists", missing=[NO_REGISTER_FAULT])
    strata = strata_by_round_unit(session, round_.id)
    lines = [_line(part, strata.get(part.id, [])) for part in parts]
    lists, faults = _checked(tables, lines, round_)
    if faults:
        raise RefusedInputError(what="A staff list", faults=faults)
    listed = {unit: found.of_unit(unit) for found in lists for unit, _ in found.lines}
    plan = sample_plan(session, round_.id)
    if plan is not None:
        session.delete(plan)
    people = 0
    for part in parts:
        if part.unit.code in listed:
            part.selection = Selection.LIST
            people += _store(session, strata[part.id], listed[part.unit.code])
    session.flush()
    done = StaffImport(units=tuple(listed), people=people, dropped_plan=plan is not None)
    _record(session, round_, done, actor, now)
    return done


def _line(part: RoundUnit, strata: Sequence[Stratum]) -> UnitLine:
    """Lay a stored unit out as the line it came from, to be drawn by name if lists arrive."""
    by_name = part.selection is not Selection.PICKED
    return UnitLine(
        row=part.place + 1,
        code=part.unit.code,
        name=part.unit.name,
        unit_group=part.unit_group,
        parent=part.unit.parent_code,
        handles_procedures=None,
        selection=Selection.LIST if by_name else part.selection,
        list_date=part.list_date,
        valid_from=part.unit.valid_from,
        valid_to=part.unit.valid_to,
        populations={stratum.respondent_group: stratum.population for stratum in strata},
    )


def _checked(
    tables: Sequence[TableText], lines: Sequence[UnitLine], round_: Round
) -> tuple[list[StaffLists], list[RegisterFault]]:
    """Judge every file as if it had come with the register, and the files beside each other."""
    document, lists = round_.declared, []
    faults: list[RegisterFault] = []
    for table in tables:
        found, unreadable = read_staff(table, lines, document)
        named = {unit for unit, _ in found.lines} | {unit for unit, _ in found.incomplete}
        mine = [line for line in lines if line.code in named]
        whole = staff_faults(mine, found, document, units_file="", staff_file=table.file)
        placed = [_placed(fault, mine, table) for fault in whole]
        faults += sorted([*table.faults, *unreadable, *placed], key=lambda fault: fault.row or 0)
        lists.append(found)
    faults += _between_files(tables, lists)
    return lists, faults


def _placed(fault: RegisterFault, lines: Sequence[UnitLine], table: TableText) -> RegisterFault:
    """Move a fault of a unit's line to where that unit's list begins."""
    if fault.file == table.file:
        return fault
    code = next((line.code for line in lines if line.row == fault.row), "")
    rows = [
        line.row for line in table.lines if (cell := line.cells.get("unit")) and cell.text == code
    ]
    group = fault.values.get("group") or (fault.column or "").partition("population_")[2]
    value = f"{code} {group}".strip()
    return replace(fault, file=table.file, row=min(rows, default=None), column="unit", value=value)


def _between_files(
    tables: Sequence[TableText], lists: Sequence[StaffLists]
) -> Iterator[RegisterFault]:
    """Report units whose lists come in more than one file, and files of one name."""
    names = [table.file for table in tables]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield _fault("same-name", name, value="", files=name)
    files: dict[str, list[str]] = defaultdict(list)
    for table, found in zip(tables, lists, strict=True):
        for unit in dict.fromkeys(unit for unit, _ in found.lines):
            files[unit].append(table.file)
    for unit, found_in in files.items():
        if len(set(found_in)) > 1:
            yield _fault("two-files", found_in[-1], value=unit, files=", ".join(found_in))


def _fault(code: str, file: str, *, value: str, files: str) -> RegisterFault:
    """Make a fault of this module's catalogue, in the shape that pages and files show."""
    return RegisterFault(
        code=f"staff-{code}",
        file=file,
        row=None,
        column="unit" if value else None,
        value=value,
        template=STAFF_LIST_FAULTS[code],
        values={"files": files},
    )


def _store(
    session: Session, strata: Iterable[Stratum], people: Mapping[str, tuple[Person, ...]]
) -> int:
    """Replace the lists of one unit's strata; return how many people they hold."""
    stored = 0
    for stratum in strata:
        session.execute(delete(StaffMember).where(StaffMember.stratum_id == stratum.id))
        found = people.get(stratum.respondent_group, ())
        session.add_all(
            StaffMember(stratum_id=stratum.id, position=person.position, name=person.name)
            for person in found
        )
        stored += len(found)
    return stored


def _record(session: Session, round_: Round, done: StaffImport, actor: str, now: datetime) -> None:
    """Write the event: whose lists came, and the digest of what can be drawn now."""
    detail = {
        "units": list(done.units),
        "people_listed": done.people,
        "frame": frame_of(session, round_).digest,
    }
    audit.record(
        session, actor=actor, action="import_staff", subject=round_.code, detail=detail, now=now
    )
