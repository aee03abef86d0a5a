"""Accounts and events, as services ask for them."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.records.people import Account, Event
from survey.rules.permissions import Role

__all__ = [
    "account_named",
    "all_accounts",
    "events_in_order",
    "last_event",
    "newest_events",
    "number_of_active",
]

_BATCH: Final = 500


def account_named(session: Session, username: str) -> Account | None:
    """Find an account by its name and keep its row to this transaction.

    The lock makes two guesses at one password wait for each other, so that both are counted.
    """
    query = select(Account).where(Account.username == username).with_for_update()
    return session.scalars(query).one_or_none()


def all_accounts(session: Session) -> list[Account]:
    """List all accounts by their names."""
    return list(session.scalars(select(Account).order_by(Account.username)))


def number_of_active(session: Session, role: Role) -> int:
    """Count the active accounts of a role."""
    query = select(func.count()).select_from(Account).where(Account.role == role, Account.active)
    return session.scalars(query).one()


def last_event(session: Session) -> Event | None:
    """Find the newest event."""
    return session.scalars(select(Event).order_by(Event.number.desc()).limit(1)).one_or_none()


def newest_events(session: Session, limit: int) -> list[Event]:
    """List the newest events, the newest first."""
    return list(session.scalars(select(Event).order_by(Event.number.desc()).limit(limit)))


def events_in_order(session: Session) -> Iterator[Event]:
    """Walk over all events, the oldest first, some hundred at a time."""
    after: int | None = None
    while True:
        query = select(Event).order_by(Event.number).limit(_BATCH)
        if after is not None:
            query = query.where(Event.number > after)
        batch = session.scalars(query).all()
        if not batch:
            return
        yield from batch
        after = batch[-1].number
