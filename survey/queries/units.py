"""Units as they take part in a round, their strata, staff lists and drawn plan."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from sampling import PlannedStratum
from survey.records.units import RoundUnit, SamplePlan, StaffMember, Stratum, Unit

__all__ = [
    "lock_stratum",
    "names_on_lists",
    "planned_strata",
    "round_unit_with_id",
    "rounds_using",
    "sample_plan",
    "staff_by_stratum",
    "strata_by_round_unit",
    "strata_of_round",
    "strata_of_unit",
    "stratum_ids",
    "stratum_with_id",
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


def stratum_with_id(session: Session, stratum_id: str) -> Stratum | None:
    """Find a stratum, with its unit and round.

    Parameters
    ----------
    session : Session
    stratum_id : str

    Returns
    -------
    Stratum or None
    """
    return session.scalars(_with_unit().where(Stratum.id == stratum_id)).one_or_none()


def strata_of_round(session: Session, round_id: str) -> list[Stratum]:
    """List a round's strata with their units, by unit code and respondent group.

    Parameters
    ----------
    session : Session
    round_id : str

    Returns
    -------
    list of Stratum
    """
    return list(session.scalars(_with_unit().where(RoundUnit.round_id == round_id)))


def strata_of_unit(session: Session, round_unit_id: str) -> list[Stratum]:
    """List the strata of a unit in a round, by respondent group.

    Parameters
    ----------
    session : Session
    round_unit_id : str

    Returns
    -------
    list of Stratum
    """
    return list(session.scalars(_with_unit().where(RoundUnit.id == round_unit_id)))


def lock_stratum(session: Session, stratum_id: str) -> None:
    """Let nobody else count in a stratum until the transaction ends. Hold the round first.

    Parameters
    ----------
    session : Session
        Of a writing transaction.
    stratum_id : str
    """
    row = select(Stratum.id).where(Stratum.id == stratum_id)
    session.execute(row.with_for_update(key_share=True))


def names_on_lists(session: Session, stratum_id: str) -> dict[int, str]:
    """Return the names on a stratum's staff list by position; empty where there is no list.

    Parameters
    ----------
    session : Session
    stratum_id : str

    Returns
    -------
    dict of int to str
    """
    rows = session.execute(
        select(StaffMember.position, StaffMember.name).where(StaffMember.stratum_id == stratum_id)
    )
    return {position: name for position, name in rows}  # noqa: C416 - dict(rows) is untyped


def stratum_ids(round_id: str) -> Select[str]:
    """Select the ids of a round's strata, for use inside another statement.

    Parameters
    ----------
    round_id : str

    Returns
    -------
    Select
    """
    return select(Stratum.id).join(Stratum.round_unit).where(RoundUnit.round_id == round_id)


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


def planned_strata(session: Session, round_id: str) -> dict[tuple[str, str], PlannedStratum]:
    """Read the drawn plan's strata by `Stratum.plan_key`; empty before the draw."""
    stored = sample_plan(session, round_id)
    return {} if stored is None else {(each.unit, each.group): each for each in stored.plan.strata}


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


def _with_unit() -> Select[Stratum]:
    """Select strata with unit and round in one statement."""
    return (
        select(Stratum)
        .join(Stratum.round_unit)
        .join(RoundUnit.unit)
        .join(RoundUnit.round)
        .options(
            contains_eager(Stratum.round_unit).options(
                contains_eager(RoundUnit.unit), contains_eager(RoundUnit.round)
            )
        )
        .order_by(Unit.code, Stratum.respondent_group)
    )
