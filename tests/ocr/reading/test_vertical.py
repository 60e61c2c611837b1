"""Vertical writing read from pixels and from text layers: marks, figures side by side, Latin words, ruby."""

from __future__ import annotations

from functools import cache

import pytest

from fixtures.page_truth import read_pages
from ocr.document import Box, Document, TextSource
from ocr.engines.engine import Engine
from ocr.engines.registry import create
from ocr.layers.layer_parts import Character
from ocr.layers.vertical_characters import with_columns
from ocr.limits import Limits
from ocr.reading.reader import read
from ocr.sources.pages import open_pages
from tests.support.ocr.samples import error_rate, without_space

pytestmark = pytest.mark.slow

PAGES = {truth.path.stem: truth for truth in read_pages("layouts")}
SCANNED = ("vertical-letter", "vertical-notice", "vertical-latin", "vertical-ruby", "vertical-magazine")


@cache
def reading(name: str) -> Document:
    return read(PAGES[name].path.read_bytes(), engine=create("ppocr"), limits=Limits())


def test_scanned_columns_are_read_with_all_their_marks() -> None:
    wrong = [error_rate(reading(name).text, PAGES[name].text) for name in SCANNED]

    assert sum(wrong) / len(wrong) <= 0.005
    for mark in "、。「」ー（）っ":
        found = sum(reading(name).text.count(mark) for name in SCANNED)
        true = sum(PAGES[name].text.count(mark) for name in SCANNED)
        assert abs(found - true) <= 0.02 * true + 1, mark


@pytest.mark.parametrize("figures", ["12月30日", "3時30分", "14階", "25番", "11月18日"])
def test_figures_side_by_side_in_one_em_are_read_upright(figures: str) -> None:
    assert figures in without_space(reading("vertical-notice").text)


@pytest.mark.parametrize("words", ["Docuflow Server", "support@docuflow.example", "98.2%"])
def test_latin_words_lying_in_a_column_are_read(words: str) -> None:
    assert without_space(words) in without_space(reading("vertical-latin").text)


def test_ruby_beside_the_columns_is_no_part_of_the_text() -> None:
    text = without_space(reading("vertical-ruby").text)

    assert "今年も酒蔵の戸が開く季節になった。杜氏の今井さんは" in text
    assert "さかぐら" not in text


def test_lines_keep_a_probability_for_each_of_their_characters(ppocr: Engine) -> None:
    with open_pages(PAGES["vertical-latin"].path.read_bytes(), Limits()) as pages:
        lines = ppocr.recognize(pages.raster(1, None).pixels)

    columns = [line for line in lines if line.vertical]
    assert len(columns) >= 9
    for line in columns:
        assert len(line.certainties) == len(line.rivals) == len(line.text)


def test_columns_of_upright_characters_in_a_text_layer_are_read_downwards() -> None:
    document = reading("text-vertical")

    assert document.pages[0].source is TextSource.TEXT_LAYER
    assert error_rate(document.text, PAGES["text-vertical"].text) == 0
    assert "Kumiai Net" in document.text
    assert {"。", "、", "「"} <= set(document.text)
    assert all(line.vertical or len(line.text) == 1 for line in document.pages[0].lines[2:-1])


def set_in(text: str, x: float, y: float, dx: float, dy: float, *, turn: int = 0) -> list[Character]:
    """Characters of 10 points from (x, y) on, each so far from the one before."""
    return [
        Character(char, Box(x + dx * n, y + dy * n, x + dx * n + 10, y + dy * n + 10), 10.0, turn)
        for n, char in enumerate(text)
    ]


def test_rows_and_lists_of_single_marks_are_no_columns() -> None:
    row = set_in("この行は横に読む", 100, 100, 10, 0)
    marks = set_in("○×○△", 300, 200, 0, 18)
    numbers = set_in("12345", 60, 200, 0, 10)
    sideways = set_in("Delivery", 500, 100, 0, 6, turn=270)

    for characters in (row, marks, numbers, sideways):
        assert with_columns(characters) == tuple(characters)


def test_a_column_is_told_by_the_order_of_drawing() -> None:
    column = set_in("縦に読む", 100, 100, 0, 10)
    digits = [
        Character("1", Box(100, 140, 105, 150), 10.0),
        Character("2", Box(105, 140, 110, 150), 10.0),
    ]
    after = set_in("月の予定︒", 100, 150, 0, 10)

    hung = with_columns([*column, *digits, *after])

    assert "".join(character.text for character in hung) == "縦に読む12月の予定。"
    assert all(character.hangs for character in hung)
    assert [character.text for character in hung if character.box.y0 == 140] == ["12"]
