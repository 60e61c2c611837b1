"""Ruled lines in a raster: strokes of ink joined over their gaps, levelled, and told apart from letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import atan, tan
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.detection import Ruling
from ocr.grids.grid import Edge, merge_edges
from ocr.ink.strokes import LONGEST_LETTER, WIDEST_GAP, Inked, Stroke, find_strokes, thin_ink

FINEST_SCALE = 72 / 200  # points per pixel; finer images are looked at no closer
SHORTEST_RULING = 40.0
SHORTEST_DOTTED = 50.0
SHORTEST_PARTING = 30.0  # of a dotted line where both its ends meet others
ALIGNED = 1.0  # points between the positions of two pieces of one line
# A gap is part of a line where so much of it is inked: a dash lost at a crossing, or toner worn off.
WIDEST_LOST_DASH, LEAST_OF_A_DASH = 12.0, 0.25
WIDEST_WORN, LEAST_WORN = 40.0, 0.5
STREAK_MARGIN = 0.025  # of the page's side
MEETING = 4.0  # how far an end may miss the line it meets
MEETING_SHORT = 2.5  # the same of a short line: the strokes of letters in a low row miss by more


def find_rulings(gray: NDArray[np.uint8], points_per_pixel: float) -> tuple[Ruling, ...]:
    """The ruled lines of a page image, axis-parallel, in points.

    `gray` is (height, width), dark ink on light paper, upright. A residual skew of up to about 2 degrees
    is taken out by turning the lines around their common middle, so that lines of one table still meet.
    Lines shorter than a letter is wide are found only where they part the cells of a ruled row.
    """
    scale = max(points_per_pixel, FINEST_SCALE)
    shrink = points_per_pixel / scale
    seen = cv2.resize(gray, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else gray
    ink = thin_ink(np.asarray(seen, np.uint8), scale)
    across = find_strokes(ink, scale)
    down = find_strokes(np.ascontiguousarray(ink.T), scale)
    sure = [
        s for s in (*across.strokes, *(s.transposed for s in down.strokes)) if s.length >= SHORTEST_RULING
    ]
    if not sure:
        return ()
    angle = _angle(sure)
    flat = _joined(across, tan(angle))
    upright = _joined(down, -tan(angle))
    flat, upright = _reaching(across, flat, upright), _reaching(down, upright, flat)
    height, width = ink.shape
    return _levelled(flat, [s.transposed for s in upright], angle, width * scale, height * scale)


def _angle(strokes: Iterable[Stroke]) -> float:
    """The common skew in radians, clockwise on the page; a line counts by its length."""
    slopes = []
    for s in strokes:
        dx, dy = s.x1 - s.x0, s.y1 - s.y0
        slope = dy / dx if abs(dx) > abs(dy) else -dx / dy
        slopes.extend([slope] * int(s.length / SHORTEST_RULING))
    return atan(median(slopes))


def _joined(inked: Inked, slope: float) -> list[Stroke]:
    """The strokes with the pieces of one line made one.

    Short whole strokes are no pieces of a line: those of letters would join to rows of text.
    """

    def position(stroke: Stroke) -> float:
        return (stroke.y0 + stroke.y1) / 2 - slope * (stroke.x0 + stroke.x1) / 2

    pieces = [s for s in inked.strokes if not s.whole or s.length >= SHORTEST_RULING]
    found = [s for s in inked.strokes if s.whole and s.length < SHORTEST_RULING]
    lines: list[list[Stroke]] = []
    for stroke in sorted(pieces, key=position):
        if lines and position(stroke) - position(lines[-1][0]) <= ALIGNED:
            lines[-1].append(stroke)
        else:
            lines.append([stroke])
    for line in lines:
        run: list[Stroke] = []
        for piece in sorted(line, key=lambda stroke: stroke.x0):
            if run and not _continues(inked, run, piece):
                found.append(_as_one(run))
                run = []
            run.append(piece)
        found.append(_as_one(run))
    return [stroke for stroke in found if stroke.whole or stroke.length >= SHORTEST_PARTING]


def _continues(inked: Inked, run: Sequence[Stroke], piece: Stroke) -> bool:
    last = max(run, key=lambda stroke: stroke.x1)
    return _inked(inked, last.x1, last.y1, piece.x0, piece.y0)


def _inked(inked: Inked, x0: float, y0: float, x1: float, y1: float) -> bool:
    """Whether the gap between two points of one line is narrow or shows enough ink of it."""
    gap = x1 - x0
    if gap <= WIDEST_GAP:
        return True
    least = LEAST_OF_A_DASH if gap <= WIDEST_LOST_DASH else LEAST_WORN
    return gap <= WIDEST_WORN and inked.cover(x0, y0, x1, y1) >= least


def _as_one(run: Sequence[Stroke]) -> Stroke:
    first, last = run[0], max(run, key=lambda stroke: stroke.x1)
    longest = max((s for s in run if s.whole), key=lambda stroke: stroke.length, default=None)
    return Stroke(first.x0, first.y0, last.x1, last.y1, longest is not None)


def _reaching(inked: Inked, strokes: Sequence[Stroke], crossing: Sequence[Stroke]) -> list[Stroke]:
    """The strokes drawn out to the crossing line that they reach by worn ink; `crossing` is transposed."""
    found = []
    for stroke in strokes:
        if stroke.length < LONGEST_LETTER:
            found.append(stroke)
            continue
        slope = (stroke.y1 - stroke.y0) / max(stroke.x1 - stroke.x0, 1e-6)
        y = (stroke.y0 + stroke.y1) / 2
        places = [c.y0 for c in crossing if c.x0 - _overrun(c) <= y <= c.x1 + _overrun(c)]
        x0, x1 = stroke.x0, stroke.x1
        before = max((x for x in places if x < x0 - MEETING_SHORT), default=x0)
        after = min((x for x in places if x > x1 + MEETING_SHORT), default=x1)
        if (
            before < x0
            and not _met(x0, places)
            and _inked(inked, before, y + slope * (before - x0), x0, stroke.y0)
        ):
            x0 = before
        if after > x1 and not _met(x1, places) and _inked(inked, x1, stroke.y1, after, stroke.y1):
            x1 = after
        found.append(Stroke(x0, stroke.y0, x1, stroke.y1, stroke.whole))
    return found


def _overrun(crossing: Stroke) -> float:
    """How far a line may lie beyond the end of another that it meets: dashes are lost at their corner."""
    return MEETING if crossing.whole else WIDEST_LOST_DASH


def _met(end: float, places: Iterable[float]) -> bool:
    return any(abs(place - end) <= MEETING_SHORT for place in places)


def _levelled(
    flat_strokes: Sequence[Stroke],
    upright_strokes: Sequence[Stroke],
    angle: float,
    width: float,
    height: float,
) -> tuple[Ruling, ...]:
    """The strokes turned by `angle` to lie parallel to the page of `width` and `height` points; short ones
    only where they meet others, streaks left out."""
    long = [stroke for stroke in (*flat_strokes, *upright_strokes) if _is_long(stroke)]
    if not long:
        return ()
    ends = [end for s in long for end in ((s.x0, s.y0), (s.x1, s.y1))]
    about = (
        (min(x for x, _ in ends) + max(x for x, _ in ends)) / 2,
        (min(y for _, y in ends) + max(y for _, y in ends)) / 2,
    )
    flat = [(_horizontal(stroke.rotated(-angle, about)), _is_long(stroke)) for stroke in flat_strokes]
    upright = [(_vertical(stroke.rotated(-angle, about)), _is_long(stroke)) for stroke in upright_strokes]
    kept_flat = [ruling for ruling, is_long in flat if is_long]
    kept_upright = [ruling for ruling, is_long in upright if is_long]
    kept_upright += [r for r, is_long in upright if not is_long and _spans_row(r, kept_flat)]
    kept_flat += [r for r, is_long in flat if not is_long and _spans_column(r, kept_upright)]
    across = merge_edges(Edge(r.y0, r.x0, r.x1) for r in kept_flat)
    down = merge_edges(Edge(r.x0, r.y0, r.y1) for r in kept_upright)
    return (
        *(Ruling(e.start, e.position, e.end, e.position) for e in across if not _is_streak(e, down, width)),
        *(Ruling(e.position, e.start, e.position, e.end) for e in down if not _is_streak(e, across, height)),
    )


def _is_long(stroke: Stroke) -> bool:
    """Whether the stroke is a ruling wherever it stands."""
    return stroke.length >= (SHORTEST_RULING if stroke.whole else SHORTEST_DOTTED)


def _horizontal(stroke: Stroke) -> Ruling:
    y = (stroke.y0 + stroke.y1) / 2
    return Ruling(stroke.x0, y, stroke.x1, y)


def _vertical(stroke: Stroke) -> Ruling:
    x = (stroke.x0 + stroke.x1) / 2
    return Ruling(x, stroke.y0, x, stroke.y1)


def _spans_row(upright: Ruling, flat: Sequence[Ruling]) -> bool:
    """Whether a short vertical line runs from one horizontal line to another."""
    beside = [r.y0 for r in flat if r.x0 - MEETING <= upright.x0 <= r.x1 + MEETING]
    return all(any(abs(y - end) <= MEETING_SHORT for y in beside) for end in (upright.y0, upright.y1))


def _spans_column(flat: Ruling, upright: Sequence[Ruling]) -> bool:
    beside = [r.x0 for r in upright if r.y0 - MEETING <= flat.y0 <= r.y1 + MEETING]
    return all(any(abs(x - end) <= MEETING_SHORT for x in beside) for end in (flat.x0, flat.x1))


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
