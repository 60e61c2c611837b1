"""Documents as text, Markdown, JSON and hOCR."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree
from markdown_it import MarkdownIt
from ocr_paper import built, column, ruled, written

from ocr.document import SCHEMA_VERSION, Document, from_json, join, to_json
from ocr.export import to_hocr, to_markdown, to_text
from ocr.export.json_schema import PUBLISHED, json_schema

NAMESPACE = {"h": "http://www.w3.org/1999/xhtml"}


@pytest.fixture(scope="module")
def report() -> Document:
    form = [written(60, 104, "日　付"), written(135, 104, "令和6年4月12日"), written(60, 124, "備　考")]
    xs, ys = [50, 200, 300], [200, 220, 240, 260]
    rows = [("品名", "金額"), ("封筒|大", "4,000"), ("合計", "4,000")]
    table = [
        written(xs[column_] + 5, ys[row] + 4, text)
        for row, texts in enumerate(rows)
        for column_, text in enumerate(texts)
    ]
    lines = [
        written(230, 50, "営業日報", size=18),
        *form,
        *table,
        written(50, 300, "次回までの準備は次のものとし、担当は追って<決める>。"),
        written(50, 316, "・見積書の作成"),
        written(50, 332, "1. 部品の*発注*"),
        written(290, 800, "- 1 -"),
    ]
    page = built(lines, [*ruled([50, 130, 300], [100, 120, 140]), *ruled(xs, ys)])
    letter = built([column(400, 100, "拝啓、春の候"), column(380, 100, "お元気ですか")])
    second = Document(letter.text, (replace(letter.page, number=2),))
    return join([Document(page.text, (page.page,)), second])


def test_json_of_this_version_comes_back_whole_and_of_another_is_refused(report: Document) -> None:
    quoting = built([written(50, 50, '"schema_version": 1 と書いた。')])
    for document in (report, Document(quoting.text, (quoting.page,))):
        written_json = to_json(document, indent=2)
        assert from_json(written_json) == document
        old = written_json.replace(f'"schema_version": {SCHEMA_VERSION}'.encode(), b'"schema_version": 1')
        with pytest.raises(ValueError, match=r"schema_versionは1.*読み取り直してください"):
            from_json(old)


def test_the_published_json_schema_is_current() -> None:
    again = "python -m ocr.export.json_schema"
    assert PUBLISHED.read_text("utf-8") == json_schema(), f"the nouns of ocr.document changed: {again}"


def test_text_is_in_reading_order_with_a_form_feed_between_pages(report: Document) -> None:
    first, second = to_text(report).split("\f")

    assert first.startswith("営業日報\n日付\t令和6年4月12日\n備考\t\n品名\t金額\n")
    assert first.endswith("- 1 -\n")
    assert second.startswith("拝啓、春の候")


def test_markdown_renders_to_headings_lists_and_tables(report: Document) -> None:
    markdown = to_markdown(report)
    html = MarkdownIt("commonmark").enable("table").render(markdown)

    assert "<h1>営業日報</h1>" in html
    assert html.count("<table>") == 2
    assert "<td>日付</td>\n<td>令和6年4月12日</td>" in html
    assert "<td>封筒|大</td>\n<td>4,000</td>" in html
    assert "<ul>\n<li>見積書の作成</li>\n</ul>" in html
    assert "部品の*発注*</li>" in html
    assert "追って&lt;決める&gt;。" in html
    assert "- 1 -" not in markdown


def test_hocr_is_well_formed_and_every_line_is_in_it_with_its_place(report: Document) -> None:
    root = etree.fromstring(to_hocr(report).encode())

    pages = root.findall(".//h:div[@class='ocr_page']", NAMESPACE)
    assert [page.get("title") for page in pages] == [
        f"bbox 0 0 2479 3508; ppageno {number}; scan_res 300 300" for number in (0, 1)
    ]
    words = root.findall(".//h:span[@class='ocrx_word']", NAMESPACE)
    assert [word.text for word in words] == [line.text for page in report.pages for line in page.lines]
    assert words[0].get("title") == "bbox 958 208 1258 298; x_wconf 99"
    assert len(root.findall(".//h:div/h:p/h:span[@class='ocr_line']/h:span", NAMESPACE)) == len(words)
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert root.findall(".//h:span[@style='writing-mode: vertical-rl']", NAMESPACE)


def test_hocr_survives_characters_that_xml_forbids() -> None:
    page = built([written(50, 50, "受付\x0b番号\x02は A&B <1>")])
    root = etree.fromstring(to_hocr(Document(page.text, (page.page,))).encode())

    assert root.find(".//h:span[@class='ocrx_word']", NAMESPACE).text == "受付 番号\ufffdは A&B <1>"


def test_a_blank_page_exports_to_nothing() -> None:
    page = built([])
    blank = Document(page.text, (page.page,))

    assert to_text(blank) == "\n"
    assert to_markdown(blank) == "\n"
    assert len(etree.fromstring(to_hocr(blank).encode()).findall(".//h:div", NAMESPACE)) == 1
