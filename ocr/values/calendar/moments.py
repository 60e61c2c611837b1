"""A day, a time of day, or both: what dates, times and the ends of periods have in common."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from ocr.document import ValueKind
from ocr.values.calendar.date_values import PrintedDate, era_in, leading_date, month_of, resolve
from ocr.values.calendar.times import is_afternoon, show_time, time_of
from ocr.values.normal_script import plain
from ocr.values.numerals import arabic
from ocr.values.value import Value
from ocr.values.value_labels import names_a_date, names_a_duration

# A word or a bracket that says nothing about when: （予定）, 必着, 頃. One with digits might.
_REMARK = re.compile(r"(?:\([^()\d]{1,8}\)|まで|迄|必着|付け?|現在|時点|予定|頃|ごろ|厳守|希望|より|から)$")
_BETWEEN = re.compile(r"^[ 、,・T]|^の")
_DAY_ONLY = re.compile(r"(\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class Moment:
    """At least one of `date` and `time` is there; `afternoon` where the time is said to be."""

    date: datetime.date | None
    time: datetime.time | None
    afternoon: bool = False

    def show(self) -> str:
        """ISO 8601: 2024-04-12, 10:30 or 2024-04-12T10:30."""
        parts = (self.date.isoformat() if self.date else "", show_time(self.time) if self.time else "")
        return "T".join(part for part in parts if part)


def readable(text: str) -> str:
    """The text as the readers of moments take it: plain, numbers in digits."""
    return arabic(plain(text))


def without_remark(text: str) -> str:
    """The text without the remarks at its end; a weekday in brackets is none."""
    while (match := _REMARK.search(text)) and not re.search(r"\([月火水木金土日]", match[0]):
        text = text[: match.start()]
    return text


def moment_value(text: str, label: str = "", reference: datetime.date | None = None) -> Value | None:
    """A date, a month, a time, or a date with a time. `reference` is the date of the document."""
    found = without_remark(readable(text))
    if month := month_of(found):
        return Value(ValueKind.DATE, month)
    moment = moment_of(found, label, reference)
    if moment is None or (moment.date is None and names_a_duration(label)):
        return None
    return Value(ValueKind.DATE if moment.date else ValueKind.TIME, moment.show())


def moment_of(
    text: str, label: str = "", reference: datetime.date | None = None, *, after: Moment | None = None
) -> Moment | None:
    """The moment that the whole of `text` (readable) writes; `after` is the start that a period gives it.

    An end takes from its start what it leaves out: the year, the month, the date, 午後.
    """
    promised = names_a_date(label) or bool(after and after.date)
    printed, rest = leading_date(text, promised=promised) or (None, text)
    if printed is None and after and after.date and (match := _DAY_ONLY.fullmatch(text)):
        printed, rest = PrintedDate(after.date.month, int(match[1])), ""
    date = None
    if printed is not None:
        date = _date(printed, label, reference, after)
        if date is None or not _parts_safely(text, rest):
            return None
        rest = _BETWEEN.sub("", rest)
        if not rest:
            return Moment(date, None)
    time = time_of(rest, afternoon=bool(after and after.afternoon))
    if time is None:
        return None
    return Moment(date or (after.date if after else None), time, is_afternoon(rest))


def _date(
    printed: PrintedDate, label: str, reference: datetime.date | None, after: Moment | None
) -> datetime.date | None:
    if after is None or after.date is None:
        return resolve(printed, reference, era_in(label))
    if printed.year is None and printed.bare is None:
        found = resolve(PrintedDate(printed.month, printed.day, after.date.year), None)
        if found and found < after.date and (found.month != after.date.month):
            return resolve(PrintedDate(printed.month, printed.day, after.date.year + 1), None)
        return found
    return resolve(printed, after.date)


def _parts_safely(text: str, rest: str) -> bool:
    """Whether it is certain where the day ends and the time begins: in 2024/4/110:30 it is not."""
    head = text[: len(text) - len(rest)]
    if not (rest[:1].isdigit() and head[-1:].isdigit()):
        return True
    return bool(re.search(r"\d\d$", head) and re.match(r"\d\d:", rest))
