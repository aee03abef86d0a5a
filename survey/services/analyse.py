"""Scoring and publishing a round: its index, computed once and kept as a snapshot.

An earlier snapshot is never changed, only followed by a newer one; what is published is the newest.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from survey.errors import NotReadyError
from survey.queries import rounds as queries
from survey.records.rounds import IndexSnapshot, Round
from survey.rules.index_document import IndexDocument
from survey.rules.lifecycle import Action
from survey.services import audit
from survey.services.compute import compute_index
from survey.services.rounds import hold_round

__all__ = [
    "MISSING_FAULTS",
    "document_of",
    "latest_snapshot",
    "publish",
    "score",
    "stored_index",
]

MISSING_FAULTS: Final = {
    "index": "the index has not been computed",
    "scrub": "the database has not been scrubbed",
    "key": "the key has not been destroyed",
}
"""What an index may have to wait for."""


def score(session: Session, round_: Round, *, actor: str, now: datetime) -> IndexSnapshot:
    """Compute the index and keep it as a snapshot; an earlier snapshot stays.

    Raises
    ------
    NotAllowedNowError
        The round is not closed, or already published.
    """
    hold_round(session, round_.code, exclusive=True).require(Action.SCORE)
    content = compute_index(session, round_).model_dump(mode="json", by_alias=True)
    snapshot = IndexSnapshot(
        round_id=round_.id, computed_at=now, digest=_digest(content), document=content
    )
    session.add(snapshot)
    round_.move(Action.SCORE)
    audit.record(
        session,
        actor=actor,
        action="index.score",
        subject=round_.code,
        detail={"digest": snapshot.digest},
        now=now,
    )
    session.flush()
    return snapshot


def publish(session: Session, round_: Round, *, actor: str, now: datetime) -> None:
    """Publish the latest snapshot.

    Raises
    ------
    NotAllowedNowError
        The round has not been scored, or is published already.
    NotReadyError
        The database has not been scrubbed, or the key has not been destroyed.
    """
    hold_round(session, round_.code, exclusive=True).require(Action.PUBLISH)
    done = {"scrub": round_.scrubbed_at, "key": round_.key_destroyed_at}
    missing = [MISSING_FAULTS[step] for step, moment in done.items() if moment is None]
    if missing:
        raise NotReadyError(action=Action.PUBLISH, missing=missing)
    snapshot = latest_snapshot(session, round_)
    assert snapshot is not None  # noqa: S101 - only score() leads to a state that may publish
    snapshot.published_at = now
    round_.move(Action.PUBLISH)
    audit.record(
        session,
        actor=actor,
        action="index.publish",
        subject=round_.code,
        detail={"digest": snapshot.digest},
        now=now,
    )
    session.flush()


def latest_snapshot(session: Session, round_: Round) -> IndexSnapshot | None:
    """Return the newest snapshot of a round, if there is one."""
    return queries.latest_snapshot(session, round_.id)


def document_of(snapshot: IndexSnapshot) -> IndexDocument:
    """Return the document that a snapshot holds."""
    return IndexDocument.model_validate(snapshot.document)


def stored_index(session: Session, round_: Round) -> IndexDocument:
    """Return the document of a round's newest snapshot.

    Raises
    ------
    NotReadyError
        The round has not been scored.
    """
    snapshot = latest_snapshot(session, round_)
    if snapshot is None:
        raise NotReadyError(action=Action.SEE_INDEX, missing=[MISSING_FAULTS["index"]])
    return document_of(snapshot)


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
