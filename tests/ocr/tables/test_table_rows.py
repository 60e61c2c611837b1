"""Rows and columns of tables whose rulings are few, worn or only around them; what must not be parted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.detection import DetectedLine, Ruling
from ocr.document import Table
from ocr.engines.engine import Engine
from ocr.grids.grid import find_grids
from ocr.labels.value_types import ValueType, value_type
from ocr.limits import Limits
from ocr.reading.reader import read
from ocr.script.widths import text_width
from tests.support.ocr.paper import built, fields_of, ruled, written

XS = [50, 80, 260, 310, 390, 490]
HEADER = ("No", "品名", "数量", "単価", "金額")
ITEMS = [
    ("1", "空気清浄機/KC-B70 ホワイト", "2", "38,000", "76,000"),
    ("2", "交換フィルター", "4", "4,800", "19,200"),
    ("3", "設置調整費/（夜間作業を含む）/出張料込み", "1", "15,000", "15,000"),
    ("", "値引", "", "", "▲2,000"),
]
TOTAL = ("", "合計", "", "", "108,200")


def rows_of(table: Table) -> list[tuple[str, ...]]:
    count = max(cell.row for cell in table.cells) + 1
    return [tuple(cell.text for cell in table.cells if cell.row == row) for row in range(count)]


def in_columns(
    rows: Sequence[Sequence[str]], xs: Sequence[float], top: float, pitch: float, lead: float, centred: bool
) -> tuple[list[DetectedLine], float]:
    """The rows below each other, numbers to the right, lines of one text parted by /; and where they end."""
    lines = []
    for row in rows:
        texts = [cell.split("/") for cell in row]
        most = max(map(len, texts))
        for column, parts in enumerate(texts):
            down = (most - len(parts)) * lead / 2 if centred else 0.0
            for number, text in enumerate(filter(None, parts)):
                right = value_type(text) is ValueType.NUMBER
                x = xs[column + 1] - 4 - 10 * text_width(text) if right else xs[column] + 4
                lines.append(written(x, top + down + number * lead, text))
        top += pitch + (most - 1) * lead
    return lines, top


def ruled_by_columns(
    rows: Sequence[Sequence[str]],
    *,
    pitch: float = 20,
    lead: float = 13,
    centred: bool = False,
    header: Sequence[str] = HEADER,
    xs: Sequence[float] = XS,
) -> tuple[list[DetectedLine], list[Ruling]]:
    """A table with an outer frame, vertical rules, and a rule under the header and above the total."""
    lines, bottom = in_columns(rows, xs, 128, pitch, lead, centred)
    total = TOTAL if len(xs) == len(XS) else ()
    ends = [100, 122, bottom + 60, bottom + 82] if total else [100, 122, bottom + 60]
    lines += in_columns([header], xs, 104, 0, 0, False)[0]
    lines += in_columns([total], xs, bottom + 64, 0, 0, False)[0] if total else []
    return lines, ruled(xs, ends)


def printed(rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    return [tuple(cell.replace("/", "") for cell in row) for row in rows]


@pytest.mark.parametrize(
    ("pitch", "lead", "centred"),
    [(22, 13, False), (14, 14, False), (26, 13, True)],
    ids=["loose", "as close as the lines of one text", "numbers beside the middle of a text"],
)
def test_rows_between_column_rules_are_told_by_their_values(pitch: float, lead: float, centred: bool) -> None:
    lines, rulings = ruled_by_columns(ITEMS, pitch=pitch, lead=lead, centred=centred)
    page = built(lines, rulings)
    (table,) = page.page.tables

    assert rows_of(table) == [HEADER, *printed(ITEMS), TOTAL]
    assert table.header_rows == 1
    assert fields_of(page) == {}
    assert all(page.text[cell.start : cell.end] == cell.text for cell in table.cells)


ROW = st.tuples(
    st.sampled_from(["送料", "鋼板", "精密ボールねじ/BS-2010", "塗装/（二回塗り）/下地処理"]),
    st.sampled_from(["", "2", "140"]),
    st.sampled_from(["", "98", "12,500"]),
)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(ROW, min_size=2, max_size=9),
    pitch=st.floats(13, 26),
    lead=st.floats(12, 13),
    shift=st.lists(st.floats(-1, 1), min_size=9, max_size=9),
)
def test_however_the_rows_are_spaced_each_is_one(
    rows: list[tuple[str, str, str]], pitch: float, lead: float, shift: list[float]
) -> None:
    numbered = [
        (str(number), *row, f"{7 * number},000") for number, row in enumerate(rows, 1)
    ]  # an amount is in every row, as on any bill
    lines, rulings = ruled_by_columns(numbered, pitch=pitch, lead=lead)
    moved = [
        DetectedLine(line.text, line.box.moved(0, shift[number % 9]), 0.99)
        for number, line in enumerate(lines)
    ]

    assert rows_of(built(moved, rulings).page.tables[0]) == [HEADER, *printed(numbered), TOTAL]


def test_a_heading_and_a_closing_line_among_the_rows_are_rows() -> None:
    rows = [
        ("", "【本体工事】", "", "", ""), ("1", "鉄骨建方", "8", "95,000", "760,000"),
        ("2", "基礎/（コンクリート）", "12", "18,000", "216,000"), ("", "以下余白", "", "", ""),
    ]  # fmt: skip

    assert rows_of(built(*ruled_by_columns(rows)).page.tables[0]) == [HEADER, *printed(rows), TOTAL]


def test_columns_of_words_under_a_header_are_rows_too() -> None:
    header, xs = ("氏名", "所属", "役職", "備考"), [50, 160, 300, 400, 490]
    rows = [
        ("大伴 一郎", "品質保証部", "部長", ""),
        ("香椎 直人", "製造一課", "主任", "欠席"),
        ("水無月 玲", "購買課", "課長", ""),
    ]

    assert rows_of(built(*ruled_by_columns(rows, header=header, xs=xs)).page.tables[0]) == [header, *rows]


def form_row(*cells: Sequence[str], height: float = 80) -> tuple[list[DetectedLine], list[Ruling]]:
    """One ruled row: in each cell lines below each other, one alone in the middle of its height."""
    xs = [50, 120, 300, 370, 545][: len(cells) + 1]
    lines = []
    for x, texts in zip(xs, cells, strict=False):
        top = 100 + (height - 12) / 2 if len(texts) == 1 else 104
        lines += [written(x + 4, top + 16 * number, text) for number, text in enumerate(texts)]
    return lines, ruled(xs, [100, 100 + height])


PROSE = ["新しい担当の方と初めて会うことが", "できた。価格よりも納期を気にして", "おられる。"]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ((["所感"], PROSE), {"所感": "".join(PROSE)}),
        (
            (["住所"], ["〒220-0012", "横浜市西区", "港ビル"], ["電話"], ["045-000-1234", "045-000-1235"]),
            {"電話": "045-000-1234045-000-1235"},
        ),
        (
            (["訪問先"], ["・タマモ商会", "・しおさい水産"], ["成果"], ["・受注一件", "・不在"]),
            {"訪問先": "・タマモ商会・しおさい水産", "成果": "・受注一件・不在"},
        ),
        ((["測定値"], ["12.01", "12.03"], ["時刻"], ["9:00", "10:00"]), {"測定値": "12.0112.03"}),
    ],
    ids=["a paragraph", "addresses", "lists", "values of one label"],
)  # fmt: skip
def test_what_stands_beside_a_label_is_one_value(
    cells: tuple[list[str], ...], values: dict[str, str]
) -> None:
    fields = fields_of(built(*form_row(*cells)))

    assert len(fields) == len(cells) // 2
    assert {name: "".join(fields[name].split()) for name in values} == values


def test_numbered_lists_under_labels_are_no_rows() -> None:
    lists = {"添付書類": ["1. 履歴書", "2. 住民票"], "確認事項": ["1. 氏名の表記", "2. 押印の有無"]}
    lines = [
        written(x + 4, 104 if n == 0 else 108 + 16 * n, text)
        for x, (label, items) in zip((50, 250), lists.items(), strict=True)
        for n, text in enumerate([label, *items])
    ]

    fields = fields_of(built(lines, ruled([50, 250, 450], [100, 120, 180])))
    assert fields == {label: "\n".join(items) for label, items in lists.items()}


@pytest.mark.parametrize(
    "rows",
    [
        [("会社名", "住所", "電話"), ("タマモ商会", "〒220-0012/横浜市/港ビル", "045-000-1234/045-000-1235")],
        [("工事名", "工期", "金額"), ("屋上防水工事", "6年5月1日/6年6月30日", "3,200,000")],
        [("品番/品名", "数量/単位", "単価/金額"), ("A-100/六角ボルト", "20/個", "48/960")],
        [("商品", "小売価格", "卸価格"), ("桐箱 大", "1,000/(1,100)", "800/(880)")],
    ],
    ids=["an address", "two dates", "values stacked as their headings", "prices with tax"],
)  # fmt: skip
def test_cells_of_several_lines_in_ruled_rows_stay_whole(rows: list[tuple[str, ...]]) -> None:
    xs = [50, 200, 380, 500]
    lines = []
    for top, row in zip((100, 140), rows, strict=True):
        for x, text in zip(xs, row, strict=False):
            lines += [written(x + 4, top + 2 + 12 * n, part) for n, part in enumerate(text.split("/"))]
    (table,) = built(lines, ruled(xs, [100, 140, 180])).page.tables

    assert len(table.cells) == 6


def test_a_frame_without_columns_holds_a_table_by_its_edges() -> None:
    rows = [
        ("部門", "4月", "5月"),
        ("機械", "1,200", "1,350"),
        ("電機", "980", "1,010"),
        ("合計", "2,180", "2,360"),
    ]
    lines = in_columns(rows, [60, 200, 300, 400], 104, 20, 0, False)[0]
    frames = {
        "a rule under every row": ruled([55, 420], [100, 120, 140, 160, 180]),
        "a rule under the header": ruled([55, 420], [100, 120, 180]),
    }
    for name, rulings in frames.items():
        assert rows_of(built(lines, rulings).page.tables[0]) == rows, name


def test_words_close_behind_a_value_are_in_their_own_column() -> None:
    rows = [
        ("工程", "不良率", "原因"),
        ("切断", "0.50%", "刃の摩耗"),
        ("曲げ", "0.17%", "角度ずれ"),
        ("溶接", "1.22%", ""),
    ]
    lines = [written(60, 104 + 20 * n, row[0]) for n, row in enumerate(rows)]
    lines += [written(180, 104, "不良率"), written(290, 104, "原因")]
    lines += [written(210, 104 + 20 * n, f"{row[1]} {row[2]}".strip()) for n, row in enumerate(rows) if n]
    rules = [Ruling(50, 100 + 20 * n, 420, 100 + 20 * n) for n in range(5)]

    assert rows_of(built(lines, rules).page.tables[0]) == rows


def test_numbered_items_under_no_headings_stay_as_they_are() -> None:
    lines = [written(60, 104 + 20 * n, f"{n:03d} 商品{n}番") for n in range(1, 6)]
    prices = [written(300, 104 + 20 * n, f"￥{n}20") for n in range(1, 6)]

    assert built([*lines, *prices]).page.tables == ()


WORN = [
    ("案件", "設計", "製造", "計"), ("画面の改修", "6.5", "14.0", "20.5"),
    ("帳票の追加", "3.0", "7.5", "10.5"), ("障害対応", "", "2.5", "2.5"),
]  # fmt: skip
WORN_XS, WORN_YS = [50, 180, 260, 340, 420], [100, 120, 140, 160, 180]


def worn(*lost: tuple[str, float, float, float]) -> list[Ruling]:
    """The rulings of a grid without the stretches (direction, position, from, to) that a copy lost."""
    found = []
    for ruling in ruled(WORN_XS, WORN_YS):
        direction, at = ("flat", ruling.y0) if ruling.horizontal else ("upright", ruling.x0)
        start, end = (ruling.x0, ruling.x1) if ruling.horizontal else (ruling.y0, ruling.y1)
        for _, _, gone, back in sorted(stretch for stretch in lost if stretch[:2] == (direction, at)):
            found.append((direction, at, start, gone))
            start = back
        found.append((direction, at, start, end))
    return [
        Ruling(start, at, end, at) if direction == "flat" else Ruling(at, start, at, end)
        for direction, at, start, end in found
        if end > start
    ]


@pytest.mark.parametrize(
    "lost",
    [
        [("flat", 140, 90, 135)],
        [("flat", 140, 180, 205)],
        [("flat", 160, 380, 420)],
        [("flat", 120, 70, 100), ("upright", 180, 120, 140)],
        [("flat", 160, 90, 120), ("flat", 140, 50, 180)],
    ],
    ids=[
        "within a cell",
        "from a corner on",
        "its end",
        "a side of cells with their values",
        "a row of a cell",
    ],
)
def test_worn_rulings_are_put_back(lost: list[tuple[str, float, float, float]]) -> None:
    lines = in_columns(WORN, WORN_XS, 104, 20, 0, False)[0]

    assert rows_of(built(lines, worn(*lost)).page.tables[0]) == WORN


def test_what_ends_together_is_not_drawn_out() -> None:
    beside = ruled([50, 150, 250], [100, 120, 140, 160])
    open_sides = [Ruling(275, y, 400, y) for y in (100, 120, 140, 160)]
    open_sides += [Ruling(x, 100, x, 160) for x in (310, 360)]

    assert [len(grid.cells) for grid in find_grids([*beside, *open_sides])] == [6, 9]


def test_cells_merged_on_purpose_stay_merged() -> None:
    rows = [*WORN[:2], ("合計", "20.5", "", "20.5")]
    lines = in_columns(rows, WORN_XS, 104, 20, 0, False)[0]
    rulings = [Ruling(50, y, 420, y) for y in (100, 120, 140, 160)]
    rulings += [Ruling(x, 100, x, 140 if x == 260 else 160) for x in WORN_XS]
    (table,) = built(lines, rulings).page.tables

    assert [cell.column_span for cell in table.cells if cell.row == 2] == [1, 2, 1]


CASE_ROWS = [
    ("No", "品名", "数量", "単価", "金額"),
    ("1", "精密ボールねじBS-2010", "20", "48,000", "960,000"),
    ("2", "リニアガイド", "10", "12,500", "125,000"),
    ("3", "カップリング", "8", "3,480", "27,840"),
    ("4", "取付ブラケット", "12", "1,220", "14,640"),
    ("5", "送料", "1", "34,000", "34,000"),
    ("", "合計", "", "", "1,161,480"),
]


@pytest.mark.parametrize("name", ["vertical_rules_only.pdf", "vertical_rules_only_scan.jpg"])
def test_a_delivery_note_ruled_by_columns_is_read_row_by_row(
    name: str, shared: Path, ppocr: Engine, limits: Limits
) -> None:
    page = read((shared / "cases" / name).read_bytes(), engine=ppocr, limits=limits).pages[0]
    found = [tuple(cell.replace(" ", "") for cell in row) for row in rows_of(page.tables[0])]

    assert found == CASE_ROWS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1,200", ValueType.NUMBER), ("▲3.5%", ValueType.NUMBER), ("20 個", ValueType.NUMBER),
        ("￥12，000", ValueType.NUMBER), ("令和6年5月8日", ValueType.DATE), ("5/8", ValueType.DATE),
        ("R6.5.8", ValueType.DATE), ("4月", ValueType.DATE), ("9:00〜17:30", ValueType.TIME),
        ("17時30分", ValueType.TIME), ("BS-2010", ValueType.CODE), ("○", ValueType.MARK),
        ("1. 履歴書", None), ("月日", None), ("第3回", None), ("ボルト", None), ("", None), ("1" * 40, None),
    ],
)  # fmt: skip
def test_a_value_is_told_by_its_looks(text: str, kind: ValueType | None) -> None:
    assert value_type(text) is kind
