"""What a filled grid says: stretches of it are forms of labelled values, others are data tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import mean
from typing import NamedTuple

from ocr.document import Box
from ocr.structure.cells import FilledCell, FilledGrid
from ocr.structure.entries import (
    Entry,
    best_path,
    entries_below,
    entries_of,
    heads_seal_boxes,
    heads_values_with_units,
)
from ocr.structure.headers import LEAST_HEADER, body_row, header_at, sides
from ocr.structure.labels import LIKELY_LABEL, SURE_LABEL, label_likeness

UNLIKELY_LABEL = 0.1
TOTAL = re.compile("(?:合計|小計|総計|計|消費税|税込|税抜|総合)")


@dataclass(frozen=True, slots=True)
class Form:
    """Labelled values in reading order; `cells` are all cells of this stretch of the grid."""

    cells: tuple[FilledCell, ...]
    entries: tuple[Entry, ...]

    @property
    def box(self) -> Box:
        return Box.around(filled.cell.box for filled in self.cells)


@dataclass(frozen=True, slots=True)
class DataTable:
    """`header_rows` rows of headings, and rows of values below them."""

    cells: tuple[FilledCell, ...]
    header_rows: int = 1

    @property
    def box(self) -> Box:
        return Box.around(filled.cell.box for filled in self.cells)


class _Extent(NamedTuple):
    """The rows of a table in its grid, and how many of them are its header."""

    height: int
    header_rows: int


def sections(grid: FilledGrid) -> tuple[Form | DataTable, ...]:
    """The grid's stretches of rows from top to bottom, every cell in exactly one of them."""
    rows = _rows(grid)
    likeness = _likeness(grid)
    found: list[Form | DataTable] = []
    form_rows: list[list[FilledCell]] = []
    headed: list[Entry] = []

    def close_form() -> None:
        cells = [cell for row in form_rows for cell in row]
        if cells:
            found.append(Form(tuple(cells), entries_of(cells, headed, likeness)))
        form_rows.clear()
        headed.clear()

    at = 0
    while at < len(rows):
        height, header_rows = _table_at(rows, at, likeness)
        if height <= 2 and at + 1 < len(rows) and _heads_a_form(rows[at], rows[at + 1], likeness):
            height = 2
        if height > 2:
            close_form()
            cells = tuple(cell for row in rows[at : at + height] for cell in row)
            found.append(DataTable(cells, header_rows))
        elif height == 2:
            headed.extend(entries_below(rows[at], rows[at + 1]))
            form_rows.extend(rows[at : at + 2])
        else:
            height = 1
            form_rows.append(rows[at])
        at += height
    close_form()
    return tuple(found)


def _heads_a_form(
    row: Sequence[FilledCell], under: Sequence[FilledCell], likeness: dict[FilledCell, float]
) -> bool:
    """Whether the row holds the labels of what stands in the one row below, whatever the words are like."""
    return heads_seal_boxes(row, under) or heads_values_with_units(row, under, likeness)


def _rows(grid: FilledGrid) -> list[list[FilledCell]]:
    """The cells by the row that they begin in."""
    count = max(filled.cell.row for filled in grid.cells) + 1
    rows: list[list[FilledCell]] = [[] for _ in range(count)]
    for filled in grid.cells:
        rows[filled.cell.row].append(filled)
    return [row for row in rows if row]


def _likeness(grid: FilledGrid) -> dict[FilledCell, float]:
    """How much each cell looks like a label, by its words and by those of the cells of its width above
    and below: labels stand in columns."""
    own = {filled: label_likeness(filled.text) for filled in grid.cells}
    found = {}
    for filled in grid.cells:
        box = filled.cell.box
        column = [
            own[other]
            for other in grid.cells
            if other.lines and other.cell.box.x0 == box.x0 and other.cell.box.x1 == box.x1
        ]
        shared = len(column) > 2 and filled.lines and own[filled] > 0.05
        found[filled] = 0.6 * own[filled] + 0.4 * mean(column) if shared else own[filled]
    return found


def _table_at(rows: Sequence[Sequence[FilledCell]], at: int, likeness: dict[FilledCell, float]) -> _Extent:
    """How many rows from `at` on are a header and what it heads; none where `at` is no header."""
    nothing = _Extent(0, 0)
    header = header_at(rows, at, likeness)
    words = [likeness[filled] for filled in rows[at] if filled.lines]
    if header is None or not words:
        return nothing
    leaves, below = header.leaves, at + header.depth
    body: list[tuple[FilledCell, ...]] = []
    for number in range(below, len(rows)):
        row = body_row(rows, number, below)
        if not _is_body(row, leaves, likeness, first=not body):
            break
        body.append(row)
    found = _Extent(header.depth + len(body), header.depth)
    if not body or (header.depth > 1 and len(body) < 2):
        return nothing
    if len(leaves) > 2 and len(body) > 1 and _is_matrix([leaves, *body], likeness):
        return found
    if len(leaves) > 3 and len(body) > 2 and _has_no_later_labels(leaves, body, likeness):
        return found
    if mean(words) < LEAST_HEADER:
        return nothing
    under = body[0]
    if len(leaves) > 2 and _parts_clearly(leaves, under, likeness):
        return found
    as_header = sum(log(likeness[filled]) for filled in leaves if filled.lines or len(leaves) < 3)
    as_header += sum(log(1 - likeness[filled]) for filled in under)
    as_form = best_path(leaves, likeness)[0] + best_path(under, likeness)[0]
    return found if as_header > as_form else nothing


def _is_body(
    row: Sequence[FilledCell], header: Sequence[FilledCell], likeness: dict[FilledCell, float], *, first: bool
) -> bool:
    row_sides, header_sides = sides(row), sides(header)
    if row_sides == header_sides:
        return len(header) > 1 or first
    merged = row_sides <= header_sides and {min(row_sides), max(row_sides)} == {
        min(header_sides),
        max(header_sides),
    }
    is_total = bool(TOTAL.search(row[0].compact))
    return merged and not first and (is_total or likeness[row[0]] < SURE_LABEL) and len(row) > 1


def _parts_clearly(
    header: Sequence[FilledCell], under: Sequence[FilledCell], likeness: dict[FilledCell, float]
) -> bool:
    """Whether the row below holds nothing but values and the header none."""
    return all(likeness[filled] <= UNLIKELY_LABEL for filled in under) and all(
        likeness[filled] >= UNLIKELY_LABEL for filled in header
    )


def _is_matrix(rows: Sequence[Sequence[FilledCell]], likeness: dict[FilledCell, float]) -> bool:
    """Whether no row below the first has a second label: one label (or none), then values."""
    return all(len(row) > 2 and not any(best_path(row, likeness)[1][1:]) for row in rows[1:]) and not any(
        best_path(rows[0], likeness)[1][2:]
    )


def _has_no_later_labels(
    leaves: Sequence[FilledCell], body: Sequence[Sequence[FilledCell]], likeness: dict[FilledCell, float]
) -> bool:
    """Whether no column but the first is one of labels, as every second one of a form is."""
    columns = ([row[at] for row in body if len(row) == len(leaves)] for at in range(1, len(leaves)))
    filled = ([likeness[cell] for cell in column if cell.lines] for column in columns)
    return all(mean(column) < LIKELY_LABEL for column in filled if column)
