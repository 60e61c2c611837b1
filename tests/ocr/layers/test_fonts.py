"""One font with a broken map in a sound layer: its characters are asked for again, the others stay."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.detection import DetectedLine
from ocr.document import Box, SourceReason, TextSource
from ocr.engines.engine import Engine
from ocr.layers.layer_fonts import doubts_about
from ocr.layers.layer_parts import Character
from ocr.layers.second_reader import readings_of
from ocr.layers.symbol_fonts import symbol_of
from ocr.layers.text_layer import TextLayer
from ocr.limits import Limits
from ocr.raster import Pixels
from ocr.reading.glyph_reading import Glyph, Told, agreed, strips_of, told_in
from ocr.reading.reader import read
from ocr.sources.pages import open_pages
from tests.support.ocr.fonts import typed
from tests.support.ocr.samples import without_space

LIMITS = Limits()
LINES = ["Daily report 2024-05-08 by Sato", "Total 1,250,000 yen in 30 days", "Phone 03-1234-5678 ext 4021"]
SIGNS = "’˜•“”›œžŸš"


def pieces(line: str) -> list[tuple[str, str]]:
    return [("".join(run), "D" if digit else "T") for digit, run in groupby(line, str.isdigit)]


def with_figures_told_as(told: Any) -> bytes:
    return typed([pieces(line) for line in LINES], {"T": str, "D": told})


BROKEN = {
    "signs": lambda c: SIGNS[int(c)],
    "private use": lambda c: chr(0xE030 + int(c)),
    "U+FFFD": lambda _: "\ufffd",
    "nothing": lambda _: "\0",
    "blanks": lambda _: " ",
    "wide blanks": lambda _: "\u3000",
    "control codes": lambda c: chr(1 + int(c)),
}


class NoEngine:
    """An engine for pages that need none."""

    name = fingerprint = "none"

    def recognize(self, image: Pixels) -> tuple[()]:
        raise AssertionError("nothing on this page is to be read from its pixels")


@pytest.mark.parametrize("kind", BROKEN)
def test_figures_of_a_broken_font_are_read_and_the_rest_stays(kind: str, ppocr: Engine) -> None:
    document = read(with_figures_told_as(BROKEN[kind]), engine=ppocr, limits=LIMITS)
    page = document.pages[0]
    assert without_space(document.text) == without_space("".join(LINES))
    assert (page.source, page.reason) == (TextSource.MIXED, SourceReason.BROKEN_FONT)
    assert page.engine == "ppocr"
    assert all(0.9 < line.confidence < 1 for line in page.lines)


def test_only_lines_with_characters_that_were_read_are_less_than_sure(ppocr: Engine) -> None:
    lines = [*map(pieces, LINES), [("Please confirm the delivery date with the person in charge.", "T")]]
    document = read(typed(lines, {"T": str, "D": BROKEN["private use"]}), engine=ppocr, limits=LIMITS)
    sure = {line.text[:6]: line.confidence for line in document.pages[0].lines}
    assert sure["Please"] == 1.0
    assert sure["Total "] < 1.0


def test_a_turned_page_is_mended_upright(ppocr: Engine) -> None:
    data = typed([pieces(line) for line in LINES], {"T": str, "D": BROKEN["signs"]}, page=b"/Rotate 90")
    assert without_space(read(data, engine=ppocr, limits=LIMITS).text) == without_space("".join(LINES))


@pytest.mark.parametrize("mapped", [str, None], ids=["of the figures", "at all"])
def test_what_pdfminer_knows_of_fonts_without_a_map_is_taken(mapped: Any) -> None:
    rest = "Please confirm the delivery date with the person in charge before the end of the month."
    data = typed([[(rest, "T")], *map(pieces, LINES)], {"T": mapped, "D": None})
    page = read(data, engine=NoEngine(), limits=LIMITS).pages[0]
    assert without_space("".join(line.text for line in page.lines)) == without_space("".join([rest, *LINES]))
    assert (page.source, page.reason) == (TextSource.TEXT_LAYER, SourceReason.SECOND_READER)
    assert page.confidence == 1.0


@pytest.mark.parametrize(
    "page", [b"", b"/Rotate 90", b"/Rotate 180 /CropBox [30 20 500 810]", b"/UserUnit 2"]
)
def test_both_readers_place_a_character_alike(page: bytes) -> None:
    data = typed([[("Agree", "T")]], {"T": str}, page=page)
    with open_pages(data, LIMITS) as pages:
        layer = pages.layer(1)
        readings = pages.readings(1)
    assert layer is not None
    assert [reading.text for reading in readings] == list("Agree")
    for reading, character in zip(readings, layer.characters, strict=True):
        assert reading.box.center == pytest.approx(character.box.center, abs=0.4 * character.size)


def test_a_file_that_pdfminer_chokes_on_has_no_second_reading() -> None:
    assert readings_of(b"%PDF-1.4\nnothing of use", 1, None) == ()


@pytest.mark.parametrize(
    ("font", "code", "shown"),
    [
        ("Wingdings", "\uf06c", "●"),
        ("Wingdings-Regular", "\uf0fe", "☑"),
        ("Wingdings", "þ", "☑"),
        ("Wingdings", "\uf0a8", "□"),
        ("Wingdings2", "\uf052", "☑"),
        ("SymbolMT", "\uf0b7", "•"),
        ("Symbol", "a", "a"),
        ("MS-Mincho", "\uf06c", "\uf06c"),
        ("Sans", "l", "l"),
    ],
)
def test_letters_of_symbol_fonts_are_what_they_show(font: str, code: str, shown: str) -> None:
    assert symbol_of(font, code) == shown


def test_ticked_boxes_of_a_symbol_font_are_boxes() -> None:
    told = {"☑": "\uf0fe", "□": "\uf0a8"}
    line = [("☑", "W"), ("Phone ", "T"), ("□", "W"), ("Mail", "T")]
    data = typed([line], {"T": str, "W": lambda c: told[c]}, names={"W": b"ABCDEF+Wingdings"})
    assert read(data, engine=NoEngine(), limits=LIMITS).text == "☑Phone □Mail"


def layer_of(*runs: tuple[str, int]) -> TextLayer:
    """A line set in fonts of these numbers."""
    characters: list[Character] = []
    for text, font in runs:
        for c in text:
            x = 40 + 10.0 * len(characters)
            characters.append(Character(c, Box(x, 40, x + 10, 50), 10, font=font))
    return TextLayer(2000, 842, tuple(characters), (), ())


DOUBTFUL = {
    "signs": [("令和", 0), ("’", 1), ("年", 0), ("˜", 1), ("月", 0), ("•", 1), ("日", 0)],
    "letters": [("令和", 0), ("F", 1), ("年", 0), ("E", 1), ("月", 0), ("HJ", 1), ("日の会議", 0)],
    "greek": [("価格は", 0), ("αβγ", 1), ("円、数量は", 0), ("δ", 1), ("個", 0)],
    "kanji of nowhere": [
        ("営業日報", 0),
        ("鼂鼇鼈鼉鼊鼗鼙鼟鼯鼱鼷鼽齁齂齄齅齆齇齈齉", 1),
        ("令和6年", 0),
    ],
    "mathematics": [("電話", 0), ("∀∃-∂∅∇", 1), ("へ", 0)],
}
BELIEVED = {
    "figures": [("令和", 0), ("6", 1), ("年", 0), ("5", 1), ("月", 0)],
    "bullets": [("•", 1), ("標準の手順書", 0), ("•", 1), ("来月の十日", 0), ("•", 1), ("費用", 0)],
    "kana of another face": [("そ", 1), ("年", 0), ("この", 1), ("日", 0), ("いつの", 1), ("月", 0)],
    "kanji numerals": [("令和", 0), ("六", 1), ("年", 0), ("五", 1), ("月", 0)],
    "companies": [("A", 1), ("社と", 0), ("B", 1), ("社の比較", 0)],
    "quotes": [("納期は", 0), ("It’s “ready” we’ll ship", 1), ("とのこと", 0)],
    "one face": [("’˜•", 0), ("“”›", 0)],
}


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_signs_where_figures_are_wanted_are_unlikely(kind: str) -> None:
    layer = layer_of(*DOUBTFUL[kind])
    assert doubts_about(layer).unlikely == {at for at, c in enumerate(layer.characters) if c.font == 1}


@pytest.mark.parametrize("kind", BELIEVED)
def test_usual_fonts_are_believed(kind: str) -> None:
    assert not doubts_about(layer_of(*BELIEVED[kind]))


def test_a_font_without_meaning_is_set_aside_as_a_whole_and_a_stray_character_alone() -> None:
    layer = layer_of(("令和", 0), ("\ue001\ue0025", 1), ("年。担当\ue123橋", 0))
    assert doubts_about(layer).meaningless == {2, 3, 4, 9}


def glyphs_of(text: str, unknown: str) -> dict[int, Glyph]:
    """The characters of a line, 10 points wide each; those of `unknown` with nothing but their place."""
    boxes = [Box(10.0 * at, 0, 10.0 * at + 10, 10) for at in range(len(text))]
    return {
        at: Glyph(at, "", boxes[at], 10, kind=c) if c in unknown else Glyph(at, c, boxes[at], 10)
        for at, c in enumerate(text)
    }


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.text("〇△□", min_size=1, max_size=4), st.sampled_from("年月日円個")),
        min_size=1,
        max_size=6,
    )
)
def test_unknown_characters_are_found_in_their_places(parts: list[tuple[str, str]]) -> None:
    """〇△□ stand for glyphs that show 1, 2 and 3."""
    text = "令和" + "".join(a + b for a, b in parts)
    shown = text.translate(str.maketrans("〇△□", "123"))
    (strip,) = strips_of(glyphs_of(text, "〇△□").values())
    line = DetectedLine(shown, Box(0, 0, 10.0 * len(text), 10), 0.99)
    told = told_in(strip, [replace(line, certainties=(0.99,) * len(shown))])
    assert {at: known.text for at, known in told.items()} == {
        at: c for at, c in enumerate(shown) if c in "123"
    }


def test_all_places_of_a_glyph_tell_together_what_it_is() -> None:
    glyphs = glyphs_of("〇〇〇△", "〇△")
    told = agreed({0: Told("1", 0.99), 1: Told("7", 0.6), 3: Told("2", 0.9)}, glyphs)
    assert [told[at].text for at in range(4)] == ["1", "1", "1", "2"]


@pytest.mark.parametrize(
    "case", ["digits_mapped_to_signs", "digits_mapped_to_private_use", "digits_mapped_to_nothing"]
)
def test_the_small_inputs_with_a_broken_figures_font(case: str, shared: Path, ppocr: Engine) -> None:
    document = read((shared / "cases" / f"{case}.pdf").read_bytes(), engine=ppocr, limits=LIMITS)
    text = without_space(document.text)
    for said in ("令和6年5月8日", "1,250,000円で、納期は30日", "03-1234-5678"):
        assert said in text
