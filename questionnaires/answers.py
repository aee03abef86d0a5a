"""Answers: their form, reading them from a post, canonical bytes and the size they can reach.

An answer is a code (single, scale), a tuple of codes in the order of the options (multi: the order
of the clicks is nobody's business), a whole number, or a text: of a decimal with exactly its places
("3.50"), of a day in ISO form ("2022-10-31"). An item without an answer is absent.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from questionnaires.errors import AnswersError
from questionnaires.problems import Problem, ProblemCode, Severity
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import (
    DateItem,
    DecimalItem,
    IntegerItem,
    MultiItem,
    Question,
    TextItem,
)
from questionnaires.texts import canonical_json, clean_text, nfc

__all__ = [
    "Answer",
    "Answers",
    "canonical",
    "from_canonical",
    "largest_answer_size",
    "parse_answers",
]

Answer: TypeAlias = str | tuple[str, ...] | int
Answers: TypeAlias = Mapping[str, Answer]

_WHOLE = re.compile(r"[-+]?[0-9]{1,16}")
_DECIMAL = re.compile(r"([-+]?[0-9]{1,9})(?:[.,]([0-9]{1,12}))?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/\-]([0-9]{1,2})[/\-]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_ISO_LENGTH = 10
_BYTES_PER_CHARACTER = 4


def parse_answers(
    questionnaire: Questionnaire, raw: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Answer], list[Problem]]:
    """Read answers from a form post.

    Only the form is read here; whether an answer may be stored is for `checks.check` to say.

    Parameters
    ----------
    questionnaire : Questionnaire
    raw : posted values by item id, as strings; blank ones count as not answered. The caller takes
        out its own fields first.

    Returns
    -------
    dict, list of Problem
        The answers that could be read, and what could not: unknown names, several values for a
        question that takes one, a number or a day that is none. A decimal may be typed with a
        comma or a point; marks between thousands are never read, because "1.000" would be a
        thousand to some and one to others. A day may be typed as 31/10/2022, 31-10-2022 or
        2022-10-31.
    """
    answers: dict[str, Answer] = {}
    problems: list[Problem] = []
    for name, posted in raw.items():
        item = questionnaire.questions_by_id.get(name)
        if item is None:
            shown = clean_text(name)[:32]
            values = {"item": shown, "number": shown}
            problems.append(_hard(ProblemCode.UNKNOWN_ITEM, shown, values))
            continue
        values_given = [value for value in map(clean_text, posted) if value]
        answer = _read(questionnaire, item, list(dict.fromkeys(values_given)))
        if isinstance(answer, ProblemCode):
            number = questionnaire.number_of(name)
            given = ", ".join(values_given)[:60]
            values = {"item": name, "number": number, "value": given}
            if isinstance(item, DecimalItem):
                values["limit"] = str(item.places)
            problems.append(_hard(answer, name, values))
        elif answer is not None:
            answers[name] = answer
    return answers, problems


def _hard(code: ProblemCode, place: str, values: Mapping[str, str]) -> Problem:
    return Problem(code=code, severity=Severity.HARD, place=place, values=values)


def _read(
    questionnaire: Questionnaire, item: Question, values: list[str]
) -> Answer | ProblemCode | None:
    if not values:
        return None
    if isinstance(item, MultiItem):
        return _in_option_order(questionnaire, item, values)
    if len(values) > 1:
        return ProblemCode.SEVERAL_VALUES
    if questionnaire.missing_code(item, values[0]) is not None:
        return values[0]
    return _typed(item, values[0])


def _typed(item: Question, text: str) -> Answer | ProblemCode:
    """Read what was typed or chosen for a question that takes one value."""
    number = text.replace("\N{MINUS SIGN}", "-")
    if isinstance(item, IntegerItem):
        return int(number) if _WHOLE.fullmatch(number) else ProblemCode.NOT_A_NUMBER
    if isinstance(item, DecimalItem):
        return _decimal(number, item.places)
    return _day(text) if isinstance(item, DateItem) else text


def _decimal(text: str, places: int) -> str | ProblemCode:
    """Write a typed number with exactly the places of the answers."""
    typed = _DECIMAL.fullmatch(text)
    if typed is None:
        return ProblemCode.NOT_A_DECIMAL
    if len(typed[2] or "") > places:
        return ProblemCode.TOO_MANY_PLACES
    number = Decimal(f"{typed[1]}.{typed[2] or 0}")
    return f"{number + 0:.{places}f}"


def _day(text: str) -> str | ProblemCode:
    """Write a typed day in ISO form."""
    typed = _DAY_FIRST.fullmatch(text)
    parts = typed.groups()[::-1] if typed is not None else None
    if parts is None:
        typed = _YEAR_FIRST.fullmatch(text)
        parts = typed.groups() if typed is not None else ("0", "0", "0")
    try:
        return dt.date(*map(int, parts)).isoformat()
    except ValueError:
        return ProblemCode.NOT_A_DATE


def _in_option_order(
    questionnaire: Questionnaire, item: MultiItem, codes: Sequence[str]
) -> tuple[str, ...]:
    order = {code: n for n, code in enumerate(questionnaire.keying_codes(item))}
    return tuple(sorted(set(codes), key=lambda code: (order.get(code, len(order)), code)))


def canonical(questionnaire: Questionnaire, answers: Answers) -> bytes:
    """Write answers in the one form that is sealed, hashed and compared.

    Parameters
    ----------
    questionnaire : Questionnaire
    answers : answers by item id

    Returns
    -------
    bytes
        UTF-8 JSON with sorted keys, no spaces, NFC, choices in the order of the options and
        without empty answers; equal answers give equal bytes.

    Raises
    ------
    UnknownItemError
        When an id is not in the questionnaire.
    AnswersError
        When an answer is neither text, whole number nor a tuple of texts, or cannot be encoded.
    """
    document = {}
    for name, answer in answers.items():
        item = questionnaire.item(name)
        if isinstance(item, MultiItem) and isinstance(answer, tuple):
            answer = _in_option_order(questionnaire, item, answer)  # noqa: PLW2901
        if answer not in ((), ""):
            document[name] = _plain(name, answer)
    try:
        return canonical_json(document).encode()
    except UnicodeEncodeError as error:
        message = f"an answer holds {error.object[error.start]!r}, which is no character"
        raise AnswersError(f"{message}; clean it with parse_answers first") from error


def _plain(name: str, answer: object) -> str | int | list[str]:
    if isinstance(answer, str):
        return nfc(answer)
    if isinstance(answer, int) and not isinstance(answer, bool):
        return answer
    if isinstance(answer, tuple) and all(isinstance(part, str) for part in answer):
        return [nfc(part) for part in answer]
    message = f"the answer to {name} is {answer!r} ({type(answer).__name__})"
    raise AnswersError(f"{message}; use a str, an int or a tuple of str")


def from_canonical(data: bytes) -> dict[str, Answer]:
    """Read canonical answers back.

    Parameters
    ----------
    data : bytes from `canonical`

    Returns
    -------
    dict
        Answers by item id, equal to those written.

    Raises
    ------
    AnswersError
        When the bytes are no JSON object of texts, whole numbers and lists of texts.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise AnswersError(f"{len(data)} bytes are no canonical answers: {error}") from error
    if not isinstance(document, dict):
        message = f"canonical answers are one JSON object, not a {type(document).__name__}"
        raise AnswersError(message)
    return {name: _answer(name, value) for name, value in document.items()}


def _answer(name: str, value: object) -> Answer:
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return tuple(value)
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise AnswersError(f"the answer to {name} is {value!r}; expected text, number or texts")


def largest_answer_size(questionnaire: Questionnaire) -> int:
    """Bound the bytes of `canonical` over every answer set that any door accepts.

    Sealed ballots are padded to this size, so that their length says nothing about the answers.
    The bound counts the longest answer to every item at once: routing only takes items away.
    A text character takes at most 4 bytes, since control characters are not accepted and JSON
    writes quotes, backslashes and newlines in 2.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    int
        Bytes; reached by answers that choose the longest everywhere.
    """
    entries = [
        len(f'"{item.id}":') + _largest(questionnaire, item) for item in questionnaire.questions
    ]
    return len("{}") + sum(entries) + max(0, len(entries) - 1)


def _largest(questionnaire: Questionnaire, item: Question) -> int:
    codes = questionnaire.keying_codes(item)
    longest = max(len(code) for code in codes) + len('""')
    if isinstance(item, TextItem):
        return max(longest, item.max_length * _BYTES_PER_CHARACTER + len('""'))
    if isinstance(item, IntegerItem):
        return max(longest, len(str(item.min)), len(str(item.max)))
    if isinstance(item, DecimalItem):
        bounds = (f"{bound:.{item.places}f}" for bound in (item.min, item.max))
        return max(longest, *(len(bound) + len('""') for bound in bounds))
    if isinstance(item, DateItem):
        return max(longest, _ISO_LENGTH + len('""'))
    if isinstance(item, MultiItem):
        together = (option for option in item.options if option.code not in item.exclusive)
        chosen = sorted((len(option.code) for option in together), reverse=True)
        several = sum(size + len('"",') for size in chosen[: item.max_choices]) - 1
        return len("[]") + max(longest, several)
    return longest
