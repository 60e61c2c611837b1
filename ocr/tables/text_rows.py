"""Rows of texts that may be those of a table without rulings: short, several to a row, and close."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.labels.pairs import is_labelled
from ocr.order.xy_cut import rows_of
from ocr.script.widths import text_width
from ocr.tables.typed_rules import count_between

FEWEST_ROWS = 3
WIDEST_PITCH = 3.0  # ems from row to row
NEARER = 0.8  # times the usual distance of rows: lines of one cell
UNEVEN = 1.7  # times the usual pitch of a run, where it parts
GUTTER = 0.5  # ems of white between two columns
ALIGNED = 0.6  # ems between the edges of one column
LONGEST_CELL = 24.0  # ems

_LEADER = re.compile(r"[.．・…‥·]{3,}")


@dataclass(frozen=True, slots=True)
class RowText:
    """The lines of one cell, one below the other, and what they say together."""

    lines: tuple[DetectedLine, ...]
    box: Box
    text: str

    @staticmethod
    def of(lines: Sequence[DetectedLine]) -> RowText:
        box = Box.around(line.box for line in lines)
        return RowText(tuple(lines), box, "".join(line.text for line in lines))


TextRow = tuple[RowText, ...]


def find_runs(
    lines: Iterable[DetectedLine], size: float, rules: Sequence[Ruling] = ()
) -> list[list[TextRow]]:
    """The stretches of at least FEWEST_ROWS rows, top to bottom; `size` is the body type size in points.

    Typed `rules` between two rows take a row's place each.
    """
    return _runs(_stacked(rows_of(line for line in lines if not line.vertical), size), size, rules)


def _stacked(rows: Sequence[tuple[DetectedLine, ...]], size: float) -> list[TextRow]:
    """The rows, lines that go on with one text of the row above put to it: they stand alone, begin where it
    begins, and are nearer to it than rows are to each other."""
    several = [row for row in rows if len(row) > 1]
    steps = sorted(_middle_of(after) - _middle_of(before) for before, after in pairwise(several))
    usual = steps[len(steps) // 2] if steps else 0.0
    found: list[list[RowText]] = []
    for row in rows:
        above = found[-1] if found and len(found[-1]) > 1 else []
        at = _goes_on(above, row[0], size, usual) if len(row) == 1 else None
        if at is None:
            found.append([RowText.of([line]) for line in row])
        else:
            above[at] = RowText.of([*above[at].lines, *row])
    return [tuple(row) for row in found]


def _goes_on(above: Sequence[RowText], line: DetectedLine, size: float, usual: float) -> int | None:
    """Which text of the row above the line goes on with."""
    for at, text in enumerate(above):
        before = text.lines[-1]
        step = line.box.center[1] - before.box.center[1]
        if abs(line.box.x0 - text.box.x0) <= ALIGNED * size and step <= NEARER * usual:
            return at if text_width(before.text) <= LONGEST_CELL else None
    return None


def _runs(rows: Sequence[TextRow], size: float, rules: Sequence[Ruling]) -> list[list[TextRow]]:
    """The rows of several short texts that follow each other closely."""
    runs: list[list[TextRow]] = [[]]
    for row in rows:
        if not _may_be_row(row, size):
            runs.append([])
            continue
        if runs[-1] and middle(row) - middle(runs[-1][-1]) > WIDEST_PITCH * size:
            runs.append([])
        runs[-1].append(row)
    return [part for run in runs for part in _evenly(run, rules) if len(part) >= FEWEST_ROWS]


def _may_be_row(row: TextRow, size: float) -> bool:
    if len(row) < 2 or any(after.box.x0 - before.box.x1 < GUTTER * size for before, after in pairwise(row)):
        return False
    return not any(
        is_labelled(line.lines[0])
        or text_width(line.text) > LONGEST_CELL
        or line.text.endswith(("。", "、"))
        or _LEADER.search(line.text)
        for line in row
    )


def _evenly(run: Sequence[TextRow], rules: Sequence[Ruling]) -> list[list[TextRow]]:
    """The run parted where its rows stand much further apart than most."""
    if len(run) < 2:
        return [list(run)]
    heights = [(middle(before), middle(after)) for before, after in pairwise(run)]
    pitches = [(low - high) / (1 + count_between(rules, high, low)) for high, low in heights]
    usual = median(pitches)
    parts = [[run[0]]]
    for row, pitch in zip(run[1:], pitches, strict=True):
        if pitch > UNEVEN * usual:
            parts.append([])
        parts[-1].append(row)
    return parts


def stripes(rows: Sequence[TextRow], size: float) -> list[tuple[float, float]]:
    """The left and right ends of what the texts of the rows cover, from left to right, those aside that
    stand over several texts of most rows."""
    texts = [text for row in rows for text in row]
    boxes = [text.box for text, spans in zip(texts, _spanning(rows, size), strict=True) if not spans]
    ends: list[tuple[float, float]] = []
    for x0, x1 in sorted((box.x0, box.x1) for box in boxes):
        if ends and x0 - ends[-1][1] < GUTTER * size:
            ends[-1] = ends[-1][0], max(ends[-1][1], x1)
        else:
            ends.append((x0, x1))
    return ends


def _spanning(rows: Sequence[TextRow], size: float) -> NDArray[np.bool_]:
    """Of each text of the rows, in order, whether it stands over several texts of most rows."""
    left = np.array([text.box.x0 for row in rows for text in row])
    right = np.array([text.box.x1 for row in rows for text in row])
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    firsts = np.cumsum([0, *(len(row) for row in rows[:-1])])
    under = np.add.reduceat(shared > GUTTER * size, firsts, axis=1, dtype=np.int64)
    return np.asarray(2 * (under > 1).sum(axis=1) > len(rows), np.bool_)


def middle(row: TextRow) -> float:
    """The height at which the row's first lines stand."""
    return _middle_of([text.lines[0] for text in row])


def _middle_of(row: Sequence[DetectedLine]) -> float:
    return median(line.box.center[1] for line in row)
