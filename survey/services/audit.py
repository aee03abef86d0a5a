"""The record of what staff did: numbered without gaps, each row carrying the hash of the last.

A chain shows that a row was changed, inserted or removed from the middle. It cannot show that
the newest rows were cut off: for that, print or send away the newest number and hash now and then.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from survey.queries.people import events_in_order, last_event, newest_events
from survey.records.people import Event

__all__ = ["FIRST_HASH", "first_broken_link", "recent", "record"]

FIRST_HASH: Final = "0" * 64
_LOCK: Final = 0x6B68616F736174  # "khaosat": the advisory lock under which numbers are given


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    now: datetime,
) -> Event:
    """Write one event at the end of the chain.

    Call it last in a transaction: on PostgreSQL it takes a lock that is held until the end of
    the transaction, so that two writers cannot take one number, and a rollback leaves no gap.

    Parameters
    ----------
    session : Session
    actor : str
        The account's user name, or "cli".
    action, subject : str
        What was done, and to what (a round's code, a user name).
    detail : mapping
        JSON values. Never a person's answer, a token or a password.
    now : datetime
        Aware.

    Returns
    -------
    Event
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = last_event(session)
    event = Event(
        number=last.number + 1 if last else 1,
        at=now.astimezone(UTC),
        actor=actor,
        action=action,
        subject=subject,
        detail=dict(detail),
        previous_hash=last.hash if last else FIRST_HASH,
    )
    event.hash = _hash(event)
    session.add(event)
    session.flush()
    return event


def first_broken_link(session: Session) -> int | None:
    """Walk the chain and name the first event that does not fit.

    Parameters
    ----------
    session : Session

    Returns
    -------
    int or None
        The number of the event that is missing or was changed; none when the chain is whole.
    """
    previous = FIRST_HASH
    for number, event in enumerate(events_in_order(session), start=1):
        fits = event.number == number and event.previous_hash == previous
        if not fits or event.hash != _hash(event):
            return number
        previous = event.hash
    return None


def recent(session: Session, limit: int) -> list[Event]:
    """List the newest events.

    Parameters
    ----------
    session : Session
    limit : int
        How many at most.

    Returns
    -------
    list of Event
        The newest first.
    """
    return newest_events(session, limit)


def _hash(event: Event) -> str:
    """Hash an event's content with the hash of the one before it."""
    content = [
        event.previous_hash,
        event.number,
        event.at.isoformat(timespec="microseconds"),
        event.actor,
        event.action,
        event.subject,
        event.detail,
    ]
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()
