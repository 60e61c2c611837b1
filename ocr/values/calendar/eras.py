"""Japanese eras: which day a year of an era has, and whether the era had that day."""

from __future__ import annotations

import calendar
import datetime

# First and last day. Meiji counts from 1873, when the Gregorian calendar came into force; the day on which
# an emperor died belongs to both eras until 昭和.
_ERAS = {
    "明治": (1868, datetime.date(1873, 1, 1), datetime.date(1912, 7, 30)),
    "大正": (1912, datetime.date(1912, 7, 30), datetime.date(1926, 12, 25)),
    "昭和": (1926, datetime.date(1926, 12, 25), datetime.date(1989, 1, 7)),
    "平成": (1989, datetime.date(1989, 1, 8), datetime.date(2019, 4, 30)),
    "令和": (2019, datetime.date(2019, 5, 1), datetime.date.max),
}
ERAS = tuple(_ERAS)
_INITIALS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}


def era_of(name: str) -> str:
    """The era that 令和, 令 和 or R names. Raises KeyError for anything else."""
    compact = "".join(name.split())
    return compact if compact in _ERAS else _INITIALS[compact]


def western_year(era: str, year: int) -> int:
    """The year of the common era: 令和6年 is 2024."""
    return _ERAS[era][0] + year - 1


def date_in_era(era: str, year: int, month: int, day: int) -> datetime.date | None:
    """The day, None where the calendar or the era does not have it: there was no 令和元年4月1日."""
    try:
        found = datetime.date(western_year(era, year), month, day)
    except ValueError:
        return None
    _, first, last = _ERAS[era]
    return found if year > 0 and first <= found <= last else None


def has_month(era: str, year: int, month: int) -> bool:
    """Whether any day of the month lies in the era."""
    if not 1 <= month <= 12 or year < 1 or western_year(era, year) > datetime.MAXYEAR:
        return False
    western = western_year(era, year)
    days = calendar.monthrange(western, month)[1]
    _, first, last = _ERAS[era]
    return first <= datetime.date(western, month, days) and datetime.date(western, month, 1) <= last
