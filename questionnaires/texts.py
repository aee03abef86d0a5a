"""Shown texts with their translations, cleaning of typed text, canonical JSON.

A text is a plain string (in the document's language) or a mapping from language tag to string, so
that a questionnaire in one language stays as short as a list of sentences.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

__all__ = [
    "ShortText",
    "Text",
    "canonical_json",
    "clean_text",
    "closest",
    "language_in",
    "nfc",
    "text_in",
]

DEFAULT_LANGUAGE: Final = "vi"
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_NEWLINES = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_BIDI_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def nfc(value: str) -> str:
    """Compose the accents of ``value`` (Unicode NFC), as everything is stored."""
    return unicodedata.normalize("NFC", value)


def _sentence(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        message = "is not a text: {value}"
        raise PydanticCustomError("text", message, {"value": repr(value)})
    return nfc(value.strip())


def _text(value: object) -> str | dict[str, str]:
    """Accept a sentence or {language tag: sentence}; composed and without outer spaces."""
    if not isinstance(value, Mapping):
        return _sentence(value)
    wrong = [tag for tag in value if not isinstance(tag, str) or not _LANGUAGE.fullmatch(tag)]
    if wrong or not value:
        message = "has {value} where a language tag is expected"
        raise PydanticCustomError("language", message, {"value": ", ".join(map(repr, wrong))})
    return {tag: _sentence(sentence) for tag, sentence in value.items()}


Text = Annotated[str | dict[str, str], BeforeValidator(_text)]

_LABEL_BYTES: Final = 80


def _short_text(value: object) -> str | dict[str, str]:
    text = _text(value)
    for wording in [text] if isinstance(text, str) else text.values():
        size = len(wording.encode())
        if size > _LABEL_BYTES:
            message = "has {size} bytes, more than {limit}: {value}"
            context = {"size": size, "limit": _LABEL_BYTES, "value": repr(wording)}
            raise PydanticCustomError("label", message, context)
    return text


ShortText = Annotated[str | dict[str, str], BeforeValidator(_short_text)]
"""A label for statistical packages, at most 80 bytes of UTF-8 in each language."""


def text_in(value: str | Mapping[str, str], language: str, fallback: str = DEFAULT_LANGUAGE) -> str:
    """Choose the wording of a shown text in one language.

    Parameters
    ----------
    value : a plain string, which is in the document's language, or {language tag: string}
    language : the reader's language tag, such as "en"
    fallback : the document's language, used where the translation is missing

    Returns
    -------
    str
        The wording; a mapping with neither language gives its first wording.

    Examples
    --------
    >>> text_in({"vi": "Có", "en": "Yes"}, "en"), text_in("Có", "en")
    ('Yes', 'Có')
    """
    if isinstance(value, str):
        return value
    return value[language_in(value, language, fallback)]


def language_in(
    value: str | Mapping[str, str], language: str, fallback: str = DEFAULT_LANGUAGE
) -> str:
    """Tell which language the wording that `text_in` chooses is in.

    Parameters
    ----------
    value, language, fallback : as for `text_in`

    Returns
    -------
    str
        A language tag, such as "vi".
    """
    if isinstance(value, str):
        return fallback
    return next((tag for tag in (language, fallback) if tag in value), next(iter(value)))


def clean_text(value: str) -> str:
    r"""Clean what a person typed: NFC, one kind of newline, no control characters, stripped.

    Tabs become spaces. Controls that turn the reading direction around and lone surrogates go too:
    the first can make a line look like another one, the second cannot be stored.

    Parameters
    ----------
    value : text as posted

    Returns
    -------
    str
        The cleaned text; cleaning it again changes nothing.

    Examples
    --------
    >>> clean_text("  một\r\nhai\x00 ")
    'một\nhai'
    """
    lines = _NEWLINES.sub("\n", value).replace("\t", " ")
    kept = "".join(character for character in lines if _is_writing(character))
    return nfc(kept).strip()


def _is_writing(character: str) -> bool:
    if character == "\n":
        return True
    return character not in _BIDI_CONTROLS and unicodedata.category(character) not in {"Cc", "Cs"}


def canonical_json(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    """Write JSON in the one form that is hashed: sorted keys, no spaces, letters not escaped."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def closest(word: str, known: list[str]) -> str:
    """Return the most similar known word, or "" where none is similar."""
    scored = sorted((_distance(word.lower(), other.lower()), other) for other in known)
    if not scored or scored[0][0] > max(1, len(word) // 3):
        return ""
    return scored[0][1]


def _distance(left: str, right: str) -> int:
    """Levenshtein's distance, a swap of neighbours being one step.

    difflib's ratio finds nothing in names of two letters.
    """
    rows = [list(range(len(right) + 1))]
    for i, a in enumerate(left, start=1):
        row = [i]
        for j, b in enumerate(right, start=1):
            steps = [rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b)]
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                steps.append(rows[-2][j - 2] + 1)
            row.append(min(steps))
        rows.append(row)
    return rows[-1][-1]
