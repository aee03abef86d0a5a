"""The engine and its two kinds of transaction: one that writes, one that only reads.

On SQLite a writing transaction begins with BEGIN IMMEDIATE: one that read first and wrote
later would fail at once under load, whatever the busy timeout.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

_BUSY_SECONDS = 30
_READ_ONLY = "khaosat_read_only"


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    del entry
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101 - narrows the driver's type
    connection.isolation_level = None  # SQLAlchemy's begin event below opens transactions
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
        f"busy_timeout={_BUSY_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def make_engine(url: str) -> Engine:
    """Return an engine for ``sqlite:///path`` or ``postgresql+psycopg://…``.

    A URL beginning with ``postgresql://`` is given the psycopg 3 driver.
    """
    parsed = make_url(url)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(
        parsed,
        pool_pre_ping=parsed.get_backend_name() == "postgresql",
        hide_parameters=True,  # an error would quote names, hashes and answers of its statement
    )
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


class Store:
    """Hands out sessions; commits on a normal return, rolls back on an exception."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reading = engine.execution_options(**{_READ_ONLY: True})

    @classmethod
    def at(cls, url: str) -> "Store":
        """Return a store for the database at ``url``."""
        return cls(make_engine(url))

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The SQLite file; none in memory and on a server."""
        name = self.engine.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session that writes: one transaction, committed at the end of the block."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads; nothing it does is kept, what it loaded stays usable."""
        # Closing rolls back without expiring what was loaded, as Session.rollback() would.
        with Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()
