"""The answers of a closed round, and the strata they come from."""

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from survey.records.collection import Response, StratumOutcome
from survey.records.units import RoundUnit, Stratum

__all__ = ["outcomes", "responses", "round_strata", "round_units"]


def round_units(session: Session, round_id: str) -> list[RoundUnit]:
    """Return the units of a round with their register entry, in the order of the register."""
    return list(
        session.scalars(
            select(RoundUnit)
            .join(RoundUnit.unit)
            .where(RoundUnit.round_id == round_id)
            .options(contains_eager(RoundUnit.unit))
            .order_by(RoundUnit.place)
        )
    )


def round_strata(session: Session, round_id: str) -> list[Stratum]:
    """Return the strata of a round, by unit and respondent group."""
    return list(
        session.scalars(
            select(Stratum)
            .join(RoundUnit, Stratum.round_unit_id == RoundUnit.id)
            .where(RoundUnit.round_id == round_id)
            .order_by(Stratum.round_unit_id, Stratum.respondent_group)
        )
    )


def outcomes(session: Session, round_id: str) -> dict[str, StratumOutcome]:
    """Return what became of the invitations, by stratum; empty before the round is closed."""
    rows = session.scalars(
        select(StratumOutcome)
        .join(Stratum, StratumOutcome.stratum_id == Stratum.id)
        .join(RoundUnit, Stratum.round_unit_id == RoundUnit.id)
        .where(RoundUnit.round_id == round_id)
    )
    return {row.stratum_id: row for row in rows}


def responses(session: Session, round_id: str) -> list[Response]:
    """Return the answers of a round in the order of their random keys, which tells nothing."""
    return list(
        session.scalars(select(Response).where(Response.round_id == round_id).order_by(Response.id))
    )
