"""Reading order: recursive cuts of the page at its white space, after the XY-cut of Nagy and Seth (1984).

Everything works on horizontal writing; `ocr.structure.direction` turns a vertical page so that its
columns, read right to left, are rows read top to bottom. No result depends on the order of the input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Protocol, TypeVar

from ocr.detection import DetectedLine
from ocr.document import Box

GUTTER = 1.5  # ems of white between two columns
NARROWEST_COLUMN = 6.0  # ems; rows with narrower parts are read across, as unruled tables are
CORE = 0.25  # of its height cut off a box above and below: the boxes of neighbouring lines overlap


class Boxed(Protocol):
    @property
    def box(self) -> Box: ...


Item = TypeVar("Item", bound=Boxed)
Row = tuple[Item, ...]
Interval = tuple[float, float]


def in_reading_order(lines: Iterable[DetectedLine]) -> tuple[DetectedLine, ...]:
    """The lines of one cell: rows top to bottom, or columns right to left where most are vertical."""
    found = sorted(lines, key=_place)
    if 2 * sum(line.vertical for line in found) > len(found):
        return tuple(sorted(found, key=lambda line: (-line.box.center[0], line.box.y0)))
    return tuple(line for row in rows_of(found) for line in row)


def rows_of(items: Iterable[Item]) -> tuple[Row[Item], ...]:
    """Items on a common line as rows, each left to right, the rows top to bottom."""
    rows: list[list[Item]] = []
    for item in sorted(items, key=lambda i: (i.box.center[1], *_place(i))):
        if rows and _on_one_line(rows[-1], item):
            rows[-1].append(item)
        else:
            rows.append([item])
    return tuple(tuple(sorted(row, key=_place)) for row in rows)


def flows(
    items: Iterable[Item], em: float, stands_in_row: Callable[[Item], bool]
) -> tuple[tuple[Row[Item], ...], ...]:
    """The rows of each column of text, the columns in reading order.

    `em` is the body type size in points. Items of which `stands_in_row` says that they belong with the
    others on their line (the labelled values of a form) are read across, not as columns.
    """
    bands = _bands(sorted(items, key=_place))
    found: list[tuple[Row[Item], ...]] = []
    single: list[Row[Item]] = []
    start = 0
    while start < len(bands):
        end, gutters = _column_stretch(bands, start, GUTTER * em)
        columns = _split([item for band in bands[start:end] for item in band], gutters)
        across = any(sum(map(stands_in_row, band)) > 1 for band in bands[start:end])
        if not across and _reads_down(columns, bands[start:end], em):
            if single:
                found.append(tuple(single))
                single = []
            for column in columns:
                found.extend(flows(column, em, stands_in_row))
            start = end
        else:
            single.extend(rows_of(bands[start]))
            start += 1
    if single:
        found.append(tuple(single))
    return tuple(found)


def _place(item: Boxed) -> tuple[float, float, float, float]:
    box = item.box
    return box.x0, box.y0, box.x1, box.y1


def _on_one_line(row: Sequence[Boxed], item: Boxed) -> bool:
    middle = item.box.center[1]
    return all(
        other.box.y0 + CORE * other.box.height <= middle <= other.box.y1 - CORE * other.box.height
        and (item.box.x0 >= other.box.center[0] or item.box.x1 <= other.box.center[0])
        for other in row
    )


def _bands(items: Sequence[Item]) -> list[list[Item]]:
    """The items between horizontal stripes of white, top to bottom."""
    bands: list[list[Item]] = []
    bottom = float("-inf")
    for item in sorted(items, key=lambda i: (i.box.y0 + CORE * i.box.height, *_place(i))):
        if item.box.y0 + CORE * item.box.height >= bottom:
            bands.append([])
        bands[-1].append(item)
        bottom = max(bottom, item.box.y1 - CORE * item.box.height)
    return bands


def _column_stretch(
    bands: Sequence[Sequence[Boxed]], start: int, least: float
) -> tuple[int, tuple[Interval, ...]]:
    """How far down the gutters of the band at `start` run: the index after the last band, the gutters."""
    gutters = _gaps(bands[start], least)
    end = start + 1
    while gutters and end < len(bands):
        narrowed = _free_of(gutters, bands[end], least)
        if not narrowed:
            break
        gutters = narrowed
        end += 1
    return end, gutters


def _gaps(items: Sequence[Boxed], least: float) -> tuple[Interval, ...]:
    """The stretches of x, at least `least` wide, that part the items in a left and a right."""
    found: list[Interval] = []
    spans = sorted((item.box.x0, item.box.x1) for item in items)
    right = spans[0][1]
    for x0, x1 in spans[1:]:
        if x0 - right >= least:
            found.append((right, x0))
        right = max(right, x1)
    return tuple(found)


def _free_of(gutters: Sequence[Interval], items: Sequence[Boxed], least: float) -> tuple[Interval, ...]:
    """What is left of the gutters where `items` do not stand in them."""
    free = list(gutters)
    for item in items:
        x0, x1 = item.box.x0, item.box.x1
        cut = [part for left, right in free for part in ((left, min(right, x0)), (max(left, x1), right))]
        free = sorted({(left, right) for left, right in cut if right - left >= least})
    return tuple(free)


def _split(items: Sequence[Item], gutters: Sequence[Interval]) -> list[list[Item]]:
    columns: list[list[Item]] = [[] for _ in range(len(gutters) + 1)]
    for item in items:
        columns[sum(item.box.center[0] > right for _, right in gutters)].append(item)
    return [column for column in columns if column]


def _reads_down(columns: Sequence[Sequence[Boxed]], bands: Sequence[Sequence[Boxed]], em: float) -> bool:
    """Whether the columns are read one after the other rather than row by row across."""
    if len(columns) < 2:
        return False
    if len(bands) == 1:
        return any(len(rows_of(column)) > 1 for column in columns)
    beside = sum(bool(_gaps(band, 0.0)) for band in bands)
    widths = (median(item.box.width for item in column) for column in columns)
    return beside > 1 and min(widths) > NARROWEST_COLUMN * em
