"""What departs from a document's schema, in our own words, with what to write instead.

The library that checks a document speaks to programmers ("Input should be a valid tuple"); the
person who writes the document knows lists, texts and numbers. A kind of fault that has no sentence
here keeps the library's own, so that nothing is lost when the library learns a new one.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

__all__ = ["schema_message"]

_WHOLE = "must be a whole number; write digits only, such as 5"
_NUMBER = "must be a number; write digits, with a point before decimals and none between thousands"
_YES_NO = "must be true or false; write one of these two words"
_DATE = "must be a date; write year, month and day, such as 2022-10-31"
_TEXT = "must be a text; put quotation marks around it"
_PARTS = "must have parts of its own; write each on a line below it as “name: value”"
_LIST = "must be a list; begin every item below it with “- ”"

_SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "is missing; add it",
        "extra_forbidden": "is not known here; remove it, or correct its spelling",
        "int_parsing": _WHOLE,
        "int_type": _WHOLE,
        "int_from_float": _WHOLE,
        "float_parsing": _NUMBER,
        "float_type": _NUMBER,
        "decimal_parsing": _NUMBER,
        "decimal_type": _NUMBER,
        "finite_number": "must be a finite number; write digits",
        "decimal_max_places": (
            "must have at most %(decimal_places)s decimal(s); write no point between thousands"
        ),
        "bool_parsing": _YES_NO,
        "bool_type": _YES_NO,
        "date_from_datetime_parsing": _DATE,
        "date_from_datetime_inexact": _DATE,
        "date_parsing": _DATE,
        "date_type": _DATE,
        "string_type": _TEXT,
        "string_too_short": "must have at least %(min_length)s character(s); write it",
        "string_too_long": "must have at most %(max_length)s characters; shorten it",
        "model_type": _PARTS,
        "model_attributes_type": _PARTS,
        "dict_type": _PARTS,
        "mapping_type": _PARTS,
        "tuple_type": _LIST,
        "list_type": _LIST,
        "too_short": "must have at least %(min_length)s item(s), not %(actual_length)s; add some",
        "too_long": "must have at most %(max_length)s item(s), not %(actual_length)s; remove some",
        "greater_than_equal": "must be at least %(ge)s; correct the number",
        "greater_than": "must be more than %(gt)s; correct the number",
        "less_than_equal": "must be at most %(le)s; correct the number",
        "less_than": "must be less than %(lt)s; correct the number",
        "enum": "must be %(expected)s; write it exactly so",
        "literal_error": "must be %(expected)s; write it exactly so",
        "value_error": "%(error)s",
    }
)
_PATTERN = re.compile(r"\^\[(?P<letters>[^\]]+)\]\{(?P<least>\d+),(?P<most>\d+)\}\$")
_LETTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"a-z": "small letters", "A-Z": "capital letters", "0-9": "digits", "_": "“_”", "-": "“-”"}
)


def schema_message(details: Mapping[str, Any]) -> str:
    """Say what is wrong with one value, and what to write instead.

    Parameters
    ----------
    details : mapping
        One fault as pydantic lists it, with ``type``, ``msg`` and, where there is one, ``ctx``.

    Returns
    -------
    str
        English, to stand after the name of the place.

    Examples
    --------
    >>> schema_message({"type": "int_parsing", "msg": "Input should be a valid integer"})
    'must be a whole number; write digits only, such as 5'
    >>> schema_message({"type": "greater_than_equal", "msg": "…", "ctx": {"ge": 3}})
    'must be at least 3; correct the number'
    """
    kind, context = details["type"], details.get("ctx") or {}
    if kind == "string_pattern_mismatch":
        return _pattern_message(context["pattern"])
    sentence = _SENTENCES.get(kind)
    return details["msg"] if sentence is None else sentence % context


def _pattern_message(pattern: str) -> str:
    """Say which letters a code is made of, where the pattern is one of ours."""
    found = _PATTERN.fullmatch(pattern)
    if found is None:
        return f"must match the pattern {pattern}"
    parts = re.findall(r"\w-\w|.", found["letters"])
    letters = ", ".join(_LETTERS.get(part, part) for part in parts)
    return f"must have {found['least']} to {found['most']} characters, only {letters}"
