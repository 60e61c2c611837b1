"""Where a data table begins among the rows of a grid: a header row, and rows of values that it heads.

A form has labels in its rows, a value right of each; a table has them in its first row only, and what
stands below one of them is of one type. Rows of short texts may be read as either: what no type and no
place of labels decides is left to how much the words look like labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import log
from statistics import mean
from typing import NamedTuple

from ocr.grids.cells import FilledCell
from ocr.grids.headers import LEAST_HEADER, body_row, header_at, sides
from ocr.labels.label_likeness import LIKELY_LABEL, SURE_LABEL, label_likeness
from ocr.labels.value_types import ValueType, is_blank_to_fill, value_type
from ocr.tables.entries import best_path
from ocr.values.numbers import is_unit

UNLIKELY_LABEL = 0.1
LEAST_OF_A_TYPE = 0.8  # share of the written cells of a column whose values are of one type
LEAST_LABELS = 0.9  # share of the cells in every second column of a form
TOTAL = re.compile("(?:合計|小計|総計|計|消費税|税込|税抜|総合)")

CellRow = Sequence[FilledCell]
Likeness = Mapping[FilledCell, float]


class Extent(NamedTuple):
    """The rows of a table in its grid, and how many of them are its header."""

    height: int
    header_rows: int


NOTHING = Extent(0, 0)


def table_at(rows: Sequence[CellRow], at: int, likeness: Likeness) -> Extent:
    """How many rows from `at` on are a header and what it heads; none where `at` is no header."""
    header = header_at(rows, at, likeness)
    words = [likeness[filled] for filled in rows[at] if filled.lines]
    if header is None or not words:
        return NOTHING
    leaves, below = header.leaves, at + header.depth
    body: list[CellRow] = []
    for number in range(below, len(rows)):
        row = body_row(rows, number, below)
        if not _is_body(row, leaves, likeness, first=not body):
            break
        body.append(row)
    if not body or (header.depth > 1 and len(body) < 2):
        return NOTHING
    found = Extent(header.depth + len(body), header.depth)
    return found if _is_headed(leaves, body, words, likeness) else NOTHING


def _is_headed(leaves: CellRow, body: Sequence[CellRow], words: Sequence[float], likeness: Likeness) -> bool:
    """Whether `leaves`, and the `words` of the first header row, head the columns of `body`."""
    under = body[0]
    if _has_units(leaves, under) or _stands_again(leaves, body) or _alternate(leaves, body):
        return False
    if len(leaves) > 2 and len(body) > 1:
        if _is_matrix([leaves, *body], likeness) or _repeats_types(leaves, body, likeness):
            return True
        if len(leaves) > 3 and len(body) > 2 and not _label_columns(_columns(leaves, body), likeness):
            return True
    if mean(words) < LEAST_HEADER:
        return False
    if len(leaves) > 2 and _parts_clearly(leaves, under, likeness):
        return True
    as_header = sum(log(likeness[filled]) for filled in leaves if filled.lines or len(leaves) < 3)
    as_header += sum(log(1 - likeness[filled]) for filled in under)
    return as_header > best_path(leaves, likeness)[0] + best_path(under, likeness)[0]


def _is_body(row: CellRow, header: CellRow, likeness: Likeness, *, first: bool) -> bool:
    row_sides, header_sides = sides(row), sides(header)
    if row_sides == header_sides:
        return len(header) > 1 or first
    merged = row_sides <= header_sides and {min(row_sides), max(row_sides)} == {
        min(header_sides),
        max(header_sides),
    }
    is_total = bool(TOTAL.search(row[0].compact))
    return merged and not first and (is_total or likeness[row[0]] < SURE_LABEL) and len(row) > 1


def _parts_clearly(header: CellRow, under: CellRow, likeness: Likeness) -> bool:
    """Whether the row below holds nothing but values and the header none."""
    return all(likeness[filled] <= UNLIKELY_LABEL for filled in under) and all(
        likeness[filled] >= UNLIKELY_LABEL for filled in header
    )


def _is_matrix(rows: Sequence[CellRow], likeness: Likeness) -> bool:
    """Whether no row below the first has a second label: one label (or none), then values."""
    return all(len(row) > 2 and not any(best_path(row, likeness)[1][1:]) for row in rows[1:]) and not any(
        best_path(rows[0], likeness)[1][2:]
    )


def _repeats_types(leaves: CellRow, body: Sequence[CellRow], likeness: Likeness) -> bool:
    """Whether values of one type stand below headings that are none, in columns that cannot be those of the
    values of a form: one such column, or several where others may hold labels."""
    columns = _columns(leaves, body)
    types = [_type_of(column) for column in columns]
    labels = _label_columns(columns, likeness)
    found = 0
    for at, (leaf, kind) in enumerate(zip(leaves, types, strict=True)):
        own = value_type(leaf.text)
        if not leaf.lines or kind is None or own is kind:
            continue
        # In a form a value is seldom a label itself, and right of words: those of its label.
        heading = own is not None or label_likeness(leaf.text) >= LIKELY_LABEL
        beside_words = at > 0 and types[at - 1] is None
        found += not beside_words or (heading and at - 1 not in labels)
    return found > 1 or (found == 1 and not labels)


def _type_of(column: CellRow) -> ValueType | None:
    """The type that nearly all the values of a column have, None where it holds less than two."""
    kinds = [value_type(filled.text) for filled in column]
    known = [kind for kind in kinds if kind]
    usual = max(known, key=known.count, default=None)
    enough = usual is not None and known.count(usual) >= max(2.0, LEAST_OF_A_TYPE * len(kinds))
    return usual if enough else None


def _stands_again(leaves: CellRow, body: Sequence[CellRow]) -> bool:
    """Whether a label of the first row stands again in most rows below it, as no heading does."""
    return any(
        len(column) > 1 and 2 * sum(filled.compact == leaf.compact for filled in column) > len(column)
        for leaf, column in zip(leaves, _columns(leaves, body), strict=True)
        if label_likeness(leaf.text) >= LIKELY_LABEL and not is_blank_to_fill(leaf.text)
    )


def _alternate(leaves: CellRow, body: Sequence[CellRow]) -> bool:
    """Whether every second column holds words that stand nowhere else, and none of the others has a heading:
    labels with their values, or with room for these."""
    rows = [leaves, *(row for row in body if len(row) == len(leaves))]
    labels = [filled for row in rows for filled in row[::2]]
    words = {filled.compact for filled in labels if filled.lines and not value_type(filled.text)}
    if len(leaves) < 4 or len(leaves) % 2 or len(words) < LEAST_LABELS * len(labels):
        return False
    return not any(
        label_likeness(leaf.text) >= LIKELY_LABEL
        or (leaf.lines and value_type(leaf.text) is None and _type_of(column))
        for leaf, column in list(zip(leaves, _columns(leaves, body), strict=True))[1::2]
    )


def _has_units(leaves: CellRow, under: CellRow) -> bool:
    """Whether the first row is one of values: a unit stands right of a number, and so below."""
    return any(
        is_unit(unit.compact) and is_unit(below.compact) and value_type(number.text) is ValueType.NUMBER
        for number, unit, below in zip(leaves, leaves[1:], under[1:], strict=False)
    )


def _label_columns(columns: Sequence[CellRow], likeness: Likeness) -> list[int]:
    """Which columns, but the first, hold labels as every second one of a form does: they have a column of
    values to the right, and few labels stand twice."""
    return [
        at
        for at, column in enumerate(columns[:-1])
        if at > 0
        and column
        and mean(likeness[filled] for filled in column) >= LIKELY_LABEL
        and 2 * len({filled.compact for filled in column}) > len(column)
    ]


def _columns(leaves: CellRow, body: Sequence[CellRow]) -> list[list[FilledCell]]:
    """What is written below each heading, rows with merged cells aside."""
    whole = [row for row in body if len(row) == len(leaves)]
    return [[row[at] for row in whole if row[at].lines] for at in range(len(leaves))]
