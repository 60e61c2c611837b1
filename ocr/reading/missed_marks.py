"""Marks that detection passed over among others: where the rows and columns of a table without rulings meet.

Filled ones look to it like dots, and ○ stands where ● is not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import cv2
import numpy as np

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.ink.shapes import COMPANY, MARKS, ink_in, mark_in
from ocr.raster import Raster, as_pixels

PAPER = 1.4  # times as large as a mark is its box, as detection draws it
SMALLEST, LARGEST = 0.6, 1.5  # of the usual mark
CONFIDENCE = 0.97
RIM = 2  # pixels of paper around a piece whose shape is told


def with_missed_marks(raster: Raster, lines: Sequence[DetectedLine]) -> tuple[DetectedLine, ...]:
    """The lines (boxes in points), and marks of like size in line with those that stand alone."""
    marks = [line.box for line in lines if line.text in MARKS]
    if len(marks) < COMPANY:
        return tuple(lines)
    scale = raster.points_per_pixel
    usual = median(max(box.width, box.height) for box in marks) / PAPER / scale
    around = Box.around(marks).scaled(1 / scale)
    top, left = max(int(around.y0 - 2 * usual), 0), max(int(around.x0), 0)
    part = raster.gray[top : round(around.y1 + 2 * usual), left : round(around.x1)]
    ink = ink_in(as_pixels(part))
    for line in lines:
        box = line.box.scaled(1 / scale).moved(-left, -top)
        ink[max(int(box.y0), 0) : max(round(box.y1), 0), max(int(box.x0), 0) : max(round(box.x1), 0)] = 0
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found: list[DetectedLine] = []
    for x, y, width, height, _ in stats[1:count].tolist():
        if not SMALLEST * usual <= min(width, height) <= max(width, height) <= LARGEST * usual:
            continue
        box = Box(x, y, x + width, y + height).moved(left, top).scaled(scale)
        if not _in_line(box, marks, lines):
            continue
        piece = part[max(y - RIM, 0) : y + height + RIM, max(x - RIM, 0) : x + width + RIM]
        if mark := mark_in(np.ascontiguousarray(piece)):
            paper = (PAPER - 1) / 2 * usual * scale
            wide = Box(box.x0 - paper, box.y0 - paper, box.x1 + paper, box.y1 + paper)
            found.append(DetectedLine(mark, wide, CONFIDENCE))
    return (*lines, *found)


def _in_line(box: Box, marks: Sequence[Box], lines: Sequence[DetectedLine]) -> bool:
    """Whether a mark stands above or below, and a line beside."""
    x, y = box.center
    return any(mark.x0 <= x <= mark.x1 for mark in marks) and any(
        line.box.y0 <= y <= line.box.y1 for line in lines
    )
