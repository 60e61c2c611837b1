"""Pages scanned sideways, skewed, dusty or empty."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest

from ocr.cleaning.cleanup import clean, find_skew, is_blank, without_specks
from ocr.document import SourceReason
from ocr.engines.engine import Engine, Orientation
from ocr.engines.ppocr.networks import models
from ocr.engines.ppocr.orientation import PpocrOrientation, find_orientation
from ocr.engines.registry import create
from ocr.limits import Limits
from ocr.raster import Raster, deskewed, turned
from ocr.reading.scanned_page import from_pixels
from ocr.sources.pages import open_pages
from tests.support.ocr.other_engines import TEXT
from tests.support.ocr.pdfs import page_of

pytestmark = pytest.mark.slow

POINTS_PER_PIXEL = 72 / 200


def gray(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))


def dust(pixels: np.ndarray, specks: int, radius: int = 0) -> np.ndarray:
    """`pixels` with dark specks of 1 to 3 pixels strewn over it."""
    dusty = pixels.copy()
    random = np.random.default_rng(7)
    height, width = pixels.shape[:2]
    for x, y in zip(random.integers(0, width, specks), random.integers(0, height, specks), strict=True):
        cv2.circle(dusty, (int(x), int(y)), radius, (60, 60, 60), -1)
    return dusty


@pytest.mark.parametrize("lies", [0, 90, 180, 270])
def test_a_printed_page_is_stood_upright(printed: Raster, lies: int) -> None:
    found = find_orientation(turned(printed.pixels, lies), models())
    assert (lies + found.rotation) % 360 == 0
    assert 0.6 < found.confidence <= 1


@pytest.mark.parametrize("lies", [0, 270])
def test_a_page_of_100_dpi_is_stood_upright(printed: Raster, lies: int) -> None:
    coarse = cv2.resize(printed.pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    assert (lies + find_orientation(turned(coarse, lies), models()).rotation) % 360 == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("lies", [0, 90, 180, 270])
def test_a_page_of_vertical_writing_is_stood_upright(magazine: np.ndarray, lies: int) -> None:
    found = find_orientation(turned(magazine, lies), models())
    assert (lies + found.rotation) % 360 == 0
    assert 0.3 < found.confidence <= 1


FIGURES = np.random.default_rng(3).integers(10, 90, (48, 6)) / 10


@pytest.fixture(scope="module")
def table(limits: Limits) -> np.ndarray:
    """A table of figures whose rows are closer than its columns, BGR."""
    rows = "\n".join(
        f"1 0 0 1 {60 + 38 * at} {780 - 11 * row} Tm ({figure}) Tj"
        for row, values in enumerate(FIGURES)
        for at, figure in enumerate(values)
    )
    font = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >>"
    with open_pages(page_of(f"BT /F 10 Tf {rows} ET".encode(), resources=font), limits) as pages:
        return pages.raster(1, None).pixels


@pytest.mark.parametrize("lies", [0, 90, 180, 270])
def test_a_page_of_figures_set_closer_down_than_across_is_stood_upright(lies: int, table: np.ndarray) -> None:
    assert (lies + find_orientation(turned(table, lies), models()).rotation) % 360 == 0


def test_figures_set_closer_down_than_across_are_read_row_by_row(table: np.ndarray, ppocr: Engine) -> None:
    read = Counter(line.text for line in ppocr.recognize(table))
    printed = Counter(str(figure) for figure in FIGURES.flat)
    assert (read & printed).total() >= 0.97 * printed.total()


@pytest.mark.parametrize("lies", [0, 90, 180, 270])
def test_a_page_of_few_words_is_stood_upright(printed: Raster, lies: int) -> None:
    cells = printed.pixels[360:520]  # two rows of a form
    page = np.full_like(printed.pixels, 255)
    page[900 : 900 + len(cells)] = cells
    assert (lies + find_orientation(turned(page, lies), models()).rotation) % 360 == 0


def test_a_page_without_writing_is_not_turned() -> None:
    page = np.full((1000, 700, 3), 255, dtype=np.uint8)
    cv2.circle(page, (350, 500), 200, (0, 0, 0), 5)
    assert find_orientation(page, models()) == Orientation(0, 0.0)


@pytest.mark.parametrize("skew", [-9.0, -2.5, -0.4, 0.6, 1.3, 7.0])
def test_skew_is_found(printed: Raster, skew: float) -> None:
    # A page to be turned back counterclockwise by `skew` is one that was turned clockwise by it.
    assert find_skew(gray(deskewed(printed.pixels, -skew))).degrees == pytest.approx(skew, abs=0.15)


def test_vertical_writing_is_levelled_by_its_columns(magazine: np.ndarray) -> None:
    about = find_skew(gray(magazine)).degrees
    assert find_skew(gray(deskewed(magazine, -3.0))).degrees == pytest.approx(3.0 + about, abs=0.2)


def test_noise_has_no_skew() -> None:
    found = find_skew(gray(dust(np.full((1000, 700, 3), 250, dtype=np.uint8), 400, 1)))
    assert (found.degrees, found.confidence) == (0.0, 0.0)


def test_a_page_that_is_right_is_not_resampled(printed: Raster) -> None:
    page = clean(printed, PpocrOrientation())
    assert (page.rotation, page.skew) == (0, 0.0)
    assert min(page.rotation_confidence, page.skew_confidence) > 0.6
    assert np.array_equal(page.raster.pixels, printed.pixels)


def test_a_page_upside_down_and_skewed_comes_back(printed: Raster) -> None:
    scanned = Raster(turned(deskewed(printed.pixels, -1.5), 180), printed.points_per_pixel)
    page = clean(scanned, PpocrOrientation())
    assert page.rotation == 180
    assert page.skew == pytest.approx(1.5, abs=0.15)
    assert find_skew(page.raster.gray).degrees == 0.0


def test_specks_go_and_ink_stays(printed: Raster) -> None:
    dusty = Raster(dust(printed.pixels, 600), printed.points_per_pixel)
    cleaned = without_specks(dusty).gray.astype(int)
    before, strewn = printed.gray.astype(int), dusty.gray.astype(int)
    specks = (before > 200) & (strewn < 100)
    paper = cv2.erode((before > 200).astype(np.uint8), np.ones((19, 19), dtype=np.uint8)) > 0
    assert (cleaned[specks & paper] > 200).mean() > 0.95
    assert np.array_equal(cleaned[before < 100] < 130, np.ones((before < 100).sum(), dtype=bool))


def test_a_clean_page_is_left_alone(printed: Raster) -> None:
    assert without_specks(printed) is printed


def test_a_dotted_line_is_not_dust() -> None:
    page = np.full((1000, 1400, 3), 255, dtype=np.uint8)
    for y in range(100, 900, 80):
        page[y : y + 2, 100:1300:5] = 0
    raster = Raster(page, POINTS_PER_PIXEL)
    assert without_specks(raster) is raster


def test_blank_pages_are_told_from_written_ones(printed: Raster) -> None:
    paper = np.full((2339, 1654, 3), 245, dtype=np.uint8)
    assert is_blank(Raster(paper, POINTS_PER_PIXEL))
    shadowed = dust(paper, 80, 1)
    shadowed[:, :25] = 60
    shadowed[:12] = 90
    assert is_blank(Raster(shadowed, POINTS_PER_PIXEL))
    assert not is_blank(printed)
    one_word = paper.copy()
    cv2.putText(one_word, "OK", (700, 1200), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 2)
    assert not is_blank(Raster(one_word, POINTS_PER_PIXEL))


def test_the_engine_tells_how_a_page_lies(printed: Raster, monkeypatch: pytest.MonkeyPatch) -> None:
    def loaded() -> None:
        raise AssertionError("the engine knows by itself how a page lies")

    monkeypatch.setattr("ocr.engines.ppocr.orientation.models", loaded)
    found = from_pixels(printed, 1, create("tests.support.ocr.other_engines:oriented"), SourceReason.NO_LAYER)
    assert (found.page.rotation, found.page.rotation_confidence) == (90, 0.9)
    assert found.text == TEXT
