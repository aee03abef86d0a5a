"""The chain of events: gapless, and broken visibly."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from survey.records.people import Event
from survey.records.store import Store
from survey.services import audit


def _record(store: Store, now: datetime, **changes: Any) -> None:
    given = {"actor": "lan", "action": "open", "subject": "bp2022", "detail": {"số": 1}, "now": now}
    with store.write() as session:
        audit.record(session, **{**given, **changes})


def _record_and_fail(store: Store, now: datetime) -> None:
    with store.write() as session:
        audit.record(session, actor="lan", action="x", subject="y", detail={}, now=now)
        raise ZeroDivisionError


def test_events_are_numbered_from_one_and_chained(store: Store, now: datetime) -> None:
    for _ in range(3):
        _record(store, now)
    with store.read() as session:
        third, second, first = audit.recent(session, 5)
        assert audit.first_broken_link(session) is None
    assert [event.number for event in (first, second, third)] == [1, 2, 3]
    assert first.previous_hash == audit.FIRST_HASH
    assert (second.previous_hash, third.previous_hash) == (first.hash, second.hash)


def test_an_empty_chain_is_whole(store: Store) -> None:
    with store.read() as session:
        assert audit.first_broken_link(session) is None


def test_a_verb_that_fails_leaves_no_event_and_no_gap(store: Store, now: datetime) -> None:
    _record(store, now)
    with pytest.raises(ZeroDivisionError):
        _record_and_fail(store, now)
    _record(store, now)
    with store.read() as session:
        assert [event.number for event in audit.recent(session, 9)] == [2, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"detail": {"số": 2}},
        {"actor": "minh"},
        {"subject": "bp2023"},
        {"action": "close"},
        {"at": datetime.fromisoformat("2022-10-01T02:30:00.000001+00:00")},
        {"hash": "f" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_event_is_found(
    sqlite_store: Store, now: datetime, change: dict[str, Any]
) -> None:
    for _ in range(3):
        _record(sqlite_store, now)
    with sqlite_store.write() as session:
        session.execute(update(Event).where(Event.number == 2).values(change))
    with sqlite_store.read() as session:
        assert audit.first_broken_link(session) == 2


@pytest.mark.parametrize("removed", [1, 2])
def test_a_removed_event_is_found(store: Store, now: datetime, removed: int) -> None:
    for _ in range(3):
        _record(store, now)
    with store.write() as session:
        session.execute(text("DELETE FROM event WHERE number = :number"), {"number": removed})
    with store.read() as session:
        assert audit.first_broken_link(session) == removed


def test_concurrent_writers_leave_no_gap(store: Store, now: datetime) -> None:
    failures: list[Exception] = []

    def write(worker: int) -> None:
        try:
            for step in range(15):
                _record(store, now + timedelta(seconds=step), actor=f"w{worker}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert failures == []
        assert [event.number for event in audit.recent(session, 99)] == [*range(60, 0, -1)]
        assert audit.first_broken_link(session) is None
