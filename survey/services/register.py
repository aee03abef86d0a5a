"""The unit register of a round: read from uploaded tables, and stored as a whole.

Importing again while the round is a draft replaces the round's units, strata and staff lists, and
drops the plan that was drawn from them. Entries that no other round uses are replaced with them;
for the others see `survey.rules.register_history`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey.documents.register_xlsx import register_template
from survey.errors import RefusedInputError
from survey.queries.rounds import all_rounds
from survey.queries.units import (
    rounds_using,
    sample_plan,
    strata_by_round_unit,
    units_in_order,
    versions_of,
)
from survey.records.base import new_key
from survey.records.rounds import Round
from survey.records.units import RoundUnit, StaffMember, Stratum, Unit
from survey.rules.lifecycle import Action, RoundState
from survey.rules.register import (
    STAFF_COLUMNS,
    Register,
    RegisterRules,
    RegisterUnit,
    UnitLine,
    read_units,
    unit_columns,
    unit_faults,
)
from survey.rules.register_faults import RegisterFault, RegisterFaultCode
from survey.rules.register_history import KnownVersion, closing_date, history_faults
from survey.rules.register_lines import TableText
from survey.rules.register_staff import read_staff, staff_faults
from survey.rules.round_document import RoundDocument
from survey.services import audit
from survey.services.rounds import hold_round
from survey.services.uploads import UploadedTable, read_table, sheet_names

__all__ = [
    "Register",
    "RegisterFault",
    "UploadedTable",
    "import_register",
    "parse_register",
    "template_xlsx",
]

_UNITS, _STAFF = "units", "staff"


def parse_register(
    *, units: UploadedTable, staff: UploadedTable | None, document: RegisterRules
) -> Register:
    """Read a register and check everything that can be checked without the database.

    Parameters
    ----------
    units : UploadedTable
        XLSX (sheet "units", else the first) or CSV.
    staff : UploadedTable or None
        Staff lists, for units with selection "list". Without it, a sheet "staff" of the units'
        workbook is read, as in the template.
    document : RegisterRules

    Returns
    -------
    Register

    Raises
    ------
    RefusedInputError
        ``faults`` holds every `RegisterFault` of both tables, in the order of rows and columns.
    """
    unit_table = read_table(units, sheet=_UNITS, columns=unit_columns(document))
    staff_table = _staff_table(units, staff)
    lines, line_faults = read_units(unit_table, document)
    lists, list_faults = read_staff(staff_table, lines, document)
    faults = [
        *unit_table.faults,
        *staff_table.faults,
        *line_faults,
        *list_faults,
        *unit_faults(lines, unit_table, document),
        *staff_faults(
            lines, lists, document, units_file=unit_table.file, staff_file=staff_table.file
        ),
    ]
    if faults:
        columns = (*unit_columns(document), *STAFF_COLUMNS)
        faults = _sorted(faults, unit_table.file, columns)
        raise RefusedInputError(what="The unit register", faults=faults)
    return Register(
        file=unit_table.file,
        units=tuple(line.unit(lists.of_unit(_code(line))) for line in lines),
    )


def import_register(
    session: Session, round_: Round, register: Register, *, actor: str, now: datetime
) -> int:
    """Store a register as the round's units, strata and staff lists.

    Parameters
    ----------
    session : Session
    round_ : Round
        A draft.
    register : Register
    actor : str
    now : datetime
        Aware.

    Returns
    -------
    int
        Units stored.

    Raises
    ------
    NotAllowedNowError
        The round is no draft.
    RefusedInputError
        The register contradicts what is known about its codes; nothing was changed.
    """
    hold_round(session, round_.code, exclusive=True).require(Action.IMPORT_REGISTER)
    own = {unit.unit_id for unit in units_in_order(session, round_.id)}
    shared = _shared(session, own, round_)
    versions = versions_of(session, {unit.code for unit in register.units})
    stored = {
        code: [entry for entry in entries if entry.id not in own - shared]
        for code, entries in versions.items()
    }
    known = _known(session, stored, round_)
    faults = [*history_faults(register, known)]
    if faults:
        raise RefusedInputError(what="The unit register", faults=faults)
    _remove(session, round_, own - shared)
    for place, unit in enumerate(register.units, start=1):
        entry = _entry(session, unit, stored.get(unit.code, []), known.get(unit.code, []))
        _add(session, round_, unit, entry, place)
    session.flush()
    _record(session, round_, register, actor, now)
    return len(register.units)


def template_xlsx(document: RoundDocument) -> bytes:
    """Draw an empty workbook to fill in: sheets for units and staff, and what each column means.

    Parameters
    ----------
    document : RoundDocument

    Returns
    -------
    bytes
        XLSX.
    """
    return register_template(document, unit_columns(document), STAFF_COLUMNS)


def _staff_table(units: UploadedTable, staff: UploadedTable | None) -> TableText:
    """Read the staff lists from their own file, or from the units' workbook."""
    if staff is not None:
        return read_table(staff, sheet=_STAFF, columns=STAFF_COLUMNS)
    if _STAFF not in sheet_names(units):
        return TableText(file=units.filename, lines=(), columns=frozenset(), faults=())
    named = UploadedTable(filename=f"{units.filename} [{_STAFF}]", content=units.content)
    table = read_table(named, sheet=_STAFF, columns=STAFF_COLUMNS)
    if [fault.code for fault in table.faults] == [RegisterFaultCode.FILE_EMPTY]:
        return TableText(file=table.file, lines=(), columns=table.columns, faults=())
    return table


def _sorted(
    faults: Sequence[RegisterFault], units_file: str, columns: Sequence[str]
) -> list[RegisterFault]:
    """Put faults in the order in which a person meets them: units first, row by row."""

    def place(fault: RegisterFault) -> tuple[bool, int, int]:
        column = columns.index(fault.column) if fault.column in columns else len(columns)
        return fault.file != units_file, fault.row or 0, column

    return sorted(faults, key=place)


def _code(line: UnitLine) -> str:
    """Return the code of a line without fault."""
    assert line.code is not None  # noqa: S101 - a missing code would have been a fault
    return line.code


def _shared(session: Session, unit_ids: set[str], round_: Round) -> set[str]:
    """Find the entries that other rounds use too."""
    using = rounds_using(session, unit_ids)
    return {unit_id for unit_id in unit_ids if using[unit_id] - {round_.id}}


def _known(
    session: Session, stored: Mapping[str, Sequence[Unit]], round_: Round
) -> dict[str, list[KnownVersion]]:
    """Lay stored entries out for the rules."""
    opened = {
        other.id
        for other in all_rounds(session)
        if other.id != round_.id and other.state is not RoundState.DRAFT
    }
    using = rounds_using(session, {entry.id for entries in stored.values() for entry in entries})
    return {
        code: [
            KnownVersion(
                name=entry.name,
                parent=entry.parent_code,
                facts=entry.facts,
                valid_from=entry.valid_from,
                valid_to=entry.valid_to,
                fixed=bool(using.get(entry.id, set()) & opened),
            )
            for entry in entries
        ]
        for code, entries in stored.items()
    }


def _remove(session: Session, round_: Round, own_entries: set[str]) -> None:
    """Remove what an earlier import of this round stored, and the plan drawn from it."""
    plan = sample_plan(session, round_.id)
    if plan is not None:
        session.delete(plan)
    strata = strata_by_round_unit(session, round_.id)
    units = units_in_order(session, round_.id)
    for found in strata.values():
        ids = [stratum.id for stratum in found]
        session.execute(delete(StaffMember).where(StaffMember.stratum_id.in_(ids)))
        session.execute(delete(Stratum).where(Stratum.id.in_(ids)))
    for unit in units:
        session.delete(unit)
    session.flush()
    for unit_id in own_entries:
        session.execute(delete(Unit).where(Unit.id == unit_id))


def _entry(
    session: Session, unit: RegisterUnit, entries: Sequence[Unit], known: Sequence[KnownVersion]
) -> str:
    """Find or make the register entry of a unit, and return its id."""
    for entry, version in zip(entries, known, strict=True):
        if entry.valid_from == unit.valid_from:
            entry.parent_code, entry.facts = unit.parent, dict(unit.facts)
            entry.valid_to = unit.valid_to
            return entry.id
        entry.valid_to = closing_date(unit, version) or entry.valid_to
    made = Unit(
        id=new_key(),
        code=unit.code,
        name=unit.name,
        parent_code=unit.parent,
        facts=dict(unit.facts),
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
    )
    session.add(made)
    return made.id


def _add(session: Session, round_: Round, unit: RegisterUnit, entry_id: str, place: int) -> None:
    """Store a unit's part in the round, with its strata and staff lists."""
    part = RoundUnit(
        id=new_key(),
        round_id=round_.id,
        unit_id=entry_id,
        place=place,
        unit_group=unit.unit_group,
        selection=unit.selection,
        list_date=unit.list_date,
    )
    session.add(part)
    strata = [
        Stratum(id=new_key(), round_unit_id=part.id, respondent_group=group, population=population)
        for group, population in unit.populations.items()
    ]
    session.add_all(strata)
    session.flush()
    session.add_all(
        StaffMember(stratum_id=stratum.id, position=person.position, name=person.name)
        for stratum in strata
        for person in unit.staff.get(stratum.respondent_group, ())
    )


def _record(session: Session, round_: Round, register: Register, actor: str, now: datetime) -> None:
    """Write the event: how much was stored, and the digest of what can be drawn from it."""
    frame = register.frame()
    detail = {
        "units": len(register.units),
        "strata": len(frame.strata),
        "people_listed": sum(len(stratum.people) for stratum in frame.strata),
        "frame": frame.digest,
    }
    audit.record(
        session, actor=actor, action="import_register", subject=round_.code, detail=detail, now=now
    )
