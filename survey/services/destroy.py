"""Destroying the key: the last step, after which no old copy of a ballot can ever be opened.

Before anything is destroyed, a backup is made and restored as a test: from here on the responses
exist once, and nothing can bring them back from the ballots.
"""

import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from survey.errors import BackupDiffersError, NotReadyError
from survey.queries.collection import responses_of_round
from survey.records.collection import Response
from survey.records.rounds import Round
from survey.records.store import Store
from survey.rules.keys import SHEETS, DestructionRecord
from survey.rules.lifecycle import Action
from survey.services.audit import record
from survey.services.backup import managed_backup, restore
from survey.services.keys import private_key_from
from survey.services.rounds import find_round, hold_round
from survey.services.schema import upgrade
from survey.settings import Settings

__all__ = ["destroy_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holding:
    """The responses of a round, as a count and a digest."""

    responses: int
    digest: str


def destroy_key(
    store: Store,
    settings: Settings,
    round_code: str,
    *,
    key_file: Path | None,
    actor: str,
    now: datetime,
) -> DestructionRecord:
    """Prove that a backup holds all responses, then destroy the key file.

    The two recovery sheets are destroyed by their custodians, who sign the record.

    Parameters
    ----------
    store : Store
    settings : Settings
    round_code : str
    key_file : Path or None
        A file with the text of a sheet; it is overwritten and removed. None where there is none.
    actor : str
    now : datetime

    Returns
    -------
    DestructionRecord
        What the record to sign states.

    Raises
    ------
    NotReadyError
        The round has not been scrubbed: older copies could still be lying about.
    WrongKeyError
        The file holds another key; nothing was destroyed.
    BackupDiffersError
        The restored backup is not the database; nothing was destroyed.
    NotAllowedNowError
        The round is not closed.
    """
    with store.read() as session:
        round_ = find_round(session, round_code)
        _refuse_early(round_, key_file)
        stored = _holding(session, round_.id)
    archive = managed_backup(store, settings, now=now)
    _refuse_difference(stored, _restored(archive, round_code))
    if key_file is not None:
        _overwrite(key_file)
    with store.write() as session:
        round_ = hold_round(session, round_code, exclusive=True)
        round_.require(Action.DESTROY_KEY)
        round_.key_destroyed_at = now
        made = DestructionRecord(
            round_code=round_code,
            title=round_.declared.title.vi,
            destroyed_at=now,
            actor=actor,
            public_key=(round_.public_key or b"").hex(),
            sheets=SHEETS,
            key_file=None if key_file is None else key_file.name,
            backup=archive.name,
            backup_digest=hashlib.sha256(archive.read_bytes()).hexdigest(),
            responses=stored.responses,
            responses_digest=stored.digest,
        )
        detail = {"backup": made.backup, "digest": made.backup_digest, "key_file": made.key_file}
        record(
            session, actor=actor, action="destroy_key", subject=round_code, detail=detail, now=now
        )
    return made


def _refuse_early(round_: Round, key_file: Path | None) -> None:
    """Refuse a round that is not scrubbed, and a file that is not its key."""
    round_.require(Action.DESTROY_KEY)
    if round_.scrubbed_at is None:
        missing = ["the database has not been scrubbed"]
        raise NotReadyError(action=Action.DESTROY_KEY, missing=missing)
    if key_file is not None:
        private_key_from(round_, key_file.read_text(encoding="utf-8-sig", errors="replace"))


def _holding(session: Session, round_id: str) -> _Holding:
    """Digest a round's responses, in the order of their random keys."""
    rows = responses_of_round(session, round_id)
    digest = hashlib.sha256()
    columns = [column.key for column in Response.__table__.columns]
    for row in rows:
        values = [getattr(row, column) for column in columns]
        digest.update(json.dumps(values, ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return _Holding(responses=len(rows), digest=digest.hexdigest())


def _restored(archive: Path, round_code: str) -> _Holding:
    """Restore a backup into an empty database of its own and digest what is there."""
    # Beside the backup, not in /tmp: what a crash leaves there goes with the backups.
    with tempfile.TemporaryDirectory(prefix=f".{archive.name}.", dir=archive.parent) as folder:
        trial = Store.at(f"sqlite:///{Path(folder) / 'trial.sqlite3'}")
        try:
            upgrade(trial)
            restore(archive, trial)
            with trial.read() as session:
                return _holding(session, find_round(session, round_code).id)
        finally:
            trial.dispose()


def _refuse_difference(stored: _Holding, restored: _Holding) -> None:
    """Refuse a backup that is not the database."""
    if stored != restored:
        raise BackupDiffersError(
            stored=stored.responses,
            stored_digest=stored.digest,
            restored=restored.responses,
            restored_digest=restored.digest,
        )


def _overwrite(file: Path) -> None:
    """Overwrite a key file in place before it is removed, for file systems that write in place."""
    with file.open("r+b") as handle:
        handle.write(secrets.token_bytes(file.stat().st_size))
        handle.flush()
        os.fsync(handle.fileno())
    file.unlink()
