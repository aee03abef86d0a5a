"""How pages write numbers and moments: 1.234,56 and 31/10/2022, in Vietnam's time.

The filters take values, never ready-made text, so a page cannot print a number in the wrong
language by accident.
"""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale

__all__ = ["VIETNAM", "day", "init_app", "moment", "number", "percent"]

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_DASH = "–"


def number(value: Decimal | float | None, places: int = 0) -> str:
    """Write a number with ``places`` decimals in the visitor's language.

    Parameters
    ----------
    value : None is written as a dash
    places : decimals, always all of them

    Returns
    -------
    str
        Such as ``1.234,56`` in Vietnamese.
    """
    if value is None:
        return _DASH
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(value, format=pattern, locale=get_locale()))


def percent(share: Decimal | float | None, places: int = 0) -> str:
    """Write a share of 1 as a percentage; None is a dash."""
    return _DASH if share is None else f"{number(share * 100, places)}%"


def day(value: date | None) -> str:
    """Write a day as 31/10/2022; None is a dash."""
    return _DASH if value is None else value.strftime("%d/%m/%Y")


def moment(value: datetime | None) -> str:
    """Write a moment as 14:05 31/10/2022 in Vietnam's time; None is a dash."""
    return _DASH if value is None else value.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")


def init_app(app: Flask) -> None:
    """Give the templates of ``app`` the filters."""
    app.jinja_env.filters.update(number=number, percent=percent, day=day, moment=moment)
