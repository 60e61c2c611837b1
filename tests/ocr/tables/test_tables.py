"""Tables with grouped headers, without sides, without any rulings; what only looks like one; seals."""

from __future__ import annotations

import random
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from fixtures.comparing.table_cells import cells_of
from fixtures.comparing.teds import cell_matches, paired, teds
from fixtures.page_truth import PageTruth, read_pages
from ocr.detection import DetectedLine, Ruling
from ocr.document import BlockKind, Table
from ocr.engines.engine import Engine
from ocr.grids.grid import find_grids
from ocr.ink.seals import covering, find_seals, without_seals
from ocr.layout.page import PageText
from ocr.limits import Limits
from ocr.raster import Raster
from ocr.reading.reader import read
from ocr.script.widths import text_width
from tests.support.ocr.paper import blocks_of, built, fields_of, ruled, texts_of, written

SCALE = 72 / 200
RED = (50, 60, 200)  # BGR

PRICES = [
    ("品名", "小箱", "大箱"),
    ("いちご大福", "980", "1,860"),
    ("栗まんじゅう", "840", "1,600"),
    ("抹茶どら焼き", "1,050", "1,980"),
]


def rows_of(text: str) -> list[tuple[str, ...]]:
    """A row a line, its cells parted by |."""
    return [tuple(cell.strip() for cell in row.split("|")) for row in text.strip("\n").split("\n")]


def typeset(
    rows: Sequence[Sequence[str]], lefts: Sequence[float], rights: Sequence[float], top: float = 100.0
) -> list[DetectedLine]:
    """Rows 18 points apart; a text stands at its column's left, and where that is 0 at its right."""
    return [
        written(left or right - 10 * text_width(text), top + 18 * number, text)
        for number, row in enumerate(rows)
        for text, left, right in zip(row, lefts, rights, strict=True)
        if text
    ]


def prices() -> list[DetectedLine]:
    return typeset(PRICES, (60, 0, 0), (0, 290, 390))


def shape(table: Table) -> list[tuple[int, int, int, int, str]]:
    return [(c.row, c.column, c.row_span, c.column_span, c.text) for c in table.cells]


def in_grid(rows: Sequence[Sequence[str]], xs: Sequence[float], ys: Sequence[float]) -> list[DetectedLine]:
    return [
        written(xs[column] + 4, ys[row] + 4, text)
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
        if text
    ]


def kinds(page: PageText) -> set[BlockKind]:
    return {kind for kind, _ in blocks_of(page)}


def test_a_price_list_without_rulings_is_a_table() -> None:
    title, note = written(60, 60, "お持ち帰り価格表", size=16), written(60, 190, "表示価格は税込みです。")
    page = built([title, *prices(), note])
    (table,) = page.page.tables

    assert [kind for kind, _ in blocks_of(page)] == [BlockKind.HEADING, BlockKind.TABLE, BlockKind.PARAGRAPH]
    assert texts_of(page)[1] == "\n".join("\t".join(row) for row in PRICES)
    assert shape(table) == [(r, c, 1, 1, text) for r, row in enumerate(PRICES) for c, text in enumerate(row)]
    assert table.header_rows == 1


def test_the_order_in_which_the_lines_of_a_table_were_found_changes_nothing() -> None:
    lines = [*prices(), written(60, 60, "お持ち帰り価格表", size=16)]
    shuffled = random.Random(3).sample(lines, len(lines))

    assert built(shuffled) == built(lines)


def test_a_total_may_stand_under_the_last_columns_only() -> None:
    rows = rows_of("""
商品名 | 数量 | 金額
方眼ノート | 120 | 28,800
万年筆 | 2 | 24,500
 | 合計 | 53,300
""")
    (table,) = built(typeset(rows, (60, 0, 0), (0, 290, 390))).page.tables

    assert shape(table)[-3:] == [(3, 0, 1, 1, ""), (3, 1, 1, 1, "合計"), (3, 2, 1, 1, "53,300")]


def test_a_text_that_goes_on_in_a_second_line_is_one_cell() -> None:
    lines = typeset(PRICES, (60, 0, 0), (0, 290, 390))
    apart = [
        written(line.box.x0, 100 + 30 * number, line.text)
        for number in range(4)
        for line in lines[3 * number : 3 * number + 3]
    ]
    page = built([*apart, written(60, 144, "（あまおう使用）")])

    assert texts_of(page)[0].split("\n")[1] == "いちご大福（あまおう使用）\t980\t1,860"


def test_a_heading_centred_over_its_column_belongs_to_it() -> None:
    wide = [
        written(95, 100, "品名"),
        *prices()[1:3],
        *(written(60, line.box.y0, line.text[:3]) for line in prices()[3::3]),
    ]
    values = [line for line in prices()[3:] if line.box.x0 > 100]
    (table,) = built([*wide, *values]).page.tables

    assert [cell.text for cell in table.cells if cell.column == 0] == ["品名", "いちご", "栗まん", "抹茶ど"]


def test_texts_between_rules_are_a_table_though_none_is_a_number() -> None:
    rows = rows_of("工程 | 担当 | 状況\n設計 | 佐藤 | 完了\n製造 | 高梨 | 着手\n検査 | 大河内 | 未着手")
    rules = [Ruling(55, y, 420, y) for y in (96, 115, 172)]
    lines = typeset(rows, (60, 190, 320), (0, 0, 0))

    assert kinds(built(lines, rules)) == {BlockKind.TABLE}
    assert BlockKind.TABLE not in kinds(built(lines))


PROSE = "業績は堅調に推移しており来期も"
FORM = """
氏名 | 佐藤 花子 | 電話 | 03-0000-1234
部署 | 営業部 | 内線 | 203
日付 | 4月9日 | 時間 | 10:15
"""
PAIRS = "受付日：4月9日 | 担当：佐藤\n時刻：10時15分 | 内線：203\n件名：納期 | 区分：質問"
CONTENTS = "はじめに | 1\n業務の概要 | 3\n今後の計画 | 12"
PARTIES = "甲 | ミサゴ総合リース株式会社\n乙 | 株式会社ツバクロ設備\n丙 | 有限会社はまなす商店"
AGENDA = "10:00 | 開会の挨拶\n10:10 | 前回の議事の確認\n10:30 | 新製品について"
NO_TABLES = {
    "two columns of prose": typeset([(PROSE, PROSE)] * 6, (50, 250), (0, 0)),
    "three columns of prose": typeset([(PROSE[:13],) * 3] * 6, (50, 210, 370), (0, 0, 0)),
    "labelled values": typeset(rows_of(PAIRS), (50, 300), (0, 0)),
    "a form without colons": typeset(rows_of(FORM), (50, 120, 300, 370), (0, 0, 0, 0)),
    "a table of contents": typeset(rows_of(CONTENTS), (60, 0), (0, 400)),
    "parties to a contract": typeset(rows_of(PARTIES), (60, 100), (0, 0)),
    "an agenda": typeset(rows_of(AGENDA), (60, 130), (0, 0)),
}


@pytest.mark.parametrize("lines", NO_TABLES.values(), ids=NO_TABLES)
def test_what_only_stands_in_columns_is_no_table(lines: list[DetectedLine]) -> None:
    assert built(lines).page.tables == ()


@pytest.mark.parametrize(
    "truth", [t for t in read_pages("layouts") if t.dpi is None], ids=lambda t: t.path.stem
)
def test_text_in_columns_is_no_table(truth: PageTruth, ppocr: Engine, limits: Limits) -> None:
    page = read(truth.path.read_bytes(), engine=ppocr, limits=limits).pages[0]

    assert not any(block.kind is BlockKind.TABLE for block in page.blocks)


def test_headings_grouped_under_headings_are_one_header() -> None:
    xs, ys = [50, 150, 210, 270, 330, 390], [100, 118, 136, 154, 172]
    groups = [Ruling(150, y, 390, y) for y in (118,)]
    whole = [Ruling(50, y, 390, y) for y in (100, 136, 154, 172)]
    down = [Ruling(x, 118 if x in (210, 330) else 100, x, 172) for x in xs if x != 270]
    middle = [Ruling(270, 100, 270, 172)]
    rows = rows_of("""
 | 上期 | | 下期 |
 | 件数 | 金額 | 件数 | 金額
小型ポンプ | 142 | 38,420 | 150 | 40,100
保守部品 | 415 | 19,260 | 420 | 19,500
""")
    page = built([written(54, 113, "製品群"), *in_grid(rows, xs, ys)], [*groups, *whole, *down, *middle])
    (table,) = page.page.tables

    assert kinds(page) == {BlockKind.TABLE}
    assert table.header_rows == 2
    assert shape(table)[:4] == [
        (0, 0, 2, 1, "製品群"), (0, 1, 1, 2, "上期"), (0, 3, 1, 2, "下期"), (1, 1, 1, 1, "件数")
    ]  # fmt: skip


def test_a_heading_beside_several_rows_does_not_end_the_table() -> None:
    xs, ys = [50, 110, 200, 270, 340], [100, 118, 136, 154, 172]
    across = [Ruling(110 if y == 136 else 50, y, 340, y) for y in ys]
    rows = rows_of("""
地区 | 営業所 | 4月 | 5月
 | 仙台 | 12,480 | 11,960
 | 盛岡 | 6,310 | 5,870
関東 | 大宮 | 21,400 | 19,850
""")
    lines = [written(54, 131, "東北"), *in_grid(rows, xs, ys)]
    page = built(lines, [*across, *(Ruling(x, 100, x, 172) for x in xs)])
    (table,) = page.page.tables

    assert kinds(page) == {BlockKind.TABLE}
    assert (1, 0, 2, 1, "東北") in shape(table)


def test_a_table_below_a_row_of_labels_counts_its_own_columns() -> None:
    table = [
        ("番号", "議題", "決定", "期限"),
        ("1", "梱包", "変更する", "7月"),
        ("2", "鍵", "交換する", "8月"),
    ]
    xs, ys = [50, 90, 210, 350, 450], [120, 138, 156, 174]
    form = ruled([50, 150, 300, 400, 450], [100, 120])
    lines = [
        written(x, 104, text) for x, text in ((54, "日時"), (154, "7月3日"), (304, "場所"), (404, "本社"))
    ]
    found = built([*lines, *in_grid(table, xs, ys)], [*form, *ruled(xs, ys)]).page.tables[-1]

    assert shape(found) == [(r, c, 1, 1, text) for r, row in enumerate(table) for c, text in enumerate(row)]


def test_an_even_grid_is_a_table_unless_every_second_column_is_of_labels() -> None:
    xs, ys = [50, 150, 250, 350, 450], [100, 118, 136, 154, 172]
    checks = rows_of("油圧|良|良|否\n水温|良|否|良\n空気圧|良|良|良\n扉|良|良|良")
    form = rows_of("氏名|佐藤|部署|営業部\n住所|港町|電話|0-1\n日付|四日|時間|午前\n目的|納品|担当|高梨")

    assert kinds(built(in_grid(checks, xs, ys), ruled(xs, ys))) == {BlockKind.TABLE}
    assert fields_of(built(in_grid(form, xs, ys), ruled(xs, ys)))["電話"] == "0-1"


@pytest.mark.parametrize("drawn", ["no sides", "inner lines only"])
def test_sides_that_are_not_drawn_are_closed(drawn: str) -> None:
    xs, ys = [50, 150, 250, 350, 450], [100, 118, 136, 154, 172]
    rows = ys if drawn == "no sides" else ys[1:-1]
    lines = [*(Ruling(50, y, 450, y) for y in rows), *(Ruling(x, 100, x, 172) for x in xs[1:-1])]
    (grid,) = find_grids(lines)

    assert [(c.row, c.column) for c in grid.cells] == [(r, c) for r in range(4) for c in range(4)]


def test_a_few_underlines_and_a_stroke_across_them_are_no_table() -> None:
    assert find_grids([Ruling(50, 100, 200, 100), Ruling(50, 130, 200, 130), Ruling(100, 90, 100, 140)]) == ()


def sealed_page(ink: tuple[int, int, int]) -> np.ndarray:
    """A ring of 11 mm and a tilted frame of 15 mm with strokes as of lettering, and lines of text, in BGR."""
    image = np.full((1200, 1650, 3), 245, np.uint8)
    cv2.circle(image, (400, 400), 44, ink, 4, cv2.LINE_AA)
    corners = cv2.boxPoints(((800, 400), (118, 118), 4.0)).astype(np.int32)
    cv2.polylines(image, [corners], True, ink, 5, cv2.LINE_AA)
    for x, y in ((400, 380), (400, 418), (775, 375), (825, 375), (775, 425), (825, 425)):
        for step in (-10, 0, 10):
            cv2.line(image, (x - 12, y + step), (x + 12, y + step), ink, 3)
        cv2.line(image, (x, y - 12), (x, y + 12), ink, 3)
    for x in range(200, 1000, 40):
        cv2.rectangle(image, (x, 600), (x + 25, 625), (40, 40, 40), 3)
    return image


@pytest.mark.parametrize("ink", [RED, (30, 30, 30)], ids=["red", "black"])
def test_round_and_square_seals_are_found_in_colour_and_in_black(ink: tuple[int, int, int]) -> None:
    frame, ring = find_seals(Raster(sealed_page(ink), SCALE))

    assert (ring.x0, ring.y0, ring.width) == pytest.approx((354 * SCALE, 354 * SCALE, 92 * SCALE), abs=2)
    assert frame.contains(800 * SCALE, 400 * SCALE)
    assert frame.width == pytest.approx(126 * SCALE, abs=3)


def test_rings_and_frames_without_lettering_are_no_seals() -> None:
    image = Image.new("RGB", (1650, 1200), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse([300, 300, 390, 390], outline="black", width=4)
    draw.ellipse([500, 300, 590, 390], fill="black")
    draw.rectangle([700, 300, 790, 390], outline="black", width=3)
    draw.rectangle([900, 300, 1150, 390], outline="black", width=3)

    assert find_seals(Raster(np.asarray(image), SCALE)) == ()


def test_the_red_of_a_seal_goes_and_the_writing_under_it_stays() -> None:
    image = sealed_page(RED)
    cv2.line(image, (340, 400), (460, 400), (30, 30, 30), 4)
    seals = find_seals(Raster(image, SCALE))
    cleaned = without_seals(image, covering(seals, image, SCALE), SCALE)

    assert len(covering(seals, image, SCALE)) == 1
    assert cleaned[356:446, 356:446][..., 1].min() < 60
    assert (cleaned[350:392, 350:450] > 200).all()
    assert (cleaned[:, 600:] == image[:, 600:]).all()


def test_a_black_seal_beside_a_name_is_a_stamp_and_no_text() -> None:
    _, ring = find_seals(Raster(sealed_page((30, 30, 30)), SCALE))
    lines = [
        written(60, 140, "代表取締役　燕谷信子"),
        written(ring.x0 + 10, ring.y0 + 3, "燕", confidence=0.6),
    ]
    page = built(lines, [Ruling(ring.x0, 140, ring.x1, 140)], seals=[ring])

    assert (BlockKind.STAMP, "燕") in blocks_of(page)


TABLE_PAGES = ("broken_出荷一覧", "nested_四半期実績", "open_価格改定", "sealed_検収書", "unruled_価格表")


@pytest.mark.parametrize("name", TABLE_PAGES)
def test_the_tables_of_scanned_pages_come_out_cell_by_cell(name: str, ppocr: Engine) -> None:
    truth = next(page for page in read_pages("tables") if page.path.stem == name)
    page = read(truth.path.read_bytes(), engine=ppocr, limits=Limits()).pages[0]
    found = [cells_of(table) for table in page.tables]

    for true, cells in zip(truth.tables, paired(truth.tables, found), strict=True):
        assert teds(true, cells) >= 0.9
        assert cell_matches(true, cells).f1 >= 0.85
    assert sum(block.kind is BlockKind.TABLE for block in page.blocks) == len(truth.tables)
