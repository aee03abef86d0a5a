"""Scrubbing: what closing deleted is also gone from pages, logs of the database, and backups.

A deleted row stays readable in a database's files for a while, and beside it the order in which
rows came. Each step says what it did, or that it was not permitted; all can be run again.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Final, cast

import psycopg
from psycopg import errors, sql

from survey.errors import BusyDatabaseError
from survey.records.base import Record
from survey.records.collection import (
    Ballot,
    Draft,
    Entry,
    Invitation,
    KeyerStatistic,
    KeyingBatch,
    PaperForm,
    Response,
    StratumOutcome,
    Submission,
)
from survey.records.rounds import Round
from survey.records.store import Store
from survey.records.units import StaffMember
from survey.rules.lifecycle import Action
from survey.services.audit import record
from survey.services.backup import expire_collection_backups
from survey.services.rounds import find_round, hold_round
from survey.settings import Settings

__all__ = ["PATIENCE", "SCRUB_FAULTS", "STEPS", "scrub"]

PATIENCE: Final = 30
"""Seconds to wait for other connections."""

STEPS: Final = {
    "sqlite-vacuum": "The database file was rewritten without deleted rows.",
    "sqlite-log": "The write-ahead log was emptied.",
    "truncate": "The tables of the collection were emptied.",
    "rewrite": "The tables that remain were rewritten without deleted rows.",
    "statistics": "The database's samples of deleted values were removed.",
    "checkpoint": "All changes were written to the data files.",
    "log": "The write-ahead log was overwritten.",
    "backups": "Backups made during collection were deleted.",
}
"""What a scrub can have done."""

SCRUB_FAULTS: Final = {
    "no-truncate": "NOT DONE: this database account may not empty the tables of the collection.",
    "no-rewrite": "NOT DONE: this database account may not rewrite all tables (VACUUM FULL).",
    "no-statistics": (
        "NOT DONE: this database account may not remove samples of deleted values; "
        "let an administrator run VACUUM FULL pg_catalog.pg_statistic."
    ),
    "no-checkpoint": (
        "NOT DONE: this database account may not write a checkpoint; "
        "let an administrator run CHECKPOINT."
    ),
    "no-log": (
        "NOT DONE: this database account may not rotate the write-ahead log; let an administrator "
        "run pg_switch_wal() and CHECKPOINT until the segments of the collection are gone."
    ),
    "archived": (
        "NOT DONE: this server archives or replicates its write-ahead log; "
        "delete what was archived during collection."
    ),
}
"""What a scrub can have left undone."""

_EMPTIED: Final[tuple[type[Record], ...]] = (
    Ballot,
    Draft,
    Submission,
    Entry,
    PaperForm,
    KeyingBatch,
    Invitation,
    StaffMember,
)
_REWRITTEN: Final[tuple[type[Record], ...]] = (Response, StratumOutcome, KeyerStatistic, Round)


def scrub(
    store: Store,
    round_code: str,
    *,
    settings: Settings,
    actor: str,
    now: datetime,
    patience: int = PATIENCE,
) -> list[str]:
    """Remove what the database's files still hold of the collection.

    SQLite: VACUUM, then truncate the write-ahead log. PostgreSQL: TRUNCATE the tables of the
    collection where no other round uses them, VACUUM FULL the others and what was rewritten, drop
    the planner's samples, overwrite the log. Both: delete backups made during collection.

    Parameters
    ----------
    store : Store
    round_code : str
    settings : Settings
    actor : str
    now : datetime
    patience : int
        Seconds to wait for other connections.

    Returns
    -------
    list of str
        What was done, out of `STEPS`, and what was not permitted, out of `SCRUB_FAULTS`.

    Raises
    ------
    NotAllowedNowError
        The round is not closed.
    BusyDatabaseError
        Other connections keep a step from finishing; run it again.
    """
    with store.read() as session:
        find_round(session, round_code).require(Action.SCRUB)
    steps = _on_sqlite(store, patience) if store.is_sqlite else _on_postgres(store, patience)
    if expire_collection_backups(settings, round_code):
        steps.append("backups")
    with store.write() as session:
        round_ = hold_round(session, round_code, exclusive=True)
        round_.scrubbed_at = now
        detail = {"steps": steps}
        record(session, actor=actor, action="scrub", subject=round_code, detail=detail, now=now)
    return [(STEPS | SCRUB_FAULTS)[step] for step in steps]


def _on_sqlite(store: Store, patience: int) -> list[str]:
    """Rewrite the file, and cut the log to nothing."""
    with closing(store.engine.raw_connection()) as borrowed:
        connection = cast("sqlite3.Connection", borrowed.driver_connection)
        before = connection.execute("PRAGMA busy_timeout").fetchone()[0]
        connection.execute(f"PRAGMA busy_timeout={patience * 1000}")
        try:
            connection.execute("VACUUM")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            raise BusyDatabaseError(step="VACUUM") from error
        finally:
            connection.execute(f"PRAGMA busy_timeout={before}")
    if busy:
        raise BusyDatabaseError(step="wal_checkpoint")
    return ["sqlite-vacuum", "sqlite-log"]


def _on_postgres(store: Store, patience: int) -> list[str]:
    """Run every step that the account may; name the others."""
    with _own_connection(store, patience) as connection:
        _wait_for_readers(connection, patience)
        work: tuple[tuple[str, Callable[[psycopg.Connection], None]], ...] = (
            ("truncate", _truncate),
            ("rewrite", _rewrite),
            ("statistics", _forget_samples),
            ("checkpoint", _checkpoint),
            ("log", _overwrite_log),
        )
        steps = [step if _permitted(connection, do) else f"no-{step}" for step, do in work]
        if _is_archived(connection):
            steps.append("archived")
    return steps


@contextmanager
def _own_connection(store: Store, patience: int) -> Iterator[psycopg.Connection]:
    """Take a connection out of the pool for good: VACUUM wants no transaction around it."""
    borrowed = store.engine.raw_connection()
    connection = cast("psycopg.Connection", borrowed.driver_connection)
    borrowed.detach()
    try:
        connection.rollback()
        connection.autocommit = True
        connection.execute(sql.SQL("SET lock_timeout = {}").format(sql.Literal(patience * 1000)))
        yield connection
    except errors.LockNotAvailable as error:
        raise BusyDatabaseError(step="VACUUM FULL") from error
    finally:
        connection.close()


def _wait_for_readers(connection: psycopg.Connection, patience: int) -> None:
    """Wait until nobody looks at an older state: VACUUM keeps the deleted rows they could see."""
    for _ in range(patience * 5):
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL"
        ).fetchone()
        if not row or not row[0]:
            return
        connection.execute("SELECT pg_sleep(0.2)")
    raise BusyDatabaseError(step="VACUUM FULL")


def _permitted(connection: psycopg.Connection, step: Callable[[psycopg.Connection], None]) -> bool:
    """Run a step; VACUUM says by a warning only that it skipped a table."""
    skipped: list[str] = []

    def listen(notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            skipped.append(notice.message_primary or "")

    connection.add_notice_handler(listen)
    try:
        step(connection)
    except errors.InsufficientPrivilege:
        return False
    finally:
        connection.remove_notice_handler(listen)
    return not skipped


def _truncate(connection: psycopg.Connection) -> None:
    """Empty the files of tables that have no rows left; other rounds' rows keep theirs."""
    tables = _names(_EMPTIED)
    with connection.transaction():
        connection.execute(
            sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.SQL(", ").join(tables))
        )
        empty = [table for table in tables if not _has_rows(connection, table)]
        if empty:
            connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(empty)))


def _has_rows(connection: psycopg.Connection, table: sql.Identifier) -> bool:
    """Say whether a table has any row."""
    row = connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table)).fetchone()
    return bool(row and row[0])


def _rewrite(connection: psycopg.Connection) -> None:
    """Rewrite the tables that have rows, whichever round's."""
    for table in _names((*_EMPTIED, *_REWRITTEN)):
        if _has_rows(connection, table):
            connection.execute(sql.SQL("VACUUM FULL {}").format(table))


def _forget_samples(connection: psycopg.Connection) -> None:
    """Drop the planner's statistics, which hold values; TRUNCATE and ANALYZE leave them.

    Declaring a column's type anew, as the same type, removes its sample and rewrites nothing.
    """
    names = [table.__tablename__ for table in (*_EMPTIED, *_REWRITTEN)]
    columns = connection.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "JOIN pg_stats s ON s.tablename = c.relname AND s.attname = a.attname "
        "AND s.schemaname = c.relnamespace::regnamespace::text "
        "WHERE c.relname = ANY(%s) AND pg_table_is_visible(c.oid)",
        [names],
    ).fetchall()
    for table, column, kind in columns:
        connection.execute(
            sql.SQL("ALTER TABLE {} ALTER COLUMN {} TYPE {}").format(
                sql.Identifier(table), sql.Identifier(column), sql.SQL(kind)
            )
        )
    connection.execute("VACUUM FULL pg_catalog.pg_statistic")


def _checkpoint(connection: psycopg.Connection) -> None:
    """Write everything to the data files, so that the log of the collection is not needed."""
    connection.execute("CHECKPOINT")


def _overwrite_log(connection: psycopg.Connection) -> None:
    """Walk through all segments of the log: switching fills the rest of each with zeros.

    A segment that is no longer needed is renamed for later use with its old content in it, so one
    switch is not enough.
    """
    connection.execute("SELECT pg_switch_wal()")
    connection.execute("CHECKPOINT")
    row = connection.execute("SELECT count(*) FROM pg_ls_waldir()").fetchone()
    for _ in range(row[0] + 1 if row else 0):
        connection.execute("SELECT pg_logical_emit_message(false, 'khaosat', 'scrub')")
        connection.execute("SELECT pg_switch_wal()")
    connection.execute("CHECKPOINT")


def _is_archived(connection: psycopg.Connection) -> bool:
    """Say whether copies of the log leave this server."""
    row = connection.execute(
        "SELECT current_setting('archive_mode') <> 'off' "
        "OR EXISTS (SELECT FROM pg_replication_slots)"
    ).fetchone()
    return bool(row and row[0])


def _names(records: Iterable[type[Record]]) -> list[sql.Identifier]:
    """Name the tables of some records."""
    return [sql.Identifier(each.__tablename__) for each in records]
