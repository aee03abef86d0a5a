"""What is not translated yet: a report for whoever prepares a form in another language.

A missing translation is no fault, since the document's own language stands in for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from questionnaires.questionnaire import Questionnaire
from questionnaires.texts import text_in

__all__ = ["Untranslated", "languages_of", "untranslated"]

_TEXT_FIELDS = frozenset(
    {
        "disclosure_note", "hint", "instructions", "label", "message", "name", "subtitle", "text",
        "title", "unit", "universe",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Untranslated:
    """A text without a wording in some language: where it stands, and its own wording."""

    path: str
    text: str


def languages_of(questionnaire: Questionnaire) -> tuple[str, ...]:
    """List the languages that a questionnaire promises or that any of its texts is worded in.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    tuple of str
        Tags, the document's own language first.

    Examples
    --------
    >>> from questionnaires.library import shipped
    >>> languages_of(shipped("officials_par"))
    ('vi', 'en')
    """
    own = questionnaire.language
    worded = (tag for _, value in _texts(questionnaire, "") for tag in _languages(value, own))
    return tuple(dict.fromkeys((own, *questionnaire.languages, *worded)))


def untranslated(questionnaire: Questionnaire, language: str) -> tuple[Untranslated, ...]:
    """List the texts that have no wording in a language.

    Parameters
    ----------
    questionnaire : Questionnaire
    language : tag such as "en"

    Returns
    -------
    tuple of Untranslated
        In the order of the document, with paths such as ``sections[B1].items[Q02a].text``; a plain
        text is in the document's language and in no other.
    """
    return tuple(
        Untranslated(path=path, text=text_in(value, questionnaire.language))
        for path, value in _texts(questionnaire, "")
        if language not in _languages(value, questionnaire.language)
    )


def _languages(value: str | dict[str, str], own: str) -> tuple[str, ...]:
    return (own,) if isinstance(value, str) else tuple(value)


def _texts(value: object, path: str) -> Iterator[tuple[str, str | dict[str, str]]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            part = getattr(value, name)
            at = f"{path}.{name}" if path else name
            if name in _TEXT_FIELDS and isinstance(part, str | dict):
                yield at, part
            else:
                yield from _texts(part, at)
    elif isinstance(value, tuple):
        for n, part in enumerate(value):
            yield from _texts(part, f"{path}[{_name(part, n)}]")
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, f"{path}.{key}")


def _name(part: object, number: int) -> str:
    named = (getattr(part, name, None) for name in ("id", "code"))
    return next((name for name in named if isinstance(name, str)), str(number))
