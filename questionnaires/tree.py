"""The parts of a questionnaire document and how they nest.

Points stand in one place only, at the criterion that collects them: an item can be asked without
being scored, and an office that maps the questions to its own criteria changes one list.
"""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt

from questionnaires.choices import Code, DecimalText, Document, Option, Scale, ValueMap
from questionnaires.questions import IfHidden, Item, ItemId, SingleItem
from questionnaires.texts import Text

__all__ = [
    "Aspect",
    "Block",
    "Criterion",
    "Definition",
    "Fact",
    "Factor",
    "ItemPoints",
    "Paragraph",
    "ReferencePeriod",
    "Repeat",
    "Scoring",
    "Section",
]

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.\-]{0,63}$")]
FactId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
_ROUND_YEAR = "${round.year}"
DateText = Annotated[str, Field(pattern=r"^(\$\{round\.year\}|[0-9]{4})-[0-9]{2}-[0-9]{2}$")]


class Fact(Document):
    """Something the register or the round knows, that conditions may use but nobody is asked.

    Its id has a dot, which no item id has, so the two can share one name space.
    """

    id: FactId
    text: Text
    options: tuple[Option, ...] = Field(min_length=2)


class Paragraph(Document):
    """A paragraph of the introduction; ``show_if`` may use facts only."""

    text: Text
    show_if: str | None = None


class ReferencePeriod(Document):
    """The days the questions ask about; ``${round.year}`` stands for the round's year."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)

    label: Text
    first: DateText = Field(alias="from")
    last: DateText = Field(alias="to")

    def dates(self, year: int) -> tuple[dt.date, dt.date]:
        """Give the first and last day for a round of ``year``."""
        first, last = (
            dt.date.fromisoformat(text.replace(_ROUND_YEAR, f"{year:04d}"))
            for text in (self.first, self.last)
        )
        return first, last


class Repeat(Document):
    """A section asked once for each unit that the respondent rates, at most ``most`` of them.

    Its texts may say ``${unit.name}``.
    """

    over: Literal["rated_units"]
    most: Annotated[StrictInt, Field(ge=1, le=200)]


class Section(Document):
    """Items shown under one heading; a section that is not ``enabled`` is kept but never asked."""

    id: ItemId
    title: Text
    instructions: Text | None = None
    enabled: StrictBool = True
    show_if: str | None = None
    if_hidden: Literal[IfHidden.CRITERION_NOT_APPLICABLE] | None = None
    disclosure_note: Text | None = None
    repeat: Repeat | None = None
    items: tuple[Item, ...] = Field(min_length=1)


class ItemPoints(Document):
    """The points an item brings to its criterion at the scale's best answer."""

    item: ItemId
    points: DecimalText


class Criterion(Document):
    """A criterion of the index that the survey measures; ``max`` equals its items' points."""

    code: Name
    field: str
    max: DecimalText
    name: Text
    official_code: str | None = None
    items: tuple[ItemPoints, ...] = Field(min_length=1)


class Aspect(StrEnum):
    """What a block measures; expectations are never reported together with perceptions."""

    PERCEPTION = "perception"
    SATISFACTION = "satisfaction"
    EXPECTATION = "expectation"


class Factor(Document):
    """Items that measure one thing together; a grid stands for all its rows."""

    id: ItemId
    title: Text
    items: tuple[ItemId, ...] = Field(min_length=1)


class Block(Document):
    """Factors of a satisfaction index that are reported side by side."""

    id: ItemId
    title: Text
    aspect: Aspect
    factors: tuple[Factor, ...] = Field(min_length=1)


class Scoring(Document):
    """What a round starts from; the round may choose otherwise and records what it used."""

    value_map: str
    min_answered_share: DecimalText


class Definition(Document):
    """The fields of a questionnaire document, without what `Questionnaire` derives from them."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)

    format: Literal["khaosat/questionnaire/1"] = Field(alias="schema")
    id: Name
    version: Annotated[str, Field(min_length=1, max_length=32)]
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
    title: Text
    subtitle: Text | None = None
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")], ...] = ()
    estimated_minutes: Annotated[StrictInt, Field(ge=1, le=240)]
    reference_period: ReferencePeriod | None = None
    facts: tuple[Fact, ...] = ()
    intro: tuple[Paragraph, ...] = ()
    consent: SingleItem | None = None
    scales: dict[Code, Scale] = Field(default_factory=dict)
    value_maps: dict[Code, ValueMap] = Field(default_factory=dict)
    sections: tuple[Section, ...] = Field(min_length=1)
    points_total: DecimalText | None = None
    criteria: tuple[Criterion, ...] = ()
    blocks: tuple[Block, ...] = ()
    scoring: Scoring | None = None
    report_min_cell: Annotated[StrictInt, Field(ge=1)] = 10
