"""JSON to plain values with the line of each, as `yamltext` does for YAML.

The values come from the standard library; the lines are looked for only when there is a fault to
place, so that a sound document, which is read at every start, costs nothing for them.
"""

import json
import re
from collections import Counter
from typing import Any, Final

from questionnaires.yamltext import DEEPEST, LONGEST, TextFault

__all__ = ["lines_of", "values_of"]

Path = tuple[str | int, ...]
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_LONGEST_NUMBER: Final = 20


def values_of(text: str) -> Any:  # noqa: ANN401 (plain JSON values)
    """Read a JSON document.

    Parameters
    ----------
    text : the document, already decoded

    Returns
    -------
    dict, list, str, int, float, bool or None

    Raises
    ------
    TextFault
        When the text is no JSON, repeats a key, or is too large or nested too deep.
    """
    if len(text) > LONGEST:
        message = f"the document has {len(text)} characters, more than {LONGEST}"
        raise TextFault(message, line=1, remedy="this cannot be a questionnaire; check the file")
    repeated: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) < len(found):
            repeated.extend(k for k, n in Counter(key for key, _ in found).items() if n > 1)
        return made

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_int=_whole, parse_constant=str)
    except json.JSONDecodeError as error:
        remedy = f"check column {error.colno} of that line, and the signs before it"
        raise TextFault(error.msg, line=error.lineno, remedy=remedy) from error
    except RecursionError as error:
        raise _too_deep() from error
    _refuse_depth(value)
    if repeated:
        message = f"the key {repeated[0]!r} stands twice in one place"
        raise TextFault(message, line=_second_line(text), remedy="keep one of them")
    return value


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) < _LONGEST_NUMBER else digits


def _too_deep() -> TextFault:
    message = f"the values are nested more than {DEEPEST} deep"
    return TextFault(message, line=1, remedy="check the brackets")


def _refuse_depth(value: Any) -> None:  # noqa: ANN401 (plain JSON values)
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [part for each in level for part in _parts(each)]
        if not level:
            return
    raise _too_deep()


def _parts(value: Any) -> list[Any]:  # noqa: ANN401 (plain JSON values)
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def lines_of(text: str) -> dict[Path, int]:
    r"""Find the line where each value of a document begins.

    Parameters
    ----------
    text : a document that `values_of` reads

    Returns
    -------
    dict
        Line (from 1) by path.

    Examples
    --------
    >>> lines_of('{"a":\n [1,\n 2]}')
    {(): 1, ('a',): 1, ('a', 0): 2, ('a', 1): 3}
    """
    return _walked(text)[0]


def _second_line(text: str) -> int:
    return _walked(text)[1]


def _walked(text: str) -> tuple[dict[Path, int], int]:
    """Find the lines, and that of the first key that stands twice."""
    lines: dict[Path, int] = {}
    open_parts: list[str | int | None] = []  # where we are in each open value; None before a key
    line, position, second = 1, 0, 1
    for found in _TOKEN.finditer(text):
        line += text.count("\n", position, found.start())
        position, sign = found.start(), found[0]
        if sign in {"}", "]"}:
            open_parts.pop()
        elif sign == ",":
            last = open_parts[-1]
            open_parts[-1] = last + 1 if isinstance(last, int) else None
        elif open_parts and open_parts[-1] is None:
            open_parts[-1] = json.loads(sign)
            path = _path(open_parts)
            second = line if path in lines and second == 1 else second
            lines[path] = line
        elif sign != ":":
            lines.setdefault(_path(open_parts), line)
            if sign in {"{", "["}:
                open_parts.append(None if sign == "{" else 0)
    return lines, second


def _path(parts: list[str | int | None]) -> Path:
    return tuple(part for part in parts if part is not None)
