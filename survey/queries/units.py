"""Units as they take part in a round, their strata, staff lists and drawn plan."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from survey.records.units import RoundUnit, SamplePlan, StaffMember, Stratum, Unit

__all__ = [
    "round_unit_with_id",
    "rounds_using",
    "sample_plan",
    "staff_by_stratum",
    "strata_by_round_unit",
    "units_in_order",
    "versions_of",
]


def units_in_order(session: Session, round_id: str) -> list[RoundUnit]:
    """List a round's units with their register entries, in the order of the register."""
    query = (
        select(RoundUnit)
        .join(RoundUnit.unit)
        .options(contains_eager(RoundUnit.unit))
        .where(RoundUnit.round_id == round_id)
        .order_by(RoundUnit.place)
    )
    return list(session.scalars(query))


def round_unit_with_id(session: Session, round_unit_id: str) -> RoundUnit | None:
    """Find one unit of a round, with its register entry and its round."""
    query = (
        select(RoundUnit)
        .options(joinedload(RoundUnit.unit), joinedload(RoundUnit.round))
        .where(RoundUnit.id == round_unit_id)
    )
    return session.scalars(query).one_or_none()


def strata_by_round_unit(session: Session, round_id: str) -> Mapping[str, list[Stratum]]:
    """List a round's strata by the id of their round unit, sorted by respondent group."""
    query = (
        select(Stratum)
        .join(Stratum.round_unit)
        .where(RoundUnit.round_id == round_id)
        .order_by(Stratum.respondent_group)
    )
    found: dict[str, list[Stratum]] = defaultdict(list)
    for stratum in session.scalars(query):
        found[stratum.round_unit_id].append(stratum)
    return found


def staff_by_stratum(session: Session, round_id: str) -> Mapping[str, list[StaffMember]]:
    """List a round's staff lists by the id of their stratum, sorted by position."""
    query = (
        select(StaffMember)
        .join(Stratum, Stratum.id == StaffMember.stratum_id)
        .join(Stratum.round_unit)
        .where(RoundUnit.round_id == round_id)
        .order_by(StaffMember.position)
    )
    found: dict[str, list[StaffMember]] = defaultdict(list)
    for member in session.scalars(query):
        found[member.stratum_id].append(member)
    return found


def sample_plan(session: Session, round_id: str) -> SamplePlan | None:
    """Find the plan that was drawn for a round."""
    return session.scalars(select(SamplePlan).where(SamplePlan.round_id == round_id)).one_or_none()


def versions_of(session: Session, codes: set[str]) -> Mapping[str, list[Unit]]:
    """List the known register entries by code, the oldest first."""
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in session.scalars(select(Unit).order_by(Unit.valid_from)):
        if unit.code in codes:
            found[unit.code].append(unit)
    return found


def rounds_using(session: Session, unit_ids: set[str]) -> Mapping[str, set[str]]:
    """Say which rounds use each of these register entries: ids of rounds by unit id."""
    found: dict[str, set[str]] = defaultdict(set)
    for unit_id, round_id in session.execute(select(RoundUnit.unit_id, RoundUnit.round_id)):
        if unit_id in unit_ids:
            found[unit_id].add(round_id)
    return found
