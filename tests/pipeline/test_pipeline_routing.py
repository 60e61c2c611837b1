"""Documents find their application by the title they carry."""

from __future__ import annotations

from ocr.document import Block, BlockKind, Box, Document, Line, Page, TextSource
from pipeline.routing import OTHER_KIND, applications_for, kind_of, routes_of

ROUTES = routes_of(
    {
        "call-log": {"call-log": ("入電記録", "電話受付票"), "voc": ("お客様の声",)},
        "daily-report": {"daily-report": ("営業日報", "日報")},
    }
)


def _document(*lines: str) -> Document:
    blocks, text = [], ""
    for number, line in enumerate(lines):
        box = Box(50, 20.0 * number, 400, 20.0 * number + 12)
        start, end = len(text), len(text) + len(line)
        blocks.append(Block(BlockKind.PARAGRAPH, box, start, end, (Line(line, box, 0.99, start, end),)))
        text += line + "\n"
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 0.99, tuple(blocks), (), ())
    return Document(text, (page,))


def test_a_spaced_out_title_is_recognised() -> None:
    assert kind_of(_document("営　業　日　報", "日付 令和6年4月12日"), ROUTES) == "daily-report"


def test_a_title_with_a_remark_in_brackets_is_recognised() -> None:
    assert kind_of(_document("日 報（営業）"), ROUTES) == "daily-report"


def test_a_title_below_the_letterhead_is_found() -> None:
    assert kind_of(_document("株式会社みなと計測", "社外秘", "入電記録票"), ROUTES) == "call-log"


def test_a_sentence_that_mentions_a_form_is_no_title() -> None:
    mention = "先日の営業日報でご報告したとおり、更新の手続きを進めております。"
    assert kind_of(_document("お礼状", mention), ROUTES) == OTHER_KIND


def test_another_form_named_in_the_body_does_not_win_over_the_title() -> None:
    assert kind_of(_document("お客様の声", "電話受付票"), ROUTES) == "voc"


def test_a_document_without_pages_has_no_kind() -> None:
    assert kind_of(Document("", ()), ROUTES) == OTHER_KIND


def test_an_application_reads_every_kind_it_lists() -> None:
    assert applications_for("voc", ROUTES) == ("call-log",)
    assert applications_for("daily-report", ROUTES) == ("daily-report",)
    assert applications_for(OTHER_KIND, ROUTES) == ()
