"""Word and PowerPoint files: what a reader of them sees, where it stands, and what is no file of theirs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pptx
import pytest
from docx import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from ocr.document import BlockKind, SourceReason, TextSource
from ocr.engines.engine import Engine
from ocr.errors import FailureCategory, ReadingError
from ocr.export import to_hocr, to_markdown
from ocr.limits import Limits
from ocr.media.detect import media_type
from ocr.media.media_type import MediaType
from ocr.parting.document_parts import Split, parts_of
from ocr.processes.supervised_reader import SupervisedReader
from ocr.script.widths import glue, tidy
from ocr.serialization import from_json, to_json
from ocr.sources.inspection import inspect
from ocr.sources.pages import open_pages
from ocr.written.line_breaking import wrapped
from tests.support.ocr.documents import fields, kinds, rows
from tests.support.ocr.office_files import LIMITS, compound, png, read, replaced, saved, scan, with_part, word

RUN = "<w:r><w:t>{}</w:t></w:r>"


@pytest.fixture(scope="module")
def report() -> bytes:
    made = WordDocument()
    made.add_heading("営業報告書", 0)
    made.add_paragraph("令和6年4月12日").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made.add_paragraph("担当：佐藤花子\n部署：東京営業部")
    made.add_heading("1. 概要", 1)
    made.add_paragraph(
        "本日、株式会社山田製作所を訪問し、測定器ABC-1234型について説明しました。先方からは価格 1,200 円と"
        " 2,500 円の差についてご質問がありました。来週までに見積書をメール（sales@example.co.jp）で"
        "送付する予定です。"
    )
    for text in ("価格の引き下げ要望", "納期の短縮"):
        made.add_paragraph(text, style="List Bullet")
    for text in ("見積書を送る", "次回訪問を調整する"):
        made.add_paragraph(text, style="List Number")
    table = made.add_table(4, 3)
    for at, text in enumerate(
        [
            "品名",
            "数量",
            "金額",
            "測定器A",
            "10",
            "120,000",
            "測定器B",
            "2",
            "71,000",
            "合計",
            "12",
            "191,000",
        ]
    ):
        table.cell(at // 3, at % 3).text = text
    made.add_paragraph()
    form = made.add_table(2, 4)
    texts = ["会社名", "株式会社山田製作所", "担当者", "山田太郎", "備考", "特になし", "", ""]
    for at, text in enumerate(texts):
        form.cell(at // 4, at % 4).text = text
    form.cell(1, 1).merge(form.cell(1, 3))
    made.add_page_break()
    made.add_paragraph("二枚目です。")
    made.sections[0].header.paragraphs[0].text = "社外秘"
    made.sections[0].footer.paragraphs[0].text = "東京営業部"
    return saved(made)


def test_a_word_file_has_its_structure(report: bytes) -> None:
    document = read(report)
    found = kinds(document)
    assert [text for kind, text in found if kind is BlockKind.HEADING] == ["営業報告書", "1. 概要"]
    assert [text for kind, text in found if kind is BlockKind.LIST_ITEM] == [
        "・価格の引き下げ要望", "・納期の短縮", "1. 見積書を送る", "2. 次回訪問を調整する",
    ]  # fmt: skip
    assert [text for kind, text in found if kind is BlockKind.HEADER] == ["社外秘"] * 2
    assert [text for kind, text in found if kind is BlockKind.FOOTER] == ["東京営業部"] * 2
    assert any(text.endswith("送付する予定です。") and "ABC-1234型" in text for _, text in found)
    assert "価格 1,200 円と 2,500 円の差について" in document.text
    assert fields(document) == {
        "担当": "佐藤花子", "部署": "東京営業部", "会社名": "株式会社山田製作所", "担当者": "山田太郎",
        "備考": "特になし",
    }  # fmt: skip
    assert rows(document)[:2] == [["品名", "数量", "金額"], ["測定器A", "10", "120,000"]]
    assert document.pages[0].tables[0].header_rows == 1


def test_its_pages_say_where_they_come_from_and_every_offset_leads_to_its_ink(report: bytes) -> None:
    document = read(report)
    assert [page.number for page in document.pages] == [1, 2]
    for page in document.pages:
        assert (page.source, page.reason, page.engine) == (
            TextSource.TEXT_LAYER, SourceReason.OFFICE_TEXT, "office",
        )  # fmt: skip
        for line in page.lines:
            assert document.text[line.start : line.end] == line.text
            assert 0 <= line.box.x0 < line.box.x1 <= page.width
            assert 0 <= line.box.y0 < line.box.y1 <= page.height
        for cell in (cell for table in page.tables for cell in table.cells):
            assert document.text[cell.start : cell.end] == cell.text
    assert from_json(to_json(document)) == document
    assert inspect(report, LIMITS).media is MediaType.DOCX


def test_a_page_of_it_can_be_drawn_searched_and_exported(report: bytes) -> None:
    import pypdfium2

    with SupervisedReader("tests.support.ocr.unruly_engines:unruly") as reader:
        document = reader.read(report)
        with Image.open(io.BytesIO(reader.picture(report, document.pages[0]))) as picture:
            assert picture.width / picture.height == pytest.approx(612 / 792, rel=0.1)
        with pypdfium2.PdfDocument(reader.searchable_pdf(report, document)) as searchable:
            assert len(searchable) == 2
            assert "測定器A" in searchable[0].get_textpage().get_text_range()
    with open_pages(report, LIMITS) as pages:
        raster = pages.raster(1, None)
    line = next(line for line in document.pages[0].lines if "山田製作所" in line.text)
    box = line.box.scaled(1 / raster.points_per_pixel)
    ink = raster.gray[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]
    assert ink.min() < 100
    assert "測定器A" in to_hocr(document)


def test_what_a_reader_does_not_see_is_left_out_and_what_he_sees_is_not() -> None:
    document = read(
        word(
            f'<w:p>{RUN.format("契約金額は")}<w:del w:id="1"><w:r><w:delText>100</w:delText></w:r></w:del>'
            f'<w:ins w:id="2">{RUN.format("200")}</w:ins>{RUN.format("万円とする。")}</w:p>',
            f"<w:sdt><w:sdtContent><w:p>{RUN.format('会社名：株式会社青空')}</w:p></w:sdtContent></w:sdt>",
            f"<w:p>{RUN.format('見える')}<w:r><w:rPr><w:vanish/></w:rPr><w:t>隠し文字</w:t></w:r></w:p>",
            "<w:p><w:r><w:ruby><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>東京</w:t></w:r>"
            '</w:rubyBase></w:ruby></w:r><w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t>確認済</w:t>'
            "</w:r></w:p>",
            '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/>'
            "</w:checkBox>"
            '</w:ffData></w:fldChar><w:instrText> FORMCHECKBOX </w:instrText><w:fldChar w:fldCharType="end"/>'
            "<w:t>同意する</w:t></w:r></w:p>",
            "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>枠の中の注意</w:t></w:r></w:p></w:txbxContent></w:pict>"
            "</w:r></w:p>",
        )
    )
    assert document.text.split("\n") == [
        "契約金額は200万円とする。", "会社名：株式会社青空", "見える", "東京☑確認済", "☐同意する",
        "枠の中の注意",
    ]  # fmt: skip


NUMBERING = (
    '<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
CLAUSE = (
    '<w:p><w:pPr><w:numPr><w:ilvl w:val="{}"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>{}</w:t></w:r>'
    "</w:p>"
)


@pytest.mark.parametrize(
    ("formats", "numbers"),
    [
        (("decimalFullWidth", "第%1条", "decimal", "%2."), ["第１条", "1.", "2.", "第２条", "1."]),
        (
            ("japaneseCounting", "第%1章", "aiueoFullWidth", "(%2)"),
            ["第一章", "(ア)", "(イ)", "第二章", "(ア)"],
        ),
        (("decimal", "%1", "decimal", "%1.%2"), ["1", "1.1", "1.2", "2", "2.1"]),
        (("upperRoman", "%1.", "decimalEnclosedCircle", "%2"), ["I.", "①", "②", "II.", "①"]),
    ],
)  # fmt: skip
def test_numbers_that_word_counts_are_part_of_the_text(formats: tuple[str, ...], numbers: list[str]) -> None:
    texts = [(0, "目的"), (1, "甲は委託する。"), (1, "乙は受託する。"), (0, "期間"), (1, "一年とする。")]
    data = word(*(CLAUSE.format(level, text) for level, text in texts))
    data = replaced(data, {"word/numbering.xml": NUMBERING.format(*formats).encode()})
    lines = read(data).text.split("\n")
    assert lines == [f"{number} {text}" for number, (_, text) in zip(numbers, texts, strict=True)]


def test_pages_end_where_word_last_ended_them() -> None:
    broken = "<w:p><w:r><w:t>続き</w:t><w:lastRenderedPageBreak/><w:t>次の頁</w:t></w:r></w:p>"
    after = (
        '<w:p><w:r><w:br w:type="page"/></w:r></w:p>',
        "<w:p><w:r><w:lastRenderedPageBreak/><w:t>三頁</w:t></w:r></w:p>",
    )
    document = read(word("一頁", broken, *after))
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert document.text.split("\n") == ["一頁", "続き", "次の頁", "三頁"]
    long = read(word(*[f"段落{number}です。" for number in range(120)]))
    assert len(long.pages) > 2, "without such marks pages are as long as paper"


def test_letters_of_a_serial_letter_are_documents_of_their_own_but_those_in_a_mail_are_not() -> None:
    made = WordDocument()
    for number, name in enumerate(("山田製作所", "鈴木商店", "佐藤工業")):
        if number:
            made.add_page_break()
        for line in (
            "2024年5月31日",
            f"株式会社{name} 御中",
            "拝啓 時下ますますご清栄のことと存じます。",
            "敬具",
        ):
            made.add_paragraph(line)
    document = read(saved(made))
    assert [(part.first, part.last) for part in parts_of(document, Split.AUTO)] == [(1, 1), (2, 2), (3, 3)]
    pages = tuple(replace(page, reason=SourceReason.MAIL_TEXT) for page in document.pages)
    (whole,) = parts_of(replace(document, pages=pages), Split.AUTO)
    assert (whole.first, whole.last) == (1, 3)


def test_columns_made_with_tabs_are_a_table_and_a_pair_is_none() -> None:
    texts = ["品名\t数量\t金額", "りんご\t10\t1,000", "みかん\t20\t2,500", "ぶどう\t5\t3,000"]
    document = read(word(*texts, "氏名\t山田太郎"))
    assert rows(document) == [text.split("\t") for text in texts]
    assert document.text.endswith("氏名 山田太郎")


def test_a_table_in_a_table_is_read_as_one() -> None:
    made = WordDocument()
    outer = made.add_table(2, 2)
    outer.cell(0, 0).text, outer.cell(0, 1).text, outer.cell(1, 0).text = "工事名", "本社改修", "内訳"
    inner = outer.cell(1, 1).add_table(3, 2)
    for at, text in enumerate(["品名", "数量", "釘", "500", "板", "20"]):
        inner.cell(at // 2, at % 2).text = text
    document = read(saved(made))
    assert fields(document)["工事名"] == "本社改修"
    assert rows(document, 1) == [["品名", "数量"], ["釘", "500"], ["板", "20"]]
    assert "内訳" in document.text


def test_paragraphs_of_a_cell_never_make_one_number() -> None:
    made = WordDocument()
    table = made.add_table(3, 2)
    for at, text in enumerate(("品名", "数量", "釘", "10\n20件", "板", "30")):
        table.cell(at // 2, at % 2).text = text
    assert "1020" not in read(saved(made)).text


def test_a_bold_or_large_line_is_a_heading_without_a_style() -> None:
    made = WordDocument()
    made.add_paragraph().add_run("今月の所感").bold = True
    made.add_paragraph("全体として受注は増えており、来月も続く見込みです。")
    made.add_paragraph().add_run("まとめ報告").font.size = Pt(20)
    made.add_paragraph("以上のとおり報告します。引き続きよろしくお願いいたします。")
    found = kinds(read(saved(made)))
    assert [text for kind, text in found if kind is BlockKind.HEADING] == ["今月の所感", "まとめ報告"]


def test_a_scan_in_a_document_is_read_beside_its_text(ppocr: Engine) -> None:
    made = WordDocument()
    made.add_paragraph("請求書を添付します。")
    made.add_picture(png(scan("請求金額：123,456円")), width=Mm(120))
    document = read(saved(made), engine=ppocr)
    (page,) = document.pages
    assert (page.source, page.reason) == (TextSource.MIXED, SourceReason.PICTURE_REGIONS)
    assert document.text.startswith("請求書を添付します。")
    assert fields(document) == {"請求金額": "123,456円"}

    alone = WordDocument()
    alone.add_picture(png(scan("請求金額：123,456円")), width=Mm(120))
    document = read(saved(alone), engine=ppocr)
    assert document.pages[0].source is TextSource.OCR
    assert fields(document) == {"請求金額": "123,456円"}


def test_a_drawing_that_nobody_can_read_is_a_failure_and_no_blank_page() -> None:
    made = WordDocument()
    made.add_picture(png(scan()), width=Mm(120))
    data = saved(made)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        image = next(name for name in archive.namelist() if name.startswith("word/media/"))
    drawing = replaced(data, {image: b"\x01\x00\x00\x00" + bytes(80)})
    document = read(drawing)
    (failure,) = document.failures
    assert failure.category == FailureCategory.UNSUPPORTED_FORMAT
    assert "PDF" in failure.message
    made.add_paragraph("図の説明です。")
    document = read(replaced(saved(made), {image: b"\x01\x00\x00\x00" + bytes(80)}))
    assert [kind for kind, _ in kinds(document)] == [BlockKind.FIGURE, BlockKind.PARAGRAPH]


def presentation() -> bytes:
    made = pptx.Presentation()
    layouts = made.slide_layouts
    slide = made.slides.add_slide(layouts[1])
    slide.shapes.title.text = "背景と課題"
    frame = slide.placeholders[1].text_frame
    frame.text = "原材料費が12.5%上昇"
    frame.add_paragraph().text = "納期の遅れが15件発生"
    slide.notes_slide.notes_text_frame.text = "ノート"
    slide = made.slides.add_slide(layouts[6])
    for x, y, text in ((5.5, 1, "右上"), (0.5, 4, "左下"), (0.5, 1, "左上"), (5.5, 4, "右下")):
        slide.shapes.add_textbox(Inches(x), Inches(y), Inches(4), Inches(2)).text_frame.text = text
    slide = made.slides.add_slide(layouts[5])
    slide.shapes.title.text = "売上実績"
    table = slide.shapes.add_table(3, 3, Inches(1), Inches(2), Inches(6), Inches(1)).table
    for at, text in enumerate(["支店", "4月", "5月", "東京", "1,200", "1,350", "大阪", "980", "1,010"]):
        table.cell(at // 3, at % 3).text = text
    chart = CategoryChartData()
    chart.categories, _ = ["東京", "大阪"], chart.add_series("4月", (1200, 980))
    place = (Inches(1), Inches(5), Inches(4), Inches(2))
    drawn = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, chart).chart
    drawn.has_title = True
    drawn.chart_title.text_frame.text = "支店別売上"
    hidden = made.slides.add_slide(layouts[6])
    hidden.shapes.add_textbox(0, 0, Inches(3), Inches(1)).text_frame.text = "隠しスライド"
    hidden._element.set("show", "0")
    return saved(made)


def test_a_presentation_is_a_page_a_slide() -> None:
    document = read(presentation())
    assert len(document.pages) == 3
    assert kinds(document)[:3] == [
        (BlockKind.HEADING, "背景と課題"),
        (BlockKind.LIST_ITEM, "・原材料費が12.5%上昇"),
        (BlockKind.LIST_ITEM, "・納期の遅れが15件発生"),
    ]
    second = document.pages[1]
    assert document.text[second.blocks[0].start : second.blocks[-1].end].split("\n") == [
        "左上", "左下", "右上", "右下",
    ]  # fmt: skip
    assert rows(document) == [["支店", "4月", "5月"], ["東京", "1,200", "1,350"], ["大阪", "980", "1,010"]]
    assert BlockKind.FIGURE in [block.kind for block in document.pages[2].blocks]
    assert "支店別売上" in document.text
    assert "ノート" not in document.text
    assert "隠し" not in document.text
    assert "| 東京 | 1,200 | 1,350 |" in to_markdown(document)


BOMB = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>'
WIDE_BOMB = BOMB.decode().encode("utf-16")


def nested(depth: int) -> bytes:
    inner = "<w:p/>"
    for _ in range(depth):
        inner = f"<w:tbl><w:tr><w:tc>{inner}</w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    return word(inner)


def flat(size: int) -> bytes:
    return with_part("docx", "word/media/image1.bin", bytes(size))


@pytest.mark.parametrize(
    ("make", "category"),
    [
        (lambda: with_part("docx", "word/document.xml", BOMB), FailureCategory.TOO_COMPLEX),
        (lambda: with_part("xlsx", "xl/workbook.xml", BOMB), FailureCategory.TOO_COMPLEX),
        (lambda: with_part("docx", "word/styles.xml", WIDE_BOMB), FailureCategory.TOO_COMPLEX),
        (lambda: flat(2_000_000), FailureCategory.DECOMPRESSION_BOMB),
        (lambda: nested(40), FailureCategory.TOO_COMPLEX),
        (lambda: word("本文")[:-400], FailureCategory.CORRUPT),
        (lambda: word("本文")[:9000], FailureCategory.CORRUPT),
        (lambda: with_part("docx", "word/document.xml", b"<w:document"), FailureCategory.CORRUPT),
        (lambda: with_part("pptx", "ppt/presentation.xml", b""), FailureCategory.CORRUPT),
        (lambda: compound({"EncryptedPackage": bytes(5000)}), FailureCategory.ENCRYPTED),
        (lambda: compound({"WordDocument": bytes(5000)}), FailureCategory.UNSUPPORTED_FORMAT),
        (lambda: compound({"Workbook": bytes(5000)}), FailureCategory.UNSUPPORTED_FORMAT),
        (lambda: compound({"PowerPoint Document": bytes(99)}), FailureCategory.UNSUPPORTED_FORMAT),
        (lambda: compound({"WordDocument": bytes(5000)})[:700], FailureCategory.CORRUPT),
    ],
    ids=lambda value: value.value if isinstance(value, FailureCategory) else "",
)  # fmt: skip
def test_a_hostile_or_an_old_file_is_refused_with_advice(
    make: Callable[[], bytes], category: FailureCategory
) -> None:
    with pytest.raises(ReadingError) as caught:
        inspect(make(), Limits(max_stream_bytes=1_000_000))
    assert caught.value.category is category
    assert caught.value.message.endswith("ください。")


@pytest.mark.parametrize(
    ("name", "told"),
    [("mimetype", "OpenDocument"), ("日報.pdf", "ZIP"), ("visio/document.xml", "ZIP")],
)
def test_an_archive_that_is_no_office_file_says_what_it_is(name: str, told: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "application/vnd.oasis.opendocument.text")
    with pytest.raises(ReadingError, match=told) as caught:
        media_type(buffer.getvalue())
    assert caught.value.category is FailureCategory.UNSUPPORTED_FORMAT


def test_a_file_is_told_by_what_it_holds_whatever_its_variant() -> None:
    strict = word("厳密な形式")
    with zipfile.ZipFile(io.BytesIO(strict)) as archive:
        content = archive.read("word/document.xml")
        types = archive.read("[Content_Types].xml")
    content = content.replace(
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    macros = types.replace(
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    data = replaced(strict, {"word/document.xml": content, "[Content_Types].xml": macros})
    assert media_type(data) is MediaType.DOCX
    assert read(data).text == "厳密な形式"


def test_a_picture_outside_of_the_file_is_never_fetched() -> None:
    made = WordDocument()
    made.add_picture(png(scan()), width=Mm(120))
    data = saved(made)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        listed = archive.read("word/_rels/document.xml.rels").decode()
    outside = listed.replace(
        'Target="media/image1.png"', 'Target="http://127.0.0.1:9/a.png" TargetMode="External"'
    )
    assert outside != listed
    document = read(replaced(data, {"word/_rels/document.xml.rels": outside.encode()}))
    assert "ファイルの外" in document.failures[0].message


@settings(max_examples=300, deadline=None)
@given(
    some.text(alphabet="あ漢ア、。（）「」 abXY 0129,.-:/①☐￥・ー", max_size=90),
    some.floats(1.0, 25.0),
)
def test_lines_are_broken_only_where_joining_them_gives_the_text_again(text: str, ems: float) -> None:
    plain = tidy(text)
    joined, before = "", ""
    for line in wrapped(plain, ems):
        joined += (glue(before, line) if joined else "") + line
        before = line
    assert joined == plain
