"""A document's business date is the one its form names."""

from __future__ import annotations

import datetime

from ocr.document import Block, BlockKind, Box, Document, Field, Page, TextSource
from ocr.values.fields import with_values
from pipeline.dates import business_date

_BOX = Box(0, 0, 100, 10)


def _document(text: str, fields: tuple[Field, ...]) -> Document:
    block = Block(BlockKind.PARAGRAPH, _BOX, 0, len(text), ())
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, (block,), (), fields)
    return Document(text, (page,))


def test_the_labelled_date_wins_over_one_that_stands_earlier() -> None:
    text = "契約更新は2025年3月31日の予定。\n日付 令和6年4月12日"
    field = Field("日付", "令和6年4月12日", _BOX, _BOX, 1.0, 24, 34)
    assert business_date(_document(text, (field,))) == datetime.date(2024, 4, 12)


def test_a_labelled_date_without_its_year_wins_with_the_year_of_the_text() -> None:
    text = "2024年度版様式（2024年1月5日改訂）\n日付 4月12日"
    document = _document(text, (Field("日付", "4月12日", _BOX, _BOX, 1.0, 26, 31),))
    assert business_date(with_values(document)) == datetime.date(2024, 4, 12)


def test_a_birthday_is_no_business_date() -> None:
    field = Field("生年月日", "昭和50年1月2日", _BOX, _BOX, 1.0, 5, 15)
    assert business_date(with_values(_document("2024年4月12日", (field,)))) == datetime.date(2024, 4, 12)


def test_a_letter_without_fields_has_the_first_date_in_its_text() -> None:
    assert business_date(_document("拝啓 令和6年9月2日にお送りした件", ())) == datetime.date(2024, 9, 2)


def test_a_page_without_a_date_has_none() -> None:
    assert business_date(_document("本日は訪問なし。", ())) is None
