"""Dates as Japanese papers print them, as days of the calendar.

What a paper leaves out (the year, the era) is taken from a reference, the date of the document, and only
where a single day comes near it.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ocr.values.calendar.eras import ERAS, date_in_era, era_of, has_month, western_year
from ocr.values.numerals import arabic

# How far from its document a date with half a year may lie: contracts look five years ahead, and papers
# rarely quote what is older than ten.
YEARS_BEFORE, YEARS_AFTER = 10, 5
# Days from the date of the document beyond which 1月10日 is not one of the same year but of the next or last.
FAR_WITHIN_A_YEAR = 270

_ERA = r"(?P<era>令\s?和|平\s?成|昭\s?和|大\s?正|明\s?治|(?<![A-Za-z])[RHSTM])\s?\.?\s?"
_WESTERN = r"(?:西暦)?(?P<western>(?:1[89]|20)\d{2})"
_YEAR_END, _MONTH_END = r"\s?[年./\-・]\s?", r"\s?[月./\-・]\s?"
_MONTH, _DAY = r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})日?"
_REST = _YEAR_END + _MONTH + _MONTH_END + _DAY
_WEEKDAYS = "月火水木金土日"
_WEEKDAY = (
    rf"(?:[(\[〔](?P<weekday>[{_WEEKDAYS}])(?:曜日?)?(?:[・/]?[祝休])*[)\]〕]|(?P<named>[{_WEEKDAYS}])曜日?)?"
)


_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = (
    r"(?P<named_month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ANY_MONTH = re.compile("|".join(_MONTH_NAMES), re.IGNORECASE)
_ORDINAL = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_ENGLISH_YEAR = r"(?P<western>(?:19|20)\d{2})(?!\d)"
_ENGLISH_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]?\s?)?"
_ENGLISH = tuple(
    re.compile(rf"(?<![A-Za-z\d]){_ENGLISH_WEEKDAY}{date}", re.IGNORECASE)
    for date in (
        rf"{_NAMED_MONTH}\s?{_ORDINAL},?\s?{_ENGLISH_YEAR}",
        rf"{_ORDINAL}[\s\-./]?(?:of\s)?{_NAMED_MONTH},?[\s\-./]?{_ENGLISH_YEAR}",
    )
)


def _spellings(*dates: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(date + _WEEKDAY) for date in dates)


_CERTAIN = (
    _spellings(
        rf"{_ERA}(?P<year>元|\d{{1,2}}){_REST}",
        _WESTERN + _REST,
        rf"['’](?P<short>\d{{2}}){_REST}",
        r"(?P<bare>元|\d{1,2})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日",
        r"(?P<month>\d{1,2})月(?P<day>\d{1,2})日",
    )
    + _ENGLISH
)
# Only where a date is promised: elsewhere 24-4-12 is the number of a drawing and 4/12 a fraction.
_PROMISED = _spellings(
    rf"(?P<bare>\d{{1,2}})(?P<sign>[./\-]){_MONTH}(?P=sign){_DAY}",
    rf"{_MONTH}/{_DAY}",
    r"(?P<western>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})",
)
_MONTHS = (
    re.compile(rf"{_ERA}(?P<year>元|\d{{1,2}})年{_MONTH}月"),
    re.compile(rf"{_WESTERN}年{_MONTH}月"),
)
# In running text a time may follow a date without a blank: 2024.4.1915:30.
_IN_TEXT = re.compile(
    rf"(?:{_ERA}(?P<year>元|\d{{1,2}})|(?<!\d){_WESTERN})"
    rf"{_YEAR_END}{_MONTH}{_MONTH_END}(?P<day>\d{{1,2}})(?!\d(?!\d?:\d))"
)


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date as far as it is printed: with its `year` of the common era, with a `bare` number of a year (6年,
    or 24 in 24/4/12), or with neither. `weekday` counts from Monday.
    """

    month: int
    day: int
    year: int | None = None
    bare: int | None = None
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A whole date in running text, and the text of half width before and after it."""

    date: datetime.date
    before: str
    after: str


def dates_in(text: str) -> Iterator[datetime.date]:
    """Every whole date in running `text`, in order: 令和6年4月12日, R6.4.12, 2024年4月12日, 2024/4/12, in any
    width, and May 8, 2024. Those with no year or no era, and those that are no day of the calendar, are left
    out."""
    return (mention.date for mention in mentions_in(text))


def mentions_in(text: str) -> Iterator[Mention]:
    """The dates that `dates_in` finds, each with what stands around it."""
    plain = arabic(_half_width(text))
    spellings = (_IN_TEXT, *_ENGLISH) if _ANY_MONTH.search(plain) else (_IN_TEXT,)
    found = [match for spelling in spellings for match in spelling.finditer(plain)]
    for match in sorted(found, key=lambda match: match.start()):
        date = _day_of(_printed(match))
        if date is not None:
            yield Mention(date, plain[: match.start()], plain[match.end() :].removeprefix("日"))


def leading_date(text: str, *, promised: bool) -> tuple[PrintedDate, str] | None:
    """The date that `text` (plain, digits) begins with, and the text after it.

    Numbers that could be something else (4/12, 24-4-12) are a date only where one is `promised`, by a label
    or by the other end of a period, or where a weekday or a time follows.
    """
    for spelling in _CERTAIN:
        if match := spelling.match(text):
            return (printed, text[match.end() :]) if (printed := _printed(match)) else None
    for spelling in _PROMISED:
        match = spelling.match(text)
        if match is None:
            continue
        evident = match["weekday"] or re.match(r" ?\d{1,2}:\d{2}", text[match.end() :])
        if (promised or evident) and (printed := _printed(match)):
            return printed, text[match.end() :]
    return None


def resolve(printed: PrintedDate, reference: datetime.date | None, era: str = "") -> datetime.date | None:
    """The day that is meant, None where it does not exist or more than one could be meant.

    `reference` is the date of the document; `era` is the one that its label names.
    """
    if printed.year is not None:
        return _day(printed.year, printed)
    if printed.bare is not None:
        return _near(printed, reference, era)
    return _within_a_year(printed, reference) if reference else None


def month_of(text: str) -> str:
    """The month that the whole of `text` (plain, digits) names, as YYYY-MM; empty for anything else."""
    for spelling in _MONTHS:
        if match := spelling.fullmatch(text):
            groups = match.groupdict()
            month = int(groups["month"])
            if not groups.get("era"):
                return f"{groups['western']}-{month:02}" if 1 <= month <= 12 else ""
            era, year = era_of(groups["era"]), _year_number(groups["year"])
            return f"{western_year(era, year)}-{month:02}" if has_month(era, year, month) else ""
    return ""


def era_in(label: str) -> str:
    """The era that a label names, as in 生年月日（昭和）; empty where it names none or several."""
    named = [era for era in ERAS if era in label]
    return named[0] if len(named) == 1 else ""


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _printed(match: re.Match[str]) -> PrintedDate | None:
    """None where the date names an era that did not have it."""
    groups = match.groupdict()
    named = groups.get("named_month")
    month = _MONTH_NAMES.index(named[:3].lower()) + 1 if named else int(groups["month"])
    day = int(groups["day"])
    weekday = groups.get("weekday") or groups.get("named")
    year = bare = None
    if groups.get("era"):
        found = date_in_era(era_of(groups["era"]), _year_number(groups["year"]), month, day)
        if found is None:
            return None
        year = found.year
    elif groups.get("western"):
        year = int(groups["western"])
    elif groups.get("short"):
        year = 2000 + int(groups["short"])
    elif groups.get("bare"):
        bare = _year_number(groups["bare"])
    return PrintedDate(month, day, year, bare, _WEEKDAYS.index(weekday) if weekday else None)


def _year_number(text: str) -> int:
    return 1 if text == "元" else int(text)


def _day_of(printed: PrintedDate | None) -> datetime.date | None:
    return _day(printed.year, printed) if printed and printed.year is not None else None


def _day(year: int, printed: PrintedDate) -> datetime.date | None:
    try:
        return datetime.date(year, printed.month, printed.day)
    except ValueError:
        return None


def _near(printed: PrintedDate, reference: datetime.date | None, era: str) -> datetime.date | None:
    """The one day near the reference whose year, in some era or the common one, ends in the bare number."""
    assert printed.bare is not None
    if era:
        return date_in_era(era, printed.bare, printed.month, printed.day)
    if reference is None:
        return None
    candidates = {date_in_era(name, printed.bare, printed.month, printed.day) for name in ERAS}
    candidates.add(_day(2000 + printed.bare, printed))
    first, last = reference.year - YEARS_BEFORE, reference.year + YEARS_AFTER
    near = [day for day in candidates if day and first <= day.year <= last]
    return near[0] if len(near) == 1 else None


def _within_a_year(printed: PrintedDate, reference: datetime.date) -> datetime.date | None:
    """The day in the year of the reference, or of the next or the last where the year turns in between; a
    weekday that is printed decides."""
    days = [day for shift in (0, 1, -1) if (day := _day(reference.year + shift, printed))]
    if printed.weekday is not None:
        days = [day for day in days if day.weekday() == printed.weekday] or days
    if not days:
        return None
    same = days[0]
    if printed.weekday is not None and same.weekday() == printed.weekday:
        return same
    if same.year == reference.year and abs((same - reference).days) <= FAR_WITHIN_A_YEAR:
        return same
    return min(days, key=lambda day: abs((day - reference).days))
