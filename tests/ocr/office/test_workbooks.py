"""Excel workbooks: numbers as they are shown, and a grid as the tables, forms and lines that the eye sees."""

from __future__ import annotations

import datetime
import time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ocr.document import BlockKind, TextSource
from ocr.engines.engine import Engine
from ocr.errors import FailureCategory, ReadingError
from ocr.media.media_type import MediaType
from ocr.office.number_formats import shown, shown_text
from ocr.sources.inspection import inspect
from tests.support.ocr.documents import fields, kinds, rows
from tests.support.ocr.office_files import LIMITS, png, read, replaced, saved, scan, sheet

_LINE = Side(style="thin")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
MOMENT = datetime.datetime(2024, 4, 12, 15, 4, 5)
SERIAL = (MOMENT - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1)
DAY = int(SERIAL)


def box(page: Worksheet, area: str) -> None:
    for row in page[area]:
        for cell in row:
            cell.border = _BOX


def workbook() -> tuple[openpyxl.Workbook, Worksheet]:
    made = openpyxl.Workbook()
    return made, made.active


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1234567.891, "#,##0", "1,234,568"), (1234.5, "¥#,##0", "¥1,235"), (-5, '0;"△"0', "△5"),
        (-1234, "¥#,##0;[Red]¥-#,##0", "¥-1,234"), (1234.5, "_ * #,##0_ ;_ * -#,##0_ ", "1,235"),
        (1234.5, r"\\#,##0", "¥1,235"), (0, '#,##0;-#,##0;"-"', "-"), (0.2565, "0.0%", "25.7%"),
        (12345678, '#,##0,"千円"', "12,346千円"), (1000001, "000-0000", "100-0001"), (5, "00000", "00005"),
        (312345678, "00-0000-0000", "03-1234-5678"), (3, 'G/標準"件"', "3件"), (0.1 + 0.2, "General", "0.3"),
        (12345, "0.00E+00", "1.23E+04"), (2.5, "# ?/?", "2 1/2"), (150, '[>=100]"多い";"少ない"', "多い"),
        (5, ";;;", ""), (DAY, "yyyy/m/d", "2024/4/12"), (DAY, "mm-dd-yy", "2024/4/12"),
        (SERIAL, "m/d/yy h:mm", "2024/4/12 15:04"), (DAY, '[$-411]ggge"年"m"月"d"日"', "令和6年4月12日"),
        (DAY, "m/d(aaa)", "4/12(金)"), (1.25, "[h]:mm", "30:00"), (43585, "[$-411]ge.m.d", "H31.4.30"),
        (43586, "[$-411]ge.m.d", "R1.5.1"), (1, "yyyy/m/d", "1900/1/1"), (61, "yyyy/m/d", "1900/3/1"),
        (-1, "yyyy/m/d", "########"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_shown(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_days_are_counted_as_the_workbook_counts_them_and_texts_dressed() -> None:
    assert shown(DAY - 1462, "yyyy/m/d", since_1904=True) == "2024/4/12"
    assert shown_text("山田", '@"様"') == "山田様"
    assert shown_text("山田", "#,##0") == "山田"


@settings(max_examples=300, deadline=None)
@given(
    some.floats(-1e15, 1e15) | some.integers(-(10**14), 10**14),
    some.text(alphabet='0#?.,%;[]"\\-¥ymdhsgeaE+/@_* 円', max_size=14),
)
def test_any_format_shows_something_or_nothing_and_never_fails(value: float, code: str) -> None:
    assert isinstance(shown(value, code), str)
    assert isinstance(shown_text("山田", code), str)


@settings(max_examples=300, deadline=None)
@given(some.integers(-(10**14), 10**14))
def test_whole_numbers_keep_every_digit(value: int) -> None:
    assert shown(value, "General") == str(value)
    assert shown(value, "#,##0").replace(",", "") == str(value)
    assert shown(abs(value), "000-0000").replace("-", "").lstrip("0") == str(abs(value)).lstrip("0")


def sales() -> bytes:
    made, page = workbook()
    page.title = "4月"
    page["A1"], page["A1"].font = "売上明細表", Font(size=16)
    page.merge_cells("A1:E1")
    page["A1"].alignment = Alignment(horizontal="center")
    page["A2"], page["B2"] = "作成日", datetime.date(2024, 4, 30)
    page["B2"].number_format = 'yyyy"年"m"月"d"日"'
    page["D2"], page["E2"] = "担当", "佐藤花子"
    page.append([])
    page.append(["日付", "取引先", "品名", "数量", "金額"])
    for day, customer, name, count, money in (
        (1, "山田製作所", "測定器A", 10, 120000),
        (2, "鈴木商会", "部品", 3, 4500.5),
        (3, "高橋商店", "保守", 1, -8000),
    ):
        page.append([datetime.date(2024, 4, day), customer, name, count, money])
        page.cell(page.max_row, 1).number_format = "m/d/yyyy"
        page.cell(page.max_row, 5).number_format = "¥#,##0;[Red]¥-#,##0"
    page.append(["合計", None, None, None, "=SUM(E5:E7)"])
    box(page, "A4:E8")
    page["A10"] = "※金額は税込です。"
    other = made.create_sheet("5月")
    other["A1"], other["B1"], other["C1"] = "支店", "隠れた列", "東京"
    other.column_dimensions["B"].hidden = True
    other["A2"] = "隠れた行"
    other.row_dimensions[2].hidden = True
    made.create_sheet("控え")["A1"] = "見えない"
    made["控え"].sheet_state = "hidden"
    return saved(made)


def test_a_sheet_is_a_title_a_form_a_table_and_a_remark() -> None:
    document = read(sales())
    assert inspect(sales(), LIMITS).media is MediaType.XLSX
    found = kinds(document)
    assert found[:2] == [(BlockKind.HEADER, "4月"), (BlockKind.HEADING, "売上明細表")]
    assert fields(document) == {"作成日": "2024年4月30日", "担当": "佐藤花子", "支店": "東京"}
    assert rows(document, 2) == [
        ["日付", "取引先", "品名", "数量", "金額"],
        ["2024/4/1", "山田製作所", "測定器A", "10", "¥120,000"],
        ["2024/4/2", "鈴木商会", "部品", "3", "¥4,501"],
        ["2024/4/3", "高橋商店", "保守", "1", "¥-8,000"],
        ["合計", "", "", "", "=SUM(E5:E7)"],
    ]
    assert document.pages[0].tables[2].header_rows == 1
    assert found[-2][1] == "5月"
    assert "※金額は税込です。" in document.text


def test_a_formula_that_was_never_calculated_is_doubtful() -> None:
    lines = [line for page in read(sales()).pages for line in page.lines]
    assert [line.text for line in lines if line.doubtful] == ["=SUM(E5:E7)"]
    assert [line.confidence for line in lines if line.doubtful] == [0.0]


def test_what_is_hidden_is_not_read() -> None:
    document = read(sales())
    assert len(document.pages) == 2
    assert not any(word in document.text for word in ("見えない", "隠れた列", "隠れた行"))


def test_a_merged_cell_is_read_where_its_first_row_or_column_is_hidden() -> None:
    made, page = workbook()
    for place, text in (("A1", "第一営業部"), ("C1", "隠れた字"), ("B2", "佐藤"), ("B3", "鈴木")):
        page[place] = text
    page.merge_cells("A1:A3")
    page.row_dimensions[1].hidden = True
    document = read(saved(made))
    assert [document.text.count(word) for word in ("第一営業部", "佐藤", "鈴木", "隠れた字")] == [1, 1, 1, 0]


def test_a_form_on_graph_paper_is_a_form() -> None:
    """方眼紙: narrow columns everywhere, cells made by merging."""
    made, page = workbook()
    for column in range(1, 41):
        page.column_dimensions[get_column_letter(column)].width = 2.5

    def put(area: str, text: str | None) -> None:
        page.merge_cells(area)
        page[area.split(":")[0]] = text
        box(page, area)

    for area, text in (
        ("A4:E4", "報告日"), ("F4:R4", "令和6年4月12日"), ("S4:W4", "報告者"), ("X4:AJ4", "佐藤花子"),
        ("A5:E5", "訪問先"), ("F5:AJ5", "株式会社山田製作所"), ("A6:E9", "商談内容"),
        ("F6:AJ9", "価格の引き下げを要望された。\n来週回答する。"), ("A10:E10", "次回予定"),
        ("F10:AJ10", None),
    ):  # fmt: skip
        put(area, text)
    page["A1"], page["A1"].font = "営業日報", Font(size=18)
    document = read(saved(made))
    assert kinds(document)[0] == (BlockKind.HEADING, "営業日報")
    assert fields(document) == {
        "報告日": "令和6年4月12日", "報告者": "佐藤花子", "訪問先": "株式会社山田製作所",
        "商談内容": "価格の引き下げを要望された。\n来週回答する。", "次回予定": "",
    }  # fmt: skip


def test_cells_are_what_lines_are_drawn_around() -> None:
    made, page = workbook()
    page["B2"], page["C2"] = "備考", "一行目です。"
    page["C3"], page["C4"] = "二行目です。", "三行目です。"
    for row in (2, 3, 4):
        top, bottom = (_LINE if row == 2 else None), (_LINE if row == 4 else None)
        for column in ("B", "C"):
            page[f"{column}{row}"].border = Border(left=_LINE, right=_LINE, top=top, bottom=bottom)
    assert fields(read(saved(made))) == {"備考": "一行目です。\n二行目です。\n三行目です。"}


def test_a_list_without_lines_between_its_rows_keeps_its_rows() -> None:
    made, page = workbook()
    data: list[list[object]] = [["品名", "数量", "金額"], ["釘", 10, 500], ["板", 2, 3000], ["塗料", 1, 1800]]
    for number, row in enumerate(data, 1):
        page.append(row)
        for column in range(1, 4):
            top, bottom = (_LINE if number < 3 else None), (_LINE if number == 4 else None)
            page.cell(number, column).border = Border(left=_LINE, right=_LINE, top=top, bottom=bottom)
    assert rows(read(saved(made))) == [[str(value) for value in row] for row in data]


def test_tables_side_by_side_and_a_list_with_gaps() -> None:
    made, page = workbook()
    left = [("支店", "件数"), ("東京", 5), ("大阪", 3)]
    right = [("品名", "数"), ("釘", 9), ("板", 4)]
    for row, values in enumerate(zip(left, right, strict=True), 1):
        for column, value in zip((1, 2, 5, 6), (*values[0], *values[1]), strict=True):
            page.cell(row, column, value)
    document = read(saved(made))
    assert rows(document, 0) == [["支店", "件数"], ["東京", "5"], ["大阪", "3"]]
    assert rows(document, 1) == [["品名", "数"], ["釘", "9"], ["板", "4"]]

    made, page = workbook()
    for told in (["番号", "氏名", "電話"], [1, "佐藤", "03-1"], [2, None, "03-2"], [3, "鈴木", None]):
        page.append(told)
    assert rows(read(saved(made)))[2:] == [["2", "", "03-2"], ["3", "鈴木", ""]]


def test_furigana_inline_texts_booleans_and_errors() -> None:
    row = (
        '<row r="{0}"><c r="A{0}" t="inlineStr"><is><r><t>山田</t></r><r><t>太郎</t></r><rPh sb="0" eb="2">'
        '<t>ヤマダ</t></rPh></is></c><c r="B{0}" t="b"><v>1</v></c><c r="C{0}" t="e"><v>#N/A</v></c>'
        '<c r="D{0}" t="str"><f>A1</f><v>式</v></c></row>'
    )
    document = read(sheet("".join(row.format(number) for number in (1, 2, 3))))
    assert document.text.split() == ["山田太郎", "TRUE", "#N/A", "式"] * 3


def test_text_boxes_pictures_and_check_boxes_over_a_sheet(ppocr: Engine) -> None:
    made, page = workbook()
    page["A1"] = "申込書"
    page.add_image(SheetImage(png(scan("請求金額：123,456円").resize((620, 500)))), "A5")
    data = saved(made)
    box_xml = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor><xdr:from>'
        "<xdr:col>0</xdr:col><xdr:row>9</xdr:row></xdr:from><xdr:sp><xdr:txBody><a:p><a:r><a:t>枠の中の注意</a:t>"
        "</a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>"
    )
    assert read(replaced(data, {"xl/drawings/drawing1.xml": box_xml.encode()})).text == "申込書\n枠の中の注意"
    document = read(data, engine=ppocr)
    assert document.pages[0].source is TextSource.MIXED
    assert fields(document) == {"請求金額": "123,456円"}

    controls = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        '<v:shape><v:textbox><div>同意する</div></v:textbox><x:ClientData ObjectType="Checkbox">'
        "<x:Anchor>0, 0, 3, 0, 1, 0, 4, 0</x:Anchor><x:Checked>1</x:Checked></x:ClientData></v:shape>"
        '<v:shape><v:textbox><div>メモ</div></v:textbox><x:ClientData ObjectType="Note"/></v:shape></xml>'
    )
    data = sheet('<row r="1"><c r="A1" t="str"><v>申込書</v></c></row>', '<legacyDrawing r:id="rId1"/>')
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'vmlDrawing" Target="../drawings/v.vml"/></Relationships>'
    )
    parts = {"xl/drawings/v.vml": controls.encode(), "xl/worksheets/_rels/sheet1.xml.rels": relation.encode()}
    assert read(replaced(data, parts)).text == "申込書\n☑ 同意する"


def test_a_million_empty_rows_cost_seconds_and_a_sheet_without_end_is_refused() -> None:
    started = time.process_time()
    empty = "".join(
        f'<row r="{n}" s="1" customFormat="1"><c r="A{n}" s="0"/></row>' for n in range(2, 300_000)
    )
    first = '<row r="1"><c r="A1" t="str"><v>本文</v></c></row>'
    last = '<row r="1048576"><c r="A1048576" t="str"><v>末尾</v></c></row>'
    assert read(sheet(first + empty + last)).text == "本文\n末尾"
    assert time.process_time() - started < 20

    many = "".join(
        f'<row r="{n}">' + "".join(f'<c r="{c}{n}"><v>1</v></c>' for c in "ABCDEFGHIJ") + "</row>"
        for n in range(1, 10_100)
    )
    (failure,) = read(sheet(many)).failures
    assert failure.category == FailureCategory.TOO_COMPLEX
    assert "シート" in failure.message
    merged = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    assert read(sheet(first, merged)).text == "本文"


def test_a_workbook_of_hidden_sheets_says_so() -> None:
    made, page = workbook()
    page["A1"] = "見えない"
    made.create_sheet()
    data = saved(made)
    hidden = replaced(
        data,
        {
            "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
            b'<sheet name="a" sheetId="1" state="veryHidden" r:id="rId1"/></sheets></workbook>'
        },
    )
    with pytest.raises(ReadingError, match="シート"):
        inspect(hidden, LIMITS)
