"""Sheets, columns and names of languages that the reader and the writer share.

Custom columns begin with ``khaosat::``, which other XLSForm software passes over.
"""

from typing import Final

__all__ = [
    "BLOCKS",
    "CHOICES",
    "CRITERIA",
    "CUSTOM",
    "REPEAT_OVER",
    "ROLES",
    "SETTINGS",
    "SURVEY",
    "VALUES",
    "hidden_names",
    "language_heading",
    "language_tag",
    "shown_names",
    "texts_key",
]

SURVEY: Final = "survey"
CHOICES: Final = "choices"
SETTINGS: Final = "settings"
CRITERIA: Final = "khaosat_criteria"
VALUES: Final = "khaosat_values"
BLOCKS: Final = "khaosat_blocks"
CUSTOM: Final = "khaosat::"
REPEAT_OVER: Final = "rated_units"
ROLES: Final = ("consent", "intro", "instructions", "disclosure_note", "specify", "unit_name")
"""Rows of the survey sheet that are no items of their own, named in ``khaosat::role``."""

_LANGUAGES: Final = {
    "vi": "Tiếng Việt",
    "en": "English",
    "fr": "Français",
    "de": "Deutsch",
    "ja": "日本語",
    "ko": "한국어",
    "zh": "中文",
    "lo": "ລາວ",
    "km": "ខ្មែរ",
}
_WITHOUT_TAG: Final = {
    **{name.casefold(): tag for tag, name in _LANGUAGES.items()},
    "vietnamese": "vi",
    "tieng viet": "vi",
    "tiếng anh": "en",
    "french": "fr",
    "default": "",
}


def language_heading(tag: str) -> str:
    """Write a language as XLSForm does, such as "Tiếng Việt (vi)".

    Examples
    --------
    >>> language_heading("vi"), language_heading("en-GB")
    ('Tiếng Việt (vi)', 'en-GB (en-GB)')
    """
    return f"{_LANGUAGES.get(tag, tag)} ({tag})"


def language_tag(heading: str) -> str | None:
    """Read the tag of a language; None where the heading has none and its name is not known.

    Examples
    --------
    >>> language_tag("Tiếng Việt (vi)"), language_tag("english"), language_tag("Klingon")
    ('vi', 'en', None)
    """
    text = " ".join(heading.split())
    if text.endswith(")") and "(" in text:
        language, _, region = text[text.rindex("(") + 1 : -1].strip().partition("-")
        return f"{language.lower()}-{region.upper()}" if region else language.lower()
    return _WITHOUT_TAG.get(text.casefold())


def texts_key(column: str, tag: str) -> str:
    """Name a text column in one language; without a tag it is the column itself."""
    return f"{column}::{tag}" if tag else column


def hidden_names(text: str) -> str:
    """Write ``${A1}`` as ``@{A1}``: other software checks names in every column, also in ours."""
    return text.replace("${", "@{")


def shown_names(text: str) -> str:
    """Undo `hidden_names`."""
    return text.replace("@{", "${")
