"""What office programs do to a definition, undone before it is checked.

Word and Excel curl the quotes of a condition, and a cell or an editor hands a number over as text.
Neither leaves a doubt about what was meant, so neither is worth a refusal; a text that became a
number is another matter, since 1.10 has lost its last digit by then.
"""

import re
from typing import Any, Final

__all__ = ["mended", "straightened"]

_EXPRESSIONS: Final = frozenset({"show_if", "that", "value"})
_WHOLE: Final = frozenset(
    {"places", "max_choices", "max_length", "most", "estimated_minutes", "report_min_cell"}
)
_BOUNDS: Final = frozenset({"min", "max"})
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_CURLED = re.compile(r"[‘’‚‛“”„‟]")
_QUOTED = re.compile(
    r"""'[^'\n]*' | "[^"\n]*"
    | [‘’‚‛](?P<one>[^‘’‚‛'\n]*)[‘’‚‛]
    | [“”„‟](?P<two>[^“”„‟"\n]*)[“”„‟]""",
    re.VERBOSE,
)


def straightened(expression: str) -> str:
    """Write the quotes of a condition or calculation straight.

    Parameters
    ----------
    expression : as it was typed

    Returns
    -------
    str
        Curled quotes inside straight ones are part of a text and stay.

    Examples
    --------
    >>> straightened("${A1} = ‘2’ or ${A2} = 'it’s'")
    "${A1} = '2' or ${A2} = 'it’s'"
    """
    return _QUOTED.sub(_straight, expression) if _CURLED.search(expression) else expression


def _straight(found: re.Match[str]) -> str:
    if found["one"] is not None:
        return f"'{found['one']}'"
    return found[0] if found["two"] is None else f'"{found["two"]}"'


def mended(value: Any) -> Any:  # noqa: ANN401 (plain values)
    """Straighten the quotes of all conditions, and read numbers written as text where one belongs.

    Parameters
    ----------
    value : dicts, lists, texts, numbers, booleans and None, as a reader made them

    Returns
    -------
    the same kind of values
        A copy; the paths of all values stay.

    Examples
    --------
    >>> mended({"type": "integer", "max": "99", "show_if": "${A1} = “2”"})
    {'type': 'integer', 'max': 99, 'show_if': '${A1} = "2"'}
    """
    if isinstance(value, list):
        return [mended(part) for part in value]
    if not isinstance(value, dict):
        return value
    whole = _WHOLE | _BOUNDS if value.get("type") == "integer" else _WHOLE
    return {key: _entry(key, part, whole) for key, part in value.items()}


def _entry(key: str, part: Any, whole: frozenset[str]) -> Any:  # noqa: ANN401 (plain values)
    if not isinstance(part, str):
        return mended(part)
    if key in _EXPRESSIONS:
        return straightened(part)
    return int(part) if key in whole and _NUMBER.fullmatch(part) else part
