"""The kinds of question.

A kind is chosen by ``type`` and carries only its own settings, so that a text question with
options is a fault of the definition and not a silent extra.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from questionnaires.choices import Document, Option
from questionnaires.texts import Text

__all__ = [
    "Disclosure",
    "IfHidden",
    "IntegerItem",
    "Item",
    "ItemId",
    "MultiItem",
    "NoteItem",
    "Question",
    "ScaleItem",
    "SingleItem",
    "TextItem",
]

ItemId = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")]
Whole = Annotated[StrictInt, Field(ge=-(10**15), le=10**15)]


class Disclosure(StrEnum):
    """How far an item's answers may travel; whoever releases results reads it."""

    ORDINARY = "ordinary"
    QUASI_IDENTIFIER = "quasi_identifier"
    FREE_TEXT_REVIEW = "free_text_review"


class IfHidden(StrEnum):
    """What the index does with the points of an item that was not asked."""

    DROP_AND_RESCALE = "drop_and_rescale"
    CRITERION_NOT_APPLICABLE = "criterion_not_applicable"


class _Shown(Document):
    id: ItemId
    text: Text
    hint: Text | None = None
    show_if: str | None = None
    printed_number: str | None = Field(default=None, min_length=1, max_length=8)


class _Asked(_Shown):
    required: StrictBool = False
    if_hidden: IfHidden | None = None
    disclosure: Disclosure = Disclosure.ORDINARY


class SingleItem(_Asked):
    """Choose one. With ``stratum_check`` it must equal the invitation's respondent group."""

    type: Literal["single"]
    options: tuple[Option, ...] = Field(min_length=2)
    special: tuple[Option, ...] = ()
    stratum_check: StrictBool = False


class MultiItem(_Asked):
    """Choose several, at most ``max_choices``."""

    type: Literal["multi"]
    options: tuple[Option, ...] = Field(min_length=2)
    special: tuple[Option, ...] = ()
    max_choices: Annotated[StrictInt, Field(ge=1)] | None = None


class ScaleItem(_Asked):
    """Choose one step of a scale that the questionnaire defines once."""

    type: Literal["scale"]
    scale: str


class IntegerItem(_Asked):
    """Write a whole number between ``min`` and ``max``, both included."""

    type: Literal["integer"]
    min: Whole
    max: Whole


class TextItem(_Asked):
    """Write freely, at most ``max_length`` characters after NFC."""

    type: Literal["text"]
    max_length: Annotated[StrictInt, Field(ge=1, le=10_000)]
    disclosure: Disclosure = Disclosure.FREE_TEXT_REVIEW


class NoteItem(_Shown):
    """Something to read; it takes no answer."""

    type: Literal["note"]


Question = SingleItem | MultiItem | ScaleItem | IntegerItem | TextItem
Item = Annotated[
    SingleItem | MultiItem | ScaleItem | IntegerItem | TextItem | NoteItem,
    Field(discriminator="type"),
]
