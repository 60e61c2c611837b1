"""The head of a page: its title, and what papers begin with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from ocr.document import BlockKind
from ocr.parting.counters import counter_in
from ocr.parting.document_words import LONGEST_TITLE, bare, goes_on, is_numbered, names_a_paper
from ocr.parting.label_roles import names_a_number, names_a_person, names_the_print
from ocr.parting.printed import IN_FORM, Printed, PrintedField
from ocr.values.calendar.date_labels import names_the_own_date
from ocr.values.calendar.date_values import dates_in

TITLE_ZONE = 0.35  # of the page height, from the top; slips have little room above their title
OPENING_ZONE = 0.45  # where the addressee, the date, and who wrote it stand
HEAD_ZONE = 0.25  # where a page says that it goes on
HEAD_LINES = 6  # in the first of the lines there
LARGE = 1.25  # times the usual line
AS_LARGE = 0.85  # of the largest heading: boxes around scanned type are not exact
FEWEST_FIELDS = 3  # of a form that somebody filled in
FEWEST_DIGITS = 3  # of a document number without a label
COVER_LINES = 8  # at most, of a cover

_ADDRESSEE = re.compile(r".{2,28}(?:御中|各位)$|^[^:、。]{2,16}(?:様|殿)$")
_NUMBER_LINE = re.compile(
    r"(?:(?P<label>[^\W\d]{0,8}?(?:番号|No\.?|№)):?)?(?P<value>[A-Z]{0,6}[-‐]?\d[\dA-Z]*(?:[-‐/_]\d[\dA-Z]*)*)号?",
    re.IGNORECASE,
)
_SALUTATION = re.compile(r"(?:拝啓|謹啓|前略|拝復|粛啓|急啓|時下ます|いつも(?:大変)?お世話になって)")
_PARTIES = re.compile(r"以下[、「『(]*(?:甲|乙|発注者|受注者|委託者|受託者|賃貸人|貸主|借主)")
_MEETING = re.compile(r"(?:開催)?日時|会議名|(?:開催)?場所|出席者|参加者")
_MONEY = re.compile(r"[¥￥]|\d円|金額")
_FIRST_QUESTION = re.compile(r"\W?(?:問|設問|質問|Q)[.:]?1(?!\d)")
_SUFFIX = re.compile(r"(?:御中|各位|様|殿)$")
_CONTENTS = re.compile(r"目次|もくじ|CONTENTS|TABLEOFCONTENTS", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"(?:[^\W\d]{0,6}日付?:?)?(?P<day>[^(]{6,14}?)(?:[(]?[月火水木金土日](?:曜日?)?[)]?)?"
)


_MARGINS = frozenset({BlockKind.HEADER, BlockKind.FOOTER})


class Opening(StrEnum):
    """What papers begin with."""

    ADDRESSEE = "addressee"
    NUMBER = "number"
    DATE = "date"
    PERSON = "person"
    SALUTATION = "salutation"
    SALUTATION_DOWNWARDS = "salutation downwards"
    PARTIES = "parties"
    MEETING = "meeting"
    QUESTIONS = "questions"
    FORM = "form"
    COVER = "cover"


@dataclass(frozen=True, slots=True)
class Title:
    """The highest of the large headings at the head of a page: its bare text, the text as it is printed, and
    its place in shares of the page."""

    text: str
    shown: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the head of a page; `numbers` of the document by their label, "" for one without;
    `days` (ISO) and `addressees` where they stand alone; `is_dated` where a field holds the paper's date."""

    title: Title | None
    openings: frozenset[Opening]
    numbers: dict[str, str]
    days: frozenset[str]
    addressees: frozenset[str]
    is_dated: bool
    goes_on: bool
    is_cover: bool
    has_contents: bool

    @property
    def title_text(self) -> str:
        """The bare title, "" without one."""
        return "" if self.title is None else self.title.text


def head_of(lines: Sequence[Printed], fields: Sequence[PrintedField]) -> Head:
    """The head of the page of these lines and fields."""
    title = _title(lines)
    top = sorted((line for line in lines if line.y <= OPENING_ZONE), key=lambda line: (line.y, line.x))
    # A cover bears its date further down.
    dated = [line for line in lines if line.kind not in _MARGINS] if len(lines) <= COVER_LINES else top
    is_dated = any(_is_dated(field) for field in fields)
    days = frozenset(day for line in dated if line.kind not in IN_FORM and (day := _day(line.text)))
    addressees = frozenset(
        _SUFFIX.sub("", line.text)
        for line in top
        if line.kind not in IN_FORM and _ADDRESSEE.fullmatch(line.text)
    )
    numbers = dict(_numbers(top, fields))
    is_cover = _is_cover(lines) and not (numbers or addressees)
    openings = {
        Opening.ADDRESSEE: bool(addressees),
        Opening.NUMBER: bool(numbers),
        Opening.DATE: bool(days) or is_dated,
        Opening.PERSON: any(names_a_person(field.label) and field.value for field in fields),
        Opening.SALUTATION: any(_SALUTATION.match(line.text) for line in top),
        Opening.SALUTATION_DOWNWARDS: any(
            _SALUTATION.match(line.text) for line in lines[:HEAD_LINES] if line.vertical
        ),
        Opening.PARTIES: any(_PARTIES.search(line.text) for line in top),
        Opening.MEETING: sum(bool(_MEETING.match(line.text)) for line in top) >= 2,
        Opening.QUESTIONS: any(_FIRST_QUESTION.match(line.text) for line in top),
        Opening.FORM: sum(bool(field.value) for field in fields) >= FEWEST_FIELDS,
        Opening.COVER: is_cover,
    }
    return Head(
        title=title,
        openings=frozenset(opening for opening, there in openings.items() if there),
        numbers=numbers,
        days=days,
        addressees=addressees,
        is_dated=is_dated,
        goes_on=_goes_on(top, title, fields),
        is_cover=is_cover,
        has_contents=any(_CONTENTS.fullmatch(line.text) for line in top),
    )


def _is_cover(lines: Sequence[Printed]) -> bool:
    """Whether all there is are a few short lines of words and a date: no form, no list, no letter."""
    return len(lines) <= COVER_LINES and not any(
        line.kind in (*IN_FORM, BlockKind.LIST_ITEM)
        or len(line.text) > LONGEST_TITLE
        or line.text.endswith("。")
        or _MONEY.search(line.text)
        for line in lines
    )


def _title(lines: Sequence[Printed]) -> Title | None:
    usual = median(line.size for line in lines) if lines else 0.0
    may_be = [line for line in lines if line.y <= TITLE_ZONE and not line.vertical and _may_be_title(line)]
    headings = [line for line in may_be if line.kind is BlockKind.HEADING or line.size >= LARGE * usual]
    if not headings:
        return None
    largest = max(line.size for line in headings)
    line = max(
        (line for line in headings if line.size >= AS_LARGE * largest),
        key=lambda line: (names_a_paper(bare(line.text)), -line.y),
    )
    return Title(bare(line.text), line.text, line.x, line.y)


def _may_be_title(line: Printed) -> bool:
    text = bare(line.text)
    return (
        line.kind is not BlockKind.STAMP
        and (line.kind not in IN_FORM or names_a_paper(text))
        and len(text) >= 2
        and len(line.text) <= LONGEST_TITLE
        and not text.isdigit()
        and not line.text.endswith(("。", "、", "様", "殿", "御中"))
        and ":" not in line.text
        and not is_numbered(line.text)
        and counter_in(line.text) is None
        and not _day(line.text)
    )


def _day(text: str) -> str:
    """The date that is all of the line, in ISO; "" where it is something else."""
    match = _DATE_LINE.fullmatch(text)
    day = next(dates_in(match["day"]), None) if match else None
    return day.isoformat() if day else ""


def _is_dated(field: PrintedField) -> bool:
    return (
        field.y <= OPENING_ZONE
        and names_the_own_date(field.label)
        and any(character.isdigit() for character in field.value)
    )


def _numbers(top: Iterable[Printed], fields: Iterable[PrintedField]) -> Iterator[tuple[str, str]]:
    for line in top:
        if line.y > HEAD_ZONE or line.kind is BlockKind.TABLE or names_the_print(line.text):
            continue
        match = _NUMBER_LINE.fullmatch(line.text)
        if match and _is_number(match, line) and not _day(line.text):
            yield (match["label"] or "").upper(), match["value"].upper()
    for field in fields:
        if field.value and names_a_number(field.label):
            yield field.label.upper(), field.value.upper()


def _is_number(match: re.Match[str], line: Printed) -> bool:
    digits = sum(map(str.isdigit, match["value"]))
    return digits >= 1 if match["label"] else digits >= FEWEST_DIGITS and line.kind not in IN_FORM


def _goes_on(top: Sequence[Printed], title: Title | None, fields: Sequence[PrintedField]) -> bool:
    labels = {field.label for field in fields}
    first = [line for line in top if line.y <= HEAD_ZONE][:HEAD_LINES]
    marks = (line.text for line in first if line.text not in labels)
    return any(goes_on(text) for text in marks) or (title is not None and goes_on(title.shown))
