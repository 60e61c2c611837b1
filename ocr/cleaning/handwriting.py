"""Whether a page is written by hand: letters that keep neither their distance nor their height.

Type stands on one line at an even pitch; a hand keeps neither. Both are measured on the ink of the longest
lines (after the features of Zheng, Li and Doermann, "Machine printed text and handwriting identification in
noisy document images", 2004). Latin type has no even pitch and letters of many heights, but all of them
stand on the baseline. One number for the page: a hand-filled form on printed paper counts as print.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.detection import DetectedLine
from ocr.raster import Pixels, Raster, as_pixels

# The longest lines tell enough; a line of fewer characters has no pitch, a page with one line no habit.
MOST_LINES, LEAST_LINES = 12, 2
LEAST_CHARACTERS = 6
LEAST_LETTERS = 5
LEAST_PIXELS = 10
# Parts of a letter are this close (line heights): 三 is one letter, and so is ロ before its neighbour.
GAP_DOWN, GAP_ACROSS = 0.5, 0.08
# Letters are this high and wide (heights of the tallest); marks are smaller, letters that touch are wider.
TALLEST_PERCENTILE = 90
LEAST_HEIGHT, LEAST_WIDTH, MOST_WIDTH = 0.4, 0.3, 1.6
# A line with so many Latin letters and figures among its characters is measured where they stand.
LATIN_SHARE = 0.25
# Median deviations (ems) in between: height of type 0-.06, of a hand .12; pitch of type .01-.15, up to .33
# in tables of figures or type past reading, of a hand .19-.26.
PITCH, HEIGHT = 0.12, 0.085
# The same of the feet of Latin letters: type has 0-.04.
FEET = 0.06
STEEPNESS = 10.0
# Type can be set without any deviation.
LEAST_DEVIATION = 0.001


def handwriting(raster: Raster, lines: Sequence[DetectedLine]) -> float:
    """The likelihood (0–1) that the page with `lines` (boxes in points) is written by hand.

    0 where fewer than two horizontal lines are long enough to tell. About 10 ms.
    """
    across = [line for line in lines if not line.vertical and len(line.text) >= LEAST_CHARACTERS]
    longest = sorted(across, key=lambda line: -len(line.text))[:MOST_LINES]
    gray = raster.gray
    measured = [
        found
        for line in longest
        if (found := _deviations(_cut(gray, line, raster), _is_latin(line.text))) is not None
    ]
    if len(measured) < LEAST_LINES:
        return 0.0
    pitch, height = (max(median(column), LEAST_DEVIATION) for column in zip(*measured, strict=True))
    return 1 / (1 + exp(-STEEPNESS * min(log(pitch / PITCH), log(height / HEIGHT))))


def _cut(gray: Pixels, line: DetectedLine, raster: Raster) -> Pixels:
    box = line.box.scaled(1 / raster.points_per_pixel)
    return gray[max(int(box.y0), 0) : int(box.y1) + 1, max(int(box.x0), 0) : int(box.x1) + 1]


def _is_latin(text: str) -> bool:
    return sum(c.isascii() and c.isalnum() for c in text) >= LATIN_SHARE * len(text)


def _deviations(cut: Pixels, latin: bool) -> tuple[float, float] | None:
    """How far letters stray from an even pitch and from a straight line (ems), None where there are few.

    The line goes through the middle of letters, and where `latin` through their feet if they keep to that
    better.
    """
    high = cut.shape[0]
    if min(cut.shape) < LEAST_PIXELS:
        return None
    _, ink = cv2.threshold(cut, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    brush = np.ones((max(int(GAP_DOWN * high), 1), max(int(GAP_ACROSS * high), 1)), dtype=np.uint8)
    joined = as_pixels(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, brush))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    left, top, wide, tall = stats[1:, :4].T.astype(np.float64)
    high = min(high, int(np.percentile(tall, TALLEST_PERCENTILE))) if len(tall) else high
    letters = (tall >= LEAST_HEIGHT * high) & (wide >= LEAST_WIDTH * high) & (wide <= MOST_WIDTH * high)
    if int(letters.sum()) < LEAST_LETTERS:
        return None
    x, y = (left + wide / 2)[letters], (top + tall / 2)[letters]
    em = float(np.median(np.maximum(wide, tall)[letters]))
    slope, offset = np.polyfit(x, y, 1)
    height = float(np.median(np.abs(y - slope * x - offset)))
    if latin:
        height = min(height, _off_the_baseline(x, (top + tall)[letters]) * HEIGHT / FEET)
    return _spread(np.diff(np.sort(x))) / em, height / em


def _off_the_baseline(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """The median distance of feet from the line that most stand on; a g hangs below it.

    Its slope is the median over pairs of feet (Sen, "Estimates of the regression coefficient based on
    Kendall's tau", 1968).
    """
    before, after = np.triu_indices(len(x), 1)
    apart = np.abs(x[after] - x[before]) >= 1
    slope = np.median((y[after] - y[before])[apart] / (x[after] - x[before])[apart]) if apart.any() else 0.0
    return _spread(y - slope * x)


def _spread(values: NDArray[np.float64]) -> float:
    return float(np.median(np.abs(values - np.median(values))))
