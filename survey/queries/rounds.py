"""Rounds, their questionnaires and the snapshots of their index."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.records.rounds import IndexSnapshot, QuestionnaireVersion, Round

__all__ = [
    "all_rounds",
    "latest_snapshot",
    "locked_round",
    "questionnaire_text",
    "round_with_code",
]


def round_with_code(session: Session, code: str) -> Round | None:
    """Find a round by its code."""
    return session.scalars(select(Round).where(Round.code == code)).one_or_none()


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


def all_rounds(session: Session) -> list[Round]:
    """List the rounds, the newest first."""
    return list(session.scalars(select(Round).order_by(Round.year.desc(), Round.code)))


def questionnaire_text(session: Session, fingerprint: str) -> str | None:
    """Find a questionnaire's canonical JSON."""
    query = select(QuestionnaireVersion.document).where(
        QuestionnaireVersion.fingerprint == fingerprint
    )
    return session.scalars(query).one_or_none()


def latest_snapshot(session: Session, round_id: str) -> IndexSnapshot | None:
    """Find the newest snapshot of a round's index."""
    query = select(IndexSnapshot).where(IndexSnapshot.round_id == round_id)
    newest = query.order_by(IndexSnapshot.computed_at.desc(), IndexSnapshot.id)
    return session.scalars(newest.limit(1)).first()
