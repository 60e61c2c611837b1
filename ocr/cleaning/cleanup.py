"""A page made ready to be read: upright, level, without specks. The original stays as it is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cleaning.faint_ink import without_faint_ink
from ocr.cleaning.halftone import without_dots
from ocr.cleaning.perspective import find_corners
from ocr.engines.engine import FindsOrientation
from ocr.raster import MILLIMETRE, Corners, Pixels, Raster, as_pixels, deskewed, flattened, turned

SKEW_SIDE = 1000
WIDEST_SKEW = 10.0
# A page this level (degrees) is left alone: a line of A4 rises by less than half its height.
LEVEL = 0.15
# Nor is one whose lines are nearly as sharp as they lie: a few short marks fit many small angles.
LEVEL_ENOUGH = 0.85
# The best angle must stand out from the others, else there are no lines to level by.
LEAST_CONTRAST = 3.0
SPECK_SIDE = 0.3 * MILLIMETRE
# Ink within this distance (points) makes a dot part of something: a dakuten, an i, a dotted line.
NEAR = 1.2 * MILLIMETRE
# A page has some dust; only one strewn with specks is touched.
SPECKS_WORTH_REMOVING = 30
# Ink that could be a character is at least this big both ways (points).
SMALLEST_CHARACTER = 1.0 * MILLIMETRE


@dataclass(frozen=True, slots=True)
class CleanPage:
    """The page to be read, and how it was turned to get there: the angles and confidences of `Page`."""

    raster: Raster
    rotation: int = 0
    skew: float = 0.0
    rotation_confidence: float = 1.0
    skew_confidence: float = 1.0
    corners: Corners = ()


@dataclass(frozen=True, slots=True)
class Skew:
    """Degrees (within ±10) to turn a page counterclockwise to level it, and how sure that is (0–1)."""

    degrees: float
    confidence: float


NO_SKEW = Skew(0.0, 0.0)


def clean(raster: Raster, orientation: FindsOrientation) -> CleanPage:
    """`raster` straightened, upright, level, without dots, specks and faint ink that is not for reading.

    A page that is so already is not resampled.
    """
    corners = find_corners(raster)
    raster = without_dots(raster.with_pixels(flattened(raster.pixels, corners)))
    found = orientation.find_orientation(raster.pixels)
    standing = raster.with_pixels(turned(raster.pixels, found.rotation))
    skew = find_skew(standing.gray)
    level = standing.with_pixels(deskewed(standing.pixels, skew.degrees))
    level = without_faint_ink(level, orientation)
    return CleanPage(
        without_specks(level), found.rotation, skew.degrees, found.confidence, skew.confidence, corners
    )


def is_blank(raster: Raster) -> bool:
    """Whether no mark on the page is big enough to be a character."""
    ink = _ink(raster.gray)
    height, width = ink.shape
    margins = 0.02 * width, 0.02 * height
    least = SMALLEST_CHARACTER / raster.points_per_pixel
    # Most pages have one in the middle, and the whole is not looked at.
    middle = np.ascontiguousarray(ink[height // 3 : 2 * height // 3])
    return not (_has_mark(middle, least, (margins[0], 0.5)) or _has_mark(ink, least, margins))


def _has_mark(ink: Pixels, least: float, margins: tuple[float, float]) -> bool:
    """Whether a piece of ink could be a character, `least` pixels large and further than `margins` (across,
    down) from the edges."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    height, width = ink.shape
    margin_x, margin_y = margins
    for x, y, w, h, _ in stats[1:]:
        # Scanner shadows hug the edges of the page, writing does not.
        at_edge = x < margin_x or y < margin_y or x + w > width - margin_x or y + h > height - margin_y
        if max(w, h) >= least and min(w, h) >= least / 3 and not at_edge:
            return True
    return False


def find_skew(gray: Pixels) -> Skew:
    """How to turn the page for its lines to run level; by 0 degrees if they do.

    The angle at which row sums of ink change most sharply from row to row (Postl, "Detection of linear
    oblique structures and skew scan in digitized documents", 1986), in steps of 0.5 and then of 0.1
    degrees; columns count too, so that a page of vertical writing is levelled by its columns. The
    confidence is how far that angle stands out from the others: none where there are no lines.
    """
    scale = min(SKEW_SIDE / max(gray.shape), 1.0)
    small = as_pixels(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    y, x = np.nonzero(_ink(small))
    if len(x) == 0:
        return NO_SKEW
    points = np.stack([x, y]).astype(np.float64)
    coarse = np.arange(-WIDEST_SKEW, WIDEST_SKEW + 0.25, 0.5)
    rows, columns = _sharpness(points, coarse)
    across = rows.max() / np.median(rows) >= columns.max() / np.median(columns)
    scores = rows if across else columns
    contrast = float(scores.max()) / max(float(np.median(scores)), 1.0)
    if contrast < LEAST_CONTRAST:
        return NO_SKEW
    confidence = 1 - LEAST_CONTRAST / contrast / 2
    about = float(coarse[int(scores.argmax())])
    fine = np.arange(about - 0.5, about + 0.55, 0.1)
    scores = _sharpness(points, np.append(fine, 0.0))[0 if across else 1]
    angle = float(fine[int(scores[:-1].argmax())])
    if abs(angle) < LEVEL or scores[-1] > LEVEL_ENOUGH * scores.max():
        return Skew(0.0, confidence)
    return Skew(round(angle, 1), confidence)


def _sharpness(points: NDArray[np.float64], angles: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """For each angle, how sharply row sums and column sums change: two arrays, one value an angle."""
    found = []
    for degrees in angles:
        sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
        found.append(
            (_changes(points[1] * cosine - points[0] * sine), _changes(points[0] * cosine + points[1] * sine))
        )
    rows, columns = np.array(found).T
    return rows, columns


def _changes(positions: NDArray[np.float64]) -> float:
    """How sharply the number of points changes along a line, as a sum of squares.

    A point between two bins counts in both by its nearness: whole bins would favour angles at which
    neighbouring rows of pixels happen to fall together.
    """
    positions = positions - positions.min()
    below = positions.astype(np.int64)
    above = positions - below
    size = int(below.max()) + 2
    counts = np.bincount(below, weights=1 - above, minlength=size)
    counts += np.bincount(below + 1, weights=above, minlength=size)
    return float(np.square(np.diff(counts)).sum())


def without_specks(raster: Raster) -> Raster:
    """The page with isolated specks painted over by the paper around them, where there are many."""
    ink = _ink(raster.gray)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    side = max(SPECK_SIDE / raster.points_per_pixel, 1.0)
    small = (stats[:, cv2.CC_STAT_WIDTH] <= side) & (stats[:, cv2.CC_STAT_HEIGHT] <= side)
    small[0] = False
    if int(small.sum()) < SPECKS_WORTH_REMOVING:
        return raster
    specks = small & _alone(
        ink, np.asarray(labels, dtype=np.int32), count, round(NEAR / raster.points_per_pixel)
    )
    if int(specks.sum()) < SPECKS_WORTH_REMOVING:
        return raster
    mask = cv2.dilate(as_pixels(specks[labels]), np.ones((3, 3), dtype=np.uint8)) > 0
    paper = cv2.medianBlur(raster.pixels, 2 * round(side) + 3)
    return Raster(np.where(mask[:, :, None], paper, raster.pixels), raster.points_per_pixel)


def _alone(ink: Pixels, labels: NDArray[np.int32], count: int, reach: int) -> NDArray[np.bool_]:
    """For each piece of ink, whether nothing but at most one other lies within `reach` pixels.

    Dots of a dotted line and of a dakuten have company; dust has not.
    """
    grown = cv2.dilate(ink, np.ones((reach + 1, reach + 1), dtype=np.uint8))
    _, clusters = cv2.connectedComponents(grown, connectivity=8)
    cluster_of = np.zeros(count, dtype=np.int64)
    cluster_of[labels[ink > 0]] = clusters[ink > 0]
    members = np.bincount(cluster_of[1:], minlength=int(clusters.max()) + 1)
    return np.asarray(members[cluster_of] <= 2, dtype=np.bool_)


def _ink(gray: Pixels) -> Pixels:
    """1 where a pixel is clearly darker than the paper around it, so that a shadow is not ink."""
    block = max(min(gray.shape) // 20, 15) | 1
    return as_pixels(
        cv2.adaptiveThreshold(gray, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 25)
    )
