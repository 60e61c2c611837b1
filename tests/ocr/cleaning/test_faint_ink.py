"""Print of a sheet's back and watermarks: none of them is read, and what is gray on purpose stays."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.cleaning.faint_ink import without_faint_ink
from ocr.document import SourceReason
from ocr.engines.engine import Engine
from ocr.engines.ppocr.orientation import PpocrOrientation
from ocr.limits import Limits
from ocr.raster import Raster
from ocr.reading.reader import read as read_document
from ocr.reading.scanned_page import from_pixels
from tests.support.ocr.samples import error_rate, samples

pytestmark = pytest.mark.slow

SCALE = 72 / 200


def with_back(front: np.ndarray, back: np.ndarray, black: int) -> np.ndarray:
    """`front` with `back` behind it, whose black shows through as the gray level `black`."""
    shown = 1 - (1 - cv2.GaussianBlur(back, (0, 0), 1.2) / 255) * (255 - black) / 255
    return np.asarray(front * shown, np.uint8)


def test_nothing_is_read_of_the_back(printed: Raster, ppocr: Engine) -> None:
    back = np.roll(printed.pixels[:, ::-1], (-260, 15), axis=(0, 1))
    page = Raster(with_back(printed.pixels, back, 210), SCALE)
    clean = from_pixels(printed, 1, ppocr, SourceReason.NO_LAYER)
    read = from_pixels(page, 1, ppocr, SourceReason.NO_LAYER)

    assert error_rate(read.text, clean.text) <= 0.005
    assert [len(table.cells) for table in read.page.tables] == [
        len(table.cells) for table in clean.page.tables
    ]
    assert len(read.page.fields) == len(clean.page.fields)


@pytest.mark.parametrize("over", [(slice(None), slice(None, None, -1)), (slice(None, None, -1), slice(None))])
def test_the_back_goes_and_the_front_stays(printed: Raster, over: tuple[slice, slice]) -> None:
    shown = with_back(np.full_like(printed.pixels, 255), printed.pixels[over], 205)
    page = Raster(with_back(printed.pixels, printed.pixels[over], 205), SCALE)
    cleaned, print_ = without_faint_ink(page, PpocrOrientation()).gray.astype(int), printed.gray

    beside = cv2.erode((print_ > 240).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert (cleaned[(shown[..., 0] < 235) & beside] > 240).mean() > 0.97
    assert np.abs(cleaned - print_.astype(int))[print_ < 80].mean() < 12


def test_print_that_is_gray_on_purpose_stays(printed: Raster) -> None:
    pale = 255 - (255 - printed.pixels) // 5
    half = Raster(np.concatenate([printed.pixels[:900], pale[900:]]), SCALE)
    below = Raster(np.concatenate([printed.pixels[:700], pale[200:]]), SCALE)

    for page in (half, below, printed, Raster(pale, SCALE)):
        assert without_faint_ink(page, PpocrOrientation()) is page


def unevenly_lit(pixels: np.ndarray, darkest: float) -> np.ndarray:
    """As a page under a lamp at its top left, with a shadow across its foot."""
    height, width = pixels.shape[:2]
    light = cv2.resize(np.array([[1, 0.9], [0.88, darkest]], np.float32), (width, height))
    light[round(0.8 * height) :] *= 0.85  # type: ignore[arg-type]
    return np.asarray(pixels * cv2.GaussianBlur(light, (0, 0), 25)[..., None], np.uint8)


@pytest.mark.parametrize("darkest", [0.9, 0.72])
def test_a_shadow_is_no_watermark(printed: Raster, darkest: float) -> None:
    page = Raster(unevenly_lit(printed.pixels, darkest), SCALE)
    assert without_faint_ink(page, PpocrOrientation()) is page


def test_the_back_of_a_photographed_sheet_is_not_read(root: Path, ppocr: Engine, limits: Limits) -> None:
    (sample,) = (s for s in samples(root, kind="call-log") if "bleed_through:1.2" in s.effects)
    read = read_document(sample.data, engine=ppocr, limits=limits)
    assert error_rate(read.text, sample.text) <= 0.005


@pytest.mark.parametrize("size", [1.6, 5.0])
def test_nothing_is_read_of_a_watermark(printed: Raster, ppocr: Engine, size: float) -> None:
    width, height = printed.pixels.shape[1::-1]
    mark = np.zeros((height, width), np.uint8)
    places = [(x, y) for y in range(300, 2000, 160) for x in (150, 600, 1050)] if size < 2 else [(690, 760)]
    for x, y in places:
        cv2.putText(mark, "COPY", (x, y), cv2.FONT_HERSHEY_DUPLEX, size, 255, round(4 * size))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 28, 1.0)
    placed = cv2.warpAffine(mark, turn, (width, height), flags=cv2.INTER_LINEAR)[..., None] / 255
    page = Raster(np.asarray(printed.pixels * (1 - placed * 0.16), np.uint8), SCALE)
    cleaned = without_faint_ink(page, PpocrOrientation()).gray.astype(int)

    assert (cleaned[(placed[..., 0] > 0.9) & (printed.gray > 240)] > 240).mean() > 0.75
    assert np.abs(cleaned - printed.gray.astype(int))[printed.gray < 80].mean() < 12


def test_a_pale_title_stays(printed: Raster) -> None:
    page = printed.pixels.copy()
    page[:300] = 255
    cv2.putText(page, "REPORT", (400, 220), cv2.FONT_HERSHEY_DUPLEX, 4.0, (205, 205, 205), 18)
    assert without_faint_ink(Raster(page, SCALE), PpocrOrientation()).pixels is page


def test_a_scan_whose_back_shines_through_reads_as_typed(shared: Path, ppocr: Engine) -> None:
    pixels = cv2.imread(str(shared / "cases" / "bleed_through.jpg"))
    read = from_pixels(Raster(pixels, SCALE), 1, ppocr, SourceReason.NO_LAYER)  # type: ignore[arg-type]
    (table,) = read.page.tables

    assert max(cell.row for cell in table.cells) == 4
    assert max(cell.column for cell in table.cells) == 3
    fields = {field.name: field.value for field in read.page.fields}
    assert fields == {"報告日": "令和6年5月8日(水)", "報告者": "営業二課 佐藤光一"}
