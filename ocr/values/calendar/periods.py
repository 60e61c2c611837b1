"""Periods: days, times, or days with times from one to the other, as ISO 8601 intervals."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from ocr.document import ValueKind
from ocr.values.calendar.moments import Moment, moment_of, readable, without_remark
from ocr.values.value import Value

_SEPARATORS = ("~", "から", "→", "至", "より")
_LENGTH = re.compile(r"\((?:約?[\d.]+(?:分|時間|日間?|か月間?|ヶ月間?|年間?)(?:\d+分)?)\)$")


def period_value(text: str, label: str = "", reference: datetime.date | None = None) -> Value | None:
    """A period with both of its ends: 4月1日〜4月30日, 13:05〜14:20, 2024/4/12 10:00-11:30.

    `reference` is the date of the document. A length in brackets behind it (75分) is passed over. None for
    an end that lies before the start, but for times of day, which may run past midnight.
    """
    found = without_remark(_LENGTH.sub("", readable(text))).removeprefix("自")
    for head, tail in _splits(found):
        start = moment_of(without_remark(head), label, reference)
        if start is None:
            continue
        end = moment_of(tail, label, reference, after=start)
        if end is not None and _fit(start, end):
            return Value(ValueKind.PERIOD, f"{start.show()}/{end.show()}")
    return None


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Before and after each separator; a hyphen is one only where the text holds no other."""
    for separator in (*_SEPARATORS, *("-" if text.count("-") == 1 else "")):
        head, found, tail = text.partition(separator)
        if found and head and tail:
            yield head.strip(), tail.strip()


def _fit(start: Moment, end: Moment) -> bool:
    if start.date is None or end.date is None:
        return start.date is None and end.date is None and start.time is not None and end.time is not None
    if (start.time is None) != (end.time is None):
        return False
    if start.date == end.date and start.time and end.time:
        return start.time <= end.time
    return start.date <= end.date
