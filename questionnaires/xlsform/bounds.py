"""Limits that XLSForm writes as a constraint and this library as settings of the item.

``. >= 0 and . <= 99`` are the ``min`` and ``max`` of a number; what is no limit stays a constraint.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from questionnaires.questions import DateItem, DecimalItem, IntegerItem, MultiItem, TextItem
from questionnaires.xlsform.dialect import conjuncts

__all__ = ["limits_of", "limits_text"]

_INTEGER: Final = re.compile(r"\.\s*(>=|<=|>|<)\s*(-?[0-9]{1,16})")
_DECIMAL: Final = re.compile(r"\.\s*(>=|<=)\s*(-?[0-9]+(?:\.[0-9]+)?)")
_DAY: Final = re.compile(
    r"\.\s*(>=|<=)\s*(?:date\(\s*)?['\"]([0-9]{4}-[0-9]{2}-[0-9]{2})['\"]\s*\)?"
)
_LENGTH: Final = re.compile(r"string-length\(\s*\.\s*\)\s*(<=|<)\s*([0-9]{1,9})")
_COUNT: Final = re.compile(r"count-selected\(\s*\.\s*\)\s*(<=|<)\s*([0-9]{1,9})")
_ALONE: Final = re.compile(
    r"not\(\s*selected\(\s*\.\s*,\s*['\"]([A-Za-z0-9_.\-]+)['\"]\s*\)\s+and\s+"
    r"count-selected\(\s*\.\s*\)\s*>\s*1\s*\)"
)
_SIDES: Final = {">=": "min", ">": "min", "<=": "max", "<": "max"}
_STEPS: Final = {">": 1, "<": -1}
_PATTERNS: Final[Mapping[str, tuple[tuple[re.Pattern[str], str], ...]]] = {
    "integer": ((_INTEGER, ""),),
    "decimal": ((_DECIMAL, ""),),
    "date": ((_DAY, ""),),
    "text": ((_LENGTH, "max_length"),),
    "multi": ((_COUNT, "max_choices"), (_ALONE, "exclusive")),
}
"""Limits of each kind with the setting they become; "" is min or max, as the sign says."""

_WHOLE: Final[Mapping[str, frozenset[str]]] = {
    "integer": frozenset({"min", "max"}),
    "decimal": frozenset(),
    "date": frozenset(),
    "text": frozenset({"max_length"}),
    "multi": frozenset({"max_choices"}),
}


def limits_of(kind: str, text: str) -> tuple[dict[str, Any], list[str]]:
    """Part a constraint into limits and the rest.

    Parameters
    ----------
    kind : type of the item, such as "integer"
    text : the constraint as XLSForm writes it, its quotes straight

    Returns
    -------
    dict, list of str
        Settings of the item, and the conditions that are none.

    Examples
    --------
    >>> limits_of("integer", ". >= 0 and . < 100 and . != 13")
    ({'min': 0, 'max': 99}, ['. != 13'])
    """
    found: dict[str, Any] = {}
    rest = []
    for part in conjuncts(text):
        limit = _limit(kind, part)
        if limit is None or limit[0] in found.keys() - {"exclusive"}:
            rest.append(part)
        elif limit[0] == "exclusive":
            found["exclusive"] = [*found.get("exclusive", []), limit[1]]
        else:
            found[limit[0]] = limit[1]
    return found, rest


def _limit(kind: str, part: str) -> tuple[str, Any] | None:
    """Read one condition as a setting of its kind of item; None where it is no limit."""
    for pattern, setting in _PATTERNS.get(kind, ()):
        found = pattern.fullmatch(part)
        if found is not None:
            name = setting or _SIDES[found[1]]
            value = found[found.lastindex or 1]
            return name, int(value) + _STEPS.get(found[1], 0) if name in _WHOLE[kind] else value
    return None


def limits_text(item: object) -> list[str]:
    """Write the limits of an item as conditions of XLSForm; `limits_of` reads them back."""
    if isinstance(item, IntegerItem | DecimalItem):
        return [f". >= {item.min}", f". <= {item.max}"]
    if isinstance(item, DateItem):
        sides: Mapping[str, object] = {">=": item.min, "<=": item.max}
        return [f". {sign} date('{day}')" for sign, day in sides.items() if day is not None]
    if isinstance(item, TextItem):
        return [f"string-length(.) <= {item.max_length}"]
    if isinstance(item, MultiItem):
        most = [] if item.max_choices is None else [f"count-selected(.) <= {item.max_choices}"]
        alone = (f"not(selected(., '{code}') and count-selected(.) > 1)" for code in item.exclusive)
        return [*most, *alone]
    return []
