"""Rounds and their questionnaires."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.records.rounds import QuestionnaireVersion, Round

__all__ = ["all_rounds", "keep_round", "questionnaire_text", "round_with_code"]


def keep_round(session: Session, round_: Round) -> None:
    """Read a round's row again and keep it to this transaction.

    Call it before asking whether the state allows something: on PostgreSQL another transaction
    may have moved the round meanwhile, and two could each find it a draft.
    """
    session.refresh(round_, with_for_update=True)


def round_with_code(session: Session, code: str) -> Round | None:
    """Find a round by its code."""
    return session.scalars(select(Round).where(Round.code == code)).one_or_none()


def all_rounds(session: Session) -> list[Round]:
    """List the rounds, the newest first."""
    return list(session.scalars(select(Round).order_by(Round.year.desc(), Round.code)))


def questionnaire_text(session: Session, fingerprint: str) -> str | None:
    """Find a questionnaire's canonical JSON."""
    query = select(QuestionnaireVersion.document).where(
        QuestionnaireVersion.fingerprint == fingerprint
    )
    return session.scalars(query).one_or_none()
