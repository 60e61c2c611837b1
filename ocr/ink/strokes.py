"""Strokes of ink in a page image that may be ruled lines: long thin runs, whole, broken, dashed or dotted.

Whole ones are found by morphological opening with a long thin element, after Gatos et al., "Automatic Table
Detection in Document Images" (2005); dots and pieces by chaining thin specks of ink. What is written here
of horizontal strokes holds for vertical ones on the transposed image.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin

import cv2
import numpy as np
from numpy.typing import NDArray

LONGEST_LETTER = 20.0  # points; the strokes of letters in running text are shorter
SHORTEST_STROKE = 10.0  # of a line that parts the cells of one row, where both its ends meet others
SHORTEST_CHAIN = 4.0  # a dash between two that other lines cross
WIDEST_GAP = 6.0  # between the dots or pieces of one line
THICKEST = 4.0
THICKEST_SPECK = 2.4
FAINTEST = 28  # gray levels between a line and what it lies on
STEEPEST = 0.035  # 2 degrees, as a slope
THICKENED = 2  # pixels that lines are made thicker by, so that a slight slope does not break them

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A nearly straight line of ink from (x0, y0) to (x1, y1), in points; `whole` is one unbroken run."""

    x0: float
    y0: float
    x1: float
    y1: float
    whole: bool = True

    @property
    def length(self) -> float:
        return max(abs(self.x1 - self.x0), abs(self.y1 - self.y0))

    @property
    def transposed(self) -> Stroke:
        return Stroke(self.y0, self.x0, self.y1, self.x1, self.whole)

    def rotated(self, angle: float, about: tuple[float, float]) -> Stroke:
        """The stroke turned clockwise on the page by `angle` radians."""

        def turn(x: float, y: float) -> tuple[float, float]:
            dx, dy = x - about[0], y - about[1]
            return about[0] + dx * cos(angle) - dy * sin(angle), about[1] + dx * sin(angle) + dy * cos(angle)

        return Stroke(*turn(self.x0, self.y0), *turn(self.x1, self.y1), self.whole)


@dataclass(frozen=True, slots=True)
class Inked:
    """The nearly horizontal strokes of a page; in `thin`, (height, width), ink that a line could be is 1.

    `scale` is points per pixel.
    """

    strokes: tuple[Stroke, ...]
    thin: Mask
    scale: float

    def cover(self, x0: float, y0: float, x1: float, y1: float) -> float:
        """The share, 0-1, of the way between two points that runs along thin ink, a pixel aside or not."""
        count = max(round((x1 - x0) / self.scale), 1)
        height, width = self.thin.shape
        xs = np.clip(np.linspace(x0, x1, count) / self.scale, 0, width - 1).astype(np.intp)
        ys = np.clip(np.linspace(y0, y1, count) / self.scale, 1, height - 2).astype(np.intp)
        return float((self.thin[ys - 1, xs] | self.thin[ys, xs] | self.thin[ys + 1, xs]).mean())


def thin_ink(gray: Mask, scale: float) -> Mask:
    """1 where ink is thin and darker than what it lies on: the edge of a shaded cell is no line."""
    smooth = cv2.GaussianBlur(gray, (3, 3), 0)
    width = round(1.5 * THICKEST / scale) | 1
    depth = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, np.ones((width, width), np.uint8))
    return np.asarray(cv2.threshold(depth, FAINTEST - 1, 1, cv2.THRESH_BINARY)[1], np.uint8)


def find_strokes(ink: Mask, scale: float) -> Inked:
    """The nearly horizontal strokes of an ink mask; those of letters as wide as SHORTEST_STROKE included."""

    def pixels(points: float) -> int:
        return max(round(points / scale), 1)

    thickened = cv2.dilate(ink, np.ones((1 + THICKENED, 1), np.uint8))
    whole = cv2.morphologyEx(thickened, cv2.MORPH_OPEN, np.ones((1, pixels(SHORTEST_STROKE)), np.uint8))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((pixels(LONGEST_LETTER), 1), np.uint8))
    crossing = cv2.dilate(upright, np.ones((1, 3), np.uint8))
    apart = cv2.subtract(ink, crossing)  # else a dot that touches a crossing line is part of it
    specks = _specks(np.asarray(apart, np.uint8), pixels(THICKEST_SPECK))
    chained = cv2.morphologyEx(
        cv2.dilate(specks, np.ones((1 + THICKENED, 1), np.uint8)),
        cv2.MORPH_CLOSE,
        np.ones((1, pixels(WIDEST_GAP)), np.uint8),
    )
    chained = cv2.morphologyEx(chained, cv2.MORPH_OPEN, np.ones((1, pixels(SHORTEST_CHAIN)), np.uint8))
    tall = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((pixels(THICKEST) + 1, 1), np.uint8))
    return Inked(
        (
            *_outlined(np.asarray(whole, np.uint8), scale, whole=True),
            *_outlined(np.asarray(chained, np.uint8), scale, whole=False),
        ),
        np.asarray(cv2.subtract(ink, tall), np.uint8),
        scale,
    )


def _specks(ink: Mask, thickest: int) -> Mask:
    """The connected pieces of ink that are no thicker than a line: dots, dashes, broken pieces."""
    outlines, _ = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    thin = []
    for outline in outlines:
        _, _, width, height = cv2.boundingRect(outline)
        if height <= thickest + STEEPEST * width:
            thin.append(outline)
    found = np.zeros_like(ink)
    cv2.drawContours(found, thin, -1, 1, cv2.FILLED)
    return found


def _outlined(mask: Mask, scale: float, *, whole: bool) -> list[Stroke]:
    """The thin, nearly horizontal pieces of a thickened mask with their slope, in points."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    shortest = (SHORTEST_STROKE if whole else SHORTEST_CHAIN) / scale
    found = []
    for outline in outlines:
        left, _, width, height = cv2.boundingRect(outline)
        if width < shortest or (height - THICKENED) * scale > THICKEST + STEEPEST * width * scale:
            continue
        moments = cv2.moments(outline)
        if moments["mu20"] <= 0 or (moments["m00"] / (width - 1) + 1 - THICKENED) * scale > THICKEST:
            continue
        slope = moments["mu11"] / moments["mu20"]
        y0 = moments["m01"] / moments["m00"] - slope * (moments["m10"] / moments["m00"] - left) + 0.5
        ends = left * scale, y0 * scale, (left + width) * scale, (y0 + slope * width) * scale
        found.append(Stroke(*ends, whole))
    return found
