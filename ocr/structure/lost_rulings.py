"""Rulings that a copy lost: cells of several columns whose writing stands in each of these columns.

A cell that spans columns on purpose holds one text. Where a vertical ruling of the grid stands beside a good
part of its rows, and values of a cell that it would part stand one in each part, it is the ruling that is
missing there; so it is between two such places.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.structure.cells import FilledCell, FilledGrid
from ocr.structure.grid import grid_of
from ocr.structure.order import in_reading_order, rows_of
from ocr.structure.value_types import value_type

LEAST_DRAWN = 0.4  # share of the grid's height
OVERHANG = 0.5  # of a line's height, that it may reach over the place of a ruling

Places = Mapping[FilledCell, Sequence[float]]  # where a ruling is missing in a cell


def with_lost_rulings(grid: FilledGrid) -> FilledGrid:
    """The grid with its wide cells parted where a vertical ruling is lost."""
    wide = [filled for filled in grid.cells if filled.cell.column_span > 1]
    if not any(len(filled.lines) > 1 for filled in wide):
        return grid
    drawn = _drawn(grid)
    lost = {filled: xs for filled in wide if (xs := _inside(filled, drawn)) and _writes_in_each(filled, xs)}
    lost |= {
        filled: xs
        for filled in wide
        if filled not in lost
        and (xs := [x for x in _inside(filled, drawn) if _goes_on(x, filled, grid, lost)])
        and _fits(filled, xs)
    }
    if not lost:
        return grid
    written: dict[Box, Sequence[DetectedLine]] = {}
    for filled in grid.cells:
        written |= _parts(filled, lost.get(filled, ()))
    cells = grid_of(list(written)).cells
    return replace(grid, cells=tuple(FilledCell(cell, in_reading_order(written[cell.box])) for cell in cells))


def _drawn(grid: FilledGrid) -> list[float]:
    """Where rulings inside the grid stand that part a good part of its rows."""
    heights: dict[float, float] = {}
    for filled in grid.cells:
        box = filled.cell.box
        heights[box.x0] = heights.get(box.x0, 0.0) + box.height
    return sorted(x for x, height in heights.items() if height >= LEAST_DRAWN * grid.box.height)


def _inside(filled: FilledCell, places: Sequence[float]) -> list[float]:
    return [x for x in places if filled.cell.box.x0 < x < filled.cell.box.x1]


def _writes_in_each(filled: FilledCell, xs: Sequence[float]) -> bool:
    """Whether the cell holds one row of texts, a value in every part but the first, which may hold words."""
    if len(filled.lines) <= len(xs) or len(rows_of(filled.lines)) > 1 or not _fits(filled, xs):
        return False
    first, *others = _parts(filled, xs).values()
    return bool(first) and all(lines and all(value_type(line.text) for line in lines) for lines in others)


def _fits(filled: FilledCell, xs: Sequence[float]) -> bool:
    """Whether no text of the cell lies over one of the places."""
    return all(
        line.box.x1 - OVERHANG * line.box.height <= x or line.box.x0 + OVERHANG * line.box.height >= x
        for line in filled.lines
        for x in xs
    )


def _goes_on(x: float, filled: FilledCell, grid: FilledGrid, lost: Places) -> bool:
    """Whether a ruling stands at `x` both above and below the cell, one of the two a lost one."""

    def has(other: FilledCell) -> bool:
        return x in (other.cell.box.x0, other.cell.box.x1) or x in lost.get(other, ())

    box = filled.cell.box
    above = [other for other in grid.cells if other.cell.box.y1 == box.y0 and has(other)]
    below = [other for other in grid.cells if other.cell.box.y0 == box.y1 and has(other)]
    return bool(above and below) and any(x in lost.get(other, ()) for other in (*above, *below))


def _parts(filled: FilledCell, xs: Sequence[float]) -> dict[Box, Sequence[DetectedLine]]:
    """The cell from left to right, each part with its lines."""
    box = filled.cell.box
    parts: list[list[DetectedLine]] = [[] for _ in (box, *xs)]
    for line in filled.lines:
        parts[bisect(xs, line.box.center[0])].append(line)
    sides = pairwise([box.x0, *xs, box.x1])
    return {Box(x0, box.y0, x1, box.y1): lines for (x0, x1), lines in zip(sides, parts, strict=True)}
