"""Numbers and days as answers write them, exactly: no float takes part.

Both are texts in the answers ("3.50", "2022-10-31"), because JSON has neither; what cannot be read
is no number and no day, and makes the condition unknown.
"""

import datetime as dt
import re
from fractions import Fraction
from typing import Final, TypeAlias

__all__ = ["Number", "bounded", "day_of", "decimal_text", "number_of", "rounded", "shifted"]

Number: TypeAlias = int | Fraction

_NUMBER = re.compile(r"-?[0-9]{1,48}(\.[0-9]{1,9})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LARGEST: Final = 10**48
"""Where a numerator or denominator passes this, the result is unknown: no survey's answers lead
there, and a hostile product of a thousand factors ends early."""


def bounded(number: Number) -> Number | None:
    """Return the number, or None where its numerator or denominator is beyond 10^48."""
    small = abs(number.numerator) <= _LARGEST and number.denominator <= _LARGEST
    return number if small else None


def number_of(text: str) -> Number | None:
    """Read a number such as "3.50"; None where the text is none."""
    return bounded(Fraction(text)) if _NUMBER.fullmatch(text) else None


def day_of(text: str) -> dt.date | None:
    """Read a day such as "2022-10-31"; None where the calendar has no such day."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def shifted(day: dt.date, days: Number) -> dt.date | None:
    """Move a day; None where the number is not whole or leads out of the years 1 to 9999."""
    ordinal = day.toordinal() + days
    if days.denominator > 1 or not 1 <= ordinal <= dt.date.max.toordinal():
        return None
    return dt.date.fromordinal(int(ordinal))


def rounded(number: Number, places: int) -> Fraction:
    """Round half away from zero, as the official rules and people at school do.

    Parameters
    ----------
    number : exact
    places : decimals to keep

    Returns
    -------
    Fraction

    Examples
    --------
    >>> rounded(Fraction(-5, 2), 0), rounded(Fraction("84.995"), 2)
    (Fraction(-3, 1), Fraction(85, 1))
    """
    scale = 10**places
    magnitude = (abs(number) * scale * 2 + 1) // 2
    return Fraction(magnitude if number >= 0 else -magnitude, scale)


def decimal_text(number: Number, places: int) -> str:
    """Write a number with exactly ``places`` decimals, rounded half away from zero.

    Parameters
    ----------
    number : exact
    places : decimals to write, 0 for none

    Returns
    -------
    str
        Such as "3.50"; zero has no sign.

    Examples
    --------
    >>> decimal_text(Fraction(7, 2), 2), decimal_text(Fraction(-1, 1000), 2)
    ('3.50', '0.00')
    """
    scaled = int(rounded(number, places) * 10**places)
    sign = "-" if scaled < 0 else ""
    digits = str(abs(scaled)).rjust(places + 1, "0")
    whole = len(digits) - places
    return f"{sign}{digits[:whole]}.{digits[whole:]}" if places else f"{sign}{digits}"
