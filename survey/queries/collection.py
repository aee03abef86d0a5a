"""What stands between an invitation and a response, as services ask for it; and its one change.

Rows that a respondent touches are read as columns, never as objects kept in the session: an
invitation is changed by one conditional UPDATE, and an object read before it would be stale.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session, contains_eager

from survey.queries.units import stratum_ids, stratum_with_id
from survey.records.collection import (
    Ballot,
    Disposition,
    Draft,
    Entry,
    Invitation,
    KeyingBatch,
    PaperForm,
    PaperState,
    Response,
    StratumOutcome,
)
from survey.records.rounds import Round
from survey.records.units import RoundUnit, Stratum
from survey.rules.facts import facts_for

__all__ = [
    "Case",
    "batch_labelled",
    "batches_of_round",
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
    "outcomes_of_round",
    "responses_of_round",
    "round_of_batch",
    "sealed_ballots",
    "sealed_draft",
    "serials_of_stratum",
    "serials_taken",
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
    stratum = stratum_with_id(session, stratum_id)
    assert stratum is not None  # noqa: S101 - the invitation refers to it
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
        group=stratum.respondent_group,
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


def serials_of_stratum(session: Session, stratum_id: str) -> list[str]:
    """List the serials of a stratum's paper forms, sorted."""
    statement = select(PaperForm.serial).where(PaperForm.stratum_id == stratum_id)
    return list(session.scalars(statement.order_by(PaperForm.serial)))


def serials_taken(session: Session) -> set[str]:
    """Return the serials of all paper forms there are, of whichever round."""
    return set(session.scalars(select(PaperForm.serial)))


def batches_of_round(session: Session, round_id: str) -> list[KeyingBatch]:
    """List a round's keying batches by label."""
    statement = select(KeyingBatch).where(KeyingBatch.round_id == round_id)
    return list(session.scalars(statement.order_by(KeyingBatch.label)))


def batch_labelled(session: Session, round_id: str, label: str) -> KeyingBatch | None:
    """Find a round's keying batch by its label."""
    wanted = (KeyingBatch.round_id == round_id, KeyingBatch.label == label)
    return session.scalars(select(KeyingBatch).where(*wanted)).one_or_none()


def round_of_batch(session: Session, batch_id: str) -> Round | None:
    """Find the round that a keying batch belongs to."""
    statement = select(Round).join(KeyingBatch, KeyingBatch.round_id == Round.id)
    return session.scalars(statement.where(KeyingBatch.id == batch_id)).one_or_none()


def sealed_draft(session: Session, invitation_id: str) -> bytes | None:
    """Read an invitation's unfinished answers as they lie there."""
    statement = select(Draft.sealed).where(Draft.invitation_id == invitation_id)
    return session.scalars(statement).one_or_none()


def sealed_ballots(session: Session, round_id: str) -> list[bytes]:
    """Read a round's ballots, in whatever order they lie."""
    return list(session.scalars(select(Ballot.sealed).where(Ballot.round_id == round_id)))


def responses_of_round(session: Session, round_id: str) -> list[Response]:
    """List a closed round's answers in the order of their random keys, which tells nothing."""
    statement = select(Response).where(Response.round_id == round_id)
    return list(session.scalars(statement.order_by(Response.id)))


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
