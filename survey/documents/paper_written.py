"""Answers that are written by hand: boxes for the signs of a number or a day, lines for texts.

A box for each sign is what both a clerk and a machine read best; numbers too long for that get a
line, since a comb that fills the page is filled in wrongly.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from questionnaires.questions import DateItem, DecimalItem, IntegerItem, TextItem, WrittenItem
from questionnaires.texts import Text
from survey.documents.wording import decimal, whole

__all__ = ["written_values"]

_MOST_DIGITS: Final = 12
_LINE_CHARACTERS: Final = 70
_DAY_PATTERN: Final = "00/00/0000"


def written_values(item: WrittenItem, word: Callable[[Text], str]) -> dict[str, Any]:
    """Describe how an answer is written.

    Parameters
    ----------
    item : an item that is answered in writing
    word : callable
        Gives the wording of a text.

    Returns
    -------
    dict
        For a text ``lines``; else ``pattern`` ("0" for a box, other signs are printed, None for a
        line), ``after`` (the unit of measurement) and ``range`` (what may be written).
    """
    if isinstance(item, TextItem):
        return {"kind": "text", "lines": _lines(item)}
    if isinstance(item, DateItem):
        days = {"pattern": _DAY_PATTERN, "after": None, "range": _days(item)}
        return {"kind": "written"} | days
    return {
        "kind": "written",
        "pattern": _pattern(item),
        "after": None if item.unit is None else word(item.unit),
        "range": _numbers(item),
    }


def _lines(item: TextItem) -> int:
    """Give a third of the characters that would fit in print: people rarely write more."""
    return 1 if item.short else min(6, max(2, item.max_length // (3 * _LINE_CHARACTERS)))


def _pattern(item: IntegerItem | DecimalItem) -> str | None:
    low, high = Decimal(item.min), Decimal(item.max)
    digits = max(len(str(abs(int(bound)))) for bound in (low, high))
    places = item.places if isinstance(item, DecimalItem) else 0
    sign = 1 if low < 0 else 0
    if sign + digits + places > _MOST_DIGITS:
        return None
    return "0" * (sign + digits) + ("," + "0" * places if places else "")


def _numbers(item: IntegerItem | DecimalItem) -> str:
    kind = "số nguyên"
    low, high = (whole(int(bound)) for bound in (item.min, item.max))
    if isinstance(item, DecimalItem):
        kind = f"số có tối đa {item.places} chữ số sau dấu phẩy"
        low, high = decimal(item.min), decimal(item.max)
    sign = "; ô đầu dành cho dấu trừ" if item.min < 0 and _pattern(item) else ""
    return f"({kind}, từ {low} đến {high}{sign})"


def _days(item: DateItem) -> str:
    said = "ngày/tháng/năm"
    if item.min is not None:
        said += f", từ {_day(item.min)}"
    if item.max is not None:
        said += f"{',' if item.min is None else ''} đến {_day(item.max)}"
    return f"({said})"


def _day(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"
