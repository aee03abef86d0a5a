"""Backups: whole, consistent, the same on both databases, and gone when they must be."""

import json
import stat
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from survey.records.collection import Ballot, Mode, Response
from survey.records.people import Account, Event
from survey.records.rounds import Round
from survey.records.store import Store
from survey.records.units import RoundUnit, Stratum, Unit
from survey.rules.lifecycle import RoundState
from survey.rules.permissions import Role
from survey.services import accounts, backup, rounds
from survey.settings import Settings, settings_from


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_from({}, home=tmp_path / "home")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def other_store(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite_file: Path
) -> Iterator[Store]:
    """Give a second empty, migrated database of either kind."""
    if request.param == "sqlite":
        file = tmp_path / "other.sqlite3"
        file.write_bytes(migrated_sqlite_file.read_bytes())
        url = f"sqlite:///{file}"
    else:
        url = request.getfixturevalue("postgres_server").create_migrated()
    store = Store.at(url)
    yield store
    store.dispose()


def _fill(store: Store, code: str, now: datetime) -> None:
    """Add what a small round lacks: an account, a sealed ballot and an opened answer."""
    with store.write() as session:
        found = rounds.find_round(session, code)
        found.public_key = bytes(range(32))
        accounts.create_account(
            session,
            username="lan",
            display_name="Nguyễn Thị Lan",
            role=Role.OFFICE,
            password="mưa nắng bốn mùa",
            actor="cli",
            now=now,
        )
        unit = session.scalars(select(RoundUnit)).first()
        stratum = session.scalars(select(Stratum)).first()
        assert unit is not None
        assert stratum is not None
        session.add(Ballot(id="b" * 32, round_id=found.id, sealed=b"\x00\xff\n\r"))
        session.add(
            Response(
                id="c" * 32,
                round_id=found.id,
                questionnaire=found.questionnaire,
                stratum_id=stratum.id,
                rated_unit_id=unit.unit_id,
                rater_key="d" * 32,
                mode=Mode.PAPER,
                keying_batch=None,
                too_fast=False,
                group_differs=True,
                answers={"Q1": "5", "YK": "Tốt\n“lắm”", "chọn": ["1", "2"]},
            )
        )


def _contents(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as file:
        return {name: file.read(name) for name in file.namelist() if name != "manifest.json"}


def test_a_restored_backup_backs_up_to_the_same_bytes(
    store: Store, other_store: Store, small_round: str, now: datetime, tmp_path: Path
) -> None:
    _fill(store, small_round, now)
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    manifest = backup.backup(store, target=first, now=now)
    backup.restore(first, other_store)
    assert backup.backup(other_store, target=second, now=now) == manifest
    assert _contents(first) == _contents(second)
    assert manifest.rows["unit"] == 4


def test_restored_values_keep_their_types(
    store: Store, other_store: Store, small_round: str, now: datetime, tmp_path: Path
) -> None:
    _fill(store, small_round, now)
    backup.backup(store, target=tmp_path / "b.zip", now=now)
    backup.restore(tmp_path / "b.zip", other_store)
    with other_store.read() as session:
        found = rounds.find_round(session, small_round)
        answer = session.scalars(select(Response)).one()
        unit = session.scalars(select(Unit).where(Unit.code == "S1")).one()
        ballot = session.scalars(select(Ballot)).one()
        assert rounds.questionnaire_of(session, found).id == "small"
    assert (found.state, found.created_at, found.public_key) == (
        RoundState.DRAFT,
        now,
        bytes(range(32)),
    )
    assert (unit.valid_from, unit.valid_to) == (date(2022, 1, 1), None)
    assert ballot.sealed == b"\x00\xff\n\r"
    assert (answer.mode, answer.group_differs) == (Mode.PAPER, True)
    assert answer.answers == {"Q1": "5", "YK": "Tốt\n“lắm”", "chọn": ["1", "2"]}


def test_archive_is_for_its_owner_and_leaves_nothing_beside_it(
    sqlite_store: Store, now: datetime, tmp_path: Path
) -> None:
    folder = tmp_path / "copies"
    backup.backup(sqlite_store, target=folder / "b.zip", now=now)
    assert [path.name for path in folder.iterdir()] == ["b.zip"]
    assert stat.S_IMODE((folder / "b.zip").stat().st_mode) == 0o600


def test_backup_sees_one_moment(store: Store, now: datetime, tmp_path: Path) -> None:
    done: list[str] = []

    def write_meanwhile(*arguments: Any) -> None:
        if "FROM account" in arguments[2] and not done:
            done.append("account read")
            accounts_of_others(store)

    def accounts_of_others(store: Store) -> None:
        with store.write() as session:
            session.add(
                Event(
                    number=1,
                    at=now,
                    actor="lan",
                    action="x",
                    subject="y",
                    detail={},
                    previous_hash="0" * 64,
                    hash="1" * 64,
                )
            )

    event.listen(store.engine, "after_cursor_execute", write_meanwhile)
    manifest = backup.backup(store, target=tmp_path / "b.zip", now=now)
    assert done == ["account read"]
    assert manifest.rows["event"] == 0
    with store.read() as session:
        assert session.scalars(select(Event.number)).all() == [1]


def test_lines_stand_in_the_order_of_their_keys(
    store: Store, small_round: str, now: datetime, tmp_path: Path
) -> None:
    del small_round
    backup.backup(store, target=tmp_path / "b.zip", now=now)
    lines = _contents(tmp_path / "b.zip")["stratum.jsonl"].splitlines()
    keys = [json.loads(line)["id"] for line in lines]
    assert keys == sorted(keys)
    assert len(keys) == 6


@pytest.mark.parametrize("state", list(RoundState))
def test_manifest_says_whether_answers_were_coming_in(
    sqlite_store: Store, small_sqlite_round: str, now: datetime, tmp_path: Path, state: RoundState
) -> None:
    with sqlite_store.write() as session:
        rounds.find_round(session, small_sqlite_round).state = state
    manifest = backup.backup(sqlite_store, target=tmp_path / "b.zip", now=now)
    expected = ("collection", ("thu2022",)) if state in {"open", "closing"} else ("clean", ())
    assert (manifest.kind, manifest.collecting) == expected


def test_collection_backups_expire_and_others_stay(
    sqlite_store: Store, small_sqlite_round: str, now: datetime, settings: Settings
) -> None:
    clean = backup.managed_backup(sqlite_store, settings, now=now)
    with sqlite_store.write() as session:
        rounds.find_round(session, small_sqlite_round).state = RoundState.OPEN
    collecting = backup.managed_backup(sqlite_store, settings, now=now + timedelta(hours=1))
    broken = settings.backup_folder / "broken.zip"
    broken.write_bytes(b"PK\x03\x04")
    unfinished = settings.backup_folder / ".khaosat-x.zip.abc"
    unfinished.write_bytes(b"")
    trial = settings.backup_folder / ".khaosat-y.zip.def" / "trial.sqlite3"
    trial.parent.mkdir()
    trial.write_bytes(b"what a restore left behind when the machine went down")
    assert backup.expire_collection_backups(settings, "khac2022") == [
        broken,
        unfinished,
        trial.parent,
    ]
    assert backup.expire_collection_backups(settings, small_sqlite_round) == [collecting]
    assert list(settings.backup_folder.iterdir()) == [clean]


def test_expiring_without_a_folder_removes_nothing(settings: Settings) -> None:
    assert backup.expire_collection_backups(settings, "thu2022") == []


def test_managed_backups_are_named_by_their_moment(sqlite_store: Store, settings: Settings) -> None:
    moment = datetime(2022, 10, 1, 2, 30, 5, 7, tzinfo=UTC)
    path = backup.managed_backup(sqlite_store, settings, now=moment)
    assert path.name == "khaosat-20221001T023005000007Z.zip"


def _rewrite(archive: Path, changes: dict[str, bytes | None]) -> None:
    contents = _contents(archive)
    with zipfile.ZipFile(archive) as file:
        contents["manifest.json"] = file.read("manifest.json")
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in {**contents, **changes}.items():
            if content is not None:
                file.writestr(name, content)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unit.jsonl": b""}, "its table “unit” is damaged"),
        ({"unit.jsonl": None}, "its tables are not those"),
        ({"more.jsonl": b""}, "its tables are not those"),
        ({"manifest.json": None}, "it is damaged"),
        ({"manifest.json": b"{}"}, "it is damaged"),
    ],
)
def test_changed_archives_are_refused(
    sqlite_store: Store,
    small_sqlite_round: str,
    now: datetime,
    tmp_path: Path,
    changes: dict[str, bytes | None],
    reason: str,
) -> None:
    del small_sqlite_round
    archive = tmp_path / "b.zip"
    backup.backup(sqlite_store, target=archive, now=now)
    _rewrite(archive, changes)
    with pytest.raises(backup.BackupError, match=reason):
        backup.check(archive)


def test_a_flipped_byte_anywhere_is_found(
    sqlite_store: Store, small_sqlite_round: str, now: datetime, tmp_path: Path
) -> None:
    del small_sqlite_round
    archive = tmp_path / "b.zip"
    backup.backup(sqlite_store, target=archive, now=now)
    whole = archive.read_bytes()
    with zipfile.ZipFile(archive) as file:
        entry = file.getinfo("questionnaire_version.jsonl")
        middle = entry.header_offset + 100 + entry.compress_size // 2
    archive.write_bytes(whole[:middle] + bytes([whole[middle] ^ 0x20]) + whole[middle + 1 :])
    with pytest.raises(backup.BackupError, match="damaged"):
        backup.check(archive)


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(backup.BackupError, match=r"“none\.zip”.*no such file"):
        backup.check(tmp_path / "none.zip")


def test_restoring_over_rows_is_refused_and_changes_nothing(
    store: Store, small_round: str, now: datetime, tmp_path: Path
) -> None:
    backup.backup(store, target=tmp_path / "b.zip", now=now)
    with pytest.raises(backup.BackupError, match="the database is not empty"):
        backup.restore(tmp_path / "b.zip", store)
    with store.read() as session:
        assert session.scalars(select(Round.code)).all() == [small_round]


def test_archives_of_another_schema_are_refused(
    sqlite_store: Store, other_store: Store, now: datetime, tmp_path: Path
) -> None:
    archive = tmp_path / "b.zip"
    manifest = backup.backup(sqlite_store, target=archive, now=now)
    older = manifest.model_copy(update={"head": "older"})
    _rewrite(archive, {"manifest.json": older.model_dump_json().encode()})
    with pytest.raises(backup.BackupError, match="it is of schema older"):
        backup.restore(archive, other_store)


def test_a_database_without_tables_is_not_backed_up(
    empty_store: Store, now: datetime, tmp_path: Path
) -> None:
    with pytest.raises(backup.BackupError, match="another version"):
        backup.backup(empty_store, target=tmp_path / "b.zip", now=now)
    assert not (tmp_path / "b.zip").exists()


def test_a_restore_that_fails_leaves_the_database_empty(
    sqlite_store: Store, other_store: Store, small_sqlite_round: str, now: datetime, tmp_path: Path
) -> None:
    # A database that lost rows would restore into one that breaks a foreign key.
    del small_sqlite_round
    archive = tmp_path / "b.zip"
    manifest = backup.backup(sqlite_store, target=archive, now=now)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    changed = manifest.model_copy(
        update={
            "rows": {**manifest.rows, "unit": 0},
            "digests": {**manifest.digests, "unit": empty},
        }
    )
    _rewrite(archive, {"unit.jsonl": b"", "manifest.json": changed.model_dump_json().encode()})
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        backup.restore(archive, other_store)
    with other_store.read() as session:
        assert session.scalars(select(Account)).all() == []
        assert session.scalars(select(Round)).all() == []
