"""What a filled grid says: stretches of it are forms of labelled values, others are data tables.

The label cells of a row are found as the likeliest path through two states, label and value (Viterbi
1967): a label is followed by its value, whatever the words alone would make of either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import mean
from typing import NamedTuple

from ocr.document import Box
from ocr.structure.cells import FilledCell, FilledGrid
from ocr.structure.headers import LEAST_HEADER, body_row, header_at, sides
from ocr.structure.labels import LIKELY_LABEL, SURE_LABEL, is_approver, label_likeness

FIRST_IS_VALUE = -2.0  # log weights of a row's path
LABEL_AFTER_LABEL = -2.0
VALUE_AFTER_VALUE = -0.7
LAST_IS_LABEL = -2.0
UNLIKELY_LABEL = 0.1
LOWEST_SEAL_BOX = 24.0  # points; a seal is 10 mm and more across
TOTAL = re.compile("(?:合計|小計|総計|計|消費税|税込|税抜|総合)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A label cell and the cells of its value; a cell that belongs to no label has `label` None.

    Where `sealed`, the value is the box for a seal, and what is read in it the seal's own text.
    """

    label: FilledCell | None
    values: tuple[FilledCell, ...]
    sealed: bool = False


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
            found.append(Form(tuple(cells), _entries(cells, headed, likeness)))
        form_rows.clear()
        headed.clear()

    at = 0
    while at < len(rows):
        height, header_rows = _table_at(rows, at, likeness)
        if height > 2:
            close_form()
            cells = tuple(cell for row in rows[at : at + height] for cell in row)
            found.append(DataTable(cells, header_rows))
        elif height == 2:
            headed.extend(_entries_below(rows[at], rows[at + 1]))
            form_rows.extend(rows[at : at + 2])
        else:
            height = 1
            form_rows.append(rows[at])
        at += height
    close_form()
    return tuple(found)


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
    as_form = _best_path(leaves, likeness)[0] + _best_path(under, likeness)[0]
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
    return all(len(row) > 2 and not any(_best_path(row, likeness)[1][1:]) for row in rows[1:]) and not any(
        _best_path(rows[0], likeness)[1][2:]
    )


def _has_no_later_labels(
    leaves: Sequence[FilledCell], body: Sequence[Sequence[FilledCell]], likeness: dict[FilledCell, float]
) -> bool:
    """Whether no column but the first is one of labels, as every second one of a form is."""
    columns = ([row[at] for row in body if len(row) == len(leaves)] for at in range(1, len(leaves)))
    filled = ([likeness[cell] for cell in column if cell.lines] for column in columns)
    return all(mean(column) < LIKELY_LABEL for column in filled if column)


def _best_path(row: Sequence[FilledCell], likeness: dict[FilledCell, float]) -> tuple[float, list[bool]]:
    """The log weight of the likeliest reading of a row, and which of its cells are labels in it."""
    first = likeness[row[0]]
    as_label: tuple[float, list[bool]] = (log(first), [True])
    as_value: tuple[float, list[bool]] = (log(1 - first) + FIRST_IS_VALUE, [False])
    for filled in row[1:]:
        label, value = log(likeness[filled]), log(1 - likeness[filled])
        to_label = max((as_label[0] + LABEL_AFTER_LABEL, as_label[1]), as_value, key=lambda path: path[0])
        to_value = max(as_label, (as_value[0] + VALUE_AFTER_VALUE, as_value[1]), key=lambda path: path[0])
        as_label = (to_label[0] + label, [*to_label[1], True])
        as_value = (to_value[0] + value, [*to_value[1], False])
    return max((as_label[0] + LAST_IS_LABEL, as_label[1]), as_value, key=lambda path: path[0])


def _entries_below(header: Sequence[FilledCell], values: Sequence[FilledCell]) -> list[Entry]:
    by_side = {filled.cell.box.x0: filled for filled in values}
    sealed = all(is_approver(label.text) for label in header) and all(
        filled.cell.box.height >= LOWEST_SEAL_BOX for filled in values
    )
    return [
        Entry(label if label.lines else None, (by_side[label.cell.box.x0],), sealed)
        for label in header
        if label.lines or by_side[label.cell.box.x0].lines
    ]


def _entries(
    cells: Sequence[FilledCell], headed: Sequence[Entry], likeness: dict[FilledCell, float]
) -> tuple[Entry, ...]:
    """The entries of a form's cells; those of `headed` are known already."""
    taken = {cell for entry in headed for cell in (entry.label, *entry.values) if cell}
    free = [filled for filled in cells if filled not in taken]
    labels = _labels(free, likeness)
    entries = list(headed)
    for label in labels:
        values = _values_beside(label, free, labels, taken) or _value_under(label, free, labels, taken)
        taken.update(values)
        if values:
            taken.add(label)
            entries.append(Entry(label, values))
    entries.extend(Entry(None, (filled,)) for filled in free if filled not in taken and filled.lines)
    return tuple(sorted(entries, key=_position))


def _labels(cells: Sequence[FilledCell], likeness: dict[FilledCell, float]) -> list[FilledCell]:
    """The label cells among `cells`, row by row; a cell to the right of a label that began further up
    follows that label."""
    found: list[FilledCell] = []
    for row in sorted({filled.cell.row for filled in cells}):
        begin = [filled for filled in cells if filled.cell.row == row]
        spanning = [
            filled for filled in cells if filled.cell.row < row < filled.cell.row + filled.cell.row_span
        ]
        whole = sorted([*begin, *spanning], key=lambda filled: filled.cell.column)
        known = {
            filled: (0.98 if filled in found else 0.02) if filled in spanning else likeness[filled]
            for filled in whole
        }
        roles = _best_path(whole, known)[1]
        found.extend(
            filled for filled, is_label in zip(whole, roles, strict=True) if is_label and filled in begin
        )
    return [filled for filled in found if filled.lines]


def _values_beside(
    label: FilledCell, cells: Sequence[FilledCell], labels: Sequence[FilledCell], taken: set[FilledCell]
) -> tuple[FilledCell, ...]:
    """The value cells right of a label up to the next label, in each row that the label spans."""
    found: list[FilledCell] = []
    rows = range(label.cell.row, label.cell.row + label.cell.row_span)
    for row in rows:
        right = [
            filled
            for filled in cells
            if filled.cell.row <= row < filled.cell.row + filled.cell.row_span
            and filled.cell.column > label.cell.column
        ]
        for filled in sorted(right, key=lambda filled: filled.cell.column):
            if filled in labels or filled in taken:
                break
            if filled not in found:
                found.append(filled)
    return tuple(found)


def _value_under(
    label: FilledCell, cells: Sequence[FilledCell], labels: Sequence[FilledCell], taken: set[FilledCell]
) -> tuple[FilledCell, ...]:
    box = label.cell.box
    return tuple(
        filled
        for filled in cells
        if filled.cell.box.y0 == box.y1
        and (filled.cell.box.x0, filled.cell.box.x1) == (box.x0, box.x1)
        and filled not in labels
        and filled not in taken
    )


def _position(entry: Entry) -> tuple[int, int]:
    first = (entry.label or entry.values[0]).cell
    return first.row, first.column
