"""Rows and columns of a table that are set white on dark: their sides, and the rulings not seen there.

Black rulings end where a black row begins. Those that meet it go on through it: its cells are the cells of
the rows below and above.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.detection import Ruling
from ocr.document import Box

POINTS_PER_PIXEL = 0.5  # of the copy that dark areas are sought on
DARK = 0.6  # of the paper's brightness
LEAST_SHARE = 0.002  # of a page that the smallest dark row takes
LETTERS = 4.0  # points; strokes of white letters are thinner
LEAST_HEIGHT, LEAST_LENGTH = 8.0, 24.0  # points; of a row, or lying of a column
FILLED = 0.9  # of its box that an area covers
LEAST_DARK = 0.55  # of an area is dark, letters and all; of bold letters on paper less than half is
MEETING = 4.0  # points by which a ruling may miss the area
FEWEST_MEETING = 2  # rulings that make it part of a table: a bar across a page is none
BESIDE = 1.4  # points to either side of a ruling's way through an area: wider than letters stand apart
BELOW_LETTERS = 2.0  # points from the letters of a title to the row below it
INSET = 0.15  # of the area's height at either end that is not looked at: letters stand in the middle
CROSSED, PARTED = 0.08, 0.8  # of the way that light letters cover at most, or a light line at least


def with_dark_areas(
    rulings: Sequence[Ruling], gray: NDArray[np.uint8], points_per_pixel: float
) -> tuple[Ruling, ...]:
    """The rulings (points), with those of the rows and columns that are dark on `gray` (height, width).

    Strokes that stand in dark areas alone are the dark between white letters, and left out.
    """
    if not rulings:
        return ()
    areas = list(_dark_areas(gray, points_per_pixel))
    kept = [ruling for ruling in rulings if not any(_stands_in(ruling, area) for area in areas)]
    upright = [ruling for ruling in kept if not ruling.horizontal]
    flat = [_turned(ruling) for ruling in kept if ruling.horizontal]
    lying = np.ascontiguousarray(gray.T) if areas else gray
    for area in areas:
        level, standing = map(_turned, flat), map(_turned, upright)
        kept.extend(_of_row(area, upright, level, gray, points_per_pixel))
        kept.extend(map(_turned, _of_row(_transposed(area), flat, standing, lying, points_per_pixel)))
    return tuple(kept)


def _dark_areas(gray: NDArray[np.uint8], scale: float) -> Iterator[Box]:
    shrink = min(scale / POINTS_PER_PIXEL, 1.0)
    small = cv2.resize(gray, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    darkest = DARK * float(np.percentile(small, 90))
    if float((small < darkest).mean()) < LEAST_SHARE:
        return
    pixels = round(LETTERS / POINTS_PER_PIXEL)
    # Light strokes go, what is dark keeps its edges.
    plain = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((pixels, pixels), np.uint8))
    dark = np.asarray(plain < darkest, np.uint8)
    long, high = (round(length / POINTS_PER_PIXEL) for length in (LEAST_LENGTH, LEAST_HEIGHT))
    for x, y, width, height in _filled(dark, (high, long), (long, high)):
        if float((small[y : y + height, x : x + width] < darkest).mean()) >= LEAST_DARK:
            yield Box(x, y, x + width, y + height).scaled(scale / shrink)


def _filled(dark: NDArray[np.uint8], *least: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """The rectangles (left, top, width, height) that are dark all over and as large as any of `least`
    (height, width); of a row and a column that make an L, each."""
    for size in least:
        areas = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(size, np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(areas, connectivity=4)
        for x, y, width, height, covered in stats[1:count].tolist():
            if covered >= FILLED * width * height:
                yield x, y, width, height
            elif height > size[0] and width > size[1]:
                part = np.ascontiguousarray(areas[y : y + height, x : x + width], np.uint8)
                whole = (size[0], round(FILLED * width)), (round(FILLED * height), size[1])
                for left, top, *sides in _filled(part, *(s for s in whole if s > size)):
                    yield x + left, y + top, sides[0], sides[1]


def _stands_in(ruling: Ruling, area: Box) -> bool:
    """Whether the ruling lies in the area and neither along it from end to end nor at its side."""
    within = Box(area.x0 - MEETING, area.y0 - MEETING, area.x1 + MEETING, area.y1 + MEETING)
    if not (within.contains(ruling.x0, ruling.y0) and within.contains(ruling.x1, ruling.y1)):
        return False
    if ruling.horizontal:
        at_side = min(abs(ruling.y0 - area.y0), abs(ruling.y0 - area.y1)) <= MEETING
        return not at_side and ruling.x1 - ruling.x0 < area.width - 2 * MEETING
    return min(abs(ruling.x0 - area.x0), abs(ruling.x0 - area.x1)) > MEETING


def _of_row(
    area: Box, upright: Iterable[Ruling], flat: Iterable[Ruling], gray: NDArray[np.uint8], scale: float
) -> list[Ruling]:
    """The sides of a dark row and the rulings through it; none where no vertical rulings meet it.

    Where letters of a title stand in their way, they end below it.
    """
    meeting = [r for r in upright if r.y0 <= area.y1 + MEETING and r.y1 >= area.y0 - MEETING]
    level = sorted(ruling.x0 for ruling in meeting)
    places = [x for x in level if area.x0 - MEETING <= x <= area.x1 + MEETING]
    foot = {x: _foot_of_letters(x, area, gray, scale) for x in places}
    blocked = [y for y in foot.values() if y is not None]
    if len(places) - len(blocked) < FEWEST_MEETING:
        return []
    # An end beyond which the table goes on is where letters stand close.
    ends = [area.x0] * (level[0] > area.x0 + MEETING) + [area.x1] * (level[-1] < area.x1 - MEETING)
    sides = [x for x in places if foot[x] is None and min(abs(x - area.x0), abs(x - area.x1)) <= MEETING]
    top = max(blocked) + BELOW_LETTERS if blocked else area.y0
    inner = [x for x in places if x not in sides] if area.y1 - top >= LEAST_HEIGHT else []
    left, right = min(area.x0, *places), max(area.x1, *places)
    across = {area.y0, area.y1, top} if inner else {area.y0, area.y1}
    return [
        *(Ruling(x, area.y0, x, area.y1) for x in sides),
        *_outer_sides(ends, area, meeting, flat),
        *(Ruling(x, top, x, area.y1) for x in inner),
        *(Ruling(left, y, right, y) for y in sorted(across)),
    ]


def _outer_sides(
    ends: Sequence[float], area: Box, meeting: Sequence[Ruling], flat: Iterable[Ruling]
) -> Iterator[Ruling]:
    """The sides of the row at `ends`, where the table has no ruling: as far down and up as those begin and
    end there that run across it."""
    top, foot = min(ruling.y0 for ruling in meeting), max(ruling.y1 for ruling in meeting)
    rows = [ruling for ruling in flat if top - MEETING <= ruling.y0 <= foot + MEETING]
    for x in ends:
        at_side = [r.y0 for r in rows if min(abs(r.x0 - x), abs(r.x1 - x)) <= MEETING]
        yield Ruling(x, min([area.y0, *at_side]), x, max([area.y1, *at_side]))


def _foot_of_letters(x: float, area: Box, gray: NDArray[np.uint8], scale: float) -> float | None:
    """How far down (y) letters stand in the way of a ruling at `x`; None where they do not: they cover some
    of it, neither hardly any nor all."""
    inset = INSET * area.height
    top = round((area.y0 + inset) / scale)
    rows = slice(top, round((area.y1 - inset) / scale))
    columns = slice(max(round((x - BESIDE) / scale), 0), round((x + BESIDE) / scale) + 1)
    way = gray[rows, columns]
    if not way.size:
        return area.y1
    whole = gray[rows, round(area.x0 / scale) : round(area.x1 / scale)]
    middle = (float(np.percentile(whole, 5)) + float(whole.max())) / 2
    light = way.max(axis=1) > middle
    if not CROSSED < float(light.mean()) < PARTED:
        return None
    return (top + int(np.nonzero(light)[0][-1]) + 1) * scale


def _transposed(box: Box) -> Box:
    return Box(box.y0, box.x0, box.y1, box.x1)


def _turned(ruling: Ruling) -> Ruling:
    return Ruling(ruling.y0, ruling.x0, ruling.y1, ruling.x1)
