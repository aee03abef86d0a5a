"""Numbers, dates and labels as official Vietnamese documents write them.

Documents that are signed are Vietnamese whatever the reader's language, so these words stand
here and not in the catalogue of the interface.
"""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

__all__ = [
    "MOTTO",
    "NATION",
    "SIMULATED",
    "count",
    "date_or_dots",
    "decimal",
    "long_date",
    "lowered",
    "office_name",
    "place_and_date",
    "short_moment",
    "whole",
]

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
SIMULATED = "SỐ LIỆU MÔ PHỎNG"

# Việt Nam has kept UTC+7 without summer time since 1975; a fresh machine may lack the tz tables.
_VIETNAM = timezone(timedelta(hours=7))


def whole(number: int) -> str:
    """Write a whole number with points between the thousands.

    Examples
    --------
    >>> whole(1863)
    '1.863'
    """
    return f"{number:,}".replace(",", ".")


def count(number: int) -> str:
    """Write a count of people or offices: numbers below ten take a zero.

    Examples
    --------
    >>> count(5), count(12), count(0)
    ('05', '12', '0')
    """
    return f"0{number}" if 0 < number < 10 else whole(number)


def decimal(value: Decimal) -> str:
    """Write an exact decimal with all its places, a comma before them.

    Examples
    --------
    >>> decimal(Decimal("1234.50"))
    '1.234,50'
    """
    return f"{value:,f}".translate(str.maketrans(",.", ".,"))


def long_date(day: date) -> str:
    """Write a date as documents do: a zero before days below 10 and before months 1 and 2.

    Examples
    --------
    >>> long_date(date(2022, 10, 7)), long_date(date(2023, 2, 1)), long_date(date(2023, 3, 15))
    ('ngày 07 tháng 10 năm 2022', 'ngày 01 tháng 02 năm 2023', 'ngày 15 tháng 3 năm 2023')
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def date_or_dots(day: date | None) -> str:
    """Write a date, or dots to be filled in by hand where there is none yet."""
    return long_date(day) if day else "ngày … tháng … năm …"


def place_and_date(place: str, day: date | None) -> str:
    """Write the line under the motto."""
    return f"{place}, {date_or_dots(day)}"


def short_moment(moment: datetime) -> str:
    """Write a moment in Vietnamese time.

    Examples
    --------
    >>> from datetime import UTC
    >>> short_moment(datetime(2022, 10, 7, 20, 5, tzinfo=UTC))
    '03 giờ 05 phút, ngày 08/10/2022'
    """
    local = moment.astimezone(_VIETNAM)
    return f"{local:%H} giờ {local:%M} phút, ngày {local:%d/%m/%Y}"


def lowered(text: str) -> str:
    """Begin a text with a small letter, to stand within a sentence."""
    return text[:1].lower() + text[1:]


def office_name(office: str) -> str:
    """Write an office that stands in capitals the way it stands within a sentence.

    Examples
    --------
    >>> office_name("SỞ NỘI VỤ")
    'Sở Nội vụ'
    """
    words = office.lower().split()
    proper = 2 if words[0] == "sở" else 1
    return " ".join(
        word.capitalize() if place < proper else word for place, word in enumerate(words)
    )
