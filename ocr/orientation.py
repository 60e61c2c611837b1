"""Which way up a page was scanned, told by reading a handful of its lines.

Detection finds lines whichever way the page lies. A line that is read along its wrong direction gives
next to no confidence, so a few crops tell which end it starts at. Whether the characters then stand or
lie tells a sideways page from vertical writing: each character is turned upright in place and the line
read again; only characters that did lie give the same text. No training and no Tesseract involved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from ocr.engines.ppocr import Models, cut, is_column
from ocr.engines.recognition import Reading
from ocr.raster import Pixels, as_pixels, turned

# Lines lie where they lie with letters of this height (pixels) too, and finding them costs a third.
LETTER_SEEN = 6.0
LINES_TO_READ = 4
# A page that is upright, and whether characters lie, shows in fewer, or in one of so many characters that
# is read as surely as this.
LINES_TO_TURN = 2
ENOUGH_CHARACTERS = 6
SURELY_READ = 0.97
# A line is cut after this many times its height: enough to read, cheap to read.
LONGEST_CROP = 8
# Below this nothing was read in either direction and the page stays as it is.
LEAST_CONFIDENCE = 0.6
# Readings of the right and the wrong direction differ by .3 and more.
CLEARLY_READ = 0.9
# Share of characters that must read the same after each is turned upright in place.
LYING_AGREEMENT = 0.5


@dataclass(frozen=True, slots=True)
class Orientation:
    """Degrees clockwise (0, 90, 180, 270) that stand a page upright, and how sure that is (0–1)."""

    rotation: int
    confidence: float


UNKNOWN = Orientation(0, 0.0)


def find_orientation(image: Pixels, models: Models) -> Orientation:
    """How to turn `image` (BGR) for its writing to stand upright.

    A page of vertical writing is upright when its columns run from top to bottom. A page without
    readable writing is left as it is, with no confidence.
    """
    crops = [cut(image, quad) for quad in models.detect(image, LETTER_SEEN)]
    columns = [crop for crop in crops if is_column(crop)]
    rows = [crop for crop in crops if not is_column(crop)]
    if _length(columns) > _length(rows):
        return _turn_of([turned(crop, 270) for crop in columns], 270, models)
    return _turn_of(rows, 0, models)


def _turn_of(rows: Sequence[Pixels], turn: int, models: Models) -> Orientation:
    """The clockwise turn for a page that these horizontal crops were cut from after a turn by `turn`."""
    crops = _typical(rows)
    if not crops:
        return UNKNOWN
    readings = [models.read(crops[0])]
    if len(readings[0].centers) < ENOUGH_CHARACTERS or readings[0].confidence < SURELY_READ:
        readings += [models.read(crop) for crop in crops[1:LINES_TO_TURN]]
    sure = _confidence(readings)
    if sure < CLEARLY_READ:
        readings += [models.read(crop) for crop in crops[len(readings) :]]
        upside_down = [turned(crop, 180) for crop in crops]
        other = [models.read(crop) for crop in upside_down]
        one, two = _confidence(readings), _confidence(other)
        if two > one:
            crops, readings, turn = upside_down, other, turn + 180
        if max(one, two) < LEAST_CONFIDENCE:
            return UNKNOWN
        sure = max(one, two) / (one + two)
    pairs = list(zip(crops, readings, strict=False))[:LINES_TO_TURN]
    agreement = fmean(_lying_agreement(crop, reading, models) for crop, reading in pairs)
    lies = agreement > LYING_AGREEMENT
    sure *= agreement if lies else 1 - agreement
    return Orientation((turn + 90 if lies else turn) % 360, sure)


def _typical(rows: Sequence[Pixels]) -> list[Pixels]:
    """The starts of the longest rows: a line of body text tells more than a page number."""
    longest = sorted(rows, key=lambda crop: crop.shape[1], reverse=True)[:LINES_TO_READ]
    return [as_pixels(crop[:, : LONGEST_CROP * crop.shape[0]]) for crop in longest]


def _length(crops: Sequence[Pixels]) -> int:
    """How much writing the crops hold: the sum of their long sides."""
    return sum(max(crop.shape[:2]) for crop in crops)


def _confidence(readings: Sequence[Reading]) -> float:
    """The mean; a single character counts for nothing, a circle is an O either way."""
    return fmean(reading.confidence if len(reading.centers) > 1 else 0.0 for reading in readings)


def _lying_agreement(crop: Pixels, reading: Reading, models: Models) -> float:
    """How alike (0-1) the line reads once each of its characters is turned a quarter clockwise in place."""
    centers = reading.centers
    if len(centers) < 2:
        return 0.0
    edges = [0.0, *((a + b) / 2 for a, b in pairwise(centers)), float(crop.shape[1])]
    cells = [turned(crop[:, int(a) : max(int(b), int(a) + 1)], 90) for a, b in pairwise(edges)]
    height = max(cell.shape[0] for cell in cells)
    row = np.hstack([_in_the_middle(cell, height) for cell in cells])
    return Levenshtein.normalized_similarity(models.read(as_pixels(row)).text, reading.text)


def _in_the_middle(cell: Pixels, height: int) -> Pixels:
    above = (height - cell.shape[0]) // 2
    below = height - cell.shape[0] - above
    return as_pixels(cv2.copyMakeBorder(cell, above, below, 0, 0, cv2.BORDER_REPLICATE))
