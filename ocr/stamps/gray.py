"""Stamps told without their colour, by their tilted frames.

A red stamp on a gray scan is one gray, paler than the print under it, and is lifted by that. A stamp as
black as the print is not: only its frame is taken away, and what it covers stays doubtful.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.document import Box
from ocr.raster import COARSE_SCALE, MILLIMETRE, Pixels, Raster, as_pixels
from ocr.stamps.ink import DARKEST, Layers, paper_of
from ocr.stamps.stamp import Stamp, is_oblong

WHITE_PERCENTILE = 85
PALEST = 60  # gray levels between paper and a frame
SMALLEST, LARGEST = 4.5 * MILLIMETRE, 68 * MILLIMETRE
LEAST_TILT = 1.5  # degrees; cells and boxes stand level
RECTANGLE = 0.9  # of the tilted rectangle around it that the white inside a frame fills, strokes and all
MARGIN = 3.0 * MILLIMETRE
THICKEST = 1.2 * MILLIMETRE  # side of a frame
LEAST_FRAMED = 0.85  # of the sides is inked
LEAST_LETTERING = 0.03  # of the inside is ink
# Print runs through a frame where at so many of the places along its sides ink goes on beyond it, or where
# so much of the inside is darker than it.
BEYOND, LEAST_CROSSED, LEAST_DARKER = 1.8, 0.03, 0.01
# Gray levels that all but the thinnest strokes of print are darker than a stamp they can be told from.
PALER, THIN_PERCENTILE = 30, 75
THINNEST = 0.3 * MILLIMETRE  # stroke of a stamp; what is its gray and thinner is print, or a rim of print
SOFT = 0.15 * MILLIMETRE  # rim of a stroke

PixelBox = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class _StampFrame:
    """The white inside a frame, in pixels of the page: its middle, its sides, and `Stamp.tilt`."""

    middle: tuple[float, float]
    sides: tuple[float, float]
    tilt: float


@dataclass(frozen=True, slots=True)
class _Drawn:
    """How a frame is drawn: `thickness` in pixels, its gray `level`, the share of it that is `inked`, and at
    how much of its length ink goes on beyond it."""

    thickness: float
    level: float
    inked: float
    crossed: float


def find_gray(raster: Raster) -> tuple[Stamp, ...]:
    """The stamps with a tilted frame, whatever their ink, from the top down; about 4 ms a page."""
    gray = raster.gray
    found = [_stamp(raster, gray, frame) for frame in _frames(gray, raster.points_per_pixel)]
    largest = sorted((stamp for stamp in found if stamp is not None), key=lambda stamp: -stamp.box.area)
    outer = [s for n, s in enumerate(largest) if not any(o.box.contains(*s.box.center) for o in largest[:n])]
    return tuple(sorted(outer, key=lambda stamp: (stamp.box.y0, stamp.box.x0)))


def _frames(gray: Pixels, points_per_pixel: float) -> Iterator[_StampFrame]:
    """The tilted rectangles of white that ink surrounds."""
    scale = max(points_per_pixel, COARSE_SCALE)
    shrink = points_per_pixel / scale
    small = cv2.resize(gray, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    paper = float(np.percentile(small[::4, ::4], WHITE_PERCENTILE))
    white = cv2.threshold(small, paper - PALEST, 1, cv2.THRESH_BINARY)[1]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(white, connectivity=4)
    short, long = np.minimum(stats[:, 2], stats[:, 3]), np.maximum(stats[:, 2], stats[:, 3])
    for number in np.nonzero((short * scale >= SMALLEST) & (long * scale <= LARGEST))[0]:
        left, top, width, height = (int(value) for value in stats[number][:4])
        own = as_pixels(labels[top : top + height, left : left + width] == number)
        outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        hull = cv2.convexHull(max(outlines, key=len))
        (x, y), (across, down), turn = cv2.minAreaRect(hull)
        tilt = (turn + 45) % 90 - 45
        slanted = abs(tilt) >= LEAST_TILT and min(across, down) * scale >= SMALLEST
        if slanted and cv2.contourArea(hull) >= RECTANGLE * across * down:
            sides = (across, down) if abs(tilt - turn) < 1 else (down, across)
            middle = (left + x + 0.5) / shrink, (top + y + 0.5) / shrink
            yield _StampFrame(middle, ((sides[0] + 1) / shrink, (sides[1] + 1) / shrink), tilt)


def _stamp(raster: Raster, gray: Pixels, frame: _StampFrame) -> Stamp | None:
    """What the frame is drawn around; None where it is no stamp."""
    scale = raster.points_per_pixel
    reach = float(np.hypot(*frame.sides)) / 2 + MARGIN / scale
    left, top = (max(int(at - reach), 0) for at in frame.middle)
    rows, columns = (
        slice(top, int(frame.middle[1] + reach) + 1),
        slice(left, int(frame.middle[0] + reach) + 1),
    )
    part = np.ascontiguousarray(gray[rows, columns])
    paper = paper_of(raster.pixels[rows, columns])
    white = float(np.percentile(part, WHITE_PERCENTILE))
    middle = frame.middle[0] - left, frame.middle[1] - top
    turn = cv2.getRotationMatrix2D(middle, frame.tilt, 1.0)
    level = as_pixels(cv2.warpAffine(part, turn, part.shape[::-1], borderValue=white))
    inner = _corners(middle, frame.sides)
    ink = as_pixels(level < white - PALEST)
    drawn = _drawn(level, ink, inner, round(THICKEST / scale))
    x0, y0, x1, y1 = inner
    if drawn.inked < LEAST_FRAMED or ink[y0:y1, x0:x1].mean() < LEAST_LETTERING:
        return None
    grown = tuple(side + 2 * drawn.thickness + 2 for side in frame.sides)
    outline = cv2.boxPoints((middle, (grown[0], grown[1]), frame.tilt))
    inside = np.zeros_like(part)
    cv2.fillConvexPoly(inside, np.round(outline).astype(np.int32), 1)
    darker = cv2.countNonZero(cv2.bitwise_and(inside, as_pixels(part < drawn.level - PALER)))
    crossed = drawn.crossed >= LEAST_CROSSED or darker >= LEAST_DARKER * cv2.countNonZero(inside)
    hides = crossed and _print_of(part, inside, white - PALEST) > drawn.level - PALER
    if hides:
        band = _band(ink, inner, drawn)
        strokes = as_pixels(cv2.warpAffine(band, cv2.invertAffineTransform(turn), part.shape[::-1]))
        floor = 0.0
    else:
        floor = drawn.level - PALER if crossed else 0.0
        strokes = _strokes(part, floor, white - PALEST / 2, scale)
        if not crossed:
            strokes = _enclosed(strokes, inside)
    layers = _layers(part, paper, as_pixels(cv2.bitwise_and(strokes, inside)), floor)
    if not layers.strokes.any():
        return None
    xs, ys = outline.T
    box = Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max())).moved(left, top)
    return Stamp(
        box.scaled(scale), frame.tilt, is_oblong(frame.sides), (left, top), layers, hides, alone=not crossed
    )


def _print_of(part: Pixels, inside: Pixels, palest: float) -> float:
    """The gray in the middle of the thinnest strokes around a stamp, that of paper where there are none."""
    darkest = part == cv2.erode(part, np.ones((3, 3), np.uint8))
    strokes = part[darkest & (part < palest) & (inside == 0)]
    return float(np.percentile(strokes, THIN_PERCENTILE)) if strokes.size else 255.0


def _corners(middle: tuple[float, float], sides: tuple[float, float]) -> PixelBox:
    (x, y), (across, down) = middle, sides
    return round(x - across / 2), round(y - down / 2), round(x + across / 2), round(y + down / 2)


def _drawn(level: Pixels, ink: Pixels, inner: PixelBox, thickest: int) -> _Drawn:
    """How the frame around `inner` is drawn on the levelled page, whose ink is 1 in `ink`."""
    x0, y0, x1, y1 = inner
    reach = 2 * thickest
    runs, levels = [], []
    for side, gray in zip(
        _strips(ink, (x0, y0, x1, y1), reach), _strips(level, (x0, y0, x1, y1), reach), strict=True
    ):
        started = np.cumsum(side, axis=0) > 0
        ended = np.cumsum(started & (side == 0), axis=0) > 0
        run = started & ~ended
        runs.append(run.sum(axis=0))
        levels.append(np.where(run, gray, 255).min(axis=0))
    run, darkest = np.concatenate(runs), np.concatenate(levels)
    drawn = (run > 0) & (run <= thickest)
    if not drawn.any():
        return _Drawn(0.0, 255.0, 0.0, 0.0)
    thickness = float(np.median(run[drawn]))
    beyond = (run > BEYOND * thickness + 1).mean()
    return _Drawn(thickness, float(np.median(darkest[drawn])), float((run > 0).mean()), float(beyond))


def _strips(page: Pixels, inner: PixelBox, reach: int) -> Iterator[Pixels]:
    """What lies along each side of `inner`, from a little inside outwards: (reach, length of the side)."""
    x0, y0, x1, y1 = inner
    start = 2
    yield page[max(y0 - reach, 0) : y0 + start, x0:x1][::-1]
    yield page[y1 - start : y1 + reach, x0:x1]
    yield page[y0:y1, max(x0 - reach, 0) : x0 + start].T[::-1]
    yield page[y0:y1, x1 - start : x1 + reach].T


def _band(ink: Pixels, inner: PixelBox, drawn: _Drawn) -> Pixels:
    """The ink of a levelled frame, 1, without that of print that runs through it, which is longer across the
    frame than the frame is thick (as staff lines are taken from under notes)."""
    longest = round(BEYOND * drawn.thickness) + 1
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((longest, 1), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, longest), np.uint8))
    x0, y0, x1, y1 = inner
    reach = round(drawn.thickness) + 2
    band = np.zeros_like(ink)
    for rows, columns, kept in (
        (slice(y0 - reach, y0 + 2), slice(x0 - reach, x1 + reach), across),
        (slice(y1 - 2, y1 + reach), slice(x0 - reach, x1 + reach), across),
        (slice(y0 - reach, y1 + reach), slice(x0 - reach, x0 + 2), down),
        (slice(y0 - reach, y1 + reach), slice(x1 - 2, x1 + reach), down),
    ):
        band[rows, columns] |= as_pixels(cv2.subtract(ink, kept))[rows, columns]
    return as_pixels(cv2.dilate(band, np.ones((3, 3), np.uint8)))


def _strokes(part: Pixels, floor: float, palest: float, scale: float) -> Pixels:
    """1 where ink between two gray levels is as broad as the strokes of a stamp, rims included."""
    ink = as_pixels((part >= floor) & (part < palest))
    side = max(round(THINNEST / scale), 2)
    broad = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)) if floor else ink
    reach = 2 * max(round(SOFT / scale), 1) + 1
    return as_pixels(cv2.dilate(broad, np.ones((reach, reach), np.uint8)))


def _enclosed(strokes: Pixels, inside: Pixels) -> Pixels:
    """The strokes that do not go on outside: a ruling that a frame stands on is none of its own."""
    count, labels = cv2.connectedComponents(strokes, connectivity=8)
    own = np.ones(count, np.uint8)
    own[np.unique(labels[(inside == 0) & (strokes > 0)])] = 0
    own[0] = 0
    return as_pixels(own[labels])


def _layers(part: Pixels, paper: NDArray[np.float64], strokes: Pixels, floor: float) -> Layers:
    """The stamp where `strokes` is 1 and the page no darker than `floor`, and the rest of the page."""
    white = float(paper.mean())
    density = np.maximum(np.log(white / np.maximum(part.astype(np.float32), DARKEST)), 0)
    own = (strokes > 0) & (part >= floor)
    solid = max(float(np.percentile(density[own], 75)), 0.1) if own.any() else 1.0
    coverage = np.where(own, np.minimum(density / solid, 1), 0)
    return Layers(
        np.asarray(coverage, np.float32), np.asarray(np.where(own, 0, density), np.float32), own, paper
    )
