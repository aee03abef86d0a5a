"""Answer options, scales and the codes that stand for a missing answer.

Codes are text, never numbers: "01" and "1" are two codes. On a scale the higher code is the
favourable one whatever the order on the page, so one value map serves every scale.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from questionnaires.texts import Text, nfc

__all__ = [
    "KEYED_MISSING",
    "MISSING_LABELS",
    "Code",
    "DecimalText",
    "Disposition",
    "Document",
    "MissingCode",
    "Option",
    "Scale",
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


def _decimal(value: object) -> Decimal:
    if isinstance(value, Decimal):
        value = str(value)
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value) or not value.isascii():
        message = "is not a decimal number in quotes: {value}"
        raise PydanticCustomError("decimal_text", message, {"value": repr(value)})
    return Decimal(value)


DecimalText = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    WithJsonSchema({"type": "string", "pattern": rf"^{_DECIMAL.pattern}$"}),
]
"""A number written as "0.80" in quotes, so that no binary float ever stands between."""

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-]{1,16}$")]
ValueMap = dict[Code, DecimalText]


class Option(Document):
    """One answer that can be chosen; with ``ends`` it ends the questionnaire."""

    code: Code
    text: Text
    ends: Disposition | None = None


class Scale(Document):
    """Ordered options shared by items; ``special`` are the 97 and 99 that a respondent sees."""

    options: tuple[Option, ...] = Field(min_length=2)
    special: tuple[Option, ...] = ()
