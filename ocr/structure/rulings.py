"""Ruled lines in a raster: long thin runs of ink, whole, broken or dotted, told apart from letters.

Whole lines are found by morphological opening with a long thin element, after Gatos et al., "Automatic
Table Detection in Document Images" (2005); dots and pieces by chaining thin specks of ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, cos, sin
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.detection import Ruling
from ocr.structure.grid import Edge, merge_edges

LONGEST_LETTER = 20.0  # points; the strokes of letters in running text are shorter
SHORTEST_STROKE = 10.0  # of a line that parts the cells of one row, where both its ends meet others
SHORTEST_RULING = 40.0
SHORTEST_DOTTED = 50.0
WIDEST_GAP = 6.0  # between the dots or pieces of one line
THICKEST = 4.0
FAINTEST = 28  # gray levels between a line and what it lies on
FINEST_SCALE = 72 / 200  # points per pixel; finer images are looked at no closer
THICKEST_SPECK = 2.4
STEEPEST = 0.035  # 2 degrees, as a slope
STREAK_MARGIN = 0.025  # of the page's side
THICKENED = 2  # pixels that lines are made thicker by, so that a slight slope does not break them
MEETING = 4.0  # how far an end may miss the line it meets

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Stroke:
    """A nearly straight line of ink from (x0, y0) to (x1, y1), in points."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def length(self) -> float:
        return max(abs(self.x1 - self.x0), abs(self.y1 - self.y0))

    def rotated(self, angle: float, about: tuple[float, float]) -> _Stroke:
        def turn(x: float, y: float) -> tuple[float, float]:
            dx, dy = x - about[0], y - about[1]
            return about[0] + dx * cos(angle) - dy * sin(angle), about[1] + dx * sin(angle) + dy * cos(angle)

        return _Stroke(*turn(self.x0, self.y0), *turn(self.x1, self.y1))


def find_rulings(gray: NDArray[np.uint8], points_per_pixel: float) -> tuple[Ruling, ...]:
    """The ruled lines of a page image, axis-parallel, in points.

    `gray` is (height, width), dark ink on light paper, upright. A residual skew of up to about 2 degrees
    is taken out by turning the lines around their common middle, so that lines of one table still meet.
    Lines shorter than a letter is wide are found only where they part the cells of a ruled row.
    """
    scale = max(points_per_pixel, FINEST_SCALE)
    shrink = points_per_pixel / scale
    seen = cv2.resize(gray, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else gray
    ink = _thin_ink(np.asarray(seen, np.uint8), scale)
    across = _strokes(ink, scale)
    down = [_transposed(stroke) for stroke in _strokes(np.ascontiguousarray(ink.T), scale)]
    height, width = ink.shape
    return _straightened(across, down, width * scale, height * scale)


def _thin_ink(gray: Mask, scale: float) -> Mask:
    """1 where ink is thin and darker than what it lies on: the edge of a shaded cell is no line."""
    smooth = cv2.GaussianBlur(gray, (3, 3), 0)
    width = round(1.5 * THICKEST / scale) | 1
    depth = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, np.ones((width, width), np.uint8))
    return np.asarray(cv2.threshold(depth, FAINTEST - 1, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _strokes(ink: Mask, scale: float) -> list[_Stroke]:
    """The nearly horizontal lines of an ink mask, in points."""

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
    chained = cv2.morphologyEx(chained, cv2.MORPH_OPEN, np.ones((1, pixels(SHORTEST_DOTTED / 2)), np.uint8))
    return [
        stroke
        for mask, shortest in ((whole, SHORTEST_STROKE), (chained, SHORTEST_DOTTED))
        for stroke in _components(np.asarray(mask, np.uint8), scale)
        if stroke.length >= shortest
    ]


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


def _components(mask: Mask, scale: float) -> list[_Stroke]:
    """The thin, nearly horizontal pieces of a mask, which is thickened, with their slope, in points."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        left, _, width, height = cv2.boundingRect(outline)
        moments = cv2.moments(outline)
        if (
            width < 2
            or moments["mu20"] <= 0
            or (height - THICKENED) * scale > THICKEST + STEEPEST * width * scale
        ):
            continue
        if (moments["m00"] / (width - 1) + 1 - THICKENED) * scale > THICKEST:
            continue
        slope = moments["mu11"] / moments["mu20"]
        y0 = moments["m01"] / moments["m00"] - slope * (moments["m10"] / moments["m00"] - left) + 0.5
        found.append(_Stroke(left * scale, y0 * scale, (left + width) * scale, (y0 + slope * width) * scale))
    return found


def _transposed(stroke: _Stroke) -> _Stroke:
    return _Stroke(stroke.y0, stroke.x0, stroke.y1, stroke.x1)


def _straightened(
    flat_strokes: Sequence[_Stroke], upright_strokes: Sequence[_Stroke], width: float, height: float
) -> tuple[Ruling, ...]:
    """The strokes turned to lie parallel to the page of `width` and `height` points; short ones only
    where they meet others, streaks left out."""
    long_across = [stroke for stroke in flat_strokes if stroke.length >= SHORTEST_RULING]
    long_down = [stroke for stroke in upright_strokes if stroke.length >= SHORTEST_RULING]
    if not long_across and not long_down:
        return ()
    angle = _angle(long_across, long_down)
    ends = [end for s in (*long_across, *long_down) for end in ((s.x0, s.y0), (s.x1, s.y1))]
    about = (
        (min(x for x, _ in ends) + max(x for x, _ in ends)) / 2,
        (min(y for _, y in ends) + max(y for _, y in ends)) / 2,
    )
    flat = [_horizontal(stroke.rotated(-angle, about)) for stroke in flat_strokes]
    upright = [_vertical(stroke.rotated(-angle, about)) for stroke in upright_strokes]
    kept_flat = [r for r in flat if r.x1 - r.x0 >= SHORTEST_RULING]
    kept_upright = [r for r in upright if r.y1 - r.y0 >= SHORTEST_RULING]
    kept_upright += [r for r in upright if r.y1 - r.y0 < SHORTEST_RULING and _spans_row(r, kept_flat)]
    kept_flat += [r for r in flat if r.x1 - r.x0 < SHORTEST_RULING and _spans_column(r, kept_upright)]
    across = merge_edges(Edge(r.y0, r.x0, r.x1) for r in kept_flat)
    down = merge_edges(Edge(r.x0, r.y0, r.y1) for r in kept_upright)
    return (
        *(Ruling(e.start, e.position, e.end, e.position) for e in across if not _is_streak(e, down, width)),
        *(Ruling(e.position, e.start, e.position, e.end) for e in down if not _is_streak(e, across, height)),
    )


def _is_streak(edge: Edge, crossing: Sequence[Edge], side: float) -> bool:
    """Whether the line runs off the page, as dirt on a scanner's glass draws it: an end at the page's
    edge that meets no crossing line."""
    at_edge = [
        end
        for end, distance in ((edge.start, edge.start), (edge.end, side - edge.end))
        if distance < STREAK_MARGIN * side
    ]
    return any(not _meets(end, edge.position, crossing) for end in at_edge)


def _meets(end: float, position: float, crossing: Sequence[Edge]) -> bool:
    return any(abs(c.position - end) <= 3 * MEETING and c.covers(position, position) for c in crossing)


def _angle(across: Sequence[_Stroke], down: Sequence[_Stroke]) -> float:
    """The common skew in radians, clockwise on the page; a line counts by its length."""
    slopes = [((s.y1 - s.y0) / (s.x1 - s.x0), s.length) for s in across]
    slopes += [((s.x0 - s.x1) / (s.y1 - s.y0), s.length) for s in down]
    weighted = [slope for slope, length in slopes for _ in range(int(length / SHORTEST_RULING))]
    return atan(median(weighted))


def _horizontal(stroke: _Stroke) -> Ruling:
    y = (stroke.y0 + stroke.y1) / 2
    return Ruling(stroke.x0, y, stroke.x1, y)


def _vertical(stroke: _Stroke) -> Ruling:
    x = (stroke.x0 + stroke.x1) / 2
    return Ruling(x, stroke.y0, x, stroke.y1)


def _spans_row(upright: Ruling, flat: Sequence[Ruling]) -> bool:
    """Whether a short vertical line runs from one horizontal line to another."""
    beside = [r.y0 for r in flat if r.x0 - MEETING <= upright.x0 <= r.x1 + MEETING]
    return all(any(abs(y - end) <= MEETING for y in beside) for end in (upright.y0, upright.y1))


def _spans_column(flat: Ruling, upright: Sequence[Ruling]) -> bool:
    beside = [r.x0 for r in upright if r.y0 - MEETING <= flat.y0 <= r.y1 + MEETING]
    return all(any(abs(x - end) <= MEETING for x in beside) for end in (flat.x0, flat.x1))
