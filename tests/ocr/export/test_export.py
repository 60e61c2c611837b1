"""Documents as text, Markdown, JSON and hOCR."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from markdown_it import MarkdownIt

from ocr.document import SCHEMA_VERSION, Block, BlockKind, Box, Cell, Document, Table, ValueKind
from ocr.export import to_hocr, to_markdown, to_text
from ocr.export.json_schema import PUBLISHED, json_schema
from ocr.joining import join
from ocr.serialization import from_json, to_json
from tests.support.ocr.paper import built, column, ruled, written

NAMESPACE = {"h": "http://www.w3.org/1999/xhtml"}


def bbox(element: etree._Element) -> tuple[int, ...] | None:
    found = re.match(r"bbox (\d+) (\d+) (\d+) (\d+)", element.get("title") or "")
    return tuple(map(int, found.groups())) if found else None


def cell(row: int, column: int, text: str, *, row_span: int = 1, column_span: int = 1) -> Cell:
    return Cell(row, column, row_span, column_span, text, Box(0, 0, 1, 1), 0, 0)


def table_in_markdown(cells: Sequence[Cell]) -> str:
    """A page that holds nothing but one table."""
    around = Box(50, 50, 300, 200)
    block = Block(BlockKind.TABLE, around, 0, 0, ())
    page = replace(built([]).page, blocks=(block,), tables=(Table(around, tuple(cells)),))
    return to_markdown(Document("", (page,)))


def split(blocks: Iterable[Block]) -> Iterator[Block]:
    """A block for each line."""
    for block in blocks:
        for line in block.lines:
            yield replace(block, start=line.start, end=line.end, lines=(line,))


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


def test_a_table_with_spans_keeps_them_as_html() -> None:
    cells = [
        cell(0, 0, "区分", row_span=2),
        cell(0, 1, "売上", column_span=2),
        cell(1, 1, "上期"),
        cell(1, 2, "下期"),
        cell(2, 0, "A<店>"),
        cell(2, 1, "1,200\n（概算）"),
        cell(2, 2, ""),
    ]
    rendered = table_in_markdown(cells)

    assert rendered.splitlines() == [
        "<table>",
        '<tr><th rowspan="2">区分</th><th colspan="2">売上</th></tr>',
        "<tr><th>上期</th><th>下期</th></tr>",
        "<tr><td>A&lt;店&gt;</td><td>1,200<br>（概算）</td><td></td></tr>",
        "</table>",
    ]


def test_spans_over_columns_of_another_table_are_none_of_its_own() -> None:
    cells = [
        cell(0, 0, "品名", column_span=2),
        cell(0, 2, "数量"),
        cell(1, 0, "封筒", column_span=2),
        cell(1, 2, "3"),
    ]
    assert table_in_markdown(cells) == "| 品名 | 数量 |\n| --- | --- |\n| 封筒 | 3 |\n"


def test_check_boxes_become_task_boxes_and_printed_numbers_stay() -> None:
    lines = [
        written(50, 100 + 16 * n, text) for n, text in enumerate(("☑ 設置済み", "□ 未設置", "3.配線の確認"))
    ]
    page = built(lines)
    items = tuple(replace(block, kind=BlockKind.LIST_ITEM) for block in split(page.page.blocks))
    document = Document(page.text, (replace(page.page, blocks=items, fields=(), tables=()),))

    assert to_markdown(document) == "- [x] 設置済み\n- [ ] 未設置\n3. 配線の確認\n"


def test_a_normalised_value_is_shown_where_it_says_more_than_the_printed_one(report: Document) -> None:
    page = report.pages[0]
    told = {"日付": (ValueKind.DATE, "2024-04-12"), "備考": (ValueKind.TEXT, "")}
    fields = tuple(replace(f, kind=told[f.name][0], normalized=told[f.name][1]) for f in page.fields)
    markdown = to_markdown(replace(report, pages=(replace(page, fields=fields),)))
    assert "| 項目 | 値 | 標準形 |\n| --- | --- | --- |\n| 日付 | 令和6年4月12日 | 2024-04-12 |" in markdown

    same = (replace(page.fields[0], value="1,250円", kind=ValueKind.MONEY, normalized="1250"), page.fields[1])
    assert "標準形" not in to_markdown(replace(report, pages=(replace(page, fields=same),)))


@pytest.mark.parametrize(
    "text", ["1. 件名", "# 見出し", "- 3 -", "> 引用", "+81-3", "2024. 4. 1", "10:00~11:00 13:00~14:00"]
)
def test_text_that_looks_like_markup_is_read_as_it_is_printed(text: str) -> None:
    page = built([written(50, 50, text)]).page
    blocks = tuple(replace(block, kind=BlockKind.PARAGRAPH) for block in page.blocks)
    markdown = to_markdown(Document(text, (replace(page, blocks=blocks, fields=()),)))
    html = MarkdownIt("gfm-like", {"linkify": False}).render(markdown)
    assert html == f"<p>{text.replace('>', '&gt;')}</p>\n"


def test_a_seal_without_a_field_leaves_nothing_in_markdown() -> None:
    page = built([written(50, 50, "お知らせ"), written(300, 300, "佐藤")])
    title, seal = page.page.blocks
    blocks = (title, replace(seal, kind=BlockKind.STAMP))
    assert to_markdown(Document(page.text, (replace(page.page, blocks=blocks),))) == "お知らせ\n"


def test_hocr_holds_every_line_with_its_place_within_its_parents(report: Document) -> None:
    root = etree.fromstring(to_hocr(report).encode())

    pages = root.findall(".//h:div[@class='ocr_page']", NAMESPACE)
    assert [page.get("title") for page in pages] == [
        f"bbox 0 0 2479 3508; ppageno {number}; scan_res 300 300" for number in (0, 1)
    ]
    words = root.findall(".//h:span[@class='ocrx_word']", NAMESPACE)
    assert [word.text for word in words] == [line.text for page in report.pages for line in page.lines]
    assert words[0].get("title") == "bbox 958 208 1258 298; x_wconf 99"
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert root.findall(".//h:span[@style='writing-mode: vertical-rl']", NAMESPACE)
    for element in root.xpath("//*[@title]"):
        inner, outer = bbox(element), bbox(element.getparent())
        if outer is not None:
            assert outer[0] <= inner[0] <= inner[2] <= outer[2]
            assert outer[1] <= inner[1] <= inner[3] <= outer[3]


def test_hocr_names_tables_margins_and_seals_by_their_classes(report: Document) -> None:
    page = report.pages[0]
    first, *rest = page.blocks
    sealed = replace(report, pages=(replace(page, blocks=(replace(first, kind=BlockKind.STAMP), *rest)),))
    root = etree.fromstring(to_hocr(sealed).encode())

    areas = root.xpath("//h:div[@class='ocr_page']/h:div", namespaces=NAMESPACE)
    assert areas[0].get("class") == "ocr_float"
    assert areas[-1].get("class") == "ocr_footer"
    assert "ocr_table" in {area.get("class") for area in areas}
    [told] = root.xpath("//h:meta[@name='ocr-capabilities']/@content", namespaces=NAMESPACE)
    assert {e.get("class") for e in root.xpath("//*[@class]")} <= set(told.split())


def test_hocr_passes_the_check_of_hocr_tools(report: Document, tmp_path: Path) -> None:
    for number, page in enumerate(report.pages):
        path = tmp_path / f"{number}.hocr"
        path.write_text(to_hocr(replace(report, pages=(page,))), "utf-8")
        command = [sys.executable, str(Path(sys.executable).with_name("hocr-check")), str(path)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
        assert len(told) > len(page.lines)
        assert not [line for line in told if not line.startswith("ok ")]


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
