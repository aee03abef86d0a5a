"""Staff lists beside the register: read line by line, then judged by the sampling room's own rules.

What makes a list unfit for a draw is known in one place, `sampling.check_frame`; here its problems
only get the file, row and column that a person has to look at.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sampling import (
    Frame,
    FrameFault,
    FrameProblem,
    FrameStratum,
    Person,
    Selection,
    check_frame,
)
from survey.rules.register import RegisterRules, UnitLine, population_column
from survey.rules.register_faults import RegisterFault, RegisterFaultCode
from survey.rules.register_lines import LineReader, TableText

__all__ = ["StaffLists", "read_staff", "staff_faults"]

_Code = RegisterFaultCode
_Stratum = tuple[str, str]
_UNITS_SIDE = {FrameFault.LIST_LENGTH, FrameFault.LIST_UNUSED}
_NEEDS_ALL_ROWS = {FrameFault.LIST_LENGTH, FrameFault.POSITION_GAP}
_STAFF_SIDE = {
    FrameFault.POSITION_GAP: "position",
    FrameFault.POSITION_TWICE: "position",
    FrameFault.PERSON_TWICE: "name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _StaffLine:
    row: int
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLists:
    """Lines of the staff table by unit and respondent group."""

    lines: Mapping[_Stratum, Sequence[_StaffLine]]
    incomplete: frozenset[_Stratum]
    """Where a line could not be read, so that the list's length means nothing."""

    def people(self, unit: str, group: str) -> tuple[Person, ...]:
        """Return the people of one list, by position."""
        found = (line.person for line in self.lines.get((unit, group), ()))
        return tuple(sorted(found, key=lambda person: person.position))

    def of_unit(self, unit: str) -> dict[str, tuple[Person, ...]]:
        """Return the lists of one unit by respondent group."""
        return {group: self.people(unit, group) for code, group in self.lines if code == unit}


def read_staff(
    table: TableText, units: Sequence[UnitLine], document: RegisterRules
) -> tuple[StaffLists, list[RegisterFault]]:
    """Read every line of the staff table.

    Parameters
    ----------
    table : TableText
    units : sequence of UnitLine
        Lines of the units' table, whether without fault or not.
    document : RegisterRules

    Returns
    -------
    tuple of StaffLists and list of RegisterFault
    """
    counted = {line.code: line.populations for line in units if line.code}
    lines: dict[_Stratum, list[_StaffLine]] = defaultdict(list)
    incomplete: set[_Stratum] = set()
    faults: list[RegisterFault] = []
    for line in table.lines:
        reader = LineReader(table=table, line=line)
        stratum = _read_stratum(reader, counted, document)
        person = _read_person(reader)
        faults += reader.faults
        if stratum is not None and person is not None:
            lines[stratum].append(_StaffLine(row=line.row, person=person))
        elif stratum is not None:
            incomplete.add(stratum)
    return StaffLists(lines=lines, incomplete=frozenset(incomplete)), _once_a_unit(faults)


def _once_a_unit(faults: Sequence[RegisterFault]) -> list[RegisterFault]:
    """Keep one fault for each unknown unit: a whole list of one mistyped code is one mistake."""
    unknown = Counter(f.value for f in faults if f.code == _Code.STAFF_UNIT_UNKNOWN)
    kept: list[RegisterFault] = []
    for fault in faults:
        count = unknown.pop(fault.value, 0) if fault.code == _Code.STAFF_UNIT_UNKNOWN else 0
        if count:
            kept.append(replace(fault, values={**fault.values, "count": count}))
        elif fault.code != _Code.STAFF_UNIT_UNKNOWN:
            kept.append(fault)
    return kept


def staff_faults(
    units: Sequence[UnitLine],
    lists: StaffLists,
    document: RegisterRules,
    *,
    units_file: str,
    staff_file: str,
) -> Iterator[RegisterFault]:
    """Find what is wrong with whole lists: length, positions, people listed twice.

    Parameters
    ----------
    units : sequence of UnitLine
    lists : StaffLists
    document : RegisterRules
    units_file, staff_file : str
        Names to show.

    Yields
    ------
    RegisterFault
    """
    by_code = {line.code: line for line in reversed(units) if line.code}
    yield from _not_counted(by_code, lists, document, staff_file)
    strata = tuple(_strata(by_code, lists))
    for problem in check_frame(Frame(strata=strata)) if strata else []:
        stratum = (problem.unit, problem.group)
        if problem.code in _NEEDS_ALL_ROWS and stratum in lists.incomplete:
            continue
        if problem.code in _UNITS_SIDE:
            yield _units_side(problem, by_code[problem.unit], lists, units_file)
        elif problem.code in _STAFF_SIDE:
            yield _staff_side(problem, lists, staff_file)


def _not_counted(
    by_code: Mapping[str, UnitLine], lists: StaffLists, document: RegisterRules, file: str
) -> Iterator[RegisterFault]:
    """Report lists of groups whose N may stay empty and does, so that they would be lost."""
    quotas = {rule.code: rule.quotas for rule in document.unit_groups}
    for (unit, group), lines in lists.lines.items():
        line = by_code[unit]
        asked = line.unit_group is None or quotas[line.unit_group].get(group, 0) > 0
        if not asked and group not in line.populations:
            yield RegisterFault.of(
                _Code.STAFF_NOT_COUNTED, file=file, row=lines[0].row, column="unit", value=unit
            )


def _read_stratum(
    reader: LineReader, counted: Mapping[str, Mapping[str, int]], document: RegisterRules
) -> _Stratum | None:
    """Read the unit and the group of a staff line."""
    unit = reader.code("unit")
    known = [group.code for group in document.respondent_groups]
    group = reader.choice("group", known, code=_Code.STAFF_GROUP_UNKNOWN)
    if unit is not None and unit not in counted:
        reader.refuse(_Code.STAFF_UNIT_UNKNOWN, "unit")
        return None
    return (unit, group) if unit and group else None


def _read_person(reader: LineReader) -> Person | None:
    """Read the position and the name of a staff line."""
    position = reader.whole("position", required=True)
    name = reader.text("name", most=200)
    if position == 0:
        reader.refuse(_Code.POSITION_FROM_ONE, "position")
        return None
    return Person(position=position, name=name) if position and name else None


def _strata(by_code: Mapping[str, UnitLine], lists: StaffLists) -> Iterator[FrameStratum]:
    """Lay out every list and every counted group, also of lines that have other faults.

    Where N cannot be read, the list is taken as complete, so that its own faults still show.
    """
    for code, line in by_code.items():
        for group in dict.fromkeys([*line.populations, *lists.of_unit(code)]):
            people = lists.people(code, group)
            population = line.populations.get(group)
            yield FrameStratum(
                unit=code,
                unit_group=line.unit_group or "-",
                group=group,
                population=len(people) if population is None else population,
                selection=line.selection or (Selection.LIST if people else Selection.POSITIONS),
                people=people,
            )


def _units_side(
    problem: FrameProblem, line: UnitLine, lists: StaffLists, file: str
) -> RegisterFault:
    """Place a problem at the line of its unit."""
    if problem.code is FrameFault.LIST_LENGTH and not lists.people(problem.unit, problem.group):
        return RegisterFault.of(
            _Code.STAFF_MISSING,
            file=file,
            row=line.row,
            column="selection",
            value=Selection.LIST.value,
            values={"group": problem.group, "count": line.populations[problem.group]},
        )
    unused = problem.code is FrameFault.LIST_UNUSED
    return RegisterFault(
        code=problem.code.value,
        file=file,
        row=line.row,
        column="selection" if unused else population_column(problem.group),
        value=str(problem.params["value"]),
        template=problem.template,
        values=problem.params,
    )


def _staff_side(problem: FrameProblem, lists: StaffLists, file: str) -> RegisterFault:
    """Place a problem at the last line of the staff table that it is about."""
    value = problem.params["value"]
    rows = [
        line.row
        for (unit, group), lines in lists.lines.items()
        for line in lines
        if unit == problem.unit
        and (problem.group in {"", group})
        and (problem.code is not FrameFault.POSITION_TWICE or line.person.position == value)
        and (problem.code is not FrameFault.PERSON_TWICE or _same(line.person.name, str(value)))
    ]
    return RegisterFault(
        code=problem.code.value,
        file=file,
        row=max(rows),
        column=_STAFF_SIDE[problem.code],
        value=f"{problem.unit} {problem.group}".strip(),
        template=problem.template,
        values=problem.params,
    )


def _same(name: str, other: str) -> bool:
    """Compare names as the sampling room does."""
    return name.casefold().split() == other.casefold().split()
