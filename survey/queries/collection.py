"""What the services of collecting, keying and closing ask the database, and its one change.

Rows that a respondent touches are read as columns, never as objects kept in the session: an
invitation is changed by one conditional UPDATE, and an object read before it would be stale.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session, contains_eager

from sampling import Plan
from survey.records.collection import (
    Disposition,
    Draft,
    Entry,
    Invitation,
    PaperForm,
    PaperState,
    StratumOutcome,
)
from survey.records.rounds import Round
from survey.records.units import RoundUnit, SamplePlan, StaffMember, Stratum, Unit
from survey.rules.facts import facts_for

__all__ = [
    "Case",
    "case_of_token",
    "change_unused",
    "count_forms",
    "count_invitations",
    "entries_of",
    "facts_of",
    "form_with_stratum",
    "forms_in",
    "invitations_of_round",
    "invitations_of_stratum",
    "lock_stratum",
    "locked_round",
    "names_on_lists",
    "outcomes_of_round",
    "sample_plan",
    "strata_of_round",
    "strata_of_unit",
    "stratum_by_id",
    "stratum_ids",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An invitation as a link opens it."""

    invitation_id: str
    disposition: Disposition
    stratum_id: str
    respondent_group: str
    unit_name: str
    facts: Mapping[str, str]


def locked_round(session: Session, code: str, *, exclusive: bool) -> Round | None:
    """Read a round and keep its state from changing until the transaction ends.

    Parameters
    ----------
    session : Session
        Of a writing transaction.
    code : str
    exclusive : bool
        Also wait for every transaction that holds the round shared: closing does.

    Returns
    -------
    Round or None
        As it is now, even if the session had read it before. On SQLite the writing transaction
        itself is the lock.
    """
    statement = select(Round).where(Round.code == code).with_for_update(read=not exclusive)
    return session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


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


def stratum_by_id(session: Session, stratum_id: str) -> Stratum | None:
    """Read a stratum with its unit and round.

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


def sample_plan(session: Session, round_id: str) -> Plan | None:
    """Read the round's drawn plan.

    Parameters
    ----------
    session : Session
    round_id : str

    Returns
    -------
    Plan or None
        None before the draw.
    """
    statement = select(SamplePlan.document).where(SamplePlan.round_id == round_id)
    document = session.scalars(statement).one_or_none()
    return None if document is None else Plan.from_dict(document)


def case_of_token(session: Session, round_id: str, token_hash: str) -> Case | None:
    """Find the invitation that a link belongs to.

    Parameters
    ----------
    session : Session
    round_id : str
    token_hash : str

    Returns
    -------
    Case or None
    """
    row = session.execute(
        select(Invitation.id, Invitation.disposition, Invitation.stratum_id)
        .join(Stratum, Invitation.stratum_id == Stratum.id)
        .join(RoundUnit, Stratum.round_unit_id == RoundUnit.id)
        .where(Invitation.token_hash == token_hash, RoundUnit.round_id == round_id)
    ).one_or_none()
    if row is None:
        return None
    invitation_id, disposition, stratum_id = row
    stratum = session.scalars(_with_unit().where(Stratum.id == stratum_id)).one()
    return Case(
        invitation_id=invitation_id,
        disposition=disposition,
        stratum_id=stratum_id,
        respondent_group=stratum.respondent_group,
        unit_name=stratum.round_unit.unit.name,
        facts=facts_of(session, stratum),
    )


def change_unused(session: Session, *which: ColumnElement[bool], **values: object) -> str | None:
    """Change one invitation if it is still unused, and delete its draft.

    One conditional UPDATE: of two transactions that want the same right, the second finds it gone.

    Parameters
    ----------
    session : Session
    which : conditions that name one invitation
    values : columns and what to set them to

    Returns
    -------
    str or None
        The invitation's id; None when it was not unused, and nothing was changed.
    """
    changed = session.scalars(
        update(Invitation)
        .where(*which, Invitation.disposition == Disposition.UNUSED)
        .values(values)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if changed is not None:
        session.execute(delete(Draft).where(Draft.invitation_id == changed))
    return changed


def facts_of(session: Session, stratum: Stratum) -> dict[str, str]:
    """Return what is known of a stratum without asking, as conditions name it.

    Parameters
    ----------
    session : Session
    stratum : Stratum
        With its unit loaded.

    Returns
    -------
    dict of str to str
        As `survey.rules.facts.facts_for` gives it; people asked are counted as invitations.
    """
    asked = select(func.count()).where(Invitation.stratum_id == stratum.id)
    return facts_for(
        stratum.round_unit.unit.facts,
        selection=stratum.round_unit.selection,
        size=session.scalar(asked) or 0,
        population=stratum.population,
    )


def invitations_of_stratum(session: Session, stratum_id: str) -> list[Invitation]:
    """List a stratum's invitations by slot.

    Parameters
    ----------
    session : Session
    stratum_id : str

    Returns
    -------
    list of Invitation
    """
    statement = select(Invitation).where(Invitation.stratum_id == stratum_id)
    return list(session.scalars(statement.order_by(Invitation.slot)))


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


def invitations_of_round(round_id: str) -> Select[str]:
    """Select the ids of a round's invitations, for use inside another statement.

    Parameters
    ----------
    round_id : str

    Returns
    -------
    Select
    """
    return select(Invitation.id).where(Invitation.stratum_id.in_(stratum_ids(round_id)))


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


def count_invitations(session: Session, round_id: str) -> dict[tuple[str, Disposition], int]:
    """Count a round's invitations by stratum and disposition.

    Parameters
    ----------
    session : Session
    round_id : str

    Returns
    -------
    dict
        Without zeros.
    """
    rows = session.execute(
        select(Invitation.stratum_id, Invitation.disposition, func.count())
        .where(Invitation.stratum_id.in_(stratum_ids(round_id)))
        .group_by(Invitation.stratum_id, Invitation.disposition)
    )
    return {(stratum, disposition): count for stratum, disposition, count in rows}


def count_forms(session: Session, round_id: str) -> dict[tuple[str, PaperState], int]:
    """Count a round's paper forms by stratum and state.

    Parameters
    ----------
    session : Session
    round_id : str

    Returns
    -------
    dict
        Without zeros.
    """
    rows = session.execute(
        select(PaperForm.stratum_id, PaperForm.state, func.count())
        .where(PaperForm.stratum_id.in_(stratum_ids(round_id)))
        .group_by(PaperForm.stratum_id, PaperForm.state)
    )
    return {(stratum, state): count for stratum, state, count in rows}


def outcomes_of_round(session: Session, round_id: str) -> dict[str, StratumOutcome]:
    """Read what became of each stratum; empty before closing.

    Parameters
    ----------
    session : Session
    round_id : str

    Returns
    -------
    dict of str to StratumOutcome
        By stratum id.
    """
    statement = select(StratumOutcome).where(StratumOutcome.stratum_id.in_(stratum_ids(round_id)))
    return {outcome.stratum_id: outcome for outcome in session.scalars(statement)}


def form_with_stratum(
    session: Session, serial: str, *where: ColumnElement[Any]
) -> PaperForm | None:
    """Read a paper form with its stratum and unit.

    Parameters
    ----------
    session : Session
    serial : str
    where : conditions on the round unit

    Returns
    -------
    PaperForm or None
        As it is now, even if the session had read it before.
    """
    statement = _forms().where(PaperForm.serial == serial, *where)
    return session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


def forms_in(session: Session, round_id: str, *states: PaperState) -> list[PaperForm]:
    """List a round's paper forms in the given states, by serial, with stratum and unit.

    Parameters
    ----------
    session : Session
    round_id : str
    states : PaperState

    Returns
    -------
    list of PaperForm
    """
    statement = _forms().where(RoundUnit.round_id == round_id, PaperForm.state.in_(states))
    return list(session.scalars(statement.order_by(PaperForm.serial)))


def entries_of(session: Session, serial: str) -> list[Entry]:
    """List the keyings of a form, in an order that is stable and says nothing of time.

    Parameters
    ----------
    session : Session
    serial : str

    Returns
    -------
    list of Entry
    """
    return list(session.scalars(select(Entry).where(Entry.serial == serial).order_by(Entry.id)))


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


def _forms() -> Select[PaperForm]:
    """Select paper forms with stratum and unit in one statement."""
    return (
        select(PaperForm)
        .join(PaperForm.stratum)
        .join(Stratum.round_unit)
        .join(RoundUnit.unit)
        .options(
            contains_eager(PaperForm.stratum)
            .contains_eager(Stratum.round_unit)
            .contains_eager(RoundUnit.unit)
        )
    )
