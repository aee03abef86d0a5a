"""The kinds of question.

A kind is chosen by ``type`` and carries only its own settings, so that a text question with
options is a fault of the definition and not a silent extra.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from questionnaires.choices import Code, Day, Document, Option, SignedDecimalText
from questionnaires.problems import Severity
from questionnaires.texts import ShortText, Text

__all__ = [
    "CalculationItem",
    "Constraint",
    "DateItem",
    "DecimalItem",
    "Disclosure",
    "GridItem",
    "GridRow",
    "IfHidden",
    "IntegerItem",
    "Item",
    "ItemId",
    "MultiItem",
    "NoteItem",
    "OptionOrder",
    "Question",
    "ScaleItem",
    "SingleItem",
    "TextItem",
    "WrittenItem",
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


class OptionOrder(StrEnum):
    """The order in which options are shown; paper always keeps the written one."""

    AS_WRITTEN = "as_written"
    RANDOM = "random"


class Constraint(Document):
    """A condition that an answer should meet: ``that`` may use the item itself and earlier ones.

    Only a condition that is false is a problem; one that is unknown is not.
    """

    that: str
    message: Text
    severity: Severity = Severity.HARD


class _Shown(Document):
    id: ItemId
    text: Text
    hint: Text | None = None
    show_if: str | None = None
    printed_number: str | None = Field(default=None, min_length=1, max_length=8)


class _Asked(_Shown):
    label: ShortText | None = None
    universe: Text | None = None
    required: StrictBool = False
    if_hidden: IfHidden | None = None
    disclosure: Disclosure = Disclosure.ORDINARY
    constraints: tuple[Constraint, ...] = ()


class SingleItem(_Asked):
    """Choose one. With ``stratum_check`` it must equal the invitation's respondent group."""

    type: Literal["single"]
    options: tuple[Option, ...] = Field(min_length=2)
    special: tuple[Option, ...] = ()
    order: OptionOrder = OptionOrder.AS_WRITTEN
    stratum_check: StrictBool = False


class MultiItem(_Asked):
    """Choose several, at most ``max_choices``; an ``exclusive`` code stands alone."""

    type: Literal["multi"]
    options: tuple[Option, ...] = Field(min_length=2)
    special: tuple[Option, ...] = ()
    order: OptionOrder = OptionOrder.AS_WRITTEN
    max_choices: Annotated[StrictInt, Field(ge=1)] | None = None
    exclusive: tuple[Code, ...] = ()


class ScaleItem(_Asked):
    """Choose one step of a scale that the questionnaire defines once."""

    type: Literal["scale"]
    scale: str


class IntegerItem(_Asked):
    """Write a whole number between ``min`` and ``max``, both included."""

    type: Literal["integer"]
    min: Whole
    max: Whole
    unit: Text | None = None


class DecimalItem(_Asked):
    """Write a number with at most ``places`` decimals; its answer is text such as "3.50"."""

    type: Literal["decimal"]
    min: SignedDecimalText
    max: SignedDecimalText
    places: Annotated[StrictInt, Field(ge=1, le=6)]
    unit: Text | None = None


class DateItem(_Asked):
    """Write a day between ``min`` and ``max``; its answer is text such as "2022-10-31"."""

    type: Literal["date"]
    min: Day | None = None
    max: Day | None = None


class TextItem(_Asked):
    """Write freely, at most ``max_length`` characters after NFC; a ``short`` text has one line."""

    type: Literal["text"]
    max_length: Annotated[StrictInt, Field(ge=1, le=10_000)]
    short: StrictBool = False
    disclosure: Disclosure = Disclosure.FREE_TEXT_REVIEW


class NoteItem(_Shown):
    """Something to read; it takes no answer."""

    type: Literal["note"]


class CalculationItem(_Asked):
    """A number computed from earlier answers, rounded half up to ``places``; never shown."""

    type: Literal["calculation"]
    value: str
    places: Annotated[StrictInt, Field(ge=0, le=6)] = 0


class GridRow(_Asked):
    """One statement of a grid; it becomes a scale item of its own."""


class GridItem(_Shown):
    """Statements under one stem, judged on one scale.

    Screens ask row by row, since a matrix on a phone raises nonresponse; paper prints a table.
    """

    type: Literal["grid"]
    scale: str
    rows: tuple[GridRow, ...] = Field(min_length=1)


Question = SingleItem | MultiItem | ScaleItem | IntegerItem | DecimalItem | DateItem | TextItem
WrittenItem = IntegerItem | DecimalItem | DateItem | TextItem
Item = Annotated[
    SingleItem
    | MultiItem
    | ScaleItem
    | IntegerItem
    | DecimalItem
    | DateItem
    | TextItem
    | NoteItem
    | CalculationItem
    | GridItem,
    Field(discriminator="type"),
]
