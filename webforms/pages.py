"""`Page`: the questions in play now under one heading, and what a post to it means.

Routing decides which questions those are; a page is made anew for every request from the answers
so far, so it cannot offer a question that the next check would refuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from questionnaires import (
    Answer,
    Answers,
    Disposition,
    Door,
    NoteItem,
    Problem,
    ProblemCode,
    Question,
    Questionnaire,
    Route,
    Section,
    Severity,
    check,
    parse_answers,
    route,
)
from webforms.fields import compiled_fields, shown

__all__ = ["Page", "QuestionForm", "Verdict", "consent_page", "judge", "page_of"]

_CLEARED = frozenset({ProblemCode.REQUIRED})
"""Problems of an answer that is not there: nothing has to be kept out of the draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One section as it stands now; the consent question is a page without a section."""

    questionnaire: Questionnaire
    section: Section | None
    items: tuple[Question | NoteItem, ...]
    number: int
    total: int
    before: str | None
    after: str | None

    @property
    def questions(self) -> tuple[Question, ...]:
        """The items that take an answer."""
        return tuple(item for item in self.items if not isinstance(item, NoteItem))


class QuestionForm(BaseForm):  # type: ignore[misc]
    """The fields of a page.

    A BaseForm, because item ids are the author's: on a Form class one called "data" or "errors"
    would overwrite WTForms' own attributes.
    """

    def __init__(
        self, page: Page, posted: MultiDict[str, str] | None = None, *, answers: Answers
    ) -> None:
        ready = compiled_fields(page.questionnaire)
        super().__init__({item.id: ready[item.id] for item in page.questions})
        self.process(posted, data={name: shown(answer) for name, answer in answers.items()})

    def show(self, problems: Mapping[str, str]) -> None:
        """Put the sentence about each question beside it."""
        for name, sentence in problems.items():
            self[name].errors = [*self[name].errors, sentence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a post to a page means.

    ``answers`` are all answers so far with those of this page that can be kept; ``problems`` the
    hard ones on this page; ``revealed`` the ids of questions that these answers opened here and
    that have not been answered with them; ``ended`` how the answers end the questionnaire.
    """

    page: Page
    form: QuestionForm
    answers: dict[str, Answer]
    problems: tuple[Problem, ...]
    revealed: tuple[str, ...]
    ended: Disposition | None


def consent_page(questionnaire: Questionnaire) -> Page | None:
    """Return the page of the consent question; None where the questionnaire has none."""
    if questionnaire.consent is None:
        return None
    return Page(
        questionnaire=questionnaire,
        section=None,
        items=(questionnaire.consent,),
        number=0,
        total=0,
        before=None,
        after=None,
    )


def page_of(questionnaire: Questionnaire, section_id: str, path: Route) -> Page | None:
    """Return the page of a section.

    Parameters
    ----------
    questionnaire : Questionnaire
    section_id : str
    path : the route that the answers open

    Returns
    -------
    Page or None
        None where the section is not in play.
    """
    ids = [part.section.id for part in path.sections]
    if section_id not in ids:
        return None
    place = ids.index(section_id)
    return Page(
        questionnaire=questionnaire,
        section=path.sections[place].section,
        items=path.sections[place].items,
        number=place + 1,
        total=len(ids),
        before=ids[place - 1] if place else None,
        after=ids[place + 1] if place + 1 < len(ids) else None,
    )


def judge(
    page: Page, posted: MultiDict[str, str], *, answers: Answers, facts: Mapping[str, str]
) -> Verdict:
    """Judge a post to ``page``.

    Parameters
    ----------
    page : as it was shown
    posted : fields by item id; names that are no question of the page's section are ignored
    answers : answers before this post
    facts : register facts by name

    Returns
    -------
    Verdict
        Its page is the one that the new answers open; answers to questions of this page that the
        same post closed are dropped without a word.
    """
    questionnaire = page.questionnaire
    mine = _questions_of(page)
    given, faults = parse_answers(
        questionnaire, {name: posted.getlist(name) for name in mine if name in posted}
    )
    merged = {name: value for name, value in answers.items() if name not in mine} | given
    path = route(questionnaire, merged, facts)
    merged = {k: v for k, v in merged.items() if k not in mine or k in path.items}
    now = page if page.section is None else page_of(questionnaire, page.section.id, path) or page
    in_play = {item.id for item in now.questions if item.id in path.items}
    revealed = in_play - {item.id for item in page.questions} - set(posted)
    problems = [problem for problem in faults if problem.place in in_play]
    problems += _hard_here(check(questionnaire, merged, facts, door=Door.WEB), in_play, problems)
    spoilt = {problem.place for problem in problems if problem.code not in _CLEARED}
    return Verdict(
        page=now,
        form=QuestionForm(now, posted, answers=merged),
        answers={name: value for name, value in merged.items() if name not in spoilt},
        problems=tuple(problem for problem in problems if problem.place not in revealed),
        revealed=tuple(item.id for item in now.questions if item.id in revealed),
        ended=path.ended,
    )


def _questions_of(page: Page) -> frozenset[str]:
    """Return the ids of all questions that a post to this page may answer."""
    items: tuple[Any, ...] = page.items if page.section is None else page.section.items
    return frozenset(item.id for item in items if not isinstance(item, NoteItem))


def _hard_here(found: list[Problem], in_play: set[str], already: list[Problem]) -> list[Problem]:
    """Pick the hard problems of this page; an unreadable answer is not called missing as well."""
    named = {problem.place for problem in already}
    return [
        problem
        for problem in found
        if problem.severity is Severity.HARD
        and problem.place in in_play
        and problem.place not in named
    ]
