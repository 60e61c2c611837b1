"""Ruled lines found in drawn rasters: whole, broken, dotted, skewed, and none among letters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocr.grids.grid import find_grids
from ocr.ink.rulings import find_rulings
from ocr.ink.seals import find_seals
from ocr.raster import Raster

DPI = 200
SCALE = 72 / DPI
XS = [50, 130, 330, 545]
YS = [100, 122, 144, 300]
INK, PAPER = 50, 240


def pixels(points: float) -> int:
    return round(points / SCALE)


def blank_page() -> Image.Image:
    return Image.new("L", (pixels(595), pixels(350)), PAPER)


def form(style: str = "whole", ink: int = INK) -> Image.Image:
    """A page with a grid of 3 by 3 cells in points XS, YS, and strokes as of letters in each."""
    image = blank_page()
    draw = ImageDraw.Draw(image)
    for x in XS:
        draw.line([pixels(x), pixels(YS[0]), pixels(x), pixels(YS[-1])], fill=ink, width=2)
    for y in YS:
        inner = y not in (YS[0], YS[-1])
        for start, end in _pieces(style if inner else "whole"):
            draw.line([pixels(start), pixels(y), pixels(end), pixels(y)], fill=ink, width=2)
    for x in XS[:-1]:
        for y in YS[:-1]:
            letters(draw, x + 6, y + 6, 6)
    return image


def _pieces(style: str) -> list[tuple[float, float]]:
    """From XS[0] to XS[-1]: in one, in pieces of 30 points with gaps, or in dots."""
    step, ink = {"whole": (495.0, 495.0), "broken": (32.5, 30.0), "dotted": (3.5, 1.5)}[style]
    starts = np.arange(XS[0], XS[-1], step)
    return [(start, min(start + ink, XS[-1])) for start in starts]


def letters(draw: ImageDraw.ImageDraw, x: float, y: float, count: int) -> None:
    """Strokes like those of 王 and 日 in 10 point type, a tenth of an em between them."""
    for number in range(count):
        left, right = pixels(x + 10.5 * number), pixels(x + 10.5 * number + 9)
        for level in (0, 4, 8):
            draw.line([left, pixels(y + level), right, pixels(y + level)], fill=INK, width=2)
        draw.line([(left + right) // 2, pixels(y), (left + right) // 2, pixels(y + 9)], fill=INK, width=2)


def scanned(image: Image.Image, skew: float = 0.0) -> NDArray[np.uint8]:
    """As a scanner gives it: turned a little, with the noise of paper."""
    turned = image.rotate(skew, Image.Resampling.BICUBIC, fillcolor=PAPER)
    noise = np.random.default_rng(7).normal(0, 6, (turned.height, turned.width))
    return np.clip(np.asarray(turned, np.float64) + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("style", ["whole", "broken", "dotted"])
@pytest.mark.parametrize("skew", [0.0, 1.0, -1.0])
def test_every_cell_is_found(style: str, skew: float) -> None:
    (grid,) = find_grids(find_rulings(scanned(form(style), skew), SCALE))

    assert [(cell.row, cell.column) for cell in grid.cells] == [(r, c) for r in range(3) for c in range(3)]


def test_rulings_lie_where_they_were_drawn() -> None:
    found = find_rulings(scanned(form()), SCALE)

    assert [round(r.y0) for r in found if r.horizontal] == pytest.approx(YS, abs=1)
    assert [round(r.x0) for r in found if not r.horizontal] == pytest.approx(XS, abs=1)


@pytest.mark.parametrize("dpi", [150, 300, 400])
def test_the_resolution_of_the_scan_makes_no_difference(dpi: int) -> None:
    image = form()
    resized = image.resize((round(595 * dpi / 72), round(350 * dpi / 72)), Image.Resampling.LANCZOS)
    (grid,) = find_grids(find_rulings(scanned(resized), 72 / dpi))

    assert len(grid.cells) == 9


def test_faint_lines_are_found() -> None:
    (grid,) = find_grids(find_rulings(scanned(form(ink=PAPER - 60)), SCALE))

    assert len(grid.cells) == 9


def test_shaded_label_cells_are_cells_and_their_edges_no_extra_lines() -> None:
    image = form()
    shade = Image.new("L", (pixels(78), pixels(198)), 200)
    image.paste(shade, (pixels(51), pixels(101)))
    draw = ImageDraw.Draw(image)
    for y in YS[1:-1]:
        draw.line([pixels(50), pixels(y), pixels(130), pixels(y)], fill=INK, width=2)
    found = find_rulings(scanned(image), SCALE)

    assert len(found) == len(XS) + len(YS)
    assert len(find_grids(found)[0].cells) == 9


def test_a_table_of_one_low_row_is_found() -> None:
    image = blank_page()
    draw = ImageDraw.Draw(image)
    for y in (100, 118):
        draw.line([pixels(50), pixels(y), pixels(300), pixels(y)], fill=INK, width=2)
    for x in (50, 120, 300):
        draw.line([pixels(x), pixels(100), pixels(x), pixels(118)], fill=INK, width=2)

    assert len(find_grids(find_rulings(scanned(image), SCALE))[0].cells) == 2


@pytest.mark.parametrize("skew", [0.0, 1.0])
def test_letters_are_no_rulings(skew: float) -> None:
    image = blank_page()
    draw = ImageDraw.Draw(image)
    for row in range(15):
        letters(draw, 50, 60 + 15 * row, 46)
    draw.rectangle([pixels(400), pixels(295), pixels(520), pixels(330)], fill=INK)

    assert find_rulings(scanned(image, skew), SCALE) == ()


def test_a_blank_page_has_none() -> None:
    assert find_rulings(scanned(blank_page()), SCALE) == ()


def test_a_streak_of_the_scanner_is_no_ruling_but_a_table_may_fill_the_picture() -> None:
    image = form()
    ImageDraw.Draw(image).line([pixels(480), 0, pixels(480), image.height], fill=INK, width=2)
    (grid,) = find_grids(find_rulings(scanned(image), SCALE))
    assert len(grid.cells) == 9

    cropped = form().crop((pixels(XS[0]) - 4, pixels(YS[0]) - 4, pixels(XS[-1]) + 6, pixels(YS[-1]) + 6))
    (grid,) = find_grids(find_rulings(scanned(cropped), SCALE))
    assert len(grid.cells) == 9


def test_a_border_with_a_hole_punched_in_it_still_closes_its_cells() -> None:
    image = form()
    middle = pixels(220)
    ImageDraw.Draw(image).rectangle([pixels(45), middle - 25, pixels(56), middle + 25], fill=PAPER)
    (grid,) = find_grids(find_rulings(scanned(image), SCALE))

    assert len(grid.cells) == 9


def test_red_seals_are_found_on_a_colour_scan_and_none_on_a_gray_one() -> None:
    image = blank_page().convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.ellipse([pixels(100), pixels(100), pixels(130), pixels(130)], outline=(200, 50, 60), width=4)
    draw.line([pixels(108), pixels(108), pixels(122), pixels(122)], fill=(200, 50, 60), width=6)
    draw.line([pixels(200), pixels(100), pixels(400), pixels(100)], fill=(200, 50, 60), width=3)
    blue_first = np.ascontiguousarray(np.asarray(image)[..., ::-1])
    (seal,) = find_seals(Raster(blue_first, SCALE))

    assert (seal.x0, seal.y0, seal.x1, seal.y1) == pytest.approx((100, 100, 130, 130), abs=1.5)
    assert find_seals(Raster(np.repeat(np.asarray(image.convert("L"))[..., None], 3, axis=2), SCALE)) == ()


def low_rows(dash: tuple[float, float] | None) -> Image.Image:
    """Three rows of 18 points in four columns, drawn in pieces of `dash` points of ink and of white."""
    image = blank_page()
    draw = ImageDraw.Draw(image)
    ink, white = dash or (600.0, 0.0)

    def line(x0: float, y0: float, x1: float, y1: float) -> None:
        length = max(x1 - x0, y1 - y0)
        right, down = (x1 - x0) / length, (y1 - y0) / length
        for at in np.arange(0.0, length, ink + white):
            end = min(at + ink, length)
            piece = [
                pixels(x0 + right * at),
                pixels(y0 + down * at),
                pixels(x0 + right * end),
                pixels(y0 + down * end),
            ]
            draw.line(piece, fill=INK, width=2)

    for y in (100, 118, 136, 154):
        line(50, y, 450, y)
    for x in (50, 97, 200, 300, 450):
        line(x, 100, x, 154)
    for x in (60, 110, 210, 310):
        for y in (104, 122, 140):
            letters(draw, x, y, 3)
    return image


@pytest.mark.parametrize(
    "dash", [None, (5.0, 3.0), (1.5, 2.0), (24.0, 5.0)], ids=["whole", "dashed", "dotted", "worn"]
)
@pytest.mark.parametrize("skew", [0.0, 0.4])
def test_rows_as_low_as_their_letters_are_parted_by_lines_of_any_kind(
    dash: tuple[float, float] | None, skew: float
) -> None:
    (grid,) = find_grids(find_rulings(scanned(low_rows(dash), skew), SCALE))

    assert [(cell.row, cell.column) for cell in grid.cells] == [(r, c) for r in range(3) for c in range(4)]


def test_a_line_whose_ink_is_worn_off_in_places_is_followed_and_one_that_stops_is_not() -> None:
    image = form()
    draw = ImageDraw.Draw(image)
    for x in range(pixels(140), pixels(170), 10):
        draw.rectangle([x, pixels(YS[1]) - 4, x + 4, pixels(YS[1]) + 4], fill=PAPER)
    draw.rectangle([pixels(332), pixels(YS[2]) - 4, pixels(543), pixels(YS[2]) + 4], fill=PAPER)
    (grid,) = find_grids(find_rulings(scanned(image), SCALE))

    assert [(c.row, c.column, c.row_span) for c in grid.cells if c.row_span > 1] == [(1, 2, 2)]
    assert len(grid.cells) == 8
