"""Sheets photographed at an angle: they are read as flat ones are, and nothing else is straightened."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from ocr.cleaning.perspective import find_corners
from ocr.document import SourceReason
from ocr.engines.engine import Engine
from ocr.limits import Limits
from ocr.raster import Raster, flattened
from ocr.reading.scanned_page import from_pixels
from ocr.sources.pages import render_upright
from tests.support.ocr.samples import error_rate

pytestmark = pytest.mark.slow

SCALE = 72 / 200
HEIGHT, WIDTH = 2600, 1900
FLAT = ((0.06, 0.06), (0.94, 0.06), (0.94, 0.94), (0.06, 0.94))
TOP_A_QUARTER_SHORTER = ((0.17, 0.06), (0.83, 0.06), (0.94, 0.94), (0.06, 0.94))
RIGHT_AND_BOTTOM_SHORTER = ((0.06, 0.05), (0.94, 0.12), (0.86, 0.9), (0.12, 0.94))
CUT_OFF_AT_THE_LEFT = ((-0.03, 0.04), (0.93, 0.1), (0.93, 0.9), (-0.03, 0.96))
Sides = tuple[tuple[float, float], ...]


def wood() -> np.ndarray:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    grain = 1 + 0.15 * np.sin(y / 11 + 3 * np.sin(x / 260))
    return np.asarray(np.array([55, 90, 130]) * grain[..., None], np.uint8)


def photographed(page: np.ndarray, sides: Sides, desk: np.ndarray | int = 50) -> Raster:
    """`page` with its corners at shares of the picture's sides."""
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    places = (np.array(sides) * (WIDTH, HEIGHT)).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, places)
    picture = np.full((HEIGHT, WIDTH, 3), desk, np.uint8)
    seen = cv2.warpPerspective(page, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderValue=(255,) * 3)
    sheet = cv2.warpPerspective(np.full_like(page, 255), matrix, (WIDTH, HEIGHT)) > 127
    return Raster(cv2.GaussianBlur(np.where(sheet, seen, picture), (0, 0), 0.7), SCALE)  # type: ignore[arg-type]


def turned_by(sides: Sides, degrees: float, moved: tuple[float, float] = (0.0, 0.0)) -> Sides:
    size = np.array([WIDTH, HEIGHT])
    points = np.array(sides) * size
    turn = cv2.getRotationMatrix2D(tuple(points.mean(axis=0)), degrees, 1.0)
    there = (points @ turn[:, :2].T + turn[:, 2]) / size + moved
    return tuple((float(x), float(y)) for x, y in there)


def values(text: str) -> str:
    """`text` without what is read now one way and now the other: waves and spaces."""
    return "".join(text.replace("〜", "~").replace("～", "~").split())


@pytest.mark.parametrize("sides", [TOP_A_QUARTER_SHORTER, RIGHT_AND_BOTTOM_SHORTER])
def test_a_sheet_at_an_angle_is_read_as_the_flat_one(printed: Raster, ppocr: Engine, sides: Sides) -> None:
    flat = from_pixels(printed, 1, ppocr, SourceReason.NO_LAYER)
    read = from_pixels(photographed(printed.pixels, sides, wood()), 1, ppocr, SourceReason.NO_LAYER)

    assert error_rate(read.text, flat.text) <= 0.01
    assert [len(table.cells) for table in read.page.tables] == [
        len(table.cells) for table in flat.page.tables
    ]
    assert [values(field.value) for field in read.page.fields] == [
        values(field.value) for field in flat.page.fields
    ]


@pytest.mark.parametrize(
    "sides",
    [
        TOP_A_QUARTER_SHORTER,
        RIGHT_AND_BOTTOM_SHORTER,
        CUT_OFF_AT_THE_LEFT,
        turned_by(((0.2, 0.12), (0.8, 0.12), (0.88, 0.88), (0.12, 0.88)), 5),
        TOP_A_QUARTER_SHORTER[2:] + TOP_A_QUARTER_SHORTER[:2],  # upside down
    ],
)
def test_the_corners_are_where_the_sheet_was_laid(printed: Raster, sides: Sides) -> None:
    corners = find_corners(photographed(printed.pixels, sides, wood()))

    laid = sorted((max(x, 0.0), y) for x, y in sides)  # what is cut off is not seen
    assert np.abs(np.array(sorted(corners)) - np.array(laid)).max() < 0.015


@pytest.mark.parametrize(
    "sides",
    [
        FLAT,
        turned_by(FLAT, 4),
        turned_by(FLAT, 4, (-0.09, 0)),  # cut off at the picture's left
        turned_by(FLAT, -3, (0.09, 0.08)),
    ],
)
def test_a_sheet_seen_from_above_is_left_alone(printed: Raster, sides: Sides) -> None:
    assert find_corners(photographed(printed.pixels, sides)) == ()


def test_scans_are_left_alone(printed: Raster, magazine: np.ndarray) -> None:
    rimmed = printed.pixels.copy()
    cv2.fillPoly(
        rimmed, [np.array([[0, 0], [70, 0], [0, rimmed.shape[0]]])], (20, 20, 20)
    )  # the lid's shadow

    for pixels in (printed.pixels, rimmed, magazine, 255 - printed.pixels):
        assert find_corners(Raster(pixels, SCALE)) == ()


def test_nothing_beyond_the_sheet_is_lost(printed: Raster) -> None:
    sheet = photographed(printed.pixels, TOP_A_QUARTER_SHORTER)
    slip = sheet.pixels.copy()
    slip[60:300, 20:260] = 245
    title = sheet.pixels.copy()
    cv2.putText(title, "REPORT 2024", (500, 120), cv2.FONT_HERSHEY_SIMPLEX, 3, (255, 255, 255), 6)
    light = np.linspace(1.0, 0.3, HEIGHT)[:, None, None]
    dim = (photographed(printed.pixels, TOP_A_QUARTER_SHORTER, 120).pixels * light).astype(np.uint8)

    assert find_corners(sheet) != ()
    assert find_corners(Raster(slip, SCALE)) == ()
    assert find_corners(Raster(title, SCALE)) == ()
    corners = find_corners(Raster(dim, SCALE))
    assert corners == () or max(y for _, y in corners) > 0.9


def test_a_straightened_page_is_shown_as_it_was_read(printed: Raster, ppocr: Engine, limits: Limits) -> None:
    photograph = photographed(printed.pixels, TOP_A_QUARTER_SHORTER)
    page = from_pixels(photograph, 1, ppocr, SourceReason.NO_LAYER).page
    buffer = io.BytesIO()
    Image.fromarray(photograph.pixels[:, :, ::-1]).save(buffer, "PNG", dpi=(200, 200))
    shown = np.asarray(render_upright(buffer.getvalue(), page, limits).convert("L"))

    assert shown.shape == (round(page.height / SCALE), round(page.width / SCALE))
    line = max(page.lines, key=lambda line: line.box.width)
    box = line.box.scaled(1 / SCALE)
    written = shown[round(box.y0) : round(box.y1), round(box.x0) : round(box.x1)] < 128
    assert written.mean() > 0.05
    assert np.median(shown[:5]) > 200  # nothing of the desk


def test_a_picture_without_corners_stays_as_it_is(printed: Raster) -> None:
    assert flattened(printed.pixels, ()) is printed.pixels
