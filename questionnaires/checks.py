"""The checks of answers, one function for web, clerk and import.

On paper what is written is keyed as written: an answer where the form says "skip" is a flag from a
clerk and a refusal from the web, where the page cannot have offered the question.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from questionnaires.answers import Answer, Answers
from questionnaires.choices import MissingCode
from questionnaires.problems import Problem, ProblemCode, Severity
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import IntegerItem, MultiItem, Question, TextItem
from questionnaires.routing import Route, route
from questionnaires.texts import clean_text

__all__ = ["Door", "check", "keep_in_play"]

_Fault = tuple[ProblemCode, Mapping[str, str]]


class Door(StrEnum):
    """The way answers come in."""

    WEB = "web"
    CLERK = "clerk"
    IMPORT = "import"


def check(
    questionnaire: Questionnaire, answers: Answers, facts: Mapping[str, str], *, door: Door
) -> list[Problem]:
    """Check answers before they are stored.

    Parameters
    ----------
    questionnaire : Questionnaire
    answers : answers by item id
    facts : register facts by name
    door : how the answers came in. WEB refuses missing required answers, answers off the path and
        codes for keying; CLERK and IMPORT flag the first two and accept 94, 95, 97, 98 and 99.

    Returns
    -------
    list of Problem
        In the order of the questionnaire, unknown items last; nothing hard means it can be stored.
    """
    path = route(questionnaire, answers, facts)
    problems = [
        problem
        for item in questionnaire.questions
        for problem in _item_problems(questionnaire, item, answers.get(item.id), path, door)
    ]
    for name in answers:
        if name not in questionnaire.questions_by_id:
            values = {"item": name, "number": name}
            code = ProblemCode.UNKNOWN_ITEM
            problems.append(Problem(code=code, severity=Severity.HARD, place=name, values=values))
    return problems


def _item_problems(
    questionnaire: Questionnaire, item: Question, answer: Answer | None, path: Route, door: Door
) -> Iterator[Problem]:
    """Join what is wrong with the answer itself and with its being there or not."""
    in_play = item.id in path.items
    web = door is Door.WEB
    found: list[tuple[_Fault, Severity]] = []
    if answer in (None, (), ""):
        if in_play:
            must = web and item.required
            code = ProblemCode.REQUIRED if must else ProblemCode.UNANSWERED
            found.append(((code, {}), Severity.HARD if must else Severity.SOFT))
    else:
        found += [(f, Severity.HARD) for f in _faults(questionnaire, item, answer, door)]
        if not in_play:
            severity = Severity.HARD if web else Severity.SOFT
            found.append(((ProblemCode.NOT_IN_PLAY, {}), severity))
    shared = {"item": item.id, "number": questionnaire.number_of(item.id)}
    for (code, values), severity in found:
        yield Problem(code=code, severity=severity, place=item.id, values=shared | dict(values))


def _faults(
    questionnaire: Questionnaire, item: Question, answer: Answer | None, door: Door
) -> list[_Fault]:
    """Find what is wrong with an answer by itself."""
    missing = questionnaire.missing_code(item, answer)
    if missing is not None and isinstance(answer, tuple) is isinstance(item, MultiItem):
        return _missing_faults(questionnaire, item, missing, door)
    if isinstance(item, MultiItem) and isinstance(answer, tuple):
        return list(_choice_faults(questionnaire, item, answer))
    if isinstance(item, IntegerItem) and type(answer) is int:
        return list(_range_faults(item, answer))
    if not isinstance(answer, str) or isinstance(item, IntegerItem | MultiItem):
        return [(ProblemCode.WRONG_FORM, {})]
    if isinstance(item, TextItem):
        return list(_text_faults(item, answer))
    return _code_faults(questionnaire, item, answer)


def _missing_faults(
    questionnaire: Questionnaire, item: Question, missing: MissingCode, door: Door
) -> list[_Fault]:
    if missing in {option.code for option in questionnaire.options_of(item)}:
        return []
    if door is not Door.WEB and missing is not MissingCode.NOT_ASKED:
        return []
    return [(ProblemCode.MISSING_CODE_AT_DOOR, {"value": missing.value})]


def _code_faults(questionnaire: Questionnaire, item: Question, code: str) -> list[_Fault]:
    allowed = [option.code for option in questionnaire.options_of(item)]
    if code in allowed:
        return []
    return [(ProblemCode.CODE_NOT_IN_LIST, {"value": code[:32], "allowed": ", ".join(allowed)})]


def _choice_faults(
    questionnaire: Questionnaire, item: MultiItem, codes: tuple[str, ...]
) -> Iterator[_Fault]:
    if not all(isinstance(code, str) for code in codes) or len(set(codes)) < len(codes):
        yield ProblemCode.WRONG_FORM, {}
        return
    if set(codes) & set(MissingCode):
        yield ProblemCode.MIXED_WITH_MISSING, {}
        return
    for code in codes:
        yield from _code_faults(questionnaire, item, code)
    if item.max_choices is not None and len(codes) > item.max_choices:
        yield (
            ProblemCode.TOO_MANY_CHOICES,
            {"limit": str(item.max_choices), "count": str(len(codes))},
        )


def _range_faults(item: IntegerItem, answer: int) -> Iterator[_Fault]:
    if not item.min <= answer <= item.max:
        shown = str(answer) if abs(answer) < 10**20 else "…"
        yield ProblemCode.OUT_OF_RANGE, {"value": shown, "min": str(item.min), "max": str(item.max)}


def _text_faults(item: TextItem, text: str) -> Iterator[_Fault]:
    if clean_text(text) != text:
        yield ProblemCode.TEXT_NOT_CLEAN, {}
    if len(text) > item.max_length:
        count, limit = str(len(text)), str(item.max_length)
        yield ProblemCode.TEXT_TOO_LONG, {"count": count, "limit": limit}


def keep_in_play(
    questionnaire: Questionnaire, answers: Answers, facts: Mapping[str, str]
) -> dict[str, Answer]:
    """Drop answers off the path, as a web submission does before it is stored.

    Parameters
    ----------
    questionnaire : Questionnaire
    answers : answers by item id
    facts : register facts by name

    Returns
    -------
    dict
        The answers to items in play, in the order of the questionnaire.
    """
    in_play = route(questionnaire, answers, facts).items
    return {name: answers[name] for name in in_play if name in answers}
