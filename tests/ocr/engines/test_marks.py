"""Marks, lone figures, first strokes and raised figures: small signs that a reading takes for something else
or passes over."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from fixtures.drawing.typefaces import FONT_ROOT, TYPEFACES
from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.engines.engine import Engine
from ocr.engines.ppocr.missed_characters import with_missed_characters
from ocr.engines.ppocr.recognition import Faint, LineReading
from ocr.engines.ppocr.unit_powers import square_metres, with_powers
from ocr.grids.cells import split_at_rulings
from ocr.grids.grid import find_grids
from ocr.ink.dark_areas import with_dark_areas
from ocr.ink.shapes import MARKS, mark_in
from ocr.raster import Raster
from ocr.reading.missed_marks import with_missed_marks
from ocr.reading.spacing import well_spaced
from ocr.script.widths import count_before, cut
from tests.support.ocr.scans import Scan, rows_of

pytestmark = pytest.mark.slow


def words_of(line: str) -> str:
    """The line without blanks; a circle is a circle, whichever of three characters it is."""
    return line.replace(" ", "").replace("〇", "○").replace("◯", "○")


@pytest.mark.parametrize("face", ["gothic-fixed", "mincho-fixed"])
def test_lone_figures_in_cells_are_figures(face: str, ppocr: Engine) -> None:
    counts = ["1", "7", "1", "4", "0", "1", "10", "1", "7", "1"]
    sums = ["4,110", "1,001", "1,110", "7,411", "1", "11", "4,001", "1,101", "2,010", "1,711"]
    names = ["台車", "脚立", "軍手", "電卓", "封筒", "画鋲", "名札", "糊", "定規", "鉛筆"]
    rows = [
        ["品名", "台数", "箱", "累計"],
        *(list(row) for row in zip(names, counts, counts[::-1], sums, strict=True)),
    ]
    sheet = Scan(face)
    sheet.type(140, 40, "備品の受払簿", size=14)
    sheet.table(rows, [100, 60, 60, 80])
    (table,) = sheet.read(ppocr).pages[0].tables

    assert [row[1:] for row in rows_of(table)[1:]] == [row[1:] for row in rows[1:]]


CHECKED = [
    ["番号", "外観", "動作", "安全", "清掃"],
    *([f"K-{number}", *("○×△"[number * step % 3] for step in (1, 2, 3, 5))] for number in range(11, 19)),
]


@pytest.mark.parametrize("ruled", [True, False])
def test_the_marks_of_a_check_table_are_told(ruled: bool, ppocr: Engine) -> None:
    sheet = Scan()
    sheet.type(140, 40, "設備点検表", size=14)
    sheet.table(CHECKED, [80, 60, 60, 60, 60], ruled=ruled)
    (table,) = sheet.read(ppocr).pages[0].tables

    assert [list(map(words_of, row)) for row in rows_of(table)] == CHECKED


def test_filled_marks_in_cells_are_found(ppocr: Engine) -> None:
    rows = [
        ["番号", "東", "西", "南", "北"],
        *([f"R-{n}", *"●○■□"[n % 4 :], *"●○■□"[: n % 4]] for n in range(21, 26)),
    ]
    sheet = Scan()
    sheet.table(rows, [80, 60, 60, 60, 60], align="left")
    (table,) = sheet.read(ppocr).pages[0].tables

    assert [list(map(words_of, row)) for row in rows_of(table)] == rows


WITH_MARKS = [
    "※ 赤枠内は必ずご記入ください",
    "□ 未払　■ 支払済",
    "評価 ○　納期 △　価格 ×",
    "◎最優秀 ○優秀 △努力",
    "支店長 ○、課長 ×、係長 △",
    "▲ 25,000 円",
    "●午前 ○午後",
    "出席 ○ ・ 欠席 ×",
    "良 〒 530-0001",
]


@pytest.mark.parametrize("one_bit", [False, True])
def test_marks_between_words_are_read(one_bit: bool, ppocr: Engine) -> None:
    sheet = Scan()
    for row, text in enumerate(WITH_MARKS):
        sheet.type(40, 60 + 26 * row, text, size=11)
    read = [words_of(line.text) for line in sheet.read(ppocr, one_bit=one_bit).pages[0].lines]

    assert read == [words_of(text.replace("\u3000", "")) for text in WITH_MARKS]


def test_letters_and_figures_that_look_like_marks_stay(ppocr: Engine) -> None:
    lines = [
        "Ｘ社の会議とＸ社の回答",
        "X軸とY軸",
        "満点100点、最低0点",
        "BOX 3 個、XL 2 枚",
        "MAX 80dB",
        "口頭で日程を確認",
    ]
    sheet = Scan()
    for row, text in enumerate(lines):
        sheet.type(40, 60 + 26 * row, text, size=12)
    read = [words_of(line.text).replace("Ｘ", "X") for line in sheet.read(ppocr).pages[0].lines]

    assert not MARKS & set("".join(read))
    assert read == [words_of(text).replace("Ｘ", "X") for text in lines]


@pytest.mark.parametrize(
    ("heads", "wide", "inset"),
    [
        (["一般鋼材", "道路", "グレーチング", "建築材", "駐車場", "継手"], 47.0, 1.5),
        (["一階", "課税", "道路", "橋梁", "一般", "港湾"], 47.0, 2.5),
        (["一階", "課税", "道路", "橋梁", "一般", "港湾"], 64.0, 2.5),
    ],
)
def test_headers_spread_in_cells_are_parted_at_the_rulings(
    heads: list[str], wide: float, inset: float, ppocr: Engine
) -> None:
    figures = [[f"{(7 + row) * 1307 * (column + 3):,}" for column in range(6)] for row in range(4)]
    sheet = Scan()
    sheet.table([[""] * 6, *figures], [wide] * 6)
    for column, head in enumerate(heads):
        size = min(9.0, (wide - 2 * inset) / len(head))
        step = (wide - 2 * inset - size) / (len(head) - 1)
        for place, character in enumerate(head):
            sheet.type(30 + inset + wide * column + place * step, 79, character, size=size)
    (table,) = sheet.read(ppocr).pages[0].tables

    assert ["".join(text.split()) for text in rows_of(table)[0]] == heads
    assert rows_of(table)[1:] == figures


def test_dirt_and_strokes_in_cells_are_no_words(ppocr: Engine) -> None:
    rows = [["区分", "内訳", "備考"], ["材料", "", "至急"], ["外注", "2,400", ""], ["経費", "", "月末"]]
    sheet = Scan()
    sheet.table(rows, [80, 80, 80])
    sheet.rule(112, 96, 122, 96, width=1.0)  # a piece of a ruling, off the middle of its cell
    sheet.fill(215, 109, 217, 110)
    sheet.rule(190, 124, 270, 141)  # a cell struck through
    (table,) = sheet.read(ppocr).pages[0].tables

    assert rows_of(table) == rows


def test_a_header_row_that_is_white_on_black_belongs_to_its_table(ppocr: Engine) -> None:
    rows = [
        ["曜日", "担当者", "作業内容", "時間"],
        *(["月", "石井", "清掃", "1,200"], ["火", "岡田", "点検", "850"]) * 2,
    ]
    sheet = Scan()
    sheet.type(140, 40, "週間予定一覧", size=14)
    sheet.table(rows, [60, 80, 110, 80], align="left", dark=1)
    (table,) = sheet.read(ppocr, one_bit=True).pages[0].tables

    assert rows_of(table) == rows


def test_a_dark_row_closes_the_side_that_the_scan_has_lost() -> None:
    gray = np.full((600, 800), 255, np.uint8)
    gray[100:140, 100:700] = 0
    scale = 0.36
    flat = [Ruling(100 * scale, y * scale, 700 * scale, y * scale) for y in (140, 200, 260, 320)]
    upright = [Ruling(x * scale, 140 * scale, x * scale, 320 * scale) for x in (300, 500, 700)]
    (grid,) = find_grids(with_dark_areas([*flat, *upright], gray, scale))

    assert len(grid.cells) == 4 * 3


def ring(width: int, height: int, *, gap: int = 0) -> np.ndarray:
    """A ring of a thin pen, its right side open for `gap` pixels."""
    page = np.full((80, 80), 255, np.uint8)
    cv2.ellipse(page, ((40, 40), (width, height), 0), (0,), 2)
    page[40 - gap // 2 : 40 + (gap + 1) // 2, 40:] = 255
    return page


def test_a_circle_is_told_from_the_letter() -> None:
    assert mark_in(ring(44, 44)) == "○"
    assert mark_in(ring(34, 44)) == ""


def test_a_thin_ring_that_the_scan_broke_is_a_circle_and_a_half_one_is_none() -> None:
    assert mark_in(ring(44, 44, gap=4)) == "○"
    assert mark_in(ring(44, 44, gap=24)) == ""


def numbers(*texts: str, blank: float) -> list[DetectedLine]:
    """Lines of figures half an em wide, as are commas; the network sees blanks of `blank` ems."""
    lines = []
    for row, text in enumerate(texts):
        centers, x = [], 50.0
        for character in text:
            wide = 10 * (blank if character == " " else 0.5)
            centers.append(x + wide / 2)
            x += wide
        box = Box(48, 50 + 20 * row, x + 2, 62 + 20 * row)
        lines.append(DetectedLine(text, box, 0.99, centers=tuple(centers)))
    return lines


PAPER = Raster(np.full((842, 595, 3), 255, np.uint8), 1.0)
LIKE_OTHERS = ("12,345", "67,890", "2,468")


def test_a_blank_in_a_number_goes_where_there_is_no_room_for_it() -> None:
    *_, read = well_spaced(numbers(*LIKE_OTHERS, "4, 110", blank=0.0), PAPER)

    assert (read.text, read.original) == ("4,110", "4, 110")
    assert len(read.centers) == len(read.text)


def test_a_blank_between_numbers_stays() -> None:
    *_, read = well_spaced(numbers(*LIKE_OTHERS, "1, 2, 3", blank=1.0), PAPER)

    assert read.text == "1, 2, 3"


def nearly(text: str, *faint: tuple[int, str]) -> LineReading:
    """A reading with characters that were passed over."""
    centers = tuple(10.0 * at for at, character in enumerate(text) if character != " ")
    seen = tuple(Faint(at, character, 10.0 * at, 0.3) for at, character in faint)
    return LineReading(text, 0.99, centers, (0.99,) * len(text), ("",) * len(text), seen)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        (nearly("面積 245m", (7, "²")), "面積 245m²"),
        (nearly("面積 245m、", (7, "2")), "面積 245m²、"),
        (nearly("面積 245", (6, "m"), (6, "²")), "面積 245m²"),
        (nearly("容積 60m", (6, "³")), "容積 60m³"),
        (nearly("全長 35m"), "全長 35m"),
        (nearly("mm 図", (4, "2")), "mm 図"),
        (nearly("室A", (2, "2")), "室A"),
    ],
)
def test_a_raised_figure_behind_metres_is_kept(read: LineReading, meant: str) -> None:
    told = with_powers(read)

    assert told.text == meant
    assert told.confidence < read.confidence or told is read
    assert len(told.certainties) == len(told.text)


def test_square_metres_alone_are_no_metre() -> None:
    assert square_metres(nearly("m", (1, "²"))).text == "m²"
    assert square_metres(nearly("m")).text == "m"


def test_a_sheet_says_square_metres_and_never_metres_for_them(ppocr: Engine) -> None:
    sheet = Scan()
    for row, text in enumerate(("延床面積 245㎡", "土地 120.5㎡", "全長 35m", "幅 12m")):
        sheet.type(40, 60 + 26 * row, text, size=11)
    read = [words_of(line.text) for line in sheet.read(ppocr).pages[0].lines]

    assert read == ["延床面積245m²", "土地120.5m²", "全長35m", "幅12m"]


XS, YS = (50.0, 100.0, 150.0), (50.0, 70.0)
(GRID,) = find_grids(
    [*(Ruling(x, YS[0], x, YS[1]) for x in XS), *(Ruling(XS[0], y, XS[-1], y) for y in YS)],
)


def placed(text: str, *centers: float) -> DetectedLine:
    return DetectedLine(text, Box(centers[0] - 4, 54, centers[-1] + 4, 66), 0.99, centers=centers)


def test_the_side_of_a_cell_is_no_bracket_behind_its_number() -> None:
    ((_, read),) = split_at_rulings(placed("852]", 80, 85, 90, 98), GRID)
    assert (read.text, read.original) == ("852", "852]")
    ((_, read),) = split_at_rulings(placed("|852", 52, 60, 65, 70), GRID)
    assert read.text == "852"


def test_brackets_of_a_cell_stay() -> None:
    for line in (placed("[注]", 70, 84, 98), placed("852]", 60, 65, 70, 75)):
        ((_, read),) = split_at_rulings(line, GRID)
        assert read.text == line.text


def test_a_line_over_two_cells_is_parted_between_the_middles_of_its_characters() -> None:
    parts = split_at_rulings(placed("道路グレ", 56, 94, 104, 146), GRID)

    assert [part.text for _, part in parts] == ["道路", "グレ"]


characters = st.text("道路一1,0 A○", min_size=1, max_size=12)


@given(text=characters, drop=st.data())
@settings(max_examples=60, deadline=None)
def test_centers_stay_with_their_characters(text: str, drop: st.DataObject) -> None:
    line = DetectedLine(
        text, Box(0, 0, 10.0 * len(text), 12), 0.9, centers=tuple(10.0 * at + 5 for at in range(len(text)))
    )
    kept = drop.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    shorter = "".join(character for character, stays in zip(text, kept, strict=True) if stays)
    said = line.saying(shorter)

    assert len(said.centers) == len(said.text)
    assert all(
        text[int(center // 10)] == character for character, center in zip(shorter, said.centers, strict=True)
    )
    assert line.saying(text + "外").centers == ()


@given(text=characters, at=st.floats(0.0, 120.0))
@settings(max_examples=60, deadline=None)
def test_a_cut_line_keeps_every_character_where_it_stands(text: str, at: float) -> None:
    line = DetectedLine(
        text, Box(0, 0, 10.0 * len(text), 12), 0.9, centers=tuple(10.0 * at + 5 for at in range(len(text)))
    )
    count = count_before(line, at)
    head, tail = cut(line, count)

    assert head.text + tail.text == text[:count].strip() + text[count:].strip()
    assert all(center <= at for center in head.centers)
    assert all(center > at for center in tail.centers)
    for part in (head, tail):
        assert len(part.centers) == len(part.text)
        assert [text[int(center // 10)] for center in part.centers] == list(part.text)


def crop_of(text: str, *, size: float = 12.0) -> tuple[np.ndarray, list[float]]:
    """A line as it is cut out of a scan of 200 dpi, and where the middle of each of its characters is (x)."""
    Scan("gothic-fixed")  # skips where the typeface is missing
    pixels = size * 200 / 72
    font = ImageFont.truetype(str(FONT_ROOT / TYPEFACES["gothic-fixed"].file), pixels)
    image = Image.new("RGB", (round(font.getlength(text) + 0.6 * pixels), round(1.5 * pixels)), "white")
    ImageDraw.Draw(image).text((0.3 * pixels, 0.75 * pixels), text, "black", font, anchor="lm")
    ends = [font.getlength(text[:at]) for at in range(len(text) + 1)]
    return np.asarray(image).copy(), [0.3 * pixels + (a + b) / 2 for a, b in pairwise(ends)]


@pytest.mark.parametrize("mark", ["○", "×", "△", "◎"])
def test_a_mark_that_a_line_was_read_without_is_found_in_its_gap(mark: str) -> None:
    crop, centers = crop_of(f"出席　{mark}　欠席")
    kept = [at for at, character in enumerate("出席　#　欠席") if character not in "　#"]
    read = LineReading("出席欠席", 0.99, tuple(centers[at] for at in kept), (0.99,) * 4, ("",) * 4)
    found = with_missed_characters(crop, read, lambda _: LineReading("", 0.0, ()))
    assert found.text.replace(" ", "") == f"出席{mark}欠席"
    assert found.centers[2] == pytest.approx(centers[3], abs=3)


def test_ink_in_a_gap_that_nobody_can_read_makes_its_line_less_sure() -> None:
    crop, centers = crop_of("出席　鬱　欠席")
    read = LineReading("出席欠席", 0.99, (*centers[:2], *centers[5:]), (0.99,) * 4, ("",) * 4)
    found = with_missed_characters(crop, read, lambda _: LineReading("", 0.0, ()))
    assert found.text == "出席欠席"
    assert found.confidence < 0.85


def test_a_mark_that_no_line_tells_of_is_found_where_others_stand_in_rows_and_columns() -> None:
    scan, lines = Scan(), []
    for row in range(5):
        for column, x in enumerate((60.0, 120.0, 180.0)):
            mark, y = "○×△"[(row + column) % 3], 60.0 + 24 * row
            end = scan.type(x, y, mark, size=12)
            lines.append(DetectedLine(mark, Box(x - 2, y - 8, end + 2, y + 8), 0.97))
    raster = scan.raster()
    assert with_missed_marks(raster, lines) == tuple(lines)
    lost = lines.pop(7)
    *_, found = with_missed_marks(raster, lines)
    assert found.text == lost.text
    assert lost.box.contains(*found.box.center)
