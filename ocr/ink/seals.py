"""Seals on a page, red ones by their colour and black ones by their shape, and the page without the red."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import pi, sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.document import Box
from ocr.raster import Pixels, Raster

REDNESS = 45  # gray levels that red is above green and blue
SMALLEST, LARGEST = 18.0, 95.0  # points: a name seal is 10 mm across, a company seal 30 mm
MOST_OBLONG = 1.7
LEAST_INK = 0.06  # of the seal's box
JOINING = 3.0  # points of white inside a seal
# Of black seals, which only their shape shows: a ring or a square frame with lettering inside.
SMALLEST_FRAME, LARGEST_FRAME = 22.0, 75.0
DARK = 128
ROUND = 0.03  # deviation of a circle's radius, as a share of it
SQUARE = 0.92  # share of its upright or tilted bounding square that a square fills
MOST_OBLONG_FRAME = 1.12
LEAST_LETTERING, MOST_LETTERING = 0.08, 0.55  # of ink inside a frame
# What of a red seal is taken off: paler red at its rim too, but not the dark ink that it lies on.
PALE_REDNESS = 18
DARKEST_SEAL = 110  # in the red channel
RIM = 2.0  # points around a seal that its pale rim may reach
LEAST_COVERED = 0.02  # of the middle of a seal: dark ink that the seal makes hard to read
MARGIN = 0.1  # of a seal's width around its middle: a ruling that touches the rim is not covered


def find_seals(raster: Raster) -> tuple[Box, ...]:
    """The boxes, in points, of round and square seals: the red ones, or on a page without red the black.

    They are sought on a small copy of the page.
    """
    small = raster.coarse
    ink = cv2.threshold(_redness(small.pixels), REDNESS - 1, 1, cv2.THRESH_BINARY)[1]
    if cv2.countNonZero(ink):
        found = _red(np.asarray(ink, np.uint8), small.points_per_pixel)
    else:
        found = _framed(small.gray, small.points_per_pixel)
    alone = [box for box in found if not any(_holds(other, box) for other in found if other is not box)]
    return tuple(sorted(alone, key=lambda box: (box.y0, box.x0)))


def covering(seals: Iterable[Box], pixels: Pixels, points_per_pixel: float) -> tuple[Box, ...]:
    """Those of the seals that lie on writing or rulings; `pixels` is BGR."""
    found = []
    for seal in seals:
        part = _part(pixels, seal, points_per_pixel, -MARGIN * seal.width)
        if part.size and (part[..., 2] < DARKEST_SEAL).mean() >= LEAST_COVERED:
            found.append(seal)
    return tuple(found)


def without_seals(pixels: Pixels, seals: Sequence[Box], points_per_pixel: float) -> Pixels:
    """The page with the red ink in the boxes of `seals` turned to paper; dark ink under it stays.

    `pixels` is BGR, (height, width, 3), and is not changed.
    """
    if not seals:
        return pixels
    cleaned = pixels.copy()
    for seal in seals:
        part = _part(cleaned, seal, points_per_pixel, RIM)
        if not part.size:
            continue
        red = _redness(part) >= PALE_REDNESS
        rim = cv2.dilate(np.asarray(red, np.uint8), np.ones((3, 3), np.uint8)) > 0
        paper = np.percentile(part.reshape(-1, 3), 90, axis=0)
        part[rim & (part[..., 2] >= DARKEST_SEAL)] = paper
    return cleaned


def _part(pixels: Pixels, seal: Box, points_per_pixel: float, margin: float) -> Pixels:
    """The pixels of the seal with `margin` points of the paper around it: a view, not a copy."""
    box = Box(seal.x0 - margin, seal.y0 - margin, seal.x1 + margin, seal.y1 + margin)
    around = box.scaled(1 / points_per_pixel)
    return pixels[max(int(around.y0), 0) : round(around.y1), max(int(around.x0), 0) : round(around.x1)]


def _redness(pixels: Pixels) -> Pixels:
    blue, green, red = (np.ascontiguousarray(pixels[..., channel]) for channel in range(3))
    return np.asarray(cv2.subtract(red, cv2.max(green, blue)), np.uint8)


def _holds(box: Box, other: Box) -> bool:
    return box.contains(other.x0, other.y0) and box.contains(other.x1, other.y1)


def _red(ink: Pixels, scale: float) -> list[Box]:
    """The pieces of red ink, 1 in `ink`, that are as large and as compact as seals."""
    reach = max(round(JOINING / scale), 1)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    outlines, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines:
        left, top, width, height = cv2.boundingRect(outline)
        box = Box(left, top, left + width, top + height).scaled(scale)
        longest, shortest = max(box.width, box.height), min(box.width, box.height)
        if shortest < SMALLEST or longest > LARGEST or longest > MOST_OBLONG * shortest:
            continue
        if ink[top : top + height, left : left + width].mean() >= LEAST_INK:
            found.append(box)
    return found


def _framed(gray: Pixels, scale: float) -> list[Box]:
    """The rings and square frames with lettering inside, by the hulls of their outlines: letters that touch
    the frame from within do not change the hull of the white that they stand in."""
    ink = np.asarray(cv2.threshold(gray, DARK, 1, cv2.THRESH_BINARY_INV)[1], np.uint8)
    outlines, _ = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        left, top, width, height = cv2.boundingRect(outline)
        box = Box(left, top, left + width, top + height).scaled(scale)
        longest, shortest = max(box.width, box.height), min(box.width, box.height)
        if shortest < SMALLEST_FRAME or longest > LARGEST_FRAME or longest > MOST_OBLONG_FRAME * shortest:
            continue
        hull = np.asarray(cv2.convexHull(outline), np.int32)
        if (_is_round(hull) or _is_square(hull)) and _is_lettered(ink, hull):
            found.append(box)
    return found


def _is_round(hull: NDArray[np.int32]) -> bool:
    area, perimeter = cv2.contourArea(hull), cv2.arcLength(hull, closed=True)
    _, radius = cv2.minEnclosingCircle(hull)
    return (
        area > 0
        and sqrt(area / pi) >= (1 - 2 * ROUND) * radius
        and 4 * pi * area >= (1 - ROUND) * perimeter**2
    )


def _is_square(hull: NDArray[np.int32]) -> bool:
    _, (width, height), _ = cv2.minAreaRect(hull)
    sides = max(width, height), min(width, height)
    return sides[0] <= MOST_OBLONG_FRAME * sides[1] and cv2.contourArea(hull) >= SQUARE * width * height


def _is_lettered(ink: Pixels, hull: NDArray[np.int32]) -> bool:
    """Whether the middle of the hull holds as much ink as two characters and more do."""
    inside = np.zeros_like(ink)
    centre = hull.reshape(-1, 2).mean(axis=0)
    inner = np.asarray(centre + 0.85 * (hull.reshape(-1, 2) - centre), np.int32)
    cv2.fillConvexPoly(inside, inner, 1)
    area = cv2.countNonZero(inside)
    share = cv2.countNonZero(cv2.bitwise_and(inside, ink)) / max(area, 1)
    return LEAST_LETTERING <= share <= MOST_LETTERING
