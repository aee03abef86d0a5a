"""Rounds, their questionnaire, and the published snapshots of their index."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.records.base import Code, Digest, LongText, RandomKey, Record
from survey.rules.keys import SHEETS
from survey.rules.lifecycle import Action, RoundState, move, require
from survey.rules.round_document import Anonymity, RoundDocument


def _bit(sheet: int) -> int:
    return 1 << (sheet - 1)


class QuestionnaireVersion(Record):
    """An immutable version of a questionnaire; its fingerprint is its name."""

    __tablename__ = "questionnaire_version"

    fingerprint: Mapped[Digest] = mapped_column(primary_key=True)
    questionnaire: Mapped[str] = mapped_column(String(64))
    version: Mapped[Code]
    document: Mapped[LongText]


class Round(Record):
    """One round: its document as declared, and how far it has come."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("ballot_size > 0", name="ballot_size_positive"),
    )

    id: Mapped[RandomKey]
    code: Mapped[Code]
    year: Mapped[int]
    state: Mapped[RoundState] = mapped_column(default=RoundState.DRAFT)
    anonymity: Mapped[Anonymity]
    simulated: Mapped[bool] = mapped_column(default=False)
    document: Mapped[dict[str, Any]]
    questionnaire: Mapped[Digest] = mapped_column(ForeignKey("questionnaire_version.fingerprint"))
    ballot_size: Mapped[int]
    """Bytes every ballot and draft of the round is padded to."""

    public_key: Mapped[bytes | None]
    canary: Mapped[bytes | None]
    sheets_checked: Mapped[int] = mapped_column(default=0)
    """Bit 1: the first recovery sheet has been read back; bit 2: the second."""

    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    scrubbed_at: Mapped[datetime | None]
    key_destroyed_at: Mapped[datetime | None]

    @property
    def declared(self) -> RoundDocument:
        """The round's document, as its office wrote it."""
        return RoundDocument.model_validate(self.document)

    @property
    def sheets_read(self) -> frozenset[int]:
        """The recovery sheets that have been read back, by number."""
        return frozenset(number for number in SHEETS if self.sheets_checked & _bit(number))

    def note_sheet(self, number: int) -> None:
        """Remember that a recovery sheet has been read back."""
        self.sheets_checked |= _bit(number)

    def require(self, action: Action) -> None:
        """Refuse ``action`` unless the round's state allows it."""
        require(self.state, action)

    def move(self, action: Action) -> None:
        """Go to the state that ``action`` leads to."""
        self.state = move(action, self.state)


class IndexSnapshot(Record):
    """An index as computed once; never changed, only followed by a newer one."""

    __tablename__ = "index_snapshot"

    id: Mapped[RandomKey]
    round_id: Mapped[str] = mapped_column(String(32), ForeignKey("round.id"), index=True)
    computed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    digest: Mapped[Digest]
    document: Mapped[dict[str, Any]]
