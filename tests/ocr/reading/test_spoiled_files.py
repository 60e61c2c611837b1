"""Our own parsers on whatever may come: a result or a reason, nothing lost, nothing invented."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fixtures.spoiling.mutations import BLIND, BY_FORMAT, Mutation
from fixtures.spoiling.office_files import office_files
from ocr.detection import DetectedLine, Ruling
from ocr.document import Box, TextSource
from ocr.errors import ReadingError
from ocr.grids.ruled_lines import RuledLines
from ocr.ink.rulings import find_rulings
from ocr.layers.layer_parts import Character
from ocr.layers.line_assembly import upright_lines
from ocr.layout.page import build_page, empty_page
from ocr.layout.page_elements import PageElements
from ocr.limits import Limits
from ocr.media.detect import media_type
from ocr.pdfs.pdf_hazards import check_hazards
from ocr.proofreading.sanity import sane_lines, sane_text
from ocr.reading.reader import read
from ocr.serialization import from_json, to_json
from ocr.sources.inspection import inspect
from tests.support.ocr.engines import Unreading
from tests.support.ocr.media_files import encoded, tiff
from tests.support.ocr.pdfs import deflated, layer_of, page_of

LIMITS = Limits(max_pixels=2_000_000, max_pages=20, dpi=72)
bounded = settings(max_examples=60, deadline=None, derandomize=True)
SIGNATURES = (
    b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"II+\x00", b"GIF89a",
    b"RIFF\0\0\0\0WEBP", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"From: a\nTo: b\n\n", b"",
)  # fmt: skip


T = TypeVar("T")


def tried(action: Callable[[], T]) -> T | None:
    """What `action` gives; None where it was refused, with advice."""
    try:
        return action()
    except ReadingError as error:
        advice = error.message
    assert advice.endswith("ください。")
    return None


@bounded
@given(st.sampled_from(SIGNATURES), st.binary(max_size=400))
def test_any_bytes_are_a_source_or_refused(signature: bytes, rest: bytes) -> None:
    data = signature + rest
    info = tried(lambda: inspect(data, LIMITS))
    if info is not None:
        assert info.media is media_type(data)
        assert 1 <= info.pages <= LIMITS.max_pages


SQUARE = Image.new("L", (60, 80), "white")
SQUARE.paste("black", (10, 10, 30, 30))
SAMPLES = {
    "pdf": page_of(b"1 0 0 1 50 700 cm 0 0 200 90 re S /X Do", deflated("契約書の件。".encode() * 20)),
    "tiff": tiff([SQUARE.convert("1")] * 2, compression="group4"),
    "png": encoded(SQUARE, "PNG"),
    "jpeg": encoded(SQUARE, "JPEG"),
} | {f"{kind} {number}": data for number, (kind, data) in enumerate(office_files())}


@pytest.mark.parametrize("kind", SAMPLES)
@settings(bounded, max_examples=25)
@given(number=st.integers(0, 10**6))
def test_a_spoiled_file_ends_in_a_document_or_a_reason(kind: str, number: int) -> None:
    dice = Random(number)
    mutate: Mutation = dice.choice((*BLIND, *BY_FORMAT[kind.split()[0]]))
    data = mutate(SAMPLES[kind], dice)
    document = tried(lambda: read(data, engine=Unreading(), limits=LIMITS))
    if document is None:
        return
    assert from_json(to_json(document)) == document
    assert all(failure.message.endswith("ください。") for failure in document.failures)
    numbers = sorted([*(page.number for page in document.pages), *(f.page for f in document.failures)])
    assert numbers == list(range(1, len(numbers) + 1))


json_like = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=5)),
    lambda inner: (
        st.dictionaries(st.sampled_from(["text", "pages", "failures", "page"]), inner, max_size=4)
        | st.lists(inner, max_size=3)
    ),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode())


@bounded
@given(st.binary(max_size=200) | json_like)
def test_what_is_not_a_document_is_refused(data: bytes) -> None:
    try:
        document = from_json(data)
    except ValueError:
        return
    assert from_json(to_json(document)) == document


pieces = st.sampled_from(
    [
        b"stream\n",
        b"endstream",
        b"<< /Filter /FlateDecode >>",
        b"[",
        b"<<",
        b"x",
        b"\n",
        b"endobj",
        b"1 0 obj",
    ]
)


@bounded
@given(st.lists(pieces, max_size=60).map(b"".join))
def test_looking_for_hazards_ends(data: bytes) -> None:
    tried(lambda: check_hazards(data, Limits(max_nesting=3)))


@bounded
@given(st.text(st.characters(codec=None), max_size=40))
def test_sane_text_can_be_kept_and_keeps_what_can(text: str) -> None:
    sane = sane_text(text)
    sane.encode("utf-8")
    assert sane_text(sane) == sane
    printable = "".join(c for c in text if c.isprintable())
    assert Counter(printable) <= Counter(sane)


numbers = st.floats(allow_nan=True, allow_infinity=True, width=32)


@bounded
@given(st.lists(st.builds(DetectedLine, st.text(max_size=5), st.builds(Box, *[numbers] * 4), numbers)))
def test_sane_lines_lie_somewhere(lines: list[DetectedLine]) -> None:
    for line in sane_lines(lines):
        assert line.box.x0 <= line.box.x1
        assert line.box.y0 <= line.box.y1
        assert 0 <= line.confidence <= 1


places = st.floats(0, 600, width=32)


@bounded
@given(
    st.lists(
        st.builds(
            lambda c, x, y, size, hangs: Character(c, Box(x, y, x + size, y + size), size, 0, hangs),
            st.sampled_from("契約書の件A1 　。"),
            places,
            places,
            st.floats(1, 40, width=32),
            st.booleans(),
        ),
        max_size=40,
    ),
    st.lists(st.builds(Ruling, places, places, places, places), max_size=6),
)
def test_lines_hold_every_character_once(characters: list[Character], rulings: list[Ruling]) -> None:
    lines = upright_lines(characters, rulings)
    read_back = Counter(c for line in lines for c in line.text if c.strip())
    assert read_back == Counter(c.text for c in characters if c.text.strip())
    boxes = [character.box for character in characters if character.text.strip()]
    if boxes:
        assert Box.around(line.box for line in lines) == Box.around(boxes)


@bounded
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32 - 1))
def test_rulings_lie_on_the_page(width: int, height: int, seed: int) -> None:
    noise = np.random.default_rng(seed)
    gray = noise.integers(0, 256, (height, width), dtype=np.uint8)
    gray[noise.integers(0, height), :] = 0
    for ruling in find_rulings(gray, 0.5):
        assert -1 <= ruling.x0 <= ruling.x1 <= width / 2 + 1
        assert -1 <= ruling.y0 <= ruling.y1 <= height / 2 + 1


def test_a_layer_of_every_plane_is_read() -> None:
    text = "契約𠮷野家😀の件"
    assert read(layer_of(text), engine=Unreading(), limits=LIMITS).text == text


edges = st.floats(0, 600, allow_nan=False)


def any_line(text: str, x0: float, y0: float, width: float, height: float, vertical: bool) -> DetectedLine:
    return DetectedLine(text, Box(x0, y0, x0 + width, y0 + height), 0.9, vertical)


def any_ruling(x0: float, y0: float, x1: float, y1: float) -> Ruling:
    return Ruling(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


sizes = st.sampled_from([0.0, 0.0, 1e-9, 3.0, 10.5, 10.5, 80.0, 400.0])
words = st.sampled_from(
    ["日報", "金額：1,250", "1 2 3", "-----------", "| a |", "+---+", "一", "請求書。", "○"]
)
drawn = st.builds(any_line, words, edges, edges, sizes, sizes, st.booleans())


@bounded
@given(st.lists(drawn, max_size=12), st.lists(st.builds(any_ruling, edges, edges, edges, edges), max_size=6))
def test_lines_of_any_shape_make_a_page(lines: list[DetectedLine], rulings: list[Ruling]) -> None:
    page = empty_page(1, 595, 842, TextSource.TEXT_LAYER, "")
    found = build_page(page, PageElements([*sane_lines(lines)], RuledLines(tuple(rulings))))
    for block in found.page.blocks:
        for line in block.lines:
            assert found.text[line.start : line.end] == line.text
