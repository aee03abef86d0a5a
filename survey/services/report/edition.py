"""An edition: one document, for one audience, in one language; every part of a report asks it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from stats.disclosure import (
    Content,
    ReleaseClass,
    ReleasedCriterion,
    may_see,
    merge_small_criteria,
)
from stats.index import CriterionPoints, ItemPoints
from survey.language import translations
from survey.rules.index_document import IndexDocument, UnitResult

__all__ = ["Edition", "in_order", "plain_number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What a report is written from; ``lines`` are the criteria as they may be released."""

    document: IndexDocument
    release: ReleaseClass
    language: str
    gettext: Callable[[str], str]
    lines: Sequence[ReleasedCriterion]

    @classmethod
    def of(cls, document: IndexDocument, release: ReleaseClass, language: str) -> Self:
        """Prepare an edition."""
        fields = {entry.code: entry.field for entry in document.criteria}
        return cls(
            document=document,
            release=release,
            language=language,
            gettext=translations(language).gettext,
            lines=merge_small_criteria(_criterion_shapes(document), fields),
        )

    @property
    def places(self) -> int:
        """The decimals that the round declares for points."""
        return self.document.provenance.scoring.places

    @property
    def level(self) -> str:
        """The level of the intervals, as a percentage."""
        return f"{self.document.provenance.scoring.confidence_level:.0%}"

    def sees(self, content: Content) -> bool:
        """Say whether the audience may see a kind of content."""
        return may_see(self.release, content)

    def labelled(self, title: str) -> str:
        """Put the warning before a title where the answers are made up."""
        _ = self.gettext
        simulated = self.document.provenance.simulated
        return f"{_('SIMULATED DATA')} – {title}" if simulated else title


def in_order(units: Sequence[UnitResult]) -> list[UnitResult]:
    """List units with the best rank first, units without points last, by code where equal."""
    return sorted(units, key=lambda unit: (unit.rank is None, unit.rank or 0, unit.code))


def plain_number(value: Decimal, language: str) -> str:
    """Write a maximum without needless decimals: 22, or 2,5."""
    text = f"{value.normalize():f}"
    return text.replace(".", ",") if language == "vi" else text


def _criterion_shapes(document: IndexDocument) -> list[CriterionPoints]:
    return [
        CriterionPoints(
            code=entry.code,
            maximum=entry.maximum,
            items=tuple(ItemPoints(item=part.item, points=part.points) for part in entry.items),
        )
        for entry in document.criteria
    ]
