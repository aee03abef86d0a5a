"""The two doors to the database: one that writes and one that only reads.

A view opens exactly one of them; a normal return commits, an exception rolls back.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app
from sqlalchemy.orm import Session

from survey.records.store import Store

__all__ = ["init_app", "reading", "store", "transaction"]

_EXTENSION = "khaosat.store"


def init_app(app: Flask, database: Store) -> None:
    """Give ``app`` its database."""
    app.extensions[_EXTENSION] = database


def store() -> Store:
    """Return the database of the current app."""
    database: Store = current_app.extensions[_EXTENSION]
    return database


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the session of a view that changes something; committed when the block ends."""
    with store().write() as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """Open the session of a view that only looks; nothing it does is kept."""
    with store().read() as session:
        yield session
