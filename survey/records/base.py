"""The base of all records: naming of constraints, types, random keys."""

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """The type of its values, which decorators do not take from what they decorate."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments and convert the others to UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a moment needs its time zone; {value!r} has none"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive moments their zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_key() -> str:
    """Return 128 random bits from the operating system, as 32 hexadecimal digits."""
    return secrets.token_hex(16)


RandomKey = Annotated[str, mapped_column(String(32), primary_key=True, default=new_key)]
Code = Annotated[str, mapped_column(String(32))]
Digest = Annotated[str, mapped_column(String(64))]
LongText = Annotated[str, mapped_column(Text)]


def _stored_values(choices: type[StrEnum]) -> list[str]:
    return [choice.value for choice in choices]


class Record(DeclarativeBase):
    """Base of all records."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own declaration of this attribute
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        bytes: LargeBinary(),
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            length=24,
            create_constraint=True,
            values_callable=_stored_values,
        ),
    }
