"""A register read without its round: its own columns and lines say which groups it counts.

Nobody is asked by these rules, so nothing is required but what identifies a unit; the round that
imports the register later may require more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from survey.errors import RefusedInputError
from survey.rules.register import population_column, read_units, unit_columns, unit_faults
from survey.rules.register_faults import RegisterFault, RegisterFaultCode
from survey.rules.register_lines import TableText
from survey.services.uploads import UploadedTable, read_table

__all__ = ["ObservedRules", "groups_of", "head_counts", "observed_rules"]

_FIXED_COLUMNS: Final = frozenset(
    {"code", "name", "unit_group", "parent", "handles_procedures", "selection", "list_date"}
    | {"valid_from", "valid_to"}
)
_TWICE: Final = RegisterFaultCode.CODE_TWICE.value
_OF_DATES: Final = frozenset({RegisterFaultCode.UNIT_NOT_VALID_IN_YEAR.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A respondent group or a unit group that asks nobody, as a register shows it."""

    code: str
    quotas: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRules:
    """What a register is read by when no round says it: its own columns and unit groups."""

    year: int
    respondent_groups: tuple[_Group, ...]
    unit_groups: tuple[_Group, ...]
    unit_facts: tuple[str, ...] = ()


def observed_rules(units: UploadedTable, *, year: int | None = None) -> ObservedRules:
    """Find out which groups a register counts and ranks.

    Parameters
    ----------
    units : UploadedTable
    year : int, optional
        In which its units exist; the last that one of them begins in by default.

    Returns
    -------
    ObservedRules

    Raises
    ------
    RefusedInputError
        No column counts people.
    """
    table = read_table(units, sheet="units", columns=sorted(_FIXED_COLUMNS))
    counting = [
        fault.column
        for fault in table.faults
        if fault.code == RegisterFaultCode.COLUMN_UNKNOWN and fault.column
    ]
    prefix = population_column("")
    groups = [column.removeprefix(prefix) for column in counting if column.startswith(prefix)]
    if not groups and table.columns:
        fault = RegisterFault.of(
            RegisterFaultCode.COLUMN_MISSING, file=table.file, row=1, column=f"{prefix}…"
        )
        raise RefusedInputError(what="The unit register", faults=[fault])
    cells = [line.cells for line in table.lines]
    named = dict.fromkeys(cell["unit_group"].text for cell in cells if "unit_group" in cell)
    return ObservedRules(
        year=year or _last_year(table),
        respondent_groups=groups_of(groups),
        unit_groups=groups_of(named),
    )


def head_counts(units: UploadedTable) -> dict[str, dict[str, int]]:
    """Read how many people each unit of a register has in each group.

    Parameters
    ----------
    units : UploadedTable

    Returns
    -------
    dict of str to dict of str to int
        By unit and respondent group, in the order of the file; units without counts are left out.

    Raises
    ------
    RefusedInputError
        ``faults`` holds every fault of the lines.
    """
    rules = observed_rules(units)
    table = read_table(units, sheet="units", columns=unit_columns(rules))
    lines, faults = read_units(table, rules)
    twins = [fault for fault in unit_faults(lines, table, rules) if fault.code == _TWICE]
    found = [*table.faults, *(fault for fault in faults if fault.code not in _OF_DATES), *twins]
    if found:
        raise RefusedInputError(what="The unit register", faults=found)
    return {line.code: dict(line.populations) for line in lines if line.code and line.populations}


def groups_of(codes: Iterable[str]) -> tuple[_Group, ...]:
    """Make groups that ask nobody."""
    return tuple(_Group(code=code, quotas={}) for code in codes)


def _last_year(table: TableText) -> int:
    """Find the year that the newest unit begins in; dates are judged by the importer."""
    years = [
        int(part)
        for line in table.lines
        if (cell := line.cells.get("valid_from")) is not None
        for part in cell.text.replace("/", "-").split("-")
        if len(part) == 4 and part.isascii() and part.isdigit()
    ]
    return max(years, default=2000)
