"""Staff accounts and the events they cause. Respondents have no record here."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.records.base import Digest, RandomKey, Record
from survey.rules.permissions import Role


class Account(Record):
    """A staff account."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("username"),
        CheckConstraint("failures >= 0", name="failures_not_negative"),
    )

    id: Mapped[RandomKey]
    username: Mapped[str] = mapped_column(String(60))
    display_name: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role]
    password_hash: Mapped[str] = mapped_column(String(200))
    session_key: Mapped[str] = mapped_column(String(32))
    """Changes with the password: old sessions end."""

    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Event(Record):
    """What a member of staff did; each row carries the hash of the one before it.

    Never written for a respondent: a row with a time beside a submission would undo the
    anonymity of the whole round.
    """

    __tablename__ = "event"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[Digest]
    hash: Mapped[Digest]
