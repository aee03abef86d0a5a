"""The checks of answers, one function for web, clerk and import.

On paper what is written is keyed as written: an answer where the form says "skip" is a flag from a
clerk and a refusal from the web, where the page cannot have offered the question.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from questionnaires.answers import Answer, Answers
from questionnaires.choices import MissingCode
from questionnaires.expressions import evaluate
from questionnaires.problems import Problem, ProblemCode, Severity
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import (
    Constraint,
    DateItem,
    DecimalItem,
    IntegerItem,
    MultiItem,
    Question,
    TextItem,
    WrittenItem,
)
from questionnaires.routing import Route, route
from questionnaires.texts import clean_text

__all__ = ["Door", "check", "keep_in_play"]

_Fault = tuple[ProblemCode, Mapping[str, str]]
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Door(StrEnum):
    """The way answers come in."""

    WEB = "web"
    CLERK = "clerk"
    IMPORT = "import"


def check(
    questionnaire: Questionnaire,
    answers: Answers,
    facts: Mapping[str, str],
    *,
    door: Door,
    language: str | None = None,
) -> list[Problem]:
    """Check answers before they are stored.

    Parameters
    ----------
    questionnaire : Questionnaire
    answers : answers by item id
    facts : register facts by name
    door : how the answers came in. WEB refuses missing required answers, answers off the path and
        codes for keying; CLERK and IMPORT flag the first two and accept 94, 95, 97, 98 and 99.
    language : the reader's, for the questionnaire's own messages; the document's where it is None

    Returns
    -------
    list of Problem
        In the order of the questionnaire, unknown items last; nothing hard means it can be stored.
        A constraint is checked where its answer is in play, sound by itself and no missing code.
    """
    said_in = questionnaire.language if language is None else language
    path = route(questionnaire, answers, facts)
    checker = _Checker(questionnaire, path, frozenset(path.items), door, said_in)
    problems = [
        problem
        for item in questionnaire.questions
        for problem in checker.problems(item, answers.get(item.id))
    ]
    for name in answers:
        if name not in questionnaire.questions_by_id:
            values = {"item": name, "number": name}
            code = ProblemCode.UNKNOWN_ITEM
            problems.append(Problem(code=code, severity=Severity.HARD, place=name, values=values))
    return problems


@dataclass(frozen=True, slots=True)
class _Checker:
    """Checks item after item against one path."""

    questionnaire: Questionnaire
    path: Route
    in_play: frozenset[str]
    door: Door
    language: str

    def problems(self, item: Question, answer: Answer | None) -> Iterator[Problem]:
        """Join what is wrong with the answer itself and with its being there or not."""
        found = self._found(item, answer)
        if not found:
            return
        shared = {"item": item.id, "number": self.questionnaire.number_of(item.id)}
        for (code, values), severity in found:
            joined = shared | dict(values)
            yield Problem(code=code, severity=severity, place=item.id, values=joined)

    def _found(self, item: Question, answer: Answer | None) -> list[tuple[_Fault, Severity]]:
        in_play = item.id in self.in_play
        web = self.door is Door.WEB
        if answer is None or answer in ((), ""):
            must = web and item.required
            code = ProblemCode.REQUIRED if must else ProblemCode.UNANSWERED
            return [((code, {}), Severity.HARD if must else Severity.SOFT)] if in_play else []
        faults = _faults(self.questionnaire, item, answer, self.door)
        found = [(fault, Severity.HARD) for fault in faults]
        if not in_play:
            severity = Severity.HARD if web else Severity.SOFT
            found.append(((ProblemCode.NOT_IN_PLAY, {}), severity))
        elif not faults and item.constraints:
            found += self._broken(item, answer)
        return found

    def _broken(self, item: Question, answer: Answer) -> Iterator[tuple[_Fault, Severity]]:
        """List the constraints that are false; one that is unknown passes."""
        if self.questionnaire.missing_code(item, answer) is not None:
            return
        rules: tuple[Constraint, ...] = item.constraints
        for rule, tree in zip(rules, self.questionnaire.constraints[item.id], strict=True):
            if evaluate(tree, self.path.values) is False:
                message = self.questionnaire.text_in(rule.message, self.language)
                yield (ProblemCode.CONSTRAINT, {"message": message}), rule.severity


def _faults(
    questionnaire: Questionnaire, item: Question, answer: Answer, door: Door
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
    if isinstance(item, WrittenItem):
        return list(_written_faults(item, answer))
    return _code_faults(questionnaire, item, answer)


def _written_faults(item: DecimalItem | DateItem | TextItem, answer: str) -> Iterator[_Fault]:
    if isinstance(item, TextItem):
        return _text_faults(item, answer)
    return (
        _decimal_faults(item, answer)
        if isinstance(item, DecimalItem)
        else _day_faults(item, answer)
    )


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
    alone = [code for code in codes if code in item.exclusive]
    if alone and len(codes) > 1:
        yield ProblemCode.EXCLUSIVE_CHOICE, {"value": alone[0]}


def _range_faults(item: IntegerItem, answer: int) -> Iterator[_Fault]:
    if not item.min <= answer <= item.max:
        shown = str(answer) if abs(answer) < 10**20 else "…"
        yield ProblemCode.OUT_OF_RANGE, {"value": shown, "min": str(item.min), "max": str(item.max)}


def _decimal_faults(item: DecimalItem, answer: str) -> Iterator[_Fault]:
    """Accept one form of a number only, so that equal answers are equal bytes."""
    if not _NUMBER.fullmatch(answer) or len(answer.partition(".")[2]) != item.places:
        yield ProblemCode.WRONG_FORM, {}
        return
    number = Decimal(answer)
    if number.is_signed() and not number:
        yield ProblemCode.WRONG_FORM, {}
    elif not item.min <= number <= item.max:
        shown = answer if len(answer) < 20 else "…"
        bounds = {"min": f"{item.min:.{item.places}f}", "max": f"{item.max:.{item.places}f}"}
        yield ProblemCode.OUT_OF_RANGE, {"value": shown, **bounds}


def _day_faults(item: DateItem, answer: str) -> Iterator[_Fault]:
    try:
        day = dt.date.fromisoformat(answer) if _DAY.fullmatch(answer) else None
    except ValueError:
        day = None
    if day is None:
        yield ProblemCode.WRONG_FORM, {}
    elif item.min is not None and day < item.min:
        yield ProblemCode.TOO_EARLY, {"value": _shown(day), "min": _shown(item.min)}
    elif item.max is not None and day > item.max:
        yield ProblemCode.TOO_LATE, {"value": _shown(day), "max": _shown(item.max)}


def _shown(day: dt.date) -> str:
    """Write a day as people type it here."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


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
