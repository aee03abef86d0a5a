"""Backups: a logical copy of all tables in one archive, the same on both databases.

One file of JSON lines a table, sorted by primary key: no physical order, page or transaction
number of the database comes along, so a backup made after closing joins nobody to an answer. A
backup made while answers come in still holds the invitations beside the sealed ballots, and says
so in its manifest: those expire when the round closes.
"""

import base64
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, Table, func, insert, select

from survey.errors import SurveyError
from survey.records import (  # noqa: F401 - fill the metadata
    collection,
    people,
    rounds,
    units,
)
from survey.records.base import Record
from survey.records.store import Store
from survey.rules.lifecycle import RoundState
from survey.services import schema
from survey.settings import Settings

__all__ = [
    "BackupError",
    "BackupManifest",
    "backup",
    "check",
    "expire_collection_backups",
    "managed_backup",
    "restore",
]

_MANIFEST: Final = "manifest.json"
_COLLECTING: Final = (RoundState.OPEN, RoundState.CLOSING)
_BATCH: Final = 500


class BackupError(SurveyError):
    """An archive that is damaged, of another version, or has nowhere to go."""

    template = "The backup “%(file)s” cannot be used: %(reason)s."


class BackupManifest(BaseModel):
    """What an archive says about itself, beside its tables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["khaosat.backup/1"] = "khaosat.backup/1"
    made_at: datetime
    head: str
    """Migration of the tables."""

    kind: Literal["collection", "clean"]
    """"collection" while a round is open or closing: the archive must go when it closes."""

    collecting: tuple[str, ...]
    """Codes of the rounds that were open or closing."""

    rows: Mapping[str, int]
    digests: Mapping[str, str] = Field(description="SHA-256 of each table's file")


def backup(store: Store, *, target: Path, now: datetime) -> BackupManifest:
    """Copy all tables into an archive while the program runs, and read it back.

    All tables are read in one transaction that sees one moment. The archive appears under its
    name only when it is complete, synchronised and checked; its owner alone may read it.

    Parameters
    ----------
    store : Store
    target : Path
        Replaced if it exists.
    now : datetime
        Aware.

    Returns
    -------
    BackupManifest

    Raises
    ------
    BackupError
        The database is not at this program's migration, or what was written does not read back.
    """
    head = schema.head()
    if schema.current(store) != head:
        raise BackupError(file=target.name, reason="the database is of another version; upgrade it")
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # mode 0600
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            manifest = _write(store, file, head, now)
            file.flush()
            os.fsync(file.fileno())
        if check(unfinished) != manifest:
            raise BackupError(file=target.name, reason="it does not read back as it was written")
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def check(archive: Path) -> BackupManifest:
    """Read an archive to its end and compare every table with the manifest.

    Parameters
    ----------
    archive : Path

    Returns
    -------
    BackupManifest

    Raises
    ------
    BackupError
        It is damaged or incomplete.
    """
    with _opened(archive) as (file, manifest):
        expected = {_MANIFEST, *(_member(name) for name in manifest.rows)}
        if set(file.namelist()) != expected or manifest.rows.keys() != manifest.digests.keys():
            raise BackupError(file=archive.name, reason="its tables are not those of its manifest")
        for name, count in manifest.rows.items():
            digest, lines = hashlib.sha256(), 0
            with file.open(_member(name)) as member:
                for line in member:
                    digest.update(line)
                    lines += 1
            if (digest.hexdigest(), lines) != (manifest.digests[name], count):
                raise BackupError(file=archive.name, reason=f"its table “{name}” is damaged")
    return manifest


def restore(archive: Path, store: Store) -> None:
    """Copy an archive into an empty database of the same version, all of it or nothing.

    Parameters
    ----------
    archive : Path
    store : Store
        Migrated and without a row, of either kind.

    Raises
    ------
    BackupError
        The archive is damaged or of another version, or the database is not empty.
    """
    manifest = check(archive)
    if manifest.head != schema.head() or schema.current(store) != schema.head():
        reason = (
            f"it is of schema {manifest.head}, this program has {schema.head()}; restore it with "
            "the version that made it, then upgrade"
        )
        raise BackupError(file=archive.name, reason=reason)
    with _opened(archive) as (file, _), store.engine.begin() as connection:
        for table in _tables():
            if connection.scalar(select(func.count()).select_from(table)):
                reason = f"the database is not empty: “{table.name}” has rows"
                raise BackupError(file=archive.name, reason=reason)
        for table in _tables():
            with file.open(_member(table.name)) as member:
                _insert(connection, table, member)


def managed_backup(store: Store, settings: Settings, *, now: datetime) -> Path:
    """Make a backup in the installation's own folder, named by its moment.

    Parameters
    ----------
    store : Store
    settings : Settings
    now : datetime
        Aware.

    Returns
    -------
    Path

    Raises
    ------
    BackupError
        See `backup`.
    """
    folder = settings.backup_folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"khaosat-{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.zip"
    backup(store, target=target, now=now)
    return target


def expire_collection_backups(settings: Settings, round_code: str) -> list[Path]:
    """Remove the managed backups that were made while a round's answers came in.

    An archive that cannot be read is removed too: nobody could say what it holds.

    Parameters
    ----------
    settings : Settings
    round_code : str

    Returns
    -------
    list of Path
        The archives removed, by name. Copies elsewhere are out of this program's reach.
    """
    removed = []
    for archive in sorted(settings.backup_folder.glob("*.zip")):
        if _holds_collection(archive, round_code):
            archive.unlink()
            removed.append(archive)
    for unfinished in sorted(settings.backup_folder.glob(".*.zip.*")):
        if unfinished.is_dir():  # of a restore that was tried when the machine went down
            shutil.rmtree(unfinished)
        else:
            unfinished.unlink()
        removed.append(unfinished)
    return removed


def _holds_collection(archive: Path, round_code: str) -> bool:
    try:
        with _opened(archive) as (_, manifest):
            return round_code in manifest.collecting
    except BackupError:
        return True


def _tables() -> list[Table]:
    """List the tables so that what is referred to comes before what refers."""
    return Record.metadata.sorted_tables


def _member(table: str) -> str:
    return f"{table}.jsonl"


def _write(store: Store, file: IO[bytes], head: str, now: datetime) -> BackupManifest:
    """Write tables and manifest from one snapshot of the database."""
    rows: dict[str, int] = {}
    digests: dict[str, str] = {}
    with _snapshot(store) as connection, zipfile.ZipFile(file, "w") as archive:
        for table in _tables():
            with archive.open(_entry(_member(table.name), now), "w", force_zip64=True) as member:
                rows[table.name], digests[table.name] = _write_table(connection, table, member)
        round_ = rounds.Round.__table__
        query = select(round_.c.code).where(round_.c.state.in_(_COLLECTING)).order_by(round_.c.code)
        collecting = tuple(connection.scalars(query))
        manifest = BackupManifest(
            made_at=now,
            head=head,
            kind="collection" if collecting else "clean",
            collecting=collecting,
            rows=rows,
            digests=digests,
        )
        archive.writestr(_entry(_MANIFEST, now), manifest.model_dump_json(indent=1))
    return manifest


@contextmanager
def _snapshot(store: Store) -> Iterator[Connection]:
    """Open a transaction that sees one moment of the database and changes nothing."""
    if store.is_sqlite:
        with store.read() as session:
            yield session.connection()
        return
    with store.engine.connect() as plain:
        connection = plain.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        with connection.begin():
            yield connection


def _entry(name: str, now: datetime) -> zipfile.ZipInfo:
    """Describe a member of the archive; left alone, zipfile would ask the clock."""
    entry = zipfile.ZipInfo(name, date_time=now.astimezone(UTC).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _write_table(connection: Connection, table: Table, member: IO[bytes]) -> tuple[int, str]:
    """Write one table; return its number of rows and the digest of its file."""
    digest, count = hashlib.sha256(), 0
    query = select(table).order_by(*table.primary_key.columns)
    found = connection.execution_options(yield_per=_BATCH).execute(query)
    for row in found.mappings():
        values = {column.name: _plain(row[column]) for column in table.columns}
        line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        member.write(line)
        digest.update(line)
        count += 1
    return count, digest.hexdigest()


def _plain(value: object) -> object:
    """Lay a column's value out as JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _value(kind: type, value: Any) -> object:  # noqa: ANN401 - a JSON value
    """Read what `_plain` wrote, for a column of this Python type."""
    if value is None:
        return None
    if issubclass(kind, bytes):
        return base64.b64decode(value)
    if issubclass(kind, date):  # datetime too
        return kind.fromisoformat(value)
    return kind(value) if issubclass(kind, Enum) else value


def _insert(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Insert one table's lines, some hundred at a time."""
    kinds = {column.name: column.type.python_type for column in table.columns}
    read = (
        {name: _value(kinds[name], value) for name, value in json.loads(line).items()}
        for line in lines
    )
    while batch := list(islice(read, _BATCH)):
        connection.execute(insert(table), batch)


@contextmanager
def _opened(archive: Path) -> Iterator[tuple[zipfile.ZipFile, BackupManifest]]:
    """Open an archive and read its manifest; what zip or JSON refuse becomes one error."""
    try:
        with zipfile.ZipFile(archive) as file:
            yield file, BackupManifest.model_validate_json(file.read(_MANIFEST))
    except FileNotFoundError as error:
        raise BackupError(file=archive.name, reason="there is no such file") from error
    except (zipfile.BadZipFile, KeyError, ValidationError, EOFError, zlib.error) as error:
        raise BackupError(file=archive.name, reason=f"it is damaged ({error})") from error
