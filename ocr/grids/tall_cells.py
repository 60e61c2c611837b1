"""Rows of a table that no ruling parts: lines of neighbouring tall cells that stand on common base lines.

Delivery notes and invoices are often ruled by columns only. What tells a row from a text that goes on in
the next line is a column of values: a number, an amount or a date never goes on. Lines beside none of them
go on with the text of the row that they stand next to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.grids.cells import FilledCell, FilledGrid
from ocr.grids.grid import grid_of
from ocr.labels.label_likeness import LIKELY_LABEL, label_likeness
from ocr.labels.value_types import value_type
from ocr.order.xy_cut import in_reading_order, rows_of
from ocr.script.item_marks import is_item
from ocr.script.widths import without_blanks

LEAST_VALUES = 0.6  # share of the lines of a column that tells rows apart
LEAST_SHARED = 0.6  # share of the rows that have writing in several columns
SURE_ROWS = 3  # rows, told by SURE_COLUMNS of values, that are more than cells of two lines each
SURE_COLUMNS = 2
COLUMNS_OF_WORDS = 3  # that tell rows under a header though none holds values
WIDEST_WORD = 0.75  # of its cell; longer lines are those of a paragraph
NEARER = 0.75  # times the step from the line above: the step to the line below that a line belongs to
FAR = 1.5  # times the usual step from row to row

_HEADS_OR_CLOSES = re.compile("[（(]?(?:以下余白|余白|以上)[）)]?|[■◆●◇【〔<＜].*")

Rows = list[list[list[DetectedLine]]]  # of a band: row, column, lines


@dataclass(frozen=True, slots=True)
class _PlacedLine:
    """A line of a cell, and in which row of its band it stands; rows count from 0."""

    row: int
    line: DetectedLine

    @property
    def middle(self) -> float:
        return self.line.box.center[1]


@dataclass(frozen=True, slots=True)
class _TallCell:
    """A tall cell with its lines from top to bottom, and the topmost cell of its width above it."""

    cell: FilledCell
    head: FilledCell | None
    placed: tuple[_PlacedLine, ...]

    @property
    def rows(self) -> set[int]:
        return {placed.row for placed in self.placed}

    @property
    def heading(self) -> str:
        return self.head.text if self.head else ""

    @property
    def of_values(self) -> bool:
        values = sum(value_type(placed.line.text) is not None for placed in self.placed)
        return len(self.rows) > 1 and values >= LEAST_VALUES * len(self.placed)


def with_parted_rows(grid: FilledGrid) -> FilledGrid:
    """The grid with each band of tall cells parted where its writing stands in rows.

    A band that holds labels and their values, paragraphs or lists stays as it is.
    """
    edges = sorted({y for filled in grid.cells for y in (filled.cell.box.y0, filled.cell.box.y1)})
    written: dict[Box, tuple[DetectedLine, ...]] = {filled.cell.box: filled.lines for filled in grid.cells}
    for band in _bands(grid):
        columns = _columns(band, grid)
        if sum(len(column.rows) > 1 for column in columns) > 1:
            for filled in band:
                del written[filled.cell.box]
            written |= _parted(band, _table_rows(columns), edges)
    if len(written) == len(grid.cells):
        return grid
    cells = grid_of(list(written)).cells
    return replace(grid, cells=tuple(FilledCell(cell, in_reading_order(written[cell.box])) for cell in cells))


def _bands(grid: FilledGrid) -> list[list[FilledCell]]:
    """The cells that share their upper and lower rulings, several of them with several lines to a band."""

    def place(filled: FilledCell) -> tuple[int, int, int]:
        return filled.cell.row, filled.cell.row_span, filled.cell.column

    ordered = sorted(grid.cells, key=place)
    bands = (list(band) for _, band in groupby(ordered, key=lambda filled: place(filled)[:2]))
    return [band for band in bands if sum(len(filled.lines) > 1 for filled in band) > 1]


def _columns(band: Sequence[FilledCell], grid: FilledGrid) -> list[_TallCell]:
    """The cells of a band with their lines by row; none where any is written downwards."""
    lines = [line for filled in band for line in filled.lines]
    if any(line.vertical and len(line.text) > 1 for line in lines):
        return []  # a digit that stands alone is higher than wide
    row_of = {line: number for number, row in enumerate(rows_of(lines)) for line in row}
    heads: dict[tuple[float, float], FilledCell] = {}
    for filled in sorted(grid.cells, key=lambda filled: filled.cell.row):
        if filled.cell.row < band[0].cell.row:
            heads.setdefault((filled.cell.box.x0, filled.cell.box.x1), filled)
    return [
        _TallCell(
            filled,
            heads.get((filled.cell.box.x0, filled.cell.box.x1)),
            tuple(sorted((_PlacedLine(row_of[line], line) for line in filled.lines), key=lambda p: p.row)),
        )
        for filled in band
    ]


def _table_rows(columns: Sequence[_TallCell]) -> Rows:
    """The lines of each row and column of a band; none where it holds no rows of a table."""
    telling = [column for column in columns if column.of_values]
    if not telling and _are_words(columns):
        telling = [next(column for column in columns if column.placed)]
    told = {placed.row: placed.middle for column in telling for placed in column.placed}
    filled = [sum(row in column.rows for column in columns) for row in told]
    shared = sum(count > 1 for count in filled)
    sure = sum(column.of_values for column in telling) >= SURE_COLUMNS and len(told) >= SURE_ROWS
    leading = next((column.rows for column in columns if column.placed), set())
    # A record of two lines has one name; a name that was not read is made up for by several columns.
    begun = len(leading & told.keys()) > 1 or min(filled, default=0) > SURE_COLUMNS
    if shared < max(2, LEAST_SHARED * len(told)) or not (sure or begun):
        return []
    if _are_labelled(columns) or _are_stacked(columns):
        return []
    told |= _alone(columns, told)
    number = {row: at for at, row in enumerate(sorted(told))}
    rows: Rows = [[[] for _ in columns] for _ in told]
    for at, column in enumerate(columns):
        for placed, row in zip(column.placed, _owners(column.placed, told), strict=True):
            if row is None and not sure:
                return []  # a text in the middle of a cell, beside several lines of another
            nearest = min(told, key=lambda other: abs(told[other] - placed.middle))
            rows[number[nearest if row is None else row]][at].append(placed.line)
    return rows


def _are_labelled(columns: Sequence[_TallCell]) -> bool:
    """Whether a cell of the band is the label of the lines in the cell to its right, as in a form."""
    return any(
        len(label.placed) == 1
        and len(value.rows) > 1
        and label_likeness(label.placed[0].line.text) >= LIKELY_LABEL
        and not all(label_likeness(column.heading) >= LIKELY_LABEL for column in (label, value))
        for label, value in pairwise(columns)
    )


def _are_stacked(columns: Sequence[_TallCell]) -> bool:
    """Whether a record has its values one above the other, as the headings have names: 単価 over 金額."""
    return all(
        column.head is not None and len(column.head.lines) > 1 for column in columns if len(column.rows) > 1
    )


def _are_words(columns: Sequence[_TallCell]) -> bool:
    """Whether columns of short words stand under a header, none of them a list or a paragraph."""
    several = sum(len(column.rows) > 1 for column in columns)
    headings = [column.heading for column in columns]
    if several < COLUMNS_OF_WORDS or not all(headings) or any(map(value_type, headings)):
        return False
    leading = next(column for column in columns if column.placed)
    room = WIDEST_WORD * leading.cell.cell.box.width
    texts = [placed.line.text for column in columns for placed in column.placed]
    return all(placed.line.box.width <= room for placed in leading.placed) and not any(
        is_item(text) or text.endswith(("。", "、")) for text in texts
    )


def _alone(columns: Sequence[_TallCell], told: Mapping[int, float]) -> dict[int, float]:
    """The height of each row without values that goes on with none: it closes the list, heads the rows below
    it, or stands far below the row above it."""
    pitch = median(below - above for above, below in pairwise(sorted(told.values())))
    heights: dict[int, float] = {}
    for placed in (placed for column in columns for placed in column.placed):
        heights.setdefault(placed.row, placed.middle)
    above = dict(zip(sorted(heights)[1:], sorted(heights), strict=False))
    return {
        placed.row: placed.middle
        for column in columns
        for placed in column.placed
        if placed.row not in told
        and (
            _HEADS_OR_CLOSES.fullmatch(without_blanks(placed.line.text))
            or placed.middle - heights[above.get(placed.row, placed.row)] > FAR * pitch
        )
    }


def _owners(column: Sequence[_PlacedLine], told: Mapping[int, float]) -> list[int | None]:
    """For each line of a column the row that it is part of; `told` has the height of every row.

    A line beside no values belongs to the nearer of its neighbours, to the one above in doubt. Lines that
    only hold on to each other stand around the middle of their row, or else go together to a neighbour.
    """
    steps = [after.middle - before.middle for before, after in pairwise(column)]
    gaps = [float("inf"), *steps, float("inf")]  # before each line, and behind the last
    towards = [
        at if placed.row in told or len(column) == 1 else _nearer(at, at, gaps)
        for at, placed in enumerate(column)
    ]
    ends = [_end(towards, at) for at in range(len(column))]
    owners: list[int | None] = []
    for end in ends:
        if column[end].row in told:
            owners.append(column[end].row)
            continue
        first, last = ends.index(end), len(ends) - 1 - ends[::-1].index(end)
        inside = [row for row, y in told.items() if column[first].middle < y < column[last].middle]
        beside = column[_nearer(first, last, gaps)].row if last - first + 1 < len(column) else None
        owners.append(inside[0] if len(inside) == 1 else beside if beside in told and not inside else None)
    return owners


def _nearer(first: int, last: int, gaps: Sequence[float]) -> int:
    """The line beside those from `first` to `last` that is nearer to them, the one above in doubt."""
    return last + 1 if gaps[last + 1] < NEARER * gaps[first] else first - 1


def _end(towards: Sequence[int], at: int) -> int:
    """Where the way from a line to the lines that it belongs to ends, the upper of two that face each
    other."""
    while towards[towards[at]] not in (at, towards[at]):
        at = towards[at]
    return towards[at] if towards[towards[at]] == towards[at] else min(at, towards[at])


def _parted(
    band: Sequence[FilledCell], rows: Rows, edges: Sequence[float]
) -> dict[Box, tuple[DetectedLine, ...]]:
    """The cells of the band row by row, parted in the white between rows or at a ruling that lies there; as
    they are where one row reaches over another."""
    boxes = [[line.box for column in row for line in column] for row in rows]
    ys = [band[0].cell.box.y0]
    for above, below in pairwise(boxes):
        foot, head = max(box.y1 for box in above), min(box.y0 for box in below)
        ruled = [y for y in edges if min(foot, head) < y < max(foot, head)]
        ys.append(ruled[0] if ruled else (foot + head) / 2)
    ys.append(band[0].cell.box.y1)
    if not rows or any(y0 >= y1 for y0, y1 in pairwise(ys)):
        return {filled.cell.box: filled.lines for filled in band}
    return {
        Box(filled.cell.box.x0, y0, filled.cell.box.x1, y1): tuple(row[at])
        for (y0, y1), row in zip(pairwise(ys), rows, strict=True)
        for at, filled in enumerate(band)
    }
