"""A document's business date is the one its form names."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.document import Block, BlockKind, Box, Cell, Document, Field, Line, Page, Table, TextSource
from ocr.values.calendar.date_labels import DateSort, own_date
from ocr.values.calendar.own_date import LINE, TEXT, TITLE, TOP_RIGHT
from ocr.values.field_values import with_values
from pipeline.steps.business_date import business_date, dated

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


def _paper(
    *lines: tuple[float, float, str], title: str = "", fields: tuple[tuple[str, str], ...] = ()
) -> Document:
    """A page of lines at x, y, each a block; `fields` stand below them, with a title at the top."""
    text, blocks, found = "", [], []
    if title:
        lines = ((250, 60, title), *lines)
    for x, y, written in lines:
        box = Box(x, y, x + 10 * len(written), y + 12)
        kind = BlockKind.HEADING if written == title else BlockKind.PARAGRAPH
        line = Line(written, box, 1.0, len(text), len(text) + len(written))
        blocks.append(Block(kind, box, line.start, line.end, (line,)))
        text += written + "\n"
    for row, (name, value) in enumerate(fields):
        box = Box(60, 300 + 20 * row, 300, 312 + 20 * row)
        start = len(text)
        text += f"{name}：{value}\n"
        at = start + len(name) + 1
        field_lines = (
            Line(name, box, 1.0, start, at - 1),
            Line(value, box.moved(100, 0), 1.0, at, at + len(value)),
        )
        blocks.append(Block(BlockKind.FIELD, box, start, at + len(value), field_lines))
        found.append(Field(name, value, box, box, 1.0, at, at + len(value)))
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, tuple(blocks), (), tuple(found))
    return with_values(Document(text, (page,)))


OWN, LATER = "2024年5月8日", "2024年6月30日"
DAY = datetime.date(2024, 5, 8)


@pytest.mark.parametrize(
    ("label", "sort"),
    [
        ("請求日", DateSort.ISSUED),
        ("御見積日", DateSort.ISSUED),
        ("発行年月日", DateSort.ISSUED),
        ("ご注文日", DateSort.ORDERED),
        ("納品日", DateSort.DELIVERED),
        ("契約日", DateSort.SIGNED),
        ("報告日", DateSort.REPORTED),
        ("受付日時", DateSort.RECEIVED),
        ("訪問日", DateSort.VISITED),
        ("開催日", DateSort.HELD),
        ("Invoice Date", DateSort.ISSUED),
    ],
)
@pytest.mark.parametrize(
    "deadline",
    [
        "お支払期限",
        "有効期限",
        "納期",
        "お支払期日",
        "返却予定日",
        "次回訪問日",
        "契約終了日",
        "生年月日",
        "Due Date",
    ],
)
def test_a_deadline_is_never_the_date_of_the_paper(label: str, sort: DateSort, deadline: str) -> None:
    found = dated(_paper(fields=((deadline, LATER), (label, OWN))))
    assert found is not None
    assert (found.date, found.source, found.sort) == (DAY, label, sort)
    assert dated(_paper(fields=((deadline, LATER),))) is None


@pytest.mark.parametrize(
    "text",
    [
        "お支払期限は2024年6月30日です。",
        "2024年6月30日までにご返却ください。",
        "有効期間：2024年6月1日から2025年5月31日まで",
        "昭和50年1月2日生まれ",
        "2024年6月30日必着",
    ],
)
def test_a_deadline_in_running_text_is_passed_over(text: str) -> None:
    assert dated(_paper((60, 200, text))) is None
    found = dated(_paper((60, 200, text), (60, 240, "2024年5月8日にお届けしたとおりです。")))
    assert found is not None
    assert (found.date, found.source) == (DAY, TEXT)


def test_a_date_alone_at_the_top_right_counts_more_than_dates_in_running_text() -> None:
    letter = _paper(
        (420, 60, "令和6年5月8日（水）"), (60, 40, "令和6年4月20日付けの見積書についてご回答します。")
    )
    found = dated(letter)
    assert found is not None
    assert (found.date, found.source, found.sort) == (DAY, TOP_RIGHT, None)


def test_what_stands_beside_a_date_or_over_it_is_its_label() -> None:
    beside = _paper((330, 100, "お支払期限"), (400, 100, LATER), (330, 120, "発行日"), (400, 120, OWN))
    over = _paper((60, 100, "お支払期限"), (60, 114, LATER), (400, 100, "請求日"), (400, 114, OWN))
    for paper, label in ((beside, "発行日"), (over, "請求日")):
        found = dated(paper)
        assert found is not None
        assert (found.date, found.source) == (DAY, label)


def test_a_title_and_a_line_of_its_own_set_a_date_off() -> None:
    titled = dated(_paper((60, 200, "2024年4月1日の会議で決めた。"), title="議事録 2024年5月8日"))
    signed = dated(_paper((60, 200, "2024年4月1日の会議で決めた。"), (60, 700, OWN)))
    assert titled is not None
    assert signed is not None
    assert (titled.date, titled.source) == (DAY, TITLE)
    assert (signed.date, signed.source) == (DAY, LINE)


def test_a_paper_takes_the_date_that_it_is_named_after() -> None:
    dates = (("注文日", "2024年4月20日"), ("納品日", OWN))
    assert business_date(_paper(title="納品書", fields=dates)) == DAY
    assert business_date(_paper(title="注文書", fields=dates)) == datetime.date(2024, 4, 20)
    assert business_date(_paper(title="支払通知書", fields=(("お支払日", OWN),))) == DAY
    assert business_date(_paper(title="請求書", fields=(("お支払日", OWN),))) is None


def test_the_application_names_the_fields_in_its_order() -> None:
    paper = _paper(fields=(("発行日", "2024年5月1日"), ("検 収 日", OWN), ("納期", LATER)))
    found = dated(paper, ("支払日", "検収日", "発行日"))
    assert found is not None
    assert (found.date, found.source, found.sort) == (DAY, "検 収 日", DateSort.DELIVERED)
    assert business_date(paper, ("支払日",)) == datetime.date(2024, 5, 1)
    assert business_date(paper, ("納期",)) == datetime.date(2024, 6, 30)


def test_the_heading_of_a_table_of_one_row_is_the_label_of_its_dates() -> None:
    box, texts = Box(60, 100, 500, 140), ("お支払期限", "請求日", "2024/6/30", "2024/5/8")
    cells = tuple(Cell(n // 2, n % 2, 1, 1, text, box, 0, 0) for n, text in enumerate(texts))
    block = Block(BlockKind.TABLE, box, 0, 0, ())
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, (block,), (Table(box, cells, 1),), ())
    found = dated(Document("", (page,)))
    assert found is not None
    assert (found.date, found.source) == (DAY, "請求日")


@pytest.mark.parametrize("impossible", ["1850年5月8日", "令和99年5月8日"])
def test_a_date_that_no_document_can_have_is_not_taken(impossible: str) -> None:
    assert business_date(_paper((60, 200, OWN), fields=(("発行日", impossible),))) == DAY


@pytest.mark.parametrize("printed", ["May 8, 2024", "8 May 2024", "2024-05-08", "08-May-2024"])
def test_english_dates_are_read(printed: str) -> None:
    assert business_date(_paper(fields=(("Due Date", "June 30, 2024"), ("Date", printed)))) == DAY


@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2099, 12, 31)))
def test_a_date_is_the_same_in_every_spelling(day: datetime.date) -> None:
    for printed in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y/%m/%d}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day:02}-{day:%b}-{day.year}",
    ):
        assert business_date(_paper((420, 60, printed))) == day
        assert business_date(_paper(fields=(("納期", printed),))) is None


def test_labels_of_other_days_name_no_date_of_the_paper() -> None:
    for label in ("納品予定日", "希望納期", "締切日", "購入日", "更新日", "前回点検日", "備考", "支払期限日"):
        assert own_date(label) is None, label
