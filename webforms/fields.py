"""Question → WTForms field: what a browser may post for it and how it comes back on the page.

A field judges nothing itself. The one judge of answers is `questionnaires.check`, which clerk and
import call too; a page hands its verdict to the fields as errors (`webforms.pages`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.fields.core import UnboundField

from questionnaires import (
    Answer,
    DateItem,
    DecimalItem,
    MultiItem,
    Question,
    Questionnaire,
    TextItem,
    WrittenItem,
)

__all__ = ["compiled_fields", "field_for", "printed_number", "shown"]

_QUESTIONNAIRES_KEPT = 32
_DASHES = 2


def field_for(questionnaire: Questionnaire, item: Question) -> UnboundField:
    """Return the field that takes the answer to ``item``.

    Parameters
    ----------
    questionnaire : the one ``item`` belongs to
    item : a question

    Returns
    -------
    UnboundField
        Radio buttons, check boxes, a line or a text area; labels are in the document's language,
        the page's macro writes the visitor's.
    """
    text = questionnaire.text_in(item.text, questionnaire.language)
    choices = [
        SelectChoice(option.code, questionnaire.text_in(option.text, questionnaire.language))
        for option in questionnaire.options_of(item)
    ]
    settings: dict[str, Any] = {"label": text}
    if isinstance(item, MultiItem):
        return SelectMultipleField(**settings, choices=choices, validate_choice=False)
    if isinstance(item, TextItem) and not item.short:
        return TextAreaField(**settings)
    if isinstance(item, WrittenItem):
        return StringField(**settings)
    return RadioField(**settings, choices=choices, validate_choice=False)


@dataclass(frozen=True, slots=True)
class _Version:
    """A questionnaire that is looked up by its fingerprint."""

    fingerprint: str
    questionnaire: Questionnaire = field(compare=False)


def compiled_fields(questionnaire: Questionnaire) -> Mapping[str, UnboundField]:
    """Return the fields of every question by item id, made once per version."""
    return _compiled(_Version(questionnaire.fingerprint, questionnaire))


@lru_cache(maxsize=_QUESTIONNAIRES_KEPT)
def _compiled(version: _Version) -> Mapping[str, UnboundField]:
    questionnaire = version.questionnaire
    return MappingProxyType(
        {item.id: field_for(questionnaire, item) for item in questionnaire.questions}
    )


def printed_number(questionnaire: Questionnaire, item_id: str) -> str:
    """Return the number of a question on the form; a line beside an option has its question's."""
    question, _ = questionnaire.specified.get(item_id, (item_id, ""))
    return questionnaire.number_of(question)


def shown(item: Question, answer: Answer, language: str = "vi") -> str | list[str]:
    """Return an answer as its field shows it and as a person would type it.

    Parameters
    ----------
    item : the question
    answer : as it is stored
    language : of the page; decimals have a point in English and a comma elsewhere

    Returns
    -------
    str or list of str
        Several codes as a list; a day as 31/10/2022.

    Examples
    --------
    >>> item = DecimalItem(id="A", type="decimal", text="A", min="0", max="9", places=2)
    >>> shown(item, "3.50"), shown(item, "3.50", "en")
    ('3,50', '3.50')
    """
    if isinstance(answer, tuple):
        return list(answer)
    if isinstance(item, DecimalItem) and language != "en":
        return str(answer).replace(".", ",")
    if isinstance(item, DateItem) and isinstance(answer, str) and answer.count("-") == _DASHES:
        return "/".join(reversed(answer.split("-")))
    return str(answer)
