"""What a pen adds to a printed form: rings around options, ticks in check boxes, found by their shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.document import Box

INK = 150  # gray levels; ball-point on paper is darker
GAP = 0.6  # points that a ring drawn by hand may stay open
# A ring goes around one line of type of 8 to 12 points; a seal, which is round as well, is 10 mm and more.
LOWEST_RING, HIGHEST_RING, WIDEST_RING = 12.0, 27.0, 140.0
ROUND = 1.35  # times as wide as high; such a ring is not higher than
HIGHEST_ROUND = 25.0
SAMPLES = 72  # points along an outline
OFF_THE_ELLIPSE = (
    0.07  # of the radius, that nine in ten points may lie off; those of a rectangle .13 and more
)
BESIDE = 4  # ring heights to either side in which the other options begin
LEAST_LETTER, LETTER = 0.3, 0.85  # of the ring's height: what is a letter at all, and not higher
LEAST_INSIDE = 0.04  # of the ring's box is ink of what it goes around
SMALLEST_BOX, LARGEST_BOX = 5.0, 13.0  # points; check boxes are about as large as the type
MOST_OBLONG = 1.25
THICKER_THAN_STROKES = 3.6  # points
LIKE_A_SQUARE = 0.88  # of its bounding box that a check box covers when filled
FRAME = 0.18  # of a box's side that its frame may take on each side
TICKED, FILLED = 0.07, 0.85  # of the inside of a check box is ink


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed curve around something; `outline` is its inner edge in pixels, (points, 1, 2)."""

    box: Box
    outline: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CheckBox:
    """A square; `ink` is the share of its inside that is dark."""

    box: Box
    ink: float

    @property
    def ticked(self) -> bool:
        return self.ink >= TICKED

    @property
    def filled(self) -> bool:
        """Whether it is dark all over, as ■ is."""
        return self.ink >= FILLED


def find_rings(gray: NDArray[np.uint8], points_per_pixel: float) -> tuple[Ring, ...]:
    """The rings of a page, `gray` (height, width) from 0 black to 255 white; boxes in points.

    The hull of the white inside is compared with the ellipse fitted to it (Fitzgibbon and Fisher 1995), so
    that letters which touch the ring do not matter.
    """
    ink = _ink(gray)
    reach = max(round(GAP / points_per_pixel), 1)
    closed = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((reach + 1,) * 2, np.uint8)), np.uint8)
    return tuple(
        Ring(Box(left, top, left + width, top + height).scaled(points_per_pixel), outline)
        for contour, (left, top, width, height) in _insides(
            closed, points_per_pixel, LOWEST_RING, (WIDEST_RING, HIGHEST_RING)
        )
        if (width >= ROUND * height or height * points_per_pixel <= HIGHEST_ROUND)
        and _is_elliptic(outline := _evenly(contour))
        and ink[top : top + height, left : left + width].mean() >= LEAST_INSIDE
        and (width >= ROUND * height or _is_larger_than_letters(ink, left, top, width, height))
    )


def without_rings(
    pixels: NDArray[np.uint8], rings: Sequence[Ring], points_per_pixel: float
) -> NDArray[np.uint8]:
    """A copy of the page, (height, width) or (height, width, 3), with the rings painted over in white."""
    if not rings:
        return pixels
    cleaned = pixels.copy()
    for ring in rings:
        stroke = _stroke(pixels, ring)
        (x, y), (across, down), turn = cv2.fitEllipse(ring.outline)
        middle = (x, y), (across + stroke, down + stroke), turn
        white = (255,) * (pixels.shape[2] if pixels.ndim == 3 else 1)
        cv2.ellipse(cleaned, middle, white, thickness=round(stroke + 1.2 / points_per_pixel))
    return cleaned


def find_check_boxes(gray: NDArray[np.uint8], points_per_pixel: float) -> tuple[CheckBox, ...]:
    """What has the outline of a check box, each with whether anything is drawn in it; boxes in points.

    Kanji that are framed all around (国, 回) have that outline, too.
    """
    ink = _ink(gray)
    solid = ink.copy()
    for contour, _ in _insides(ink, points_per_pixel, 0.0, (LARGEST_BOX, LARGEST_BOX)):
        cv2.drawContours(solid, [contour], 0, (1,), cv2.FILLED)
    # What is thinner than a box goes: letters, and the ends of a tick that leave it.
    thin = max(round(THICKER_THAN_STROKES / points_per_pixel), 2)
    thick = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((thin, thin), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=4)
    found = []
    for number in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[number])
        longest, shortest = max(width, height), min(width, height)
        if not SMALLEST_BOX <= shortest * points_per_pixel <= longest * points_per_pixel <= LARGEST_BOX:
            continue
        if longest > MOST_OBLONG * shortest or area < LIKE_A_SQUARE * width * height:
            continue
        edge = max(round(FRAME * shortest), 2)
        inside = ink[top + edge : top + height - edge, left + edge : left + width - edge]
        box = Box(left, top, left + width, top + height).scaled(points_per_pixel)
        found.append(CheckBox(box, float(inside.mean()) if inside.size else 0.0))
    return tuple(sorted(found, key=lambda check: (check.box.y0, check.box.x0)))


def _ink(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(gray < INK, np.uint8)


def _insides(
    ink: NDArray[np.uint8], points_per_pixel: float, least: float, most: tuple[float, float]
) -> Iterator[tuple[NDArray[np.int32], tuple[int, int, int, int]]]:
    """The outlines of the white areas that ink surrounds, with their boxes in pixels; lengths in points."""
    contours, hierarchy = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for number, contour in enumerate(contours):
        if hierarchy[0][number][3] < 0:
            continue  # the outside of something
        left, top, width, height = cv2.boundingRect(contour)
        if least <= height * points_per_pixel <= most[1] and least <= width * points_per_pixel <= most[0]:
            yield np.asarray(contour, np.int32), (left, top, width, height)


def _stroke(pixels: NDArray[np.uint8], ring: Ring) -> float:
    """How thick the pen was, in pixels: the median over rays from the middle, since letters and rulings
    touch the ring only here and there."""
    gray = pixels.min(axis=2) if pixels.ndim == 3 else pixels
    outline = ring.outline[:, 0, :]
    middle = outline.mean(axis=0)
    steps = np.arange(0, 1.5 * (outline.max(axis=0) - middle).min(), 0.5)
    widths = []
    for point in outline:
        ray = point + np.outer(steps, (point - middle) / np.linalg.norm(point - middle))
        columns = np.clip(ray[:, 0].round().astype(int), 0, gray.shape[1] - 1)
        rows = np.clip(ray[:, 1].round().astype(int), 0, gray.shape[0] - 1)
        clear = np.flatnonzero(gray[rows, columns][2:] >= INK)
        widths.append((2 + clear[0]) * 0.5 if clear.size else steps[-1])
    return float(np.median(widths))


def _is_larger_than_letters(ink: NDArray[np.uint8], left: int, top: int, width: int, height: int) -> bool:
    """Whether letters stand beside the ring, and none is as high: ① is a letter among others."""
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


def _evenly(contour: NDArray[np.int32]) -> NDArray[np.float32]:
    """Points at like distances along the outline of the contour's hull, (SAMPLES, 1, 2)."""
    hull = np.asarray(cv2.convexHull(contour))
    corners = np.vstack([hull[:, 0, :], hull[:1, 0, :]]).astype(np.float64)
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    at = np.linspace(0.0, way[-1], SAMPLES, endpoint=False)
    points = np.stack([np.interp(at, way, corners[:, axis]) for axis in (0, 1)], axis=1)
    return points.astype(np.float32)[:, None, :]


def _is_elliptic(outline: NDArray[np.float32]) -> bool:
    """Whether the points lie on one ellipse: seen from its middle, all nearly at the same share of it."""
    (x, y), (across, down), turn = cv2.fitEllipse(outline)
    if min(across, down) <= 0 or not np.isfinite(across * down):
        return False
    radians = np.deg2rad(turn)
    shifted = outline[:, 0, :] - (x, y)
    u = (shifted @ (np.cos(radians), np.sin(radians))) / (across / 2)
    v = (shifted @ (-np.sin(radians), np.cos(radians))) / (down / 2)
    off = np.abs(np.hypot(u, v) - 1.0)
    return bool(np.percentile(off, 90) <= OFF_THE_ELLIPSE)
