"""What a filled grid says: stretches of it are forms of labelled values, others are data tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean

from ocr.document import Box
from ocr.grids.cells import FilledCell, FilledGrid
from ocr.grids.headers import LEAST_HEADER
from ocr.labels.label_likeness import NO_LABEL, SURE_LABEL, label_likeness
from ocr.labels.value_types import ValueType, is_blank_to_fill, value_type
from ocr.tables.data_tables import UNLIKELY_LABEL, table_at
from ocr.tables.entries import (
    FormEntry,
    entries_below,
    entries_of,
    heads_seal_boxes,
    heads_values_with_units,
)
from ocr.values.numbers import is_unit


@dataclass(frozen=True, slots=True)
class RuledForm:
    """Labelled values in reading order; `cells` are all cells of this stretch of the grid."""

    cells: tuple[FilledCell, ...]
    entries: tuple[FormEntry, ...]

    @property
    def box(self) -> Box:
        return Box.around(filled.cell.box for filled in self.cells)


@dataclass(frozen=True, slots=True)
class DataTable:
    """`header_rows` rows of headings, and rows of values below them.

    `label` is the cell of a form that the table stands right of or under, as 職歴 may head a table.
    """

    cells: tuple[FilledCell, ...]
    header_rows: int = 1
    label: FilledCell | None = None

    @property
    def box(self) -> Box:
        return Box.around(filled.cell.box for filled in self.cells)


def sections(grid: FilledGrid) -> tuple[RuledForm | DataTable, ...]:
    """The grid's stretches of rows from top to bottom, every cell in exactly one of them."""
    rows = _rows(grid.cells)
    likeness = _likeness(grid)
    found: list[RuledForm | DataTable] = []
    form_rows: list[list[FilledCell]] = []
    headed: list[FormEntry] = []

    def close_form() -> None:
        cells = [cell for row in form_rows for cell in row]
        if cells:
            found.append(RuledForm(tuple(cells), entries_of(cells, headed, likeness)))
        form_rows.clear()
        headed.clear()

    while rows:
        height, header_rows = table_at(rows, 0, likeness)
        nested = _nested(rows, likeness) if height <= 2 else []
        if nested:
            labels = [table.label for table in nested if table.label]
            form_rows.extend(_rows([*_left_of(labels[0], rows), *labels]))
            headed.extend(FormEntry(None, (label,)) for label in labels)
            taken = {cell for row in (*form_rows, *(table.cells for table in nested)) for cell in row}
            close_form()
            found.extend(nested)
            rows = _rows([cell for row in rows for cell in row if cell not in taken])
            continue
        if height <= 2 and len(rows) > 1 and _heads_a_form(rows[0], rows[1], likeness):
            height = 2
        if height > 2:
            label = _title(form_rows, rows[0])
            close_form()
            cells = tuple(cell for row in rows[:height] for cell in row)
            found.append(DataTable(cells, header_rows, label))
        elif height == 2:
            headed.extend(entries_below(rows[0], rows[1]))
            form_rows.extend(rows[:2])
        else:
            height = 1
            form_rows.append(rows[0])
        rows = rows[height:]
    close_form()
    return tuple(found)


def _nested(rows: Sequence[Sequence[FilledCell]], likeness: dict[FilledCell, float]) -> list[DataTable]:
    """The tables right of labels that begin in the first row and are as high as the whole table."""
    found = []
    for label in rows[0]:
        if label.cell.row_span == 1 or not label.lines or likeness[label] < UNLIKELY_LABEL:
            continue
        beside = _beside(label, [cell for row in rows for cell in row])
        inner = _rows(beside)
        extent = table_at(inner, 0, likeness) if len(inner) > 1 else None
        if extent and extent.height == len(inner) and len(inner[0]) > 1:
            found.append(DataTable(tuple(cell for row in inner for cell in row), extent.header_rows, label))
    return found


def _left_of(label: FilledCell, rows: Sequence[Sequence[FilledCell]]) -> list[FilledCell]:
    """The cells left of the label that end where it does or before."""
    bottom = label.cell.row + label.cell.row_span
    return [
        filled
        for row in rows
        for filled in row
        if filled.cell.column < label.cell.column and filled.cell.row + filled.cell.row_span <= bottom
    ]


def _beside(label: FilledCell, cells: Sequence[FilledCell]) -> list[FilledCell]:
    """The cells right of the label, up to the next that is as high; none where one reaches beyond it."""
    top, bottom = label.cell.row, label.cell.row + label.cell.row_span
    right = [
        filled
        for filled in cells
        if filled.cell.column > label.cell.column
        and filled.cell.row < bottom
        and filled.cell.row + filled.cell.row_span > top
    ]
    as_high = [filled.cell.column for filled in right if filled.cell.row_span >= bottom - top]
    within = [filled for filled in right if filled.cell.column < min(as_high, default=filled.cell.column + 1)]
    inside = all(
        top <= filled.cell.row and filled.cell.row + filled.cell.row_span <= bottom for filled in within
    )
    return within if inside else []


def _title(form_rows: Sequence[Sequence[FilledCell]], header: Sequence[FilledCell]) -> FilledCell | None:
    """The one cell above a table that is as wide as its header, where it may be its name."""
    if not form_rows or len(form_rows[-1]) != 1:
        return None
    (above,) = form_rows[-1]
    box, over = above.cell.box, Box.around(filled.cell.box for filled in header)
    as_wide = (box.x0, box.x1, box.y1) == (over.x0, over.x1, over.y0)
    return above if as_wide and label_likeness(above.text) >= LEAST_HEADER else None


def _heads_a_form(
    row: Sequence[FilledCell], under: Sequence[FilledCell], likeness: dict[FilledCell, float]
) -> bool:
    """Whether the row holds the labels of what stands in the one row below, whatever the words are like."""
    return heads_seal_boxes(row, under) or heads_values_with_units(row, under, likeness)


def _rows(cells: Sequence[FilledCell]) -> list[list[FilledCell]]:
    """The cells by the row that they begin in."""
    rows: dict[int, list[FilledCell]] = {}
    for filled in sorted(cells, key=lambda filled: (filled.cell.row, filled.cell.column)):
        rows.setdefault(filled.cell.row, []).append(filled)
    return list(rows.values())


def _labels_of_groups(grid: FilledGrid, own: Mapping[FilledCell, float]) -> list[FilledCell]:
    """The words beside a cell of several rows, in each row before a last value: 開始 and 終了 beside 期間."""
    beside: dict[tuple[float, int], list[FilledCell]] = {}
    for filled in grid.cells:
        beside.setdefault((filled.cell.box.x0, filled.cell.row), []).append(filled)
    found: list[FilledCell] = []
    for group in grid.cells:
        rows = range(group.cell.row, group.cell.row + group.cell.row_span)
        words = [word for row in rows for word in beside.get((group.cell.box.x1, row), [])]
        values = [value for word in words for value in beside.get((word.cell.box.x1, word.cell.row), [])]
        in_each = len(rows) > 1 and group.lines and len(words) == len(values) == len(rows)
        are_words = all(own[word] > UNLIKELY_LABEL and not value_type(word.text) for word in words)
        last = all(v.cell.box.x1 == grid.box.x1 and own[v] <= UNLIKELY_LABEL for v in values)
        if in_each and are_words and last:
            found.extend(word for word in words if own[word] < SURE_LABEL)
    return found


def _touch(left: FilledCell, right: FilledCell) -> bool:
    return left.cell.row == right.cell.row and left.cell.box.x1 == right.cell.box.x0


def _likeness(grid: FilledGrid) -> dict[FilledCell, float]:
    """How much each cell looks like a label, by its words and by those of the cells of its width above
    and below: labels stand in columns. Blanks to be filled in stand in columns, too, and are none, nor is
    the unit behind a number."""
    columns: dict[tuple[float, float], list[FilledCell]] = {}
    for filled in grid.cells:
        if filled.lines:
            columns.setdefault((filled.cell.box.x0, filled.cell.box.x1), []).append(filled)
    own = {filled: label_likeness(filled.text) for filled in grid.cells}
    own |= dict.fromkeys(_labels_of_groups(grid, own), SURE_LABEL)
    own |= {
        unit: NO_LABEL
        for number, unit in pairwise(sorted(grid.cells, key=lambda f: (f.cell.row, f.cell.column)))
        if len(unit.compact) == 1 and is_unit(unit.compact) and _touch(number, unit)
        if value_type(number.text) is ValueType.NUMBER
    }
    for column in columns.values():
        blanks = [filled for filled in column if is_blank_to_fill(filled.text)]
        if len(blanks) > 1:
            own |= dict.fromkeys(blanks, NO_LABEL)
    found = dict(own)
    for column in columns.values():
        usual = mean(own[filled] for filled in column)
        found |= {
            filled: 0.6 * own[filled] + 0.4 * usual
            for filled in column
            if len(column) > 2 and own[filled] > 0.05
        }
    return found
