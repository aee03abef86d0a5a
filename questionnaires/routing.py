"""Which questions are in play and what is computed from them, anew from the answers each time.

An answer to a question that is itself not in play counts as not given, so an old answer left on a
path that was abandoned cannot open another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeGuard

from questionnaires.answers import Answer
from questionnaires.choices import Disposition
from questionnaires.expansion import PlainItem
from questionnaires.expressions import Value, compute, decimal_text, evaluate, parse
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import CalculationItem, NoteItem, Question, SingleItem
from questionnaires.texts import Text
from questionnaires.tree import Section

__all__ = ["Route", "SectionInPlay", "calculated", "intro_in_play", "route"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionInPlay:
    """A section with those of its items that are shown."""

    section: Section
    items: tuple[Question | NoteItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The path that the answers open.

    ``items`` are the ids in play in order, the consent question first; ``ended`` tells how an
    answer ended the questionnaire, and nothing after that answer is in play. ``calculated`` are
    the numbers computed on the way, as decimal text; ``values`` is what conditions see at the end:
    facts, answers in play and these numbers.
    """

    sections: tuple[SectionInPlay, ...]
    items: tuple[str, ...]
    ended: Disposition | None
    calculated: Mapping[str, str]
    values: Mapping[str, Value]


def route(
    questionnaire: Questionnaire, answers: Mapping[str, Answer], facts: Mapping[str, str]
) -> Route:
    """Find the sections and items in play.

    Parameters
    ----------
    questionnaire : Questionnaire
    answers : answers so far by item id; ids the questionnaire does not have are ignored
    facts : register facts by name, such as {"unit.handles_procedures": "yes"}

    Returns
    -------
    Route
    """
    walk = _Walk(questionnaire, answers, facts)
    if questionnaire.consent is not None:
        walk.visit(questionnaire.consent)
    sections = []
    for section, items in questionnaire.plain_sections:
        if walk.ended is not None:
            break
        if not walk.opens(f"§{section.id}"):
            continue
        shown = tuple(item for item in items if walk.shows(item))
        if shown:
            sections.append(SectionInPlay(section=section, items=shown))
    return Route(
        sections=tuple(sections),
        items=tuple(walk.items),
        ended=walk.ended,
        calculated=walk.calculated,
        values=walk.values,
    )


def calculated(
    questionnaire: Questionnaire, answers: Mapping[str, Answer], facts: Mapping[str, str]
) -> dict[str, str]:
    """Compute the numbers that the questionnaire derives from answers.

    Parameters
    ----------
    questionnaire : Questionnaire
    answers : answers so far by item id
    facts : register facts by name

    Returns
    -------
    dict
        Decimal text such as "3.50" by calculation id, rounded half away from zero; a number that
        the answers do not decide, or that is off the path, is absent.
    """
    return dict(route(questionnaire, answers, facts).calculated)


class _Walk:
    """One pass over the items; conditions only look back, so one pass is enough."""

    def __init__(
        self, questionnaire: Questionnaire, answers: Mapping[str, Answer], facts: Mapping[str, str]
    ) -> None:
        self._conditions = questionnaire.conditions
        self._formulas = questionnaire.formulas
        self._answers = answers
        self.values: dict[str, Value] = dict(facts)
        self.items: list[str] = []
        self.calculated: dict[str, str] = {}
        self.ended: Disposition | None = None

    def opens(self, name: str) -> bool:
        condition = self._conditions.get(name)
        return condition is None or evaluate(condition, self.values) is True

    def shows(self, item: PlainItem) -> TypeGuard[Question | NoteItem]:
        """Visit an item, or compute it; what is computed is never shown."""
        if not isinstance(item, CalculationItem):
            return self.visit(item)
        if self.ended is None and self.opens(item.id):
            number = compute(self._formulas[item.id], self.values)
            if isinstance(number, Fraction):
                text = decimal_text(number, item.places)
                self.calculated[item.id] = self.values[item.id] = text
        return False

    def visit(self, item: Question | NoteItem) -> bool:
        """Take an item into play if it is shown, and its answer with it."""
        if self.ended is not None or not self.opens(item.id):
            return False
        self.items.append(item.id)
        answer = self._answers.get(item.id)
        if answer is not None and not isinstance(item, NoteItem):
            self.values[item.id] = answer
            self.ended = _ending(item, answer)
        return True


def _ending(item: Question, answer: Answer) -> Disposition | None:
    if not isinstance(item, SingleItem):
        return None
    return next((option.ends for option in item.options if option.code == answer), None)


def intro_in_play(questionnaire: Questionnaire, facts: Mapping[str, str]) -> tuple[Text, ...]:
    """List the paragraphs of the introduction that the facts allow.

    A paragraph whose condition is unknown stays out: "you were chosen at random" is said only
    where the facts say so.

    Parameters
    ----------
    questionnaire : Questionnaire
    facts : facts by name, such as {"sample.selection": "drawn"}

    Returns
    -------
    tuple of texts
        In order; choose the wording with `text_in`.
    """
    known = {fact.id for fact in questionnaire.facts}
    return tuple(
        paragraph.text
        for paragraph in questionnaire.intro
        if paragraph.show_if is None or evaluate(parse(paragraph.show_if, known), facts) is True
    )
