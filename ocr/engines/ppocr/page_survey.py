"""A quick look at a page before its lines are sought: where anything stands, and how big the letters are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocr.raster import Pixels, as_pixels

# Letters of 7 points on A4 are still 8 pixels high at this size.
SURVEY_SIDE = 1280
# What is smaller (pixels of the survey) is dust, what is larger a picture, a frame or a rule.
SMALLEST_LETTER = 5
LARGEST_LETTER = 64
# Longer one way than this many times the other is a rule or a stroke, not a letter.
LONGEST_LETTER = 2.5
# Fewer tell nothing about the size of the rest.
LETTERS_ENOUGH = 12
# What is smaller than this many letters is dust, or a comma near one.
SMALLEST_MARK = 0.5
# Paper left around what stands on the page, in letters.
MARGIN = 2.0


@dataclass(frozen=True, slots=True)
class Survey:
    """`letter` is the height of most letters; the rectangle holds whatever is not paper. In pixels.

    `letter` is None where there are too few to tell.
    """

    letter: float | None
    x0: int
    y0: int
    x1: int
    y1: int


def survey(image: Pixels) -> Survey | None:
    """What connected pieces of ink tell about `image` (BGR); None where it holds none."""
    height, width = image.shape[:2]
    scale = min(SURVEY_SIDE / max(height, width), 1.0)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    gray = as_pixels(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    block = max(min(gray.shape) // 20, 15) | 1
    ink = cv2.adaptiveThreshold(gray, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 15)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, y, across, down = stats[1:, :4].T
    long, short = np.maximum(across, down), np.minimum(across, down)
    marks = long >= SMALLEST_LETTER
    if not marks.any():
        return None
    letters = long[marks & (long <= LARGEST_LETTER) & (long <= LONGEST_LETTER * short)]
    letter = float(np.median(letters)) if len(letters) >= LETTERS_ENOUGH else None
    if letter is not None:
        marks = long >= SMALLEST_MARK * letter
    margin = MARGIN * (letter or LARGEST_LETTER)
    left, top = x[marks].min() - margin, y[marks].min() - margin
    right, bottom = (x + across)[marks].max() + margin, (y + down)[marks].max() + margin
    return Survey(
        None if letter is None else letter / scale,
        max(int(left / scale), 0),
        max(int(top / scale), 0),
        min(int(np.ceil(right / scale)), width),
        min(int(np.ceil(bottom / scale)), height),
    )
