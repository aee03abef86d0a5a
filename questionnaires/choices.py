"""Answer options, scales and the codes that stand for a missing answer.

Codes are text, never numbers: "01" and "1" are two codes. On a scale the higher code is the
favourable one whatever the order on the page, so one value map serves every scale.
"""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from questionnaires.texts import Text, nfc

__all__ = [
    "KEYED_MISSING",
    "MISSING_LABELS",
    "Code",
    "Day",
    "DecimalText",
    "Disposition",
    "Document",
    "MissingCode",
    "Option",
    "Scale",
    "SignedDecimalText",
    "Specify",
    "ValueMap",
]


class MissingCode(StrEnum):
    """Reserved codes for an answer that is missing, and why."""

    MULTI_MARKED = "94"
    ILLEGIBLE = "95"
    NOT_ASKED = "96"
    NOT_APPLICABLE = "97"
    REFUSED = "98"
    DONT_KNOW = "99"


KEYED_MISSING: Final = (
    MissingCode.MULTI_MARKED,
    MissingCode.ILLEGIBLE,
    MissingCode.NOT_APPLICABLE,
    MissingCode.REFUSED,
    MissingCode.DONT_KNOW,
)
"""What a clerk may key on any item; "not asked" follows from the routing and is never keyed."""

MISSING_LABELS: Final[Mapping[MissingCode, Mapping[str, str]]] = MappingProxyType(
    {
        MissingCode.MULTI_MARKED: {"vi": "Đánh dấu nhiều ô", "en": "Several boxes marked"},
        MissingCode.ILLEGIBLE: {"vi": "Không đọc được", "en": "Illegible"},
        MissingCode.NOT_ASKED: {"vi": "Không thuộc diện hỏi", "en": "Not asked"},
        MissingCode.NOT_APPLICABLE: {"vi": "Không áp dụng", "en": "Not applicable"},
        MissingCode.REFUSED: {"vi": "Không trả lời", "en": "No answer given"},
        MissingCode.DONT_KNOW: {
            "vi": "Không đủ thông tin để đánh giá",
            "en": "Not enough information to judge",
        },
    }
)


class Disposition(StrEnum):
    """How an answer can end a questionnaire early."""

    REFUSED = "refused"
    INELIGIBLE = "ineligible"


class Document(BaseModel):
    """Base of what people write by hand: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _composed(cls, data: object) -> object:
        """Compose accents everywhere, so that equal looks are equal bytes."""
        if not isinstance(data, dict):
            return data
        return {key: nfc(value) if isinstance(value, str) else value for key, value in data.items()}


_DECIMAL = re.compile(r"\d{1,6}(\.\d{1,6})?")
_SIGNED_DECIMAL = re.compile(r"-?\d{1,9}(\.\d{1,6})?")


def _decimal(value: object, pattern: re.Pattern[str] = _DECIMAL) -> Decimal:
    if isinstance(value, Decimal):
        value = str(value)
    if not isinstance(value, str) or not pattern.fullmatch(value) or not value.isascii():
        message = "is not a decimal number in quotes: {value}"
        raise PydanticCustomError("decimal_text", message, {"value": repr(value)})
    return Decimal(value)


DecimalText = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    WithJsonSchema({"type": "string", "pattern": rf"^{_DECIMAL.pattern}$"}),
]
"""A number written as "0.80" in quotes, so that no binary float ever stands between."""

SignedDecimalText = Annotated[
    Decimal,
    BeforeValidator(lambda value: _decimal(value, _SIGNED_DECIMAL)),
    WithJsonSchema({"type": "string", "pattern": rf"^{_SIGNED_DECIMAL.pattern}$"}),
]
"""The same with a sign and up to nine digits before the point."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: object) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    message = "is not a day: {value}"
    raise PydanticCustomError("day", message, {"value": repr(value)})


Day = Annotated[
    dt.date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A day written as 2025-06-30."""

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-]{1,16}$")]
ValueMap = dict[Code, DecimalText]


class Specify(Document):
    """A line to write on beside an option ("Khác, xin ghi rõ"); it becomes a text item."""

    text: Text
    max_length: Annotated[StrictInt, Field(ge=1, le=1000)] = 200


class Option(Document):
    """One answer that can be chosen; with ``ends`` it ends the questionnaire.

    It is offered from ``valid_from`` to ``valid_until``, both included; ``last`` keeps it below
    the others where the order is random.
    """

    code: Code
    text: Text
    ends: Disposition | None = None
    specify: Specify | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    last: StrictBool = False


class Scale(Document):
    """Ordered options shared by items; ``special`` are the 97 and 99 that a respondent sees."""

    options: tuple[Option, ...] = Field(min_length=2)
    special: tuple[Option, ...] = ()
