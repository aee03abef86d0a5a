"""`Page`: the questions in play now under one heading, and what a post to it means.

Routing decides which questions those are; a page is made anew for every request from the answers
so far, so it cannot offer a question that the next check would refuse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from questionnaires import (
    Answer,
    Answers,
    Disposition,
    Door,
    MultiItem,
    NoteItem,
    Option,
    Problem,
    ProblemCode,
    Question,
    Questionnaire,
    Route,
    ScaleItem,
    Section,
    Severity,
    SingleItem,
    TextItem,
    check,
    option_order,
    parse_answers,
    route,
)
from questionnaires.expansion import specify_id
from questionnaires.expressions import Value
from questionnaires.questions import CalculationItem, GridItem
from webforms.fields import compiled_fields, shown
from webforms.skip import browser_logic, live_items

__all__ = [
    "Entry",
    "Page",
    "QuestionForm",
    "Verdict",
    "consent_page",
    "doubts_in",
    "judge",
    "page_of",
]

CHECKED = "_checked"
"""The field that names the questions whose soft constraint the respondent has been asked about."""

SHOWN = "_shown"
"""The field in which scripts name the questions that they showed: they were met, not revealed."""

_CLEARED = frozenset({ProblemCode.REQUIRED})
"""Problems of an answer that is not there: nothing has to be kept out of the draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item as the page holds it.

    A ``live`` one comes and goes with answers on the same page; only those can be not ``shown``.
    """

    item: Question | NoteItem
    shown: bool
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One section as it stands now; the consent question is a page without a section.

    Options in random order follow ``seed``; without one they stand as written. ``language`` is the
    visitor's, the document's where it is None.
    """

    questionnaire: Questionnaire
    section: Section | None
    items: tuple[Question | NoteItem, ...]
    number: int = 0
    total: int = 0
    before: str | None = None
    after: str | None = None
    language: str | None = None
    seed: int | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        """The items that take an answer."""
        return tuple(item for item in self.items if not isinstance(item, NoteItem))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The items in play, and in their places those that answers on this page may open.

        A line to write on belongs to its option (`line`) and is no entry.
        """
        if self.section is None:
            return tuple(Entry(item=item, shown=True, live=False) for item in self.items)
        shown = {item.id for item in self.items}
        live = live_items(self.questionnaire, self.section)
        drawn = (shown | live) - self.questionnaire.specified.keys()
        return tuple(
            Entry(item=item, shown=item.id in shown, live=item.id in live)
            for item in self.section.items
            if not isinstance(item, CalculationItem | GridItem) and item.id in drawn
        )

    @property
    def fields(self) -> tuple[str, ...]:
        """Ids of the questions that have a field here, lines to write on included."""
        items = [entry.item for entry in self.entries if not isinstance(entry.item, NoteItem)]
        lines = (self.line(item, each) for item in items for each in _own_options(item))
        return (*(item.id for item in items), *(line.id for line in lines if line is not None))

    def options(self, item: Question) -> tuple[Option, ...]:
        """List the answers of a choice in the order of this respondent, without special codes."""
        if self.seed is None or isinstance(item, ScaleItem):
            found = self.questionnaire.options_of(item)
        else:
            found = option_order(self.questionnaire, item, self.seed)
        special = {option.code for option in self.special(item)}
        return tuple(option for option in found if option.code not in special)

    def special(self, item: Question) -> tuple[Option, ...]:
        """List the answers that stand apart below the others, such as “not enough information”."""
        if isinstance(item, ScaleItem):
            return self.questionnaire.scales[item.scale].special
        return item.special if isinstance(item, SingleItem | MultiItem) else ()

    def line(self, item: Question, option: Option) -> TextItem | None:
        """Return what is written beside an option; None where nothing is."""
        if option.specify is None:
            return None
        found = self.questionnaire.questions_by_id.get(specify_id(item.id, option.code))
        return found if isinstance(found, TextItem) else None

    def logic(self, values: Mapping[str, Value]) -> dict[str, Any] | None:
        """Write what scripts need to show and hide the live items; None where there are none."""
        if self.section is None:
            return None
        return browser_logic(self.questionnaire, self.section, values)


class QuestionForm(BaseForm):  # type: ignore[misc]
    """The fields of a page.

    A BaseForm, because item ids are the author's: on a Form class one called "data" or "errors"
    would overwrite WTForms' own attributes.
    """

    def __init__(
        self, page: Page, posted: MultiDict[str, str] | None = None, *, answers: Answers
    ) -> None:
        ready = compiled_fields(page.questionnaire)
        items = page.questionnaire.questions_by_id
        names = page.fields
        super().__init__({name: ready[name] for name in names})
        given = {name: answers[name] for name in names if name in answers}
        language = page.language or page.questionnaire.language
        data = {name: shown(items[name], answer, language) for name, answer in given.items()}
        self.process(posted, data=data)

    def show(self, problems: Mapping[str, str]) -> None:
        """Put the sentence about each question beside it."""
        for name, sentence in problems.items():
            self[name].errors = [*self[name].errors, sentence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a post to a page means.

    ``answers`` are all answers so far with those of this page that can be kept; ``problems`` the
    hard ones on this page; ``doubts`` the soft constraints that the respondent has not been asked
    about yet; ``revealed`` the ids of questions that these answers opened here and
    that have not been answered with them; ``ended`` how the answers end the questionnaire.
    """

    page: Page
    form: QuestionForm
    answers: dict[str, Answer]
    problems: tuple[Problem, ...]
    doubts: tuple[Problem, ...]
    revealed: tuple[str, ...]
    ended: Disposition | None


def consent_page(questionnaire: Questionnaire) -> Page | None:
    """Return the page of the consent question; None where the questionnaire has none."""
    if questionnaire.consent is None:
        return None
    return Page(questionnaire=questionnaire, section=None, items=(questionnaire.consent,))


def page_of(
    questionnaire: Questionnaire,
    section_id: str,
    path: Route,
    *,
    language: str | None = None,
    seed: int | None = None,
) -> Page | None:
    """Return the page of a section.

    Parameters
    ----------
    questionnaire : Questionnaire
    section_id : str
    path : the route that the answers open
    language : the visitor's
    seed : of the order of options; see `questionnaires.option_order`

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
        language=language,
        seed=seed,
    )


def judge(
    page: Page, posted: MultiDict[str, str], *, answers: Answers, facts: Mapping[str, str]
) -> Verdict:
    """Judge a post to ``page``.

    Parameters
    ----------
    page : as it was shown
    posted : fields by item id; names that are no question of the page's section are ignored, save
        ``_shown`` with the ids of questions that a script showed and ``_checked`` with those whose
        soft constraint has been asked about
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
    now = _as_opened(page, path)
    in_play = {item.id for item in now.questions if item.id in path.items}
    met = {item.id for item in page.questions} | set(posted) | set(posted.getlist(SHOWN))
    revealed = in_play - met
    found = check(questionnaire, merged, facts, door=Door.WEB, language=page.language)
    problems = [problem for problem in faults if problem.place in in_play]
    problems += _hard_here(found, in_play, problems)
    spoilt = {problem.place for problem in problems if problem.code not in _CLEARED}
    asked = set(posted.getlist(CHECKED))
    return Verdict(
        page=now,
        form=QuestionForm(now, posted, answers=merged),
        answers={name: value for name, value in merged.items() if name not in spoilt},
        problems=tuple(problem for problem in problems if problem.place not in revealed),
        doubts=tuple(each for each in doubts_in(found) if each.place in in_play - asked),
        revealed=tuple(item.id for item in now.questions if item.id in revealed),
        ended=path.ended,
    )


def doubts_in(found: Sequence[Problem]) -> list[Problem]:
    """Pick the soft constraints that are broken: answers to look at again, which can be sent."""
    return [
        problem
        for problem in found
        if problem.code is ProblemCode.CONSTRAINT and problem.severity is Severity.SOFT
    ]


def _as_opened(page: Page, path: Route) -> Page:
    """Return the page as a new path leaves it."""
    if page.section is None:
        return page
    again = page_of(
        page.questionnaire, page.section.id, path, language=page.language, seed=page.seed
    )
    return again or page


def _own_options(item: Question) -> tuple[Option, ...]:
    return item.options if isinstance(item, SingleItem | MultiItem) else ()


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
