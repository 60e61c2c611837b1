"""Rulings that a copy lost from end to end: cells of several rows or columns with a text in each of them.

A cell that spans columns on purpose holds one text. In a grid that is worn, where a ruling is drawn along a
good part of the grid and the texts of a cell that it would part stand on either side of it, it is the ruling
that is missing there; so it is between two such places.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.grids.cells import FilledCell, FilledGrid
from ocr.grids.grid import grid_of
from ocr.order.xy_cut import in_reading_order, rows_of

LEAST_DRAWN = 0.4  # share of the grid's width or height
OVERHANG = 0.5  # of a line's height, that it may reach over the place of a ruling

Places = Mapping[FilledCell, Sequence[float]]  # where rulings are missing in a cell


def with_lost_rulings(grid: FilledGrid) -> FilledGrid:
    """The grid, where it is worn, with its large cells parted at the rulings that are lost."""
    return _parted(_parted(grid, across=False), across=True) if grid.worn else grid


def _parted(grid: FilledGrid, *, across: bool) -> FilledGrid:
    """The grid parted at its lost vertical rulings, where `across`, or at the horizontal ones."""
    large = [
        filled for filled in grid.cells if (filled.cell.column_span if across else filled.cell.row_span) > 1
    ]
    drawn = _drawn(grid, across=across)
    inside = {filled: [at for at in drawn if _holds(filled, at, across=across)] for filled in large}
    lost = {
        filled: places for filled, places in inside.items() if places and _parts_texts(filled, places, across)
    }
    lost |= {
        filled: going_on
        for filled, places in inside.items()
        if filled not in lost
        and (going_on := [at for at in places if _goes_on(at, filled, grid, lost, across)])
        and _fits(filled, going_on, across)
    }
    if not lost:
        return grid
    written: dict[Box, Sequence[DetectedLine]] = {}
    for filled in grid.cells:
        written |= _parts(filled, lost.get(filled, ()), across)
    cells = grid_of(list(written)).cells
    return replace(grid, cells=tuple(FilledCell(cell, in_reading_order(written[cell.box])) for cell in cells))


def _ends(box: Box, across: bool) -> tuple[float, float]:
    return (box.x0, box.x1) if across else (box.y0, box.y1)


def _drawn(grid: FilledGrid, *, across: bool) -> list[float]:
    """Where rulings stand that part a good part of the grid."""
    lengths: dict[float, float] = {}
    for filled in grid.cells:
        start, (first, last) = _ends(filled.cell.box, across)[0], _ends(filled.cell.box, not across)
        lengths[start] = lengths.get(start, 0.0) + last - first
    first, last = _ends(grid.box, not across)
    return sorted(at for at, length in lengths.items() if length >= LEAST_DRAWN * (last - first))


def _holds(filled: FilledCell, at: float, *, across: bool) -> bool:
    start, end = _ends(filled.cell.box, across)
    return start < at < end


def _parts_texts(filled: FilledCell, places: Sequence[float], across: bool) -> bool:
    """Whether every part of the cell has a text of its own, all on one line where the parts lie `across`."""
    if len(filled.lines) <= len(places) or not _fits(filled, places, across):
        return False
    on_one_line = not across or len(rows_of(filled.lines)) == 1
    return on_one_line and all(_parts(filled, places, across).values())


def _fits(filled: FilledCell, places: Sequence[float], across: bool) -> bool:
    """Whether no text of the cell lies over one of the places."""
    return all(
        min(at - start, end - at) <= OVERHANG * (line.box.height if across else line.box.height / 2)
        for line in filled.lines
        for start, end in (_ends(line.box, across),)
        for at in places
    )


def _goes_on(at: float, filled: FilledCell, grid: FilledGrid, lost: Places, across: bool) -> bool:
    """Whether a ruling stands there on both sides of the cell, one of the two a lost one."""

    def has(other: FilledCell) -> bool:
        return at in _ends(other.cell.box, across) or at in lost.get(other, ())

    start, end = _ends(filled.cell.box, not across)
    before = [o for o in grid.cells if _ends(o.cell.box, not across)[1] == start and has(o)]
    after = [o for o in grid.cells if _ends(o.cell.box, not across)[0] == end and has(o)]
    return bool(before and after) and any(at in lost.get(other, ()) for other in (*before, *after))


def _parts(filled: FilledCell, places: Sequence[float], across: bool) -> dict[Box, list[DetectedLine]]:
    """The parts of the cell in order, each with its lines."""
    box = filled.cell.box
    parts: list[list[DetectedLine]] = [[] for _ in (box, *places)]
    for line in filled.lines:
        parts[bisect(places, line.box.center[0 if across else 1])].append(line)
    start, end = _ends(box, across)
    boxes = (
        Box(a, box.y0, b, box.y1) if across else Box(box.x0, a, box.x1, b)
        for a, b in pairwise([start, *places, end])
    )
    return dict(zip(boxes, parts, strict=True))
