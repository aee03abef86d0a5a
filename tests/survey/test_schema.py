"""The migrations make exactly the tables that the records describe, on both databases."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text

from survey.records import collection, people, rounds, units  # noqa: F401 - fill the metadata
from survey.records.base import Record
from survey.records.store import Store
from survey.services import schema

_ANSWER_TABLES = {"ballot", "draft", "entry", "invitation", "paper_form", "response", "submission"}


@pytest.fixture
def other_store(empty_store: Store, request: pytest.FixtureRequest) -> Iterator[Store]:
    if empty_store.is_sqlite:
        other = Store.at("sqlite://")
    else:
        server = request.getfixturevalue("postgres_server")
        other = Store.at(server.create_empty())
    yield other
    other.dispose()


def _checks_by_table(connection: Connection) -> dict[str, Any]:
    inspector = inspect(connection)
    return {
        table: sorted(
            (str(check["name"]), check["sqltext"])
            for check in inspector.get_check_constraints(table)
        )
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_alembic_finds_no_difference_between_migrations_and_records(empty_store: Store) -> None:
    schema.upgrade(empty_store)
    with empty_store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Record.metadata) == []


def test_check_constraints_are_those_of_the_records(empty_store: Store, other_store: Store) -> None:
    # alembic does not compare them
    schema.upgrade(empty_store)
    Record.metadata.create_all(other_store.engine)
    with empty_store.engine.connect() as migrated, other_store.engine.connect() as created:
        found = _checks_by_table(migrated)
        assert found == _checks_by_table(created)
    assert ("ck_round_ballot_size_positive", "ballot_size > 0") in found["round"]


def test_tables_that_an_answer_passes_through_have_no_rowid(sqlite_store: Store) -> None:
    with sqlite_store.engine.connect() as connection:
        rows = connection.execute(text("PRAGMA table_list")).mappings()
        without_rowid = {row["name"] for row in rows if row["wr"]}
    assert without_rowid == _ANSWER_TABLES


def test_upgrading_twice_changes_nothing(empty_store: Store) -> None:
    schema.upgrade(empty_store)
    schema.upgrade(empty_store)
    assert schema.current(empty_store) == schema.head()


def test_an_empty_database_is_not_ready(empty_store: Store) -> None:
    assert schema.current(empty_store) is None
    assert not schema.is_ready(empty_store)


def test_a_migrated_database_is_ready(store: Store) -> None:
    assert schema.is_ready(store)


def test_a_database_that_cannot_be_reached_is_not_ready() -> None:
    store = Store.at("postgresql://nobody@/nothing?host=/nonexistent-folder")
    assert not schema.is_ready(store)
    store.dispose()


def test_asking_makes_no_sqlite_file(tmp_path: Path) -> None:
    store = Store.at(f"sqlite:///{tmp_path / 'missing' / 'khaosat.sqlite3'}")
    assert schema.current(store) is None
    store.dispose()
    assert list(tmp_path.iterdir()) == []


def test_new_sqlite_file_and_its_log_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "khaosat.sqlite3"
    store = Store.at(f"sqlite:///{file}")
    schema.upgrade(store)
    modes = {each.name: each.stat().st_mode & 0o077 for each in tmp_path.iterdir()}
    store.dispose()
    assert modes == dict.fromkeys(modes, 0)
    assert {"khaosat.sqlite3", "khaosat.sqlite3-wal"} <= modes.keys()


def test_a_database_of_a_newer_program_is_refused(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    assert not schema.is_ready(store)
    with pytest.raises(CommandError, match="from_the_future"):
        schema.upgrade(store)


def test_developers_reach_alembic_without_an_ini_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'dev.sqlite3'}"
    command = [sys.executable, "-m", "survey.migrations", "-x", f"database={url}"]
    subprocess.run([*command, "upgrade", "head"], check=True, capture_output=True)
    store = Store.at(url)
    assert schema.is_ready(store)
    store.dispose()
