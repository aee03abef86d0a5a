"""What exists only while answers come in, and the answers that remain.

Read together with the ten steps of docs/anonymity.md. Two rules hold for every table here:
no column says *when*, and no key has an order. Tables that an answer passes through are
``WITHOUT ROWID`` on SQLite, because a rowid is a counter.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.records.base import Code, Digest, RandomKey, Record
from survey.records.units import Stratum

_UNORDERED = {"sqlite_with_rowid": False}


class Disposition(StrEnum):
    """What became of an invitation (the case's disposition)."""

    UNUSED = "unused"
    USED = "used"
    REFUSED = "refused"
    INELIGIBLE = "ineligible"
    PAPER = "paper"
    """Withdrawn because a paper form was handed out instead."""


class Mode(StrEnum):
    """How an answer came in."""

    WEB = "web"
    PAPER = "paper"


class PaperState(StrEnum):
    """How far a paper form has come."""

    BLANK = "blank"
    KEYED = "keyed"
    DIFFERING = "differing"
    SEALED = "sealed"


class Invitation(Record):
    """A right to one submission; holds the token's hash, never the token.

    ``slot`` is the link to the person: the place in the stratum's drawn sample. It goes, with
    the whole row, when the round closes.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("stratum_id", "slot"),
        _UNORDERED,
    )

    id: Mapped[RandomKey]
    stratum_id: Mapped[str] = mapped_column(String(32), ForeignKey("stratum.id"))
    slot: Mapped[int]
    """1-based: first the selected people in the plan's order, then the reserves released."""

    position: Mapped[int | None]
    """Place in the unit's staff list; none where the unit picked its people."""

    token_hash: Mapped[str | None] = mapped_column(String(64))
    disposition: Mapped[Disposition] = mapped_column(default=Disposition.UNUSED)

    stratum: Mapped[Stratum] = relationship(lazy="raise")


class Draft(Record):
    """Unfinished answers, encrypted under the token and the device, padded to one size."""

    __tablename__ = "draft"
    __table_args__ = (_UNORDERED,)

    invitation_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("invitation.id"), primary_key=True
    )
    sealed: Mapped[bytes]


class Ballot(Record):
    """A sealed submission of an anonymous round, before closing."""

    __tablename__ = "ballot"
    __table_args__ = (_UNORDERED,)

    id: Mapped[RandomKey]
    round_id: Mapped[str] = mapped_column(String(32), ForeignKey("round.id"))
    sealed: Mapped[bytes]


class Submission(Record):
    """Proof that a submission id was received, and with which answers, revealing neither."""

    __tablename__ = "submission"
    __table_args__ = (_UNORDERED,)

    id_hash: Mapped[Digest] = mapped_column(primary_key=True)
    round_id: Mapped[str] = mapped_column(String(32), ForeignKey("round.id"))
    answers_mac: Mapped[Digest]


class PaperForm(Record):
    """A numbered paper copy; its serial belongs to a stratum, never to a person.

    All copies of a round are made when it opens, so that handing one out writes no row that
    could be laid beside the withdrawn invitation.
    """

    __tablename__ = "paper_form"
    __table_args__ = (_UNORDERED,)

    serial: Mapped[str] = mapped_column(String(12), primary_key=True)
    stratum_id: Mapped[str] = mapped_column(String(32), ForeignKey("stratum.id"))
    state: Mapped[PaperState] = mapped_column(default=PaperState.BLANK)
    version: Mapped[int] = mapped_column()

    stratum: Mapped[Stratum] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own name


class KeyingBatch(Record):
    """A pile of paper forms that a clerk works through."""

    __tablename__ = "keying_batch"
    __table_args__ = (UniqueConstraint("round_id", "label"),)

    id: Mapped[RandomKey]
    round_id: Mapped[str] = mapped_column(String(32), ForeignKey("round.id"))
    label: Mapped[str] = mapped_column(String(60))
    opened_by: Mapped[str] = mapped_column(String(32), ForeignKey("account.id"))


class Entry(Record):
    """One keying of one paper form; two blind entries make a response."""

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("serial", "keyed_by"), _UNORDERED)

    id: Mapped[RandomKey]
    serial: Mapped[str] = mapped_column(String(12), ForeignKey("paper_form.serial"))
    batch_id: Mapped[str] = mapped_column(String(32), ForeignKey("keying_batch.id"))
    keyed_by: Mapped[str] = mapped_column(String(32), ForeignKey("account.id"))
    answers: Mapped[dict[str, Any]]


class KeyerStatistic(Record):
    """What remains of the keyings after closing: how often a clerk was outvoted."""

    __tablename__ = "keyer_statistic"
    __table_args__ = (UniqueConstraint("round_id", "account_id"),)

    id: Mapped[RandomKey]
    round_id: Mapped[str] = mapped_column(String(32), ForeignKey("round.id"))
    account_id: Mapped[str] = mapped_column(String(32), ForeignKey("account.id"))
    forms: Mapped[int]
    items: Mapped[int]
    corrected: Mapped[int]


class StratumOutcome(Record):
    """What remains of the invitations after closing: counts per stratum."""

    __tablename__ = "stratum_outcome"
    __table_args__ = (
        CheckConstraint(
            "web >= 0 AND paper >= 0 AND refused >= 0 AND ineligible >= 0 AND unreached >= 0",
            name="counts_not_negative",
        ),
    )

    stratum_id: Mapped[str] = mapped_column(String(32), ForeignKey("stratum.id"), primary_key=True)
    web: Mapped[int]
    paper: Mapped[int]
    refused: Mapped[int]
    ineligible: Mapped[int]
    unreached: Mapped[int]


class Response(Record):
    """One respondent's answers about one rated unit, after closing."""

    __tablename__ = "response"
    __table_args__ = (UniqueConstraint("rater_key", "rated_unit_id"), _UNORDERED)

    id: Mapped[RandomKey]
    round_id: Mapped[str] = mapped_column(String(32), ForeignKey("round.id"))
    questionnaire: Mapped[Digest] = mapped_column(ForeignKey("questionnaire_version.fingerprint"))
    stratum_id: Mapped[str] = mapped_column(String(32), ForeignKey("stratum.id"))
    """The rater's stratum: own unit × respondent group."""

    rated_unit_id: Mapped[str] = mapped_column(String(32), ForeignKey("unit.id"))
    rater_key: Mapped[str] = mapped_column(String(32))
    mode: Mapped[Mode]
    keying_batch: Mapped[Code | None]
    too_fast: Mapped[bool]
    group_differs: Mapped[bool]
    order_seed: Mapped[int | None]
    """Which of the hundred orders options were shown in; none where they stood as written."""

    answers: Mapped[dict[str, Any]]
