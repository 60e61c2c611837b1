"""A document's business date is the one its form names."""

from __future__ import annotations

import datetime

import pytest

from ocr.document import Block, BlockKind, Box, Document, Field, Page, TextSource
from pipeline.dates import business_date, parse_date

_BOX = Box(0, 0, 100, 10)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("令和6年4月12日", (2024, 4, 12)),
        ("令和６年４月１２日（金）", (2024, 4, 12)),
        ("令和元年5月1日", (2019, 5, 1)),
        ("平成31年4月30日", (2019, 4, 30)),
        ("令 和 6 年 1 月 9 日", (2024, 1, 9)),
        ("R6.4.12", (2024, 4, 12)),
        ("２０２４／０４／１２ 10:30", (2024, 4, 12)),
        ("2024年12月3日", (2024, 12, 3)),
        ("受付 2024-04-12 担当 佐藤", (2024, 4, 12)),
        ("令和六年五月二十三日(木)", (2024, 5, 23)),
        ("令和六年十月十日", (2024, 10, 10)),
        ("2024.4.1915:30", (2024, 4, 19)),
        ("2024.4.109:30", (2024, 4, 10)),
    ],
)
def test_dates_as_japanese_forms_print_them(printed: str, expected: tuple[int, int, int]) -> None:
    assert parse_date(printed) == datetime.date(*expected)


@pytest.mark.parametrize(
    "printed", ["4月12日", "令和6年13月1日", "2024/2/30", "電話 03-2024-1234", "型番R6", ""]
)
def test_what_is_no_whole_date_is_none(printed: str) -> None:
    assert parse_date(printed) is None


def _document(text: str, fields: tuple[Field, ...]) -> Document:
    block = Block(BlockKind.PARAGRAPH, _BOX, 0, len(text), ())
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, (block,), (), fields)
    return Document(text, (page,))


def test_the_labelled_date_wins_over_one_that_stands_earlier() -> None:
    text = "契約更新は2025年3月31日の予定。\n日付 令和6年4月12日"
    field = Field("日付", "令和6年4月12日", _BOX, _BOX, 1.0, 24, 34)
    assert business_date(_document(text, (field,))) == datetime.date(2024, 4, 12)


def test_a_letter_without_fields_has_the_first_date_in_its_text() -> None:
    assert business_date(_document("拝啓 令和6年9月2日にお送りした件", ())) == datetime.date(2024, 9, 2)


def test_a_page_without_a_date_has_none() -> None:
    assert business_date(_document("本日は訪問なし。", ())) is None
