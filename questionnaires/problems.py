"""The catalogue of what can be wrong with answers.

Messages are English templates with %(name)s places, so that a gettext catalogue translates them
word for word; nothing here knows a language or a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

__all__ = ["REMEDIES", "TEMPLATES", "Problem", "ProblemCode", "Severity", "describe"]


class Severity(StrEnum):
    """HARD cannot be stored, SOFT is stored with a flag."""

    HARD = "hard"
    SOFT = "soft"


class ProblemCode(StrEnum):
    """What is wrong; the values are stable and may be stored."""

    UNKNOWN_ITEM = "unknown_item"
    SEVERAL_VALUES = "several_values"
    NOT_A_NUMBER = "not_a_number"
    WRONG_FORM = "wrong_form"
    CODE_NOT_IN_LIST = "code_not_in_list"
    MISSING_CODE_AT_DOOR = "missing_code_at_door"
    MIXED_WITH_MISSING = "mixed_with_missing"
    TOO_MANY_CHOICES = "too_many_choices"
    EXCLUSIVE_CHOICE = "exclusive_choice"
    NOT_A_DECIMAL = "not_a_decimal"
    TOO_MANY_PLACES = "too_many_places"
    NOT_A_DATE = "not_a_date"
    OUT_OF_RANGE = "out_of_range"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_NOT_CLEAN = "text_not_clean"
    REQUIRED = "required"
    UNANSWERED = "unanswered"
    NOT_IN_PLAY = "not_in_play"
    CONSTRAINT = "constraint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem: its code, how grave, the item it is at, and the values its message names.

    ``place`` is an item id; ``values`` always hold "item" and "number" (the printed number). The
    "message" of a constraint is the questionnaire's own, in the language the checks were asked for.
    """

    code: ProblemCode
    severity: Severity
    place: str
    values: Mapping[str, str]


def N_(message: str) -> str:  # noqa: N802 (the name by which Babel finds messages)
    """Mark a message for the translation catalogue."""
    return message


TEMPLATES: Final[Mapping[ProblemCode, str]] = MappingProxyType(
    {
        ProblemCode.UNKNOWN_ITEM: N_("The questionnaire has no question %(item)s."),
        ProblemCode.SEVERAL_VALUES: N_("Question %(number)s takes one answer, not several."),
        ProblemCode.NOT_A_NUMBER: N_("The answer to question %(number)s is not a whole number."),
        ProblemCode.WRONG_FORM: N_("The answer to question %(number)s has the wrong form."),
        ProblemCode.CODE_NOT_IN_LIST: N_(
            "%(value)s is not among the answers to question %(number)s."
        ),
        ProblemCode.MISSING_CODE_AT_DOOR: N_(
            "Code %(value)s of question %(number)s is for keyed forms only."
        ),
        ProblemCode.MIXED_WITH_MISSING: N_(
            "Question %(number)s has a chosen answer together with a code for no answer."
        ),
        ProblemCode.TOO_MANY_CHOICES: N_(
            "Question %(number)s takes at most %(limit)s choices, %(count)s are chosen."
        ),
        ProblemCode.EXCLUSIVE_CHOICE: N_(
            "Question %(number)s has the answer %(value)s, which stands alone, beside others."
        ),
        ProblemCode.NOT_A_DECIMAL: N_("The answer to question %(number)s is not a number."),
        ProblemCode.TOO_MANY_PLACES: N_(
            "The answer to question %(number)s is %(value)s, with more than %(limit)s decimals."
        ),
        ProblemCode.NOT_A_DATE: N_("The answer to question %(number)s is not a date."),
        ProblemCode.OUT_OF_RANGE: N_(
            "The answer to question %(number)s is %(value)s, outside %(min)s to %(max)s."
        ),
        ProblemCode.TOO_EARLY: N_(
            "The answer to question %(number)s is %(value)s, before %(min)s."
        ),
        ProblemCode.TOO_LATE: N_("The answer to question %(number)s is %(value)s, after %(max)s."),
        ProblemCode.TEXT_TOO_LONG: N_(
            "The answer to question %(number)s has %(count)s characters, more than %(limit)s."
        ),
        ProblemCode.TEXT_NOT_CLEAN: N_(
            "The answer to question %(number)s holds characters that cannot be stored."
        ),
        ProblemCode.REQUIRED: N_("Question %(number)s has no answer yet."),
        ProblemCode.UNANSWERED: N_("Question %(number)s is left without an answer."),
        ProblemCode.NOT_IN_PLAY: N_(
            "Question %(number)s is answered although the other answers skip it."
        ),
        ProblemCode.CONSTRAINT: N_("Question %(number)s: %(message)s"),
    }
)

REMEDIES: Final[Mapping[ProblemCode, str]] = MappingProxyType(
    {
        ProblemCode.UNKNOWN_ITEM: N_("Use the form of this questionnaire's version."),
        ProblemCode.SEVERAL_VALUES: N_("Choose one."),
        ProblemCode.NOT_A_NUMBER: N_("Write it in digits, without spaces."),
        ProblemCode.WRONG_FORM: N_("Answer the question again."),
        ProblemCode.CODE_NOT_IN_LIST: N_("Choose one of: %(allowed)s."),
        ProblemCode.MISSING_CODE_AT_DOOR: N_("Choose one of the answers shown."),
        ProblemCode.MIXED_WITH_MISSING: N_("Keep one or the other."),
        ProblemCode.TOO_MANY_CHOICES: N_("Take some choices away."),
        ProblemCode.EXCLUSIVE_CHOICE: N_("Choose that answer alone, or the others without it."),
        ProblemCode.NOT_A_DECIMAL: N_(
            "Write it in digits, with a comma before the decimals and no mark between thousands."
        ),
        ProblemCode.TOO_MANY_PLACES: N_(
            "Round it to %(limit)s decimals; write thousands without a mark."
        ),
        ProblemCode.NOT_A_DATE: N_("Write day, month and year, such as 31/10/2022."),
        ProblemCode.OUT_OF_RANGE: N_("Write a number from %(min)s to %(max)s."),
        ProblemCode.TOO_EARLY: N_("Write %(min)s or a later day."),
        ProblemCode.TOO_LATE: N_("Write %(max)s or an earlier day."),
        ProblemCode.TEXT_TOO_LONG: N_("Shorten it."),
        ProblemCode.TEXT_NOT_CLEAN: N_("Write it again without special characters."),
        ProblemCode.REQUIRED: N_("Choose or write an answer."),
        ProblemCode.UNANSWERED: N_("Check that it was left out on purpose."),
        ProblemCode.NOT_IN_PLAY: N_("Check both answers against the form."),
        ProblemCode.CONSTRAINT: N_("Check this answer and the ones before it."),
    }
)


def describe(problem: Problem) -> str:
    """Say a problem in English: what is wrong, then what to do.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    str
        Two sentences. For another language translate both templates, then fill in ``values``.
    """
    values = dict(problem.values)
    return f"{TEMPLATES[problem.code] % values} {REMEDIES[problem.code] % values}"
