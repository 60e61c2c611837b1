"""The header of a ruled data table: one row, or several where headings are grouped under headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from ocr.grids.cells import FilledCell

DEEPEST = 3  # levels: year, month, week
LEAST_HEADER = 0.35  # mean likeness to labels of the cells of a header row

CellRow = Sequence[FilledCell]


@dataclass(frozen=True, slots=True)
class Header:
    """The first `depth` rows of a table; `leaves` are the headings that stand on its columns."""

    depth: int
    leaves: tuple[FilledCell, ...]


def header_at(rows: Sequence[CellRow], at: int, likeness: Mapping[FilledCell, float]) -> Header | None:
    """The header that row `at` would open, None where its cells cannot head columns.

    A grouped header has a cell over several others, and as tall as all of its rows the cells that are not
    divided; a label beside several values has no such group.
    """
    first = rows[at]
    if any(_runs_below(filled, first[0].cell.row) for row in rows[:at] for filled in row):
        return None  # a label that began further up has its value here
    tallest = max(filled.cell.row_span for filled in first)
    if tallest == 1:
        return _grouped_flat(rows, at, likeness) or Header(1, tuple(first))
    bottom = first[0].cell.row + tallest
    band = [row for row in rows[at:] if row[0].cell.row < bottom]
    cells = [filled for row in band for filled in row]
    grouped = any(_is_over_several(filled, cells) for filled in first if filled.cell.row_span < tallest)
    if not grouped or tallest > DEEPEST or any(_runs_below(filled, bottom) for filled in cells):
        return None
    leaves = sorted((c for c in cells if c.cell.row + c.cell.row_span == bottom), key=_column)
    return Header(len(band), tuple(leaves))


def body_row(rows: Sequence[CellRow], at: int, header_end: int) -> tuple[FilledCell, ...]:
    """The cells of row `at`, with those that began in a row between `header_end` and it and run on."""
    spanning = [
        filled for row in rows[header_end:at] for filled in row if _runs_below(filled, rows[at][0].cell.row)
    ]
    return tuple(sorted((*rows[at], *spanning), key=_column))


def sides(row: CellRow) -> set[float]:
    """Where the vertical rulings of a row stand."""
    return {x for filled in row for x in (filled.cell.box.x0, filled.cell.box.x1)}


def _grouped_flat(rows: Sequence[CellRow], at: int, likeness: Mapping[FilledCell, float]) -> Header | None:
    """A header of two rows without any tall cell: groups of headings, then the headings."""
    first, second = rows[at], rows[at + 1] if at + 1 < len(rows) else ()
    if len(first) < 2 or len(second) <= len(first) or at + 2 >= len(rows) or not sides(first) < sides(second):
        return None
    third = rows[at + 2]
    alone = [filled for filled in first if not _is_over_several(filled, second)]
    headed = all(
        likeness[filled] >= LEAST_HEADER
        for filled in (*first, *second)
        if filled.lines or not (filled in alone or filled is second[0])
    )
    values = mean(likeness[filled] for filled in third) < LEAST_HEADER
    return Header(2, tuple(second)) if headed and values and sides(third) == sides(second) else None


def _is_over_several(filled: FilledCell, cells: CellRow) -> bool:
    box = filled.cell.box
    return sum(box.x0 <= c.cell.box.x0 < box.x1 and c.cell.box.y0 == box.y1 for c in cells) > 1


def _runs_below(filled: FilledCell, row: int) -> bool:
    """Whether the cell begins above `row` and takes part in it."""
    return filled.cell.row < row < filled.cell.row + filled.cell.row_span


def _column(filled: FilledCell) -> int:
    return filled.cell.column
