"""The register that a round holds, unit by unit, for whoever wants to see what was imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from sampling import Selection
from survey.queries.units import staff_by_stratum, strata_by_round_unit, units_in_order
from survey.records.rounds import Round

__all__ = ["RegisteredUnit", "registered_units"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredUnit:
    """One unit as the register of the round has it."""

    code: str
    name: str
    unit_group: str
    selection: Selection
    list_date: date | None
    populations: Mapping[str, int]
    """People who could be asked, by respondent group; empty where none are asked."""

    listed: int
    """People whose names are known now."""

    @property
    def population(self) -> int:
        """People who could be asked, of all groups."""
        return sum(self.populations.values())


def registered_units(session: Session, round_: Round) -> list[RegisteredUnit]:
    """List the units of a round's register.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    list of RegisteredUnit
        In the order of the register; empty before it is imported.
    """
    strata = strata_by_round_unit(session, round_.id)
    staff = staff_by_stratum(session, round_.id)
    return [
        RegisteredUnit(
            code=unit.unit.code,
            name=unit.unit.name,
            unit_group=unit.unit_group,
            selection=unit.selection,
            list_date=unit.list_date,
            populations={
                each.respondent_group: each.population for each in strata.get(unit.id, [])
            },
            listed=sum(len(staff.get(each.id, [])) for each in strata.get(unit.id, [])),
        )
        for unit in units_in_order(session, round_.id)
    ]
