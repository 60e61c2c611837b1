"""Columns of vertical writing: the marks that recognition passes over, put back.

The network reads a column lying on its left side and skips most of 、。「」 there. Vertical Japanese is set
solid, so a skipped mark leaves a gap of one em between its neighbours; what stands in the gap is told by
its place and shape, a bracket by reading it alone.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from statistics import median

import cv2
import numpy as np

from ocr.engines.recognition import Reading
from ocr.raster import Pixels, as_pixels

# Two centres further apart than this (ems) have a mark between them; an end of the column is half of it.
GAP = 1.6
# A comma or full stop: small, in the upper right quarter of its em.
LARGEST_STOP = 0.5
# A ring is lighter in its middle than all over, a stroke darker.
HOLLOW = 1.0
BRACKETS_AND_BARS = "「」『』（）()〔〕【】ー一―—-"
AS_PRINTED = str.maketrans("()一―—-", "（）ーーーー")
LEAST_CONFIDENCE = 0.5
LEAST_INK = 0.008


def read_column(crop: Pixels, length: int, read: Callable[[Pixels], Reading]) -> Reading:
    """The one column in the first `length` rows of `crop` (BGR, upright), read downwards.

    The rows after them are looked at for a full stop, which detection often leaves out. `centers` are y,
    in pixels.
    """
    reading = read(_lying(crop[:length]))
    if len(reading.centers) < 3:
        return reading
    em = median(b - a for a, b in pairwise(reading.centers))
    gray = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY))
    paper = float(np.percentile(gray, 90))
    darkness = np.clip((paper - gray) / max(paper - float(gray.min()), 1.0), 0.0, 1.0)

    def mark_between(top: float, bottom: float) -> str:
        y0, y1 = max(round(top), 0), min(round(bottom), crop.shape[0])
        if y1 - y0 < 0.35 * em:
            return ""
        return _stop(darkness[y0:y1], em) or _bracket(crop[y0:y1], darkness[y0:y1], read)

    written = [character for character in reading.text if not character.isspace()]
    # Neighbours reach half an em from their centres, and a little is left for crooked setting.
    reach = 0.55 * em
    text = written[0]
    if reading.centers[0] > GAP / 2 * em + reach:
        text = mark_between(0, reading.centers[0] - reach) + text
    for character, (above, below) in zip(written[1:], pairwise(reading.centers), strict=False):
        if below - above > GAP * em:
            text += mark_between(above + reach, below - reach)
        text += character
    text += mark_between(reading.centers[-1] + reach, reading.centers[-1] + 1.5 * em)
    return Reading(text, reading.confidence, reading.centers)


def _lying(crop: Pixels) -> Pixels:
    return as_pixels(np.rot90(crop))


def _stop(darkness: np.ndarray, em: float) -> str:
    """、 or 。 where the only ink is small and in the upper right of the cell, else nothing."""
    ink = darkness > 0.4
    if ink.mean() < LEAST_INK:
        return ""
    y, x = np.nonzero(ink)
    top, bottom, left, right = int(y.min()), int(y.max()) + 1, int(x.min()), int(x.max()) + 1
    if max(bottom - top, right - left) > LARGEST_STOP * em or left < 0.4 * darkness.shape[1]:
        return ""
    dot = darkness[top:bottom, left:right]
    third_y, third_x = dot.shape[0] // 3, dot.shape[1] // 3
    middle = dot[third_y : dot.shape[0] - third_y, third_x : dot.shape[1] - third_x]
    return "。" if float(middle.mean()) < HOLLOW * float(dot.mean()) else "、"


def _bracket(cell: Pixels, darkness: np.ndarray, read: Callable[[Pixels], Reading]) -> str:
    if (darkness > 0.4).mean() < LEAST_INK:
        return ""
    found = read(_lying(cell))
    text = found.text.strip()
    if len(text) == 1 and text in BRACKETS_AND_BARS and found.confidence >= LEAST_CONFIDENCE:
        return text.translate(AS_PRINTED)
    return ""
