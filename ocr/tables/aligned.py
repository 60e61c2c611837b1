"""Tables without vertical rulings: rows of short texts whose edges stand in columns.

Columns are what is left between the vertical stripes of white that a run of rows shares, after the
projection of T-Recs (Kieninger, "Table structure recognition based on robust block segmentation", 1998).
Prose in columns, labelled values and tables of contents look alike; `_is_table` tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.grids.cells import FilledCell, FilledGrid
from ocr.grids.grid import GridCell
from ocr.labels.label_likeness import LIKELY_LABEL, label_likeness
from ocr.script.widths import text_width, without_blanks
from ocr.tables.data_tables import TOTAL
from ocr.tables.fitted_texts import with_fitted_texts
from ocr.tables.joined_columns import unglued
from ocr.tables.ruled_forms import DataTable
from ocr.tables.text_rows import (
    ALIGNED,
    FEWEST_ROWS,
    GUTTER,
    WIDEST_PITCH,
    RowText,
    TextRow,
    find_runs,
    middle,
    stripes,
)
from ocr.tables.typed_rules import typed_rules

LEAST_ALIGNED = 0.75  # share of a column's cells that stand on its edge
LEAST_FILLED = 0.55  # share of the places of a table
LEAST_VALUES = 0.6  # share of the cells of a column of values
PROSE = 11.0  # ems; columns whose usual text is longer hold prose
WIDEST_RULED = 1.0  # ems between a table and the typed ruling above or below it
MOST_TRIMMED = 4  # rows at either end of a run that may belong to something else

_VALUE = re.compile(
    r"[▲△\-−+¥￥\\]?[\d０-９][\d０-９,，.．:：/／]*\D{0,3}|[○◯×✕△▲▽▼◎●■□※✓－―ー—-]|[A-Z0-9]+(?:-[A-Z0-9]+)+"
)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The left and right ends of the columns of a run of rows."""

    ends: tuple[tuple[float, float], ...]

    def covered(self, text: RowText, slack: float) -> Span:
        """The first column that the text stands in, and the column after the last."""
        under = [
            number
            for number, (left, right) in enumerate(self.ends)
            if text.box.x0 < right - slack and text.box.x1 > left + slack
        ]
        return (under[0], under[-1] + 1) if under else (0, 0)


def find_aligned(
    lines: Sequence[DetectedLine], rulings: Iterable[Ruling], size: float
) -> tuple[tuple[DataTable, ...], tuple[DetectedLine, ...]]:
    """The tables among `lines`, which stand in no ruled grid, and the lines that are in none of them.

    `size` is the body type size in points; horizontal `rulings` above and below rows speak for a table.
    """
    rules, words = typed_rules(lines)
    flat = [*(ruling for ruling in rulings if ruling.horizontal), *rules.values()]
    tables: list[DataTable] = []
    whole: dict[DetectedLine, DetectedLine] = {}
    for run in find_runs(words, size, [*rules.values()]):
        rows, parts = unglued(run, size)
        fitted, pieces = with_fitted_texts(rows, size)
        variants = (fitted, *([rows] if pieces else ()), *([run] if parts else ()))
        found = [_best_table(variant, flat, size) for variant in variants]
        table = max((table for table in found if table), key=lambda table: len(table.cells), default=None)
        if table is not None:
            tables.append(table)
            whole |= parts | pieces
    taken = {whole.get(line, line) for table in tables for cell in table.cells for line in cell.lines}
    taken |= {line for table in tables for line, rule in rules.items() if _rules_off(rule, table, size)}
    return tuple(tables), tuple(line for line in lines if line not in taken)


def _rules_off(rule: Ruling, table: DataTable, size: float) -> bool:
    """Whether the typed ruling stands in the table, or right above or below it."""
    box = table.box
    beside = rule.x0 < box.x1 and rule.x1 > box.x0
    return beside and box.y0 - WIDEST_RULED * size <= rule.y0 <= box.y1 + WIDEST_RULED * size


def aligned_in(
    grid: FilledGrid, rulings: Iterable[Ruling], size: float
) -> tuple[tuple[DataTable, ...], tuple[DetectedLine, ...]]:
    """The tables of a grid without any vertical ruling inside, and the lines in its other cells; nothing
    where a cell holds a part of a table only, or the grid has columns."""
    if len({(filled.cell.box.x0, filled.cell.box.x1) for filled in grid.cells}) > 1:
        return (), ()
    tables, others = find_aligned([line for filled in grid.cells for line in filled.lines], rulings, size)
    apart = set(others)
    whole = all(apart.issuperset(filled.lines) or apart.isdisjoint(filled.lines) for filled in grid.cells)
    return (tables, others) if tables and whole else ((), ())


def _best_table(run: Sequence[TextRow], rulings: Sequence[Ruling], size: float) -> DataTable | None:
    """The table of most rows in the run, some rows at its ends left out where need be."""
    trims = sorted(
        ((top, bottom) for top in range(MOST_TRIMMED + 1) for bottom in range(MOST_TRIMMED + 1)), key=sum
    )
    for top, bottom in trims:
        rows = run[top : len(run) - bottom]
        if len(rows) < FEWEST_ROWS:
            continue
        table = _table(rows, rulings, size)
        if table is not None:
            return table
    return None


def _table(rows: Sequence[TextRow], rulings: Sequence[Ruling], size: float) -> DataTable | None:
    columns = _columns(rows, size)
    count = len(columns.ends)
    if count < 2:
        return None
    slack = GUTTER / 2 * size
    places = [[columns.covered(line, slack) for line in row] for row in rows]
    if any(before[1] > after[0] for row in places for before, after in pairwise(row)):
        return None  # two texts of one row in one column
    by_column = [
        [
            (number, line)
            for number, (row, spans) in enumerate(zip(rows, places, strict=True))
            for line, span in zip(row, spans, strict=True)
            if span == (column, column + 1)
        ]
        for column in range(count)
    ]
    if sum(map(len, places)) < LEAST_FILLED * count * len(rows):
        return None
    header = _header_rows(by_column)
    body = [[(number, line) for number, line in column if number >= header] for column in by_column]
    if not all(_stands_on_an_edge([line for _, line in column], size) for column in body):
        return None
    ruled = _is_ruled_off(rows, rulings, size)
    if not _is_table(body, header, len(rows) - header, ruled=ruled):
        return None
    return _built(rows, places, columns, header)


def _columns(rows: Sequence[TextRow], size: float) -> _Columns:
    """What the texts of the rows cover from left to right, those aside that stand over several texts of
    other rows."""
    return _Columns(_with_headings(stripes(rows, size), rows))


def _with_headings(
    ends: Sequence[tuple[float, float]], rows: Sequence[TextRow]
) -> tuple[tuple[float, float], ...]:
    """The columns, a heading that is centred aside of the texts that it heads made one with them: what
    stands in the first row alone beside a column that has nothing there."""
    found: list[tuple[tuple[float, float], set[int]]] = []
    for left, right in ends:
        held = {
            number
            for number, row in enumerate(rows)
            if any(left <= line.box.center[0] <= right for line in row)
        }
        if found and held.isdisjoint(found[-1][1]) and {0} in (held, found[-1][1]):
            found[-1] = (found[-1][0][0], right), held | found[-1][1]
        else:
            found.append(((left, right), held))
    return tuple(column for column, _ in found)


def _header_rows(by_column: Sequence[Sequence[tuple[int, RowText]]]) -> int:
    """1 where the first row names columns of values and holds none itself, else 0."""
    of_values = [
        column
        for column in by_column
        if len(column) > 1
        and _share(_is_value(line) for number, line in column if number > 0) >= LEAST_VALUES
    ]
    first = [line for column in of_values for number, line in column if number == 0]
    return int(bool(first) and not any(map(_is_value, first)))


def _stands_on_an_edge(lines: Sequence[RowText], size: float) -> bool:
    """Whether the texts of a column share their left or right edges, or their middles."""
    if len(lines) < 2:
        return True
    sides = (
        [line.box.x0 for line in lines],
        [line.box.x1 for line in lines],
        [line.box.center[0] for line in lines],
    )
    return any(_share(abs(x - median(xs)) <= ALIGNED * size for x in xs) >= LEAST_ALIGNED for xs in sides)


def _is_table(body: Sequence[Sequence[tuple[int, RowText]]], header: int, rows: int, *, ruled: bool) -> bool:
    """Whether aligned columns are those of a table: some hold values, at most one holds long texts, and
    labels stand in none but the first."""
    texts = [[line.text for _, line in column] for column in body]
    values = [_share(map(_is_value_text, column)) >= LEAST_VALUES for column in texts]
    prose = [median(map(text_width, column)) > PROSE if column else False for column in texts]
    labels = [_share(label_likeness(text) >= LIKELY_LABEL for text in column) > 0.5 for column in texts]
    if sum(prose) > 1 or any(labels[1:]) or rows < FEWEST_ROWS - header:
        return False
    if ruled:
        return True
    if not any(values[1:]):
        return False
    if len(body) > 2:
        return bool(header) or sum(values) > 1
    total = any(TOTAL.match(without_blanks(text)) for text in texts[0])
    return (bool(header) or total) and not _counts_up(texts[1])


def _counts_up(texts: Sequence[str]) -> bool:
    """Whether the numbers only rise, as the page numbers of a table of contents do."""
    numbers = [int(text) for text in texts if text.isdecimal()]
    return len(numbers) == len(texts) and all(before <= after for before, after in pairwise(numbers))


def _is_value(line: RowText) -> bool:
    return _is_value_text(line.text)


def _is_value_text(text: str) -> bool:
    return bool(_VALUE.fullmatch(without_blanks(text)))


def _share(flags: Iterable[bool]) -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0


def _is_ruled_off(rows: Sequence[TextRow], rulings: Sequence[Ruling], size: float) -> bool:
    """Whether a ruling stands above the rows, one below the first of them, and one below them all."""
    left, right = min(row[0].box.x0 for row in rows), max(row[-1].box.x1 for row in rows)
    over = [r.y0 for r in rulings if r.x0 <= left + size and r.x1 >= right - size]
    top, second, bottom = (middle(rows[number]) for number in (0, 1, -1))
    reach = WIDEST_PITCH * size
    return (
        any(top - reach <= y <= top for y in over)
        and any(top <= y <= second for y in over)
        and any(bottom <= y <= bottom + reach for y in over)
    )


def _built(
    rows: Sequence[TextRow], places: Sequence[Sequence[Span]], columns: _Columns, header: int
) -> DataTable:
    around = Box.around(line.box for row in rows for line in row)
    xs = [around.x0, *((a[1] + b[0]) / 2 for a, b in pairwise(columns.ends)), around.x1]
    lowest = [max(text.box.y1 for text in row) for row in rows[:-1]]
    highest = [min(text.box.y0 for text in row) for row in rows[1:]]
    between = [(low + high) / 2 for low, high in zip(lowest, highest, strict=True)]
    ys = [around.y0, *between, around.y1]
    cells: list[FilledCell] = []
    for number, (row, spans) in enumerate(zip(rows, places, strict=True)):
        held = dict(zip(spans, row, strict=True))
        free = set(range(len(columns.ends))) - {at for first, end in spans for at in range(first, end)}
        for first, end in sorted((*spans, *((at, at + 1) for at in free))):
            box = Box(xs[first], ys[number], xs[end], ys[number + 1])
            text = held.get((first, end))
            cells.append(FilledCell(GridCell(number, first, 1, end - first, box), text.lines if text else ()))
    return DataTable(tuple(cells), header)
