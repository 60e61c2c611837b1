"""The business date of a document: the date its form names, not the day a scanner saved it."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable

from ocr.document import Document, Field

_ERA_BEGINS = {"令和": 2019, "平成": 1989, "昭和": 1926, "R": 2019, "H": 1989, "S": 1926}
_DATE_LABELS = (
    "日付",
    "年月日",
    "報告日",
    "作成日",
    "受付日",
    "受電日",
    "記入日",
    "訪問日",
    "活動日",
    "発行日",
    "締結日",
    "日時",
)
_KANJI_DIGITS = "〇一二三四五六七八九"
_KANJI_NUMBER = re.compile(
    r"(?:[一二三四五六七八九]?十[一二三四五六七八九]?|[〇一二三四五六七八九])(?=\s*[年月日])"
)
_REST = r"\s*[年.\-/]\s*(\d{1,2})\s*[月.\-/]\s*(\d{1,2})(?!\d(?!\d?:\d))"  # a time may follow at once
_ERA_DATE = re.compile(r"(令\s*和|平\s*成|昭\s*和|(?<![A-Za-z])[RHS])\s*\.?\s*(元|\d{1,2})" + _REST)
_WESTERN_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})" + _REST)


def parse_date(text: str) -> datetime.date | None:
    """The first whole date in `text`: 令和6年4月12日, R6.4.12, 2024年4月12日, 2024/4/12, in any width.

    None where there is none or where it is no day of the calendar.
    """
    plain = _KANJI_NUMBER.sub(_arabic, unicodedata.normalize("NFKC", text))
    found = [match for pattern in (_ERA_DATE, _WESTERN_DATE) if (match := pattern.search(plain))]
    if not found:
        return None
    match = min(found, key=lambda m: m.start())
    if match.re is _ERA_DATE:
        era, year_of_era, month, day = match.groups()
        year = _ERA_BEGINS[re.sub(r"\s", "", era)] - 1 + (1 if year_of_era == "元" else int(year_of_era))
    else:
        year, month, day = int(match[1]), match[2], match[3]
    try:
        return datetime.date(year, int(month), int(day))
    except ValueError:
        return None


def _arabic(number: re.Match[str]) -> str:
    """A number below 100 in kanji as digits: 二十三 -> 23."""
    tens, ten, ones = number[0].rpartition("十")
    if not ten:
        return str(_KANJI_DIGITS.index(ones))
    return str((_KANJI_DIGITS.index(tens) if tens else 1) * 10 + (_KANJI_DIGITS.index(ones) if ones else 0))


def business_date(document: Document) -> datetime.date | None:
    """The date in a field labelled as one (日付, 報告日, 受付日時 …), else the first of the text."""
    return _first_date(_date_fields(document)) or _first_date(_blocks(document))


def _first_date(texts: Iterable[str]) -> datetime.date | None:
    return next((date for text in texts if (date := parse_date(text))), None)


def _date_fields(document: Document) -> Iterable[str]:
    fields: list[Field] = [field for page in document.pages for field in page.fields]
    return (field.value for field in fields if any(label in field.name for label in _DATE_LABELS))


def _blocks(document: Document) -> Iterable[str]:
    return (document.text[block.start : block.end] for page in document.pages for block in page.blocks)
