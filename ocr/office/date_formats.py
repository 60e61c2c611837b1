"""Dates and times as Excel shows them, in the order that a Japanese reader takes them in."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from functools import lru_cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]'
    r"|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]|(?P<noon>AM/PM|A/P|午前/午後)"
    r"|(?P<part>y+|m+|d+|h+|s+(?:\.0+)?|g+|e+|a{3,4}|r+|n)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_PLACEHOLDERS = re.compile(r"[#?0]")
_ERAS = (
    (datetime.date(2019, 5, 1), "R", "令", "令和"),
    (datetime.date(1989, 1, 8), "H", "平", "平成"),
    (datetime.date(1926, 12, 25), "S", "昭", "昭和"),
    (datetime.date(1912, 7, 30), "T", "大", "大正"),
    (datetime.date(1868, 1, 25), "M", "明", "明治"),
)
_WEEKDAYS = "月火水木金土日"
_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
DAY = 86_400.0
LAST_DAY = 2_958_465  # 9999-12-31
FALSE_LEAP_DAY = 60  # the 29th of February 1900, which Excel counts and the calendar does not

_Token = tuple[str, str]


@lru_cache(maxsize=1024)
def _tokens(section: str) -> tuple[_Token, ...]:
    """The pieces of a format with their kinds; what only takes up room is left out."""
    return tuple(
        (found.lastgroup, found[found.lastgroup]) for found in _TOKEN.finditer(section) if found.lastgroup
    )


@lru_cache(maxsize=1024)
def is_date_format(section: str) -> bool:
    """Whether a part of a format shows dates or times."""
    kinds = [(kind, text.lower()) for kind, text in _tokens(section)]
    if not any(kind in ("part", "elapsed") for kind, _ in kinds):
        return False
    if "general" in section.lower() or "G/標準" in section:
        return False
    return not any(kind == "other" and _PLACEHOLDERS.match(text) for kind, text in kinds)


def shown_date(serial: float, section: str, *, since_1904: bool) -> str:
    """The moment that a workbook keeps as `serial` days, as the format shows it.

    A date whose year does not come first is shown as 2024/4/12: the order of other countries reads as another
    day. What is no date of the calendar is shown as Excel does, in number signs.
    """
    moment = _moment(serial, since_1904)
    if moment is None:
        return "#" * 8
    tokens = _minutes_told(_tokens(section))
    parts = [text[0] for kind, text in tokens if kind == "part" and text[0] in "yegrmd"]
    if "y" in parts and parts[0] not in "yegr":
        tokens = _year_first(tokens)
    twelve = any(kind == "noon" for kind, _ in tokens)
    return "".join(_shown(kind, text, moment, serial, twelve=twelve) for kind, text in tokens).strip()


def _moment(serial: float, since_1904: bool) -> datetime.datetime | None:
    if not 0 <= serial <= LAST_DAY + 1:
        return None
    start = datetime.datetime(1904, 1, 1) if since_1904 else datetime.datetime(1899, 12, 30)
    early = not since_1904 and serial < FALSE_LEAP_DAY
    milliseconds = round(serial * DAY * 1000)
    try:
        return start + datetime.timedelta(days=int(early), milliseconds=milliseconds)
    except OverflowError:
        return None


def _minutes_told(tokens: Sequence[_Token]) -> list[_Token]:
    """The same with m as n where it stands for minutes: behind hours or before seconds."""
    found = [(kind, text.lower() if kind in ("part", "elapsed") else text) for kind, text in tokens]
    timed = [at for at, (kind, _) in enumerate(found) if kind in ("part", "elapsed")]
    for number, at in enumerate(timed):
        if found[at][0] != "part" or found[at][1][0] != "m" or len(found[at][1]) > 2:
            continue
        before = found[timed[number - 1]][1][0] if number else ""
        after = found[timed[number + 1]][1][0] if number + 1 < len(timed) else ""
        if before == "h" or after == "s":
            found[at] = "part", "n" * len(found[at][1])
    return found


def _year_first(tokens: Sequence[_Token]) -> list[_Token]:
    times = [at for at, (kind, text) in enumerate(tokens) if kind == "part" and text[0] in "hns"]
    date = [("part", "yyyy"), ("other", "/"), ("part", "m"), ("other", "/"), ("part", "d")]
    parts = {text[0] for kind, text in tokens if kind == "part"}
    if "d" not in parts:
        date = date[:3]
    return [*date, ("other", " "), *tokens[times[0] :]] if times else date


def _shown(kind: str, text: str, moment: datetime.datetime, serial: float, *, twelve: bool) -> str:
    match kind:
        case "quoted" | "escaped" | "currency" | "other":
            return text
        case "noon":
            names = ("午前", "午後") if text.startswith("午") else ("AM", "PM")
            return names[moment.hour >= 12]
        case "elapsed":
            unit = {"h": 24, "m": 24 * 60, "s": DAY}[text[0]]
            return str(int(round(serial * DAY, 3) / DAY * unit + 1e-9)).rjust(len(text), "0")
    return _part(text, moment, twelve=twelve)


def _part(text: str, moment: datetime.datetime, *, twelve: bool) -> str:
    length = len(text)
    match text[0]:
        case "y":
            return f"{moment.year:04}" if length > 2 else f"{moment.year % 100:02}"
        case "m" if length > 2:
            name = _ENGLISH_MONTHS[moment.month - 1]
            return name[:1] if length == 5 else name if length == 4 else name[:3]
        case "d" if length > 2:
            name = _ENGLISH_DAYS[moment.weekday()]
            return name if length > 3 else name[:3]
        case "a":
            return _WEEKDAYS[moment.weekday()] + ("曜日" if length > 3 else "")
        case "g" | "e" | "r":
            return _era(text, moment)
        case "s" if "." in text:
            decimals = length - text.index(".") - 1
            return f"{moment.second:02}.{moment.microsecond:06}"[: 3 + decimals]
    hour = (moment.hour + 11) % 12 + 1 if twelve else moment.hour
    number = {"m": moment.month, "d": moment.day, "h": hour, "n": moment.minute, "s": moment.second}[text[0]]
    return f"{number:02}" if length > 1 else str(number)


def _era(text: str, moment: datetime.datetime) -> str:
    found = next((era for era in _ERAS if moment.date() >= era[0]), None)
    if found is None:
        return f"{moment.year:04}" if text[0] == "e" else ""
    start, *names = found
    year = moment.year - start.year + 1
    if text[0] == "g":
        return names[min(len(text), 3) - 1]
    shown = f"{year:02}" if len(text) > 1 else str(year)
    return f"{names[2]}{shown}" if text == "rr" else shown
