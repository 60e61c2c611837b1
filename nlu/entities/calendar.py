"""Dates and periods of time as text writes them, in ISO 8601."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from itertools import pairwise

from nlu.entities.plain_numbers import NUMBER, number_of

_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_INITIALS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_ERA = r"(?P<era>明治|大正|昭和|平成|令和|(?<![A-Za-z])[MTSHR]\.?)"
_WEEKDAY = r"(?: ?\([月火水木金土日](?:曜日?)?\)|[月火水木金土日]曜日?)?"
_YEAR = (
    rf"(?:{_ERA} ?(?P<era_year>\d{{1,2}}|元|[一二三四五六七八九十]{{1,3}})|(?P<year>(?:19|20)\d{{2}}"
    rf"|二〇[〇一二三]{{1}}[〇一二三四五六七八九]))"
)
_TWO = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_DATE = re.compile(
    rf"(?<![\d.])(?:{_YEAR} ?年(?! ?度| ?間)(?: ?(?P<month>{_TWO}) ?月(?: ?(?P<day>{_TWO})"
    rf" ?日(?!間)|末(?:日)?)?)?"
    rf"|(?P<month_alone>{_TWO}) ?月 ?(?P<day_alone>{_TWO}) ?日(?!間)"
    r"|(?<!前)(?P<month_only>\d{1,2}) ?月(?:上旬|中旬|下旬|初め|末)?(?![間\d一二三四五六七八九十])"
    r"|(?P<year_by_sign>(?:19"
    r"|20)\d{2})(?P<sign>[/.\-])(?P<month_by_sign>\d{1,2})(?P=sign)(?P<day_by_sign>\d{1,2})(?![\d/\-])"
    r"|(?P<initial>(?<![A-Za-z])[HR])(?P<year_of>\d{1,2})\.(?P<month_of>\d{1,2})\.(?P<day_of>\d{1,2})(?![\d.])"
    r"|(?P<month_before>\d{1,2})/(?P<day_before>\d{1,2})(?= ?\([月火水木金土日]))"
    rf"{_WEEKDAY}"
)
_SPAN = re.compile(r" ?(?:~|〜|から|より|-|ー) ?")
_UNITS = {
    "年": ("P", "Y", "Period_Year"),
    "月": ("P", "M", "Period_Month"),
    "週": ("P", "W", "Period_Week"),
    "日": ("P", "D", "Period_Day"),
    "時": ("PT", "H", "Period_Time"),
    "分": ("PT", "M", "Period_Time"),
}
_LENGTH = re.compile(
    rf"(?<![\d.第時])(?P<number>{NUMBER}) ?"
    r"(?:(?P<sure>年間|[かカヶケヵ箇]月間?|週間|日間|時間|分間)"
    r"|(?P<minutes>(?<=\d)分(?!の|割|類|野|間|け|か|別|析|厘))"
    r"|(?P<bare>[年日])(?= ?(?:以内|以上|未満|後|ごと|おき|分の|契約|保証)))"
)
_QUARTER = re.compile(
    r"(?:(?P<year>(?:19|20)\d{2})年度?の?)?(?:第 ?(?P<quarter>[1-4一二三四]) ?四半期"
    r"|(?P<half>[上下])半?期(?![間待]))"
)
_FISCAL = re.compile(rf"(?:{_ERA}(?P<era_year>\d{{1,2}}|元)|(?P<year>(?:19|20)\d{{2}})) ?年度")

Found = tuple[int, int, str, str]
"""Start, end, normal form, ENE label."""


def dates(text: str) -> Iterator[Found]:
    """Dates from the year down to the day, days of any year as --04-16; what no calendar has is none."""
    for found in _DATE.finditer(text):
        normal = _date(found)
        if normal:
            yield found.start(), found.end(), normal, "Date"


def periods(text: str) -> Iterator[Found]:
    """Stretches between two dates, lengths of time, quarters and fiscal years."""
    known = list(dates(text))
    for one, other in pairwise(known):
        if _SPAN.fullmatch(text, one[1], other[0]):
            yield one[0], other[1], f"{one[2]}/{other[2]}", "Periodx_Other"
    for found in _LENGTH.finditer(text):
        unit = (found["sure"] or found["minutes"] or found["bare"]).strip("かカヶケヵ箇間")[0]
        before, behind, label = _UNITS[unit]
        yield found.start(), found.end(), f"{before}{number_of(found['number'])}{behind}", label
    for found in _QUARTER.finditer(text):
        part = (
            f"Q{'1234一二三四'.index(found['quarter']) % 4 + 1}"
            if found["quarter"]
            else f"H{'上下'.index(found['half']) + 1}"
        )
        yield found.start(), found.end(), f"{found['year']}-{part}" if found["year"] else part, "Date"
    for found in _FISCAL.finditer(text):
        yield (
            found.start(),
            found.end(),
            f"FY{found['year'] or _year(found['era'], found['era_year'])}",
            "Date",
        )


def _year(era: str, year: str) -> int:
    return _ERAS[_INITIALS.get(era[0], era)] + (1 if year == "元" else int(number_of(year)))


def _date(found: re.Match[str]) -> str:
    """The date in ISO 8601; empty where no calendar has it."""
    month = _said(found, "month", "month_alone", "month_only", "month_by_sign", "month_of", "month_before")
    day = _said(found, "day", "day_alone", "day_by_sign", "day_of", "day_before")
    parts = [int(number_of(part)) for part in (month, day) if part]
    if found["month_alone"] or found["month_only"] or found["month_before"]:
        year, shown = 2024, "-"  # a leap year has all days
    else:
        western = _said(found, "year", "year_by_sign")
        era = _said(found, "era", "initial"), _said(found, "era_year", "year_of")
        year = int(number_of(western)) if western else _year(*era)
        shown = str(year)
    return "-".join([shown, *(f"{part:02}" for part in parts)]) if _exists(year, *(*parts, 1, 1)[:2]) else ""


def _said(found: re.Match[str], *names: str) -> str:
    return next((found[name] for name in names if found[name]), "")


def _exists(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True
