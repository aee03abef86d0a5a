"""What earlier registers said about a unit, and whether a new one may say otherwise.

A code names one unit for ever: another name under a known code is a fault, never an update. What
is known from a date may be corrected until a round has opened with it; after that a change needs
a date of its own, and the open end of the earlier entry is closed the day before.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from survey.rules.register import Register, RegisterUnit
from survey.rules.register_faults import RegisterFault, RegisterFaultCode

__all__ = ["KnownVersion", "closing_date", "history_faults"]

_Code = RegisterFaultCode


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVersion:
    """A register entry as it is stored."""

    name: str
    parent: str | None
    facts: Mapping[str, str]
    valid_from: date
    valid_to: date | None
    fixed: bool
    """Whether a round other than the importing one has opened with it."""


def history_faults(
    register: Register, known: Mapping[str, Sequence[KnownVersion]]
) -> Iterator[RegisterFault]:
    """Compare a register with what is stored about its codes.

    Parameters
    ----------
    register : Register
    known : mapping of str to sequence of KnownVersion
        By code; without entries that only the importing round uses, as those are replaced.

    Yields
    ------
    RegisterFault
        At most one a unit.
    """
    for unit in register.units:
        for version in known.get(unit.code, ()):
            fault = _fault(unit, version, register.file)
            if fault is not None:
                yield fault
                break


def closing_date(unit: RegisterUnit, version: KnownVersion) -> date | None:
    """Say on which day an earlier, open entry ends because the unit's new one begins.

    Parameters
    ----------
    unit : RegisterUnit
    version : KnownVersion
        Of the same code.

    Returns
    -------
    date or None
        None where the entry stays as it is.
    """
    if version.valid_to is None and version.valid_from < unit.valid_from:
        return unit.valid_from - timedelta(days=1)
    return None


def _fault(unit: RegisterUnit, version: KnownVersion, file: str) -> RegisterFault | None:
    """Find what keeps a unit from standing beside a known version of it."""
    if version.name != unit.name:
        values: dict[str, object] = {"name": version.name}
        return _at(_Code.CODE_REUSED, unit, "code", unit.code, file, values)
    if version.valid_from == unit.valid_from:
        same = (version.parent, dict(version.facts)) == (unit.parent, dict(unit.facts))
        if same or not version.fixed:
            return None
        values = {"first": version.valid_from}
        return _at(_Code.VERSION_FIXED, unit, "valid_from", str(unit.valid_from), file, values)
    if _overlap(unit, version):
        values = {"first": version.valid_from, "last": version.valid_to or "…"}
        return _at(_Code.VERSIONS_OVERLAP, unit, "valid_from", str(unit.valid_from), file, values)
    return None


def _overlap(unit: RegisterUnit, version: KnownVersion) -> bool:
    """Say whether two entries of one code would be valid on one day."""
    if version.valid_from < unit.valid_from:
        return version.valid_to is not None and version.valid_to >= unit.valid_from
    return unit.valid_to is None or unit.valid_to >= version.valid_from


def _at(
    code: RegisterFaultCode,
    unit: RegisterUnit,
    column: str,
    value: str,
    file: str,
    values: Mapping[str, object],
) -> RegisterFault:
    return RegisterFault.of(
        code, file=file, row=unit.row, column=column, value=value, values=values
    )
