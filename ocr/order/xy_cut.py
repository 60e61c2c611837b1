"""Reading order: recursive cuts of the page at its white space, after the XY-cut of Nagy and Seth (1984).

Each part of a page is ordered in the direction in which most of it is written. A part written downwards is
given a quarter turn first, which makes its columns, read right to left, rows read top to bottom; its tiers
(段) become columns. No result depends on the order of the input. Lengths are points, thresholds ems of the
body type.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from ocr.detection import Boxed, DetectedLine
from ocr.document import Box
from ocr.order.gutters import Band, columns_apart, columns_from, direction_of

CORE = 0.25  # of its height cut off a box above and below: the boxes of neighbouring lines overlap


Item = TypeVar("Item", bound=Boxed)
Content = TypeVar("Content")
Row = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class LayoutItem(Generic[Content]):
    """What has its place in the order: a line, a table, a figure, or a frame.

    `characters` counts the writing, `em` is its type size in points. A piece that stands `in_row` belongs
    with others on its line (the labelled values of a form) and not in a column of text; one that stands
    `apart` (a figure, a frame) is no part of the text beside it. What stands `inside` a piece is read
    after it and before anything else.
    """

    box: Box
    content: Content
    characters: int
    em: float
    vertical: bool = False
    in_row: bool = False
    apart: bool = False
    inside: tuple[LayoutItem[Content], ...] = ()


@dataclass(frozen=True, slots=True)
class Flow(Generic[Content]):
    """Rows that are read one after the other; where `vertical` each is a column, from the right.

    `room` is the start and the end, along the rows, of the part of the page that they stand in. `follows`
    says that the flow is the next column of the text of the flow before it.
    """

    rows: tuple[tuple[LayoutItem[Content], ...], ...]
    vertical: bool
    room: tuple[float, float]
    follows: bool = False


def in_reading_order(lines: Iterable[DetectedLine]) -> tuple[DetectedLine, ...]:
    """The lines of one cell: rows top to bottom, or columns right to left where most are vertical.

    A single character, such as a digit, may be higher than wide in either.
    """
    found = sorted(lines, key=_place)
    if 2 * sum(line.vertical and len(line.text) > 1 for line in found) > len(found):
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


def flows(pieces: Iterable[LayoutItem[Content]], em: float) -> tuple[Flow[Content], ...]:
    """The pieces of a page in reading order; `em` is the body type size in points.

    Every piece comes back once, those inside frames in the place of their frame.
    """
    found = sorted(pieces, key=_place)
    return tuple(_cut(found, em, None)) if found else ()


@dataclass(frozen=True, slots=True)
class _PlacedItem(Generic[Content]):
    """A piece and its box after the quarter turn of its part, where that is turned."""

    box: Box
    piece: LayoutItem[Content]

    @property
    def characters(self) -> int:
        return self.piece.characters

    @property
    def em(self) -> float:
        return self.piece.em

    @property
    def vertical(self) -> bool:
        return self.piece.vertical

    @property
    def in_row(self) -> bool:
        return self.piece.in_row

    @property
    def apart(self) -> bool:
        return self.piece.apart


def _cut(pieces: Sequence[LayoutItem[Content]], em: float, outer: bool | None) -> list[Flow[Content]]:
    """The flows of one part of the page; `outer` is the direction of the part that it is part of."""
    vertical = direction_of(pieces, otherwise=bool(outer))
    placed = [_PlacedItem(turned(piece.box) if vertical else piece.box, piece) for piece in pieces]
    found: list[Flow[Content]] = []
    apart = columns_apart(placed, em)
    if len(apart) > 1:
        for column in apart:
            found.extend(_cut(sorted((item.piece for item in column), key=_place), em, vertical))
        return found
    bands = _bands(placed)
    room = min(item.box.x0 for item in placed), max(item.box.x1 for item in placed)
    waiting: list[Band[_PlacedItem[Content]]] = []

    def write_out() -> None:
        for run in _runs_of_direction(waiting, vertical):
            found.extend(_flows_down(run, em, vertical, room, whole=len(run) == len(bands)))
        waiting.clear()

    at = 0
    while at < len(bands):
        columns, end, back = columns_from(bands, at, em, waiting)
        if not columns:
            waiting.extend(bands[at:end])
            at = end
            continue
        members = [item.piece for column in columns for item in column]
        del waiting[len(waiting) - back :]
        write_out()
        if direction_of(members, otherwise=vertical) is not vertical:
            found.extend(_cut(sorted(members, key=_place), em, vertical))
        else:
            for number, column in enumerate(columns):
                inner = _cut(sorted((item.piece for item in column), key=_place), em, vertical)
                follows = number > 0 and inner[0].vertical is vertical
                found.extend([replace(inner[0], follows=follows), *inner[1:]])
        at = end
    write_out()
    return found


def turned(box: Box) -> Box:
    """The box after a quarter turn counterclockwise about the page's top left corner."""
    return Box(box.y0, -box.x1, box.y1, -box.x0)


def _runs_of_direction(
    bands: Sequence[Band[_PlacedItem[Content]]], vertical: bool
) -> list[list[Band[_PlacedItem[Content]]]]:
    """The bands in runs of one direction of writing; a band without any goes with the one before it."""
    runs: list[list[Band[_PlacedItem[Content]]]] = []
    last = vertical
    for band in bands:
        direction = direction_of(band.items, otherwise=last)
        if runs and direction is last:
            runs[-1].append(band)
        else:
            runs.append([band])
        last = direction
    return runs


def _flows_down(
    run: Sequence[Band[_PlacedItem[Content]]],
    em: float,
    vertical: bool,
    room: tuple[float, float],
    *,
    whole: bool,
) -> list[Flow[Content]]:
    """The flows of bands that are read across; frames are opened where they stand."""
    items = [item for band in run for item in band.items]
    if not whole and direction_of(items, otherwise=vertical) is not vertical:
        return _cut(sorted((item.piece for item in items), key=_place), em, vertical)
    found: list[Flow[Content]] = []
    rows: list[tuple[LayoutItem[Content], ...]] = []
    for row in (row for band in run for row in rows_of(band.items)):
        beside: list[LayoutItem[Content]] = []
        for item in row:
            beside.append(item.piece)
            if not item.piece.inside:
                continue
            found.append(Flow((*rows, tuple(beside)), vertical, room))
            found.extend(_cut(item.piece.inside, em, vertical))
            rows, beside = [], []
        rows.extend([tuple(beside)] if beside else [])
    return [*found, Flow(tuple(rows), vertical, room)] if rows else found


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


def _bands(items: Sequence[_PlacedItem[Content]]) -> list[Band[_PlacedItem[Content]]]:
    """The items between horizontal stripes of white, top to bottom."""
    bands: list[list[_PlacedItem[Content]]] = []
    bottom = float("-inf")
    for item in sorted(items, key=lambda i: (i.box.y0 + CORE * i.box.height, *_place(i))):
        if item.box.y0 + CORE * item.box.height >= bottom:
            bands.append([])
        bands[-1].append(item)
        bottom = max(bottom, item.box.y1 - CORE * item.box.height)
    return [Band(tuple(band)) for band in bands]
