"""Lists of line printers: letters of one width, rules of dashes, headings closer than their columns."""

from __future__ import annotations

import io
from itertools import groupby

import pytest
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from fixtures.drawing.typefaces import FONT_ROOT
from ocr.document import Document, Table
from ocr.engines.engine import Engine
from ocr.limits import Limits
from ocr.reading.reader import read

ORDERS = """\
売上日報          2024/05/08
{rule}
コード 得意先名            売上金額      粗利    粗利率
{rule}
1001   早瀬機械工業       1,250,000   312,500    25.0%
1002   山田商会             480,000    96,000    20.0%
1003   東都精密           2,040,300   408,060    20.0%
{rule}
        合計              3,770,300   816,560    21.7%"""
LEDGER = """\
伝票番号  日付      摘要                    借方        貸方
000100  24/05/01  現金売上                               3,210
000101  24/05/02  仕入                     1,370
000102  24/05/03  通信費支払                             6,420
000103  24/05/04  手数料                   4,110"""
HOURS = """\
No. 氏名        出勤 残業  有休
  1 佐藤 光一     20  10.5    0
  2 田中 健       19  11.5    1
  3 鈴木 花子     18  12.5    2"""

BRANCHES = """\
支店       1月   2月   3月   4月   5月   合計
札幌         120    98   130   140   110    598
仙台          80    75    90    88    91    424
東京本店   1,520 1,444 1,602 1,588 1,490  7,644
名古屋       410   398   420   433   402  2,063"""
PLUS = """\
+------+----------------+----------+
| 番号 | 品名           |     数量 |
+------+----------------+----------+
| 101  | 六角ボルト M8  |    1,200 |
| 102  | 平座金         |      860 |
+------+----------------+----------+"""
FRAME = """\
┌───┬────────┬─────┐
│番号  │品名            │      数量│
├───┼────────┼─────┤
│101   │六角ボルト M8   │     1,200│
├───┼────────┼─────┤
│102   │平座金          │       860│
└───┴────────┴─────┘"""


def printed(text: str, size: float, *, engine: Engine, limits: Limits) -> Document:
    file = FONT_ROOT / "opentype/ipafont-gothic/ipag.ttf"
    if not file.exists():
        pytest.skip("the typefaces are missing: apt-get install fonts-ipafont-gothic")
    registerFont(TTFont("fixed", file))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    for row, line in enumerate(text.split("\n")):
        canvas.setFont("fixed", size)
        canvas.drawString(40, 780 - 1.2 * size * row, line)
    canvas.save()
    return read(buffer.getvalue(), engine=engine, limits=limits)


def rows_of(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for _, row in groupby(table.cells, key=lambda cell: cell.row)]


@pytest.mark.parametrize(
    "rule", ["-" * 56, "=" * 56, "─" * 28, "------ ---------------- -------- -------- -------"]
)
@pytest.mark.parametrize("size", [8.0, 10.5])
def test_rules_of_dashes_are_rulings_of_the_table(
    rule: str, size: float, ppocr: Engine, limits: Limits
) -> None:
    document = printed(ORDERS.format(rule=rule), size, engine=ppocr, limits=limits)
    (table,) = document.pages[0].tables
    assert table.header_rows == 1
    assert rows_of(table) == [
        ["コード", "得意先名", "売上金額", "粗利", "粗利率"],
        ["1001", "早瀬機械工業", "1,250,000", "312,500", "25.0%"],
        ["1002", "山田商会", "480,000", "96,000", "20.0%"],
        ["1003", "東都精密", "2,040,300", "408,060", "20.0%"],
        ["", "合計", "3,770,300", "816,560", "21.7%"],
    ]


@pytest.mark.parametrize(
    ("text", "headings", "first"),
    [
        (LEDGER, "伝票番号|日付|摘要|借方|貸方", "000100|24/05/01|現金売上||3,210"),
        (HOURS, "No.|氏名|出勤|残業|有休", "1|佐藤 光一|20|10.5|0"),
    ],
)
def test_headings_find_the_column_that_they_reach_beyond(
    text: str, headings: str, first: str, ppocr: Engine, limits: Limits
) -> None:
    document = printed(text, 10, engine=ppocr, limits=limits)
    (table,) = document.pages[0].tables
    assert table.header_rows == 1
    assert rows_of(table)[:2] == [headings.split("|"), first.split("|")]


def test_numbers_one_blank_apart_stay_in_columns_of_their_own(ppocr: Engine, limits: Limits) -> None:
    (table,) = printed(BRANCHES, 9, engine=ppocr, limits=limits).pages[0].tables
    assert rows_of(table)[3] == ["東京本店", "1,520", "1,444", "1,602", "1,588", "1,490", "7,644"]
    assert {len(row) for row in rows_of(table)} == {7}


@pytest.mark.parametrize("box", [PLUS, FRAME], ids=["plus", "frame"])
@pytest.mark.parametrize("size", [8.0, 10.5])
def test_boxes_of_characters_are_tables(box: str, size: float, ppocr: Engine, limits: Limits) -> None:
    document = printed(f"在庫一覧\n{box}\n以上、A | B または C+D の順", size, engine=ppocr, limits=limits)
    (table,) = document.pages[0].tables
    expected = [["番号", "品名", "数量"], ["101", "六角ボルト M8", "1,200"], ["102", "平座金", "860"]]
    assert rows_of(table) == expected
    assert "A | B または C+D の順" in document.text


def test_a_rule_of_dashes_between_paragraphs_stays(ppocr: Engine, limits: Limits) -> None:
    text = f"本日の入電は三件でした。\n{'-' * 40}\n担当より折り返しご連絡いたします。"
    document = printed(text, 10, engine=ppocr, limits=limits)
    assert "-" * 40 in document.text
    assert not document.pages[0].tables
