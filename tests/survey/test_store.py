"""Transactions of the store: what commits, what does not, and what SQLite is told."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from survey.records.people import Account
from survey.records.store import Store
from survey.rules.permissions import Role


def _account(**changes: Any) -> Account:
    return Account(
        **{
            "username": "lan",
            "display_name": "Nguyễn Thị Lan",
            "role": Role.CLERK,
            "password_hash": "x",
            "session_key": "0" * 32,
            "active": True,
            "failures": 0,
            "created_at": datetime(2022, 10, 1, tzinfo=UTC),
            **changes,
        }
    )


def _add_and_fail(store: Store) -> None:
    with store.write() as session:
        session.add(_account())
        session.flush()
        raise ZeroDivisionError


def test_a_block_that_ends_well_is_kept(store: Store) -> None:
    with store.write() as session:
        session.add(_account())
    with store.read() as session:
        assert session.scalars(select(Account.username)).all() == ["lan"]


def test_a_block_that_raises_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        _add_and_fail(store)
    with store.read() as session:
        assert session.scalars(select(Account)).all() == []


def test_reading_keeps_nothing(store: Store) -> None:
    with store.read() as session:
        session.add(_account())
        session.flush()
    with store.read() as session:
        assert session.scalars(select(Account)).all() == []


def test_what_was_read_can_be_used_afterwards(store: Store) -> None:
    with store.write() as session:
        session.add(_account())
    with store.read() as session:
        account = session.scalars(select(Account)).one()
    assert account.display_name == "Nguyễn Thị Lan"


def test_enum_is_stored_by_its_value_and_checked(store: Store) -> None:
    with store.write() as session:
        session.add(_account())
    with store.read() as session:
        assert session.scalar(text("SELECT role FROM account")) == "clerk"
    with pytest.raises(IntegrityError, match="ck_account_role"), store.write() as session:
        session.execute(text("UPDATE account SET role = 'king'"))


def test_moments_come_back_in_utc(store: Store) -> None:
    here = timezone(timedelta(hours=7))
    with store.write() as session:
        session.add(_account(created_at=datetime(2022, 10, 1, 9, 30, 15, 123456, tzinfo=here)))
    with store.read() as session:
        found = session.scalars(select(Account.created_at)).one()
    assert found == datetime(2022, 10, 1, 2, 30, 15, 123456, tzinfo=UTC)
    assert found.utcoffset() == timedelta(0)


def test_a_moment_without_zone_is_refused(store: Store) -> None:
    naive = datetime(2022, 10, 1)  # noqa: DTZ001 - the mistake that is meant
    with pytest.raises(Exception, match="a moment needs its time zone"), store.write() as session:
        session.add(_account(created_at=naive))


def test_sqlite_survives_a_power_cut_and_forgets_what_is_deleted(sqlite_store: Store) -> None:
    with sqlite_store.read() as session:
        found = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_error_does_not_quote_the_values_of_its_statement(store: Store) -> None:
    with store.write() as session:
        session.add(_account())
    with pytest.raises(IntegrityError) as caught, store.write() as session:
        session.add(_account(password_hash="a secret"))
    assert "a secret" not in str(caught.value)


def test_reading_then_writing_under_load_never_fails(store: Store) -> None:
    # With BEGIN instead of BEGIN IMMEDIATE this fails at once on SQLite.
    failures: list[Exception] = []
    with store.write() as session:
        session.add(_account())

    def count_up() -> None:
        try:
            for _ in range(20):
                with store.write() as session:
                    account = session.scalars(select(Account).with_for_update()).one()
                    account.failures += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert (failures, session.scalars(select(Account.failures)).one()) == ([], 80)
