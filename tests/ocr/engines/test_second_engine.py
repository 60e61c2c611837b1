"""A second engine: asked about the worst pages only, heard only where its reading is worth more."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from fixtures.page_truth import read_pages
from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.engines.engine import Engine
from ocr.engines.registry import create
from ocr.engines.second_engine import OnLines, WithSecond, second_look
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.raster import Pixels
from ocr.reading.reader import read
from ocr.sources.pages import open_pages

pytestmark = pytest.mark.slow

LINES = tuple(
    DetectedLine("本日の売上は前年を上回った。", Box(10, 20 * n, 200, 20 * n + 12), 0.6) for n in range(8)
)


@dataclass(frozen=True)
class Reads:
    """An engine that says of every page what it was made to say, or fails."""

    name: str
    lines: tuple[DetectedLine, ...] | None

    @property
    def fingerprint(self) -> str:
        return self.name

    def recognize(self, image: Pixels) -> tuple[DetectedLine, ...]:
        raise AssertionError("only what `look` gives is read here")


def look(found: tuple[DetectedLine, ...], again: tuple[DetectedLine, ...] | None) -> tuple[str, str]:
    """The engine that is kept and the one that is passed over."""
    both = WithSecond(Reads("first", found), Reads("second", again))

    def read_again(engine: Engine) -> tuple[DetectedLine, ...]:
        assert isinstance(engine, OnLines)
        if again is None:
            raise ReadingError(FailureCategory.TIMEOUT, "時間切れ")
        return again

    opinion = second_look(both, found, 0.36, read_again)
    return opinion.engine.name, opinion.passed_over


def sure(confidence: float) -> tuple[DetectedLine, ...]:
    return tuple(replace(line, confidence=confidence) for line in LINES)


def test_the_better_reading_is_kept_and_the_other_named() -> None:
    assert look(sure(0.6), sure(0.8)) == ("second", "first")
    assert look(sure(0.6), sure(0.5)) == ("first", "second")


def test_half_a_page_is_no_better_however_sure() -> None:
    assert look(sure(0.85), sure(0.99)[:4]) == ("first", "second")


def test_a_sure_page_is_read_once() -> None:
    assert look(sure(0.99), sure(0.999)) == ("first", "")


def test_a_second_engine_that_fails_has_no_say() -> None:
    assert look(sure(0.6), None) == ("first", "")


def test_tesseract_reads_the_lines_that_another_found(ppocr: Engine) -> None:
    tesseract = _tesseract()
    [truth] = [page for page in read_pages("degraded") if page.file == "degraded/report_200.jpg"]
    with open_pages(truth.path.read_bytes(), Limits()) as pages:
        pixels = pages.raster(1, None).pixels
    found = ppocr.recognize(pixels)[:6]
    again = OnLines(tesseract, found).recognize(pixels)
    assert {line.box for line in again} <= {line.box for line in found}
    read_first = "".join(line.text for line in found)
    shared = sum(character in read_first for line in again for character in line.text)
    assert shared > 0.8 * sum(len(line.text) for line in again)
    assert len(again) >= 5


def test_a_page_past_reading_is_read_by_both() -> None:
    _tesseract()
    both = create("ppocr+tesseract", Limits())
    [truth] = [page for page in read_pages("degraded") if page.file == "degraded/report_hard_fax.tif"]
    [page] = read(truth.path.read_bytes(), engine=both, limits=Limits()).pages
    assert {page.engine, page.passed_over} == {"ppocr", "tesseract"}


def test_two_engines_have_a_fingerprint_of_their_own() -> None:
    _tesseract()
    alone, both = create("ppocr").fingerprint, create("ppocr+tesseract").fingerprint
    assert alone in both
    assert alone != both


def test_a_missing_second_engine_is_told_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ReadingError) as caught:
        create("ppocr+tesseract")
    assert caught.value.category is FailureCategory.ENGINE_MISSING
    assert "--second-engine" in caught.value.message


def _tesseract() -> Engine:
    try:
        return create("tesseract")
    except ReadingError as error:
        pytest.skip(error.message)
