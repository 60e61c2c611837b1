"""The lines of typed pages: what is printed in one line is read as that, however a program drew it."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from fixtures.drawing.typefaces import FONT_ROOT
from ocr.document import Box
from ocr.engines.engine import Engine
from ocr.layers.layer_parts import Character
from ocr.layers.text_layer import lines, reading_turn
from ocr.layers.vertical_characters import with_columns
from ocr.limits import Limits
from ocr.reading.reader import read
from ocr.sources.pages import open_pages
from tests.support.ocr.pdfs import layer_of, page_of
from tests.support.ocr.samples import without_space

LIMITS = Limits()
LATIN = ("Helvetica", "Times-Roman", "Times-Bold", "Courier", "Helvetica-Oblique")
_IPA = {"proportional": "ipafont-gothic/ipagp.ttf", "mincho": "ipafont-mincho/ipam.ttf"}

Drawn = tuple[float, float, str]  # from the left and the foot of the page, a string


@cache
def japanese(name: str = "mincho") -> str:
    file = FONT_ROOT / "opentype" / _IPA[name]
    if not file.exists():
        pytest.skip("the typefaces are missing: apt-get install fonts-ipafont-gothic fonts-ipafont-mincho")
    registerFont(TTFont(name, file))
    return name


def pdf_of_strings(strings: Sequence[Drawn], font: str, size: float) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    for x, y, text in strings:
        canvas.setFont(font, size)
        canvas.drawString(x, y, text)
    canvas.save()
    return buffer.getvalue()


def typed_lines(data: bytes) -> list[str]:
    with open_pages(data, LIMITS) as pages:
        layer = pages.layer(1)
        assert layer is not None
        return [line.text for line in lines(layer, reading_turn(layer))]


def glyph_by_glyph(strings: Sequence[Drawn], font: str, size: float) -> list[Drawn]:
    return [
        (x + stringWidth(text[:at], font, size), y, character)
        for x, y, text in strings
        for at, character in enumerate(text)
    ]


cells = st.text("0123456789,.-/:%+()@#&*$ABXYZijlmI1", min_size=1, max_size=9)


@settings(max_examples=60, deadline=None)
@given(
    grid=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8),
    font=st.sampled_from(LATIN),
    size=st.sampled_from([7.0, 9.0, 10.5, 14.0]),
    leading=st.sampled_from([1.1, 1.25, 1.5, 2.0]),
    right=st.booleans(),
    way=st.sampled_from(["strings", "glyphs", "shuffled", "columns", "backwards"]),
    seed=st.integers(0, 99),
)
def test_any_cells_in_any_typeface_drawn_in_any_order_say_what_is_printed(
    grid: list[list[str]], font: str, size: float, leading: float, right: bool, way: str, seed: int
) -> None:
    strings = []
    for number, row in enumerate(grid):
        for column, text in enumerate(row):
            x = 30.0 + 180 * column
            strings.append(
                (x + right * (150 - stringWidth(text, font, size)), 800 - number * leading * size, text)
            )
    drawn = strings if way == "strings" else glyph_by_glyph(strings, font, size)
    if way == "shuffled":
        random.Random(seed).shuffle(drawn)
    elif way == "columns":
        drawn = sorted(drawn, key=lambda string: (string[0], -string[1]))
    elif way == "backwards":
        drawn = drawn[::-1]

    assert sorted(typed_lines(pdf_of_strings(drawn, font, size))) == sorted(t for row in grid for t in row)


@pytest.mark.parametrize("way", ["words", "glyphs"])
@pytest.mark.parametrize("font", LATIN[:4])
def test_blanks_that_are_seen_but_not_typed_part_words_and_nothing_else(font: str, way: str) -> None:
    text = "please inform you by 10:30 of USD 3,450.75 (12.5%) No. XJ-11.1-I at info@hayase.example.jp"
    x, strings = 40.0, []
    for word in text.split():
        strings.append((x, 700.0, word))
        x += stringWidth(word + " ", font, 10)
    drawn = strings if way == "words" else glyph_by_glyph(strings, font, 10)

    assert typed_lines(pdf_of_strings(drawn, font, 10)) == [text]


def test_letters_set_wide_are_one_word() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    text = canvas.beginText(40, 700)
    text.setFont("Helvetica", 12)
    text.setCharSpace(2.4)
    text.textOut("INVOICE 2024 XJ-204")
    canvas.drawText(text)
    canvas.save()

    assert typed_lines(buffer.getvalue()) == ["INVOICE 2024 XJ-204"]


def test_a_hyphen_at_the_end_of_a_line_stays() -> None:
    """pdfium takes it for the break of a word, and tells it under a control code."""
    drawn = [(40.0, 700.0, "PART XJ-"), (40.0, 686.0, "11 SERIAL 4-"), (40.0, 672.0, "20")]
    assert typed_lines(pdf_of_strings(drawn, "Helvetica", 10)) == ["PART XJ-", "11 SERIAL 4-", "20"]


def test_what_is_drawn_twice_is_read_once() -> None:
    page = [(40.0, 700.0, "TOTAL 1,111,000"), (40.0, 680.0, "ILL 11:11")]
    shadow = [(x + 0.6, y - 0.6, text) for x, y, text in page]
    assert typed_lines(pdf_of_strings([*page, *shadow], "Helvetica", 10)) == [text for _, _, text in page]


@pytest.mark.parametrize("matrix", ["-1 0 0 -1", "1 0 0 1"])
def test_a_negative_size_turns_the_letters_not_their_order(matrix: str) -> None:
    font = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >>"
    rows = [
        f"{matrix} 300 {700 - 20 * row} Tm ({text}) Tj" for row, text in enumerate(("No. 1,250", "12.5%"))
    ]
    layer = page_of(f"BT /F -10 Tf {' '.join(rows)} ET".encode(), resources=font)
    told = ["No. 1,250", "12.5%"]
    assert typed_lines(layer) == (told if matrix.startswith("-") else told[::-1])


def test_letters_that_one_glyph_draws_stay_in_their_word() -> None:
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>"
    content = rb"BT /F 10 Tf 1 0 0 1 50 700 Tm (o\256ce \257ow 12) Tj ET"
    assert typed_lines(page_of(content, font, resources=b"/Font << /F 5 0 R >>")) == ["ofice flow 12"]


def test_more_than_one_blank_parts_the_fields_of_a_line_and_one_does_not() -> None:
    drawn = [(40.0, 700.0, "1001 早瀬機械  1,250,000   25.0%"), (40.0, 680.0, "佐藤　光一")]
    found = typed_lines(pdf_of_strings(drawn, japanese(), 10))
    assert found == ["1001 早瀬機械", "1,250,000", "25.0%", "佐藤　光一"]


@pytest.mark.parametrize(
    "text", ["営　　業　　日　　報", "金　　額：", "金　　額： ￥1,250,000-", "氏　　名", "御　見　積　書"]
)
def test_letter_spaced_words_are_one_line(text: str) -> None:
    found = typed_lines(pdf_of_strings([(40.0, 700.0, text)], japanese(), 11))
    assert [without_space(line) for line in found] == [without_space(text)]


def test_figures_and_marks_in_columns_are_no_spaced_word() -> None:
    found = typed_lines(
        pdf_of_strings([(40.0, 700.0, "1    2    3"), (40.0, 680.0, "○   ×   △")], japanese(), 10)
    )
    assert found == ["1", "2", "3", "○", "×", "△"]


def test_zero_width_characters_are_no_part_of_a_text(ppocr: Engine, limits: Limits) -> None:
    document = read(
        layer_of("早瀬機械\u200d訪問\ufeff\n報告日：\u200b令和6年5月8日"), engine=ppocr, limits=limits
    )
    assert without_space(document.text) == "早瀬機械訪問報告日:令和6年5月8日"
    assert [(field.value, field.normalized) for field in document.pages[0].fields] == [
        ("令和6年5月8日", "2024-05-08")
    ]


def test_signs_of_symbol_fonts_are_read_as_they_look(ppocr: Engine, limits: Limits) -> None:
    document = read(layer_of("\uf0b7早瀬機械工業\n\uf0fe電話 \uf0a8訪問"), engine=ppocr, limits=limits)
    assert document.text.split() == ["•早瀬機械工業", "☑電話", "□訪問"]


def test_radicals_are_read_as_the_kanji_that_they_look_like(ppocr: Engine, limits: Limits) -> None:
    document = read(layer_of("営業⽇報⼀覧\n⽥中⼯業の⼾⽥⻑⻄⺠⻘⿊"), engine=ppocr, limits=limits)
    assert document.text.split() == ["営業日報一覧", "田中工業の戸田長西民青黒"]


@pytest.mark.parametrize("leading", [1.15, 1.25, 1.5])
@pytest.mark.parametrize("way", ["strings", "glyphs", "columns", "shuffled"])
def test_short_words_one_below_the_other_are_rows(way: str, leading: float) -> None:
    words = ["出席者", "佐藤", "田中", "鈴木", "以上"]
    strings = [(60.0, 700 - 11 * leading * n, word) for n, word in enumerate(words)]
    drawn = strings if way == "strings" else glyph_by_glyph(strings, japanese(), 11)
    if way == "columns":
        drawn = sorted(drawn, key=lambda string: (string[0], -string[1]))
    elif way == "shuffled":
        random.Random(7).shuffle(drawn)

    assert sorted(typed_lines(pdf_of_strings(drawn, japanese(), 11))) == sorted(words)


def set_down(text: str, x: float, y: float, pitch: float = 10.0) -> list[Character]:
    return [Character(c, Box(x, y + pitch * n, x + 10, y + pitch * n + 10), 10.0) for n, c in enumerate(text)]


def test_marks_on_the_lines_of_a_table_are_no_column() -> None:
    rows = [
        Character(c, Box(40 + 10 * at, 100 + 14 * n, 50 + 10 * at, 110 + 14 * n), 10.0, piece=n)
        for n, item in enumerate(["外観検査", "寸法測定", "動作確認", "騒音測定"])
        for at, c in enumerate(item)
    ]
    marks = set_down("良良否良", 200, 100, 14)

    assert not any(c.hangs for c in with_columns([*rows, *marks]))
    assert all(c.hangs for c in with_columns(marks))  # beside nothing they are a column


@pytest.mark.parametrize("pitch", [10.0, 10.3, 11.5])
def test_columns_that_touch_each_other_are_told_by_the_order_of_drawing(pitch: float) -> None:
    texts = ["縦に書いた文章で", "字も列も詰めて置", "いたものである︒"]
    columns = [c for n, text in enumerate(texts) for c in set_down(text, 200 - 10 * n, 100, pitch)]

    assert all(c.hangs for c in with_columns(columns)) == (pitch < 11)


def test_columns_are_told_by_their_place_where_they_are_drawn_in_no_order() -> None:
    columns = [
        c
        for n, text in enumerate(["縦に書いた文章で", "字を置く順は知れ", "ないものとする︒"])
        for c in set_down(text, 200 - 18 * n, 100)
    ]
    random.Random(3).shuffle(columns)

    assert all(c.hangs for c in with_columns(columns))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (
            "latin_punctuation_displaced_times",
            ["1,250,000円", "12.5%", "3,480.50円", "2024.5.8", "XJ-11.1-I", "1.1, 1.2, 1.5"],
        ),
        (
            "email_url_dots_displaced",
            ["info@hayase-kikai.example.jp", "http://www.example.co.jp/i.html", "XJ-11.1-I"],
        ),
        ("latin_stix_general", ["1,234,567.89", "12.5%", "3,450.75, payable"]),
        ("table_drawn_column_by_column", ["項目", "外観", "寸法", "動作", "騒音"]),
        ("table_with_times_digits", ["48,500", "12.5%", "582,000", "3,480.5", "8.0%", "27,844", "1,609,844"]),
        ("short_words_stacked_in_cell", ["佐藤", "田中", "鈴木"]),
        ("short_lines_read_vertically", ["出席者", "佐藤", "田中", "鈴木", "以上"]),
    ],
)  # fmt: skip
def test_real_kinds_of_typed_pages_keep_their_words(
    name: str, found: list[str], shared: Path, ppocr: Engine, limits: Limits
) -> None:
    text = read((shared / "cases" / f"{name}.pdf").read_bytes(), engine=ppocr, limits=limits).text
    assert [word for word in found if word not in text] == []
