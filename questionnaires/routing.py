"""Which questions are in play, computed from the answers each time.

An answer to a question that is itself not in play counts as not given, so an old answer left on a
path that was abandoned cannot open another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from questionnaires.answers import Answer
from questionnaires.choices import Disposition
from questionnaires.expressions import Value, evaluate, parse
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import NoteItem, Question, SingleItem
from questionnaires.texts import Text
from questionnaires.tree import Section

__all__ = ["Route", "SectionInPlay", "intro_in_play", "route"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionInPlay:
    """A section with those of its items that are shown."""

    section: Section
    items: tuple[Question | NoteItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The path that the answers open.

    ``items`` are the ids in play in order, the consent question first; ``ended`` tells how an
    answer ended the questionnaire, and nothing after that answer is in play.
    """

    sections: tuple[SectionInPlay, ...]
    items: tuple[str, ...]
    ended: Disposition | None


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
    for section in questionnaire.enabled_sections:
        if walk.ended is not None:
            break
        if not walk.opens(f"§{section.id}"):
            continue
        shown = tuple(item for item in section.items if walk.visit(item))
        if shown:
            sections.append(SectionInPlay(section=section, items=shown))
    return Route(sections=tuple(sections), items=tuple(walk.items), ended=walk.ended)


class _Walk:
    """One pass over the items; conditions only look back, so one pass is enough."""

    def __init__(
        self, questionnaire: Questionnaire, answers: Mapping[str, Answer], facts: Mapping[str, str]
    ) -> None:
        self._conditions = questionnaire.conditions
        self._answers = answers
        self._values: dict[str, Value] = dict(facts)
        self.items: list[str] = []
        self.ended: Disposition | None = None

    def opens(self, name: str) -> bool:
        condition = self._conditions.get(name)
        return condition is None or evaluate(condition, self._values) is True

    def visit(self, item: Question | NoteItem) -> bool:
        """Take an item into play if it is shown, and its answer with it."""
        if self.ended is not None or not self.opens(item.id):
            return False
        self.items.append(item.id)
        answer = self._answers.get(item.id)
        if answer is not None and not isinstance(item, NoteItem):
            self._values[item.id] = answer
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
