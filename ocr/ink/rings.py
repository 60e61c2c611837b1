"""Rings that a pen draws around words of a printed form, found by their shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.document import Box
from ocr.ink.outlines import INK, PixelBox, ink_of, white_areas
from ocr.ink.shapes import mark_in

GAP = 0.6  # points that a ring drawn by hand may stay open
# A ring goes around one line of type of 8 to 12 points; a seal, which is round as well, is 10 mm and more.
LOWEST, HIGHEST, WIDEST = 12.0, 27.0, 140.0
ROUND = 1.35  # times as wide as high, where long and round rings part
HIGHEST_ROUND = 25.0
SAMPLES = 72  # points along an outline
# Long words poke out of their rings at the ends, so that a fifth of the outline may be theirs.
LEAST_FREE = 0.8
OFF_THE_ELLIPSE = 0.07  # of the radius that the others may lie off; of a rectangle they lie .11 and more
LARGEST_FIT = 1.25  # times the outline: a longer ellipse is fitted to straight lines
BESIDE = 4  # ring heights to either side in which the other options begin
LEAST_LETTER, LETTER = 0.3, 0.85  # of the ring's height: what is a letter at all, and not higher
LEAST_INSIDE = 0.04  # of the ring's box is ink of what it goes around
RIM = 0.2  # of the white inside a ring's height that its stroke lies around
SOFT_EDGE = 0.6  # points on either side of a stroke that are neither ink nor paper


@dataclass(frozen=True, slots=True)
class Ellipse:
    """`axes` are whole lengths, `turn` degrees clockwise, as OpenCV has them."""

    center: tuple[float, float]
    axes: tuple[float, float]
    turn: float

    def share_of(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """How far each of `points`, (count, 1, 2), is from the middle, by the radius in its direction."""
        radians = np.deg2rad(self.turn)
        shifted = points[:, 0, :] - self.center
        u = shifted @ (np.cos(radians), np.sin(radians)) / (self.axes[0] / 2)
        v = shifted @ (-np.sin(radians), np.cos(radians)) / (self.axes[1] / 2)
        return np.asarray(np.hypot(u, v), np.float64)

    def points(self, larger: float = 0.0) -> NDArray[np.float64]:
        """SAMPLES points around it, (count, 2), of one whose axes are `larger` by so much."""
        angles = np.linspace(0.0, 2 * np.pi, SAMPLES, endpoint=False)
        radians = np.deg2rad(self.turn)
        u, v = ((axis + larger) / 2 * f(angles) for axis, f in zip(self.axes, (np.cos, np.sin), strict=True))
        x = self.center[0] + u * np.cos(radians) - v * np.sin(radians)
        y = self.center[1] + u * np.sin(radians) + v * np.cos(radians)
        return np.stack([x, y], axis=1)


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed curve around something: its `box` in points, its inner `edge` in pixels."""

    box: Box
    edge: Ellipse


def find_rings(gray: NDArray[np.uint8], points_per_pixel: float) -> tuple[Ring, ...]:
    """The rings of a page, `gray` (height, width) from 0 black to 255 white.

    An ellipse is fitted to the hull of the white inside (Fitzgibbon and Fisher 1995), twice again to the
    points that lie closest to it: letters touch a ring and poke out of it.
    """
    ink = ink_of(gray)
    reach = max(round(GAP / points_per_pixel), 1) + 1
    closed = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8)), np.uint8)
    sizes = (size / points_per_pixel for size in (LOWEST, WIDEST, HIGHEST))
    found: list[Ring] = []
    for contour, place in white_areas(closed, *sizes):
        left, top, width, height = place
        is_round = width < ROUND * height
        if is_round and height * points_per_pixel > HIGHEST_ROUND:
            continue
        edge = _ellipse_along(_evenly(contour))
        if edge is None or ink[top : top + height, left : left + width].mean() < LEAST_INSIDE:
            continue
        if is_round and (not _is_larger_than_letters(ink, place) or _is_mark(gray, place)):
            continue
        xs, ys = edge.points().T
        box = Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))
        found.append(Ring(box.scaled(points_per_pixel), edge))
    return tuple(found)


def without_rings(
    pixels: NDArray[np.uint8], rings: Sequence[Ring], points_per_pixel: float
) -> NDArray[np.uint8]:
    """A copy of the page, (height, width) or (height, width, 3), with the rings painted over in white."""
    if not rings:
        return pixels
    cleaned = pixels.copy()
    gray = np.asarray(pixels if pixels.ndim == 2 else pixels.min(axis=2), np.uint8)
    white = (255,) * (pixels.shape[2] if pixels.ndim == 3 else 1)
    for ring in rings:
        stroke = _stroke(gray, ring.edge)
        across, down = ring.edge.axes
        middle = ring.edge.center, (across + stroke, down + stroke), ring.edge.turn
        cv2.ellipse(cleaned, middle, white, thickness=round(stroke + 2 * SOFT_EDGE / points_per_pixel))
    return cleaned


def _evenly(contour: NDArray[np.int32]) -> NDArray[np.float32]:
    """Points at like distances along the outline of the contour's hull, (SAMPLES, 1, 2)."""
    hull = np.asarray(cv2.convexHull(contour))
    corners = np.vstack([hull[:, 0, :], hull[:1, 0, :]]).astype(np.float64)
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    at = np.linspace(0.0, way[-1], SAMPLES, endpoint=False)
    points = np.stack([np.interp(at, way, corners[:, axis]) for axis in (0, 1)], axis=1)
    return points.astype(np.float32)[:, None, :]


def _ellipse_along(outline: NDArray[np.float32]) -> Ellipse | None:
    """The ellipse that most of the outline lies on, None where there is none."""
    free = round(LEAST_FREE * len(outline))
    size = np.ptp(outline[:, 0, :], axis=0).max()
    points = outline
    for _ in range(3):
        (x, y), (across, down), turn = cv2.fitEllipse(points)
        if not 0 < min(across, down) <= max(across, down) <= LARGEST_FIT * size:
            return None
        ellipse = Ellipse((x, y), (across, down), turn)
        off = np.abs(ellipse.share_of(outline) - 1.0)
        points = outline[np.argsort(off)[:free]]
    return ellipse if np.sort(off)[free - 1] <= OFF_THE_ELLIPSE else None


def _is_mark(gray: NDArray[np.uint8], place: PixelBox) -> bool:
    """Whether the ring and what is in it are one mark, ◎, and no word with a ring around it."""
    left, top, width, height = place
    rim = round(RIM * height)
    around = gray[max(top - rim, 0) : top + height + rim, max(left - rim, 0) : left + width + rim]
    return mark_in(around, by_hand=True) == "◎"


def _is_larger_than_letters(ink: NDArray[np.uint8], place: PixelBox) -> bool:
    """Whether letters stand beside the ring, and none is as high: ① is a letter among others."""
    left, top, width, height = place
    margin = round(0.2 * height)
    rows = slice(max(top - margin, 0), top + height + margin)
    sides = (slice(max(left - BESIDE * height, 0), left), slice(left + width, left + width + BESIDE * height))
    heights: list[float] = []
    for columns in sides:
        strip = np.ascontiguousarray(ink[rows, columns])
        if not strip.size:
            continue
        count, _, stats, _ = cv2.connectedComponentsWithStats(strip, connectivity=8)
        for _, y, _, high, _ in stats[1:count].tolist():
            within = y > 0 and y + high < strip.shape[0]  # rulings run on beyond the strip
            heights += [high] if within and high >= LEAST_LETTER * height else []
    return bool(heights) and max(heights) <= LETTER * height


def _stroke(gray: NDArray[np.uint8], edge: Ellipse) -> float:
    """How thick the pen was, in pixels: the median over rays outwards from the inner edge, since letters
    and rulings touch the ring only here and there."""
    longest = min(edge.axes)
    steps = np.arange(1.0, longest, 0.5)
    starts = edge.points()
    outwards = starts - edge.center
    outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
    rays = starts[:, None, :] + outwards[:, None, :] * steps[None, :, None]
    columns = np.clip(rays[..., 0].round().astype(int), 0, gray.shape[1] - 1)
    rows = np.clip(rays[..., 1].round().astype(int), 0, gray.shape[0] - 1)
    clear = gray[rows, columns] >= INK
    widths = np.where(clear.any(axis=1), steps[clear.argmax(axis=1)], longest)
    return float(np.median(widths))
