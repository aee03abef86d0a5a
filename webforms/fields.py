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
    IntegerItem,
    MultiItem,
    Question,
    Questionnaire,
    TextItem,
)

__all__ = ["compiled_fields", "field_for", "shown"]

_QUESTIONNAIRES_KEPT = 32


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
    if isinstance(item, IntegerItem):
        return StringField(**settings)
    if isinstance(item, TextItem):
        return TextAreaField(**settings)
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


def shown(answer: Answer) -> str | list[str]:
    """Return an answer as its field shows it: codes as text, several codes as a list.

    Examples
    --------
    >>> shown(("1", "3")), shown(34)
    (['1', '3'], '34')
    """
    return list(answer) if isinstance(answer, tuple) else str(answer)
