"""What stands in ruled cells and no line tells of: found by its ink, and read by itself.

Detection passes over filled marks, over a thin figure alone in its cell, over a first 一 that stands far from
the rest of its word. A cell is small and holds nothing but writing, so that its ink can be accounted for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.grids.cells import split_at_rulings
from ocr.grids.grid import RuledGrid
from ocr.ink.shapes import COMPANY, MARKS, mark_in
from ocr.proofreading.scripts import is_han
from ocr.raster import Pixels, Raster, as_pixels
from ocr.script.widths import em, without_blanks

INSET = 1.8  # points inside of a cell that its rulings may still blacken
SMALLEST_CELL = 5.0  # points, without that
AROUND_A_LINE = 1.0  # points around a line's box that its letters may reach
# Ems that left-over ink is long, at least; a longer piece is a drawing, a stroke through the cell, a shadow.
SHORTEST, LONGEST = 0.28, 1.7
CLOSE = 0.9  # ems between two pieces of one word
PAPER_AROUND = 0.3  # ems of paper that are read with the ink
BESIDE = 3.0  # ems to a line that the ink may belong to
# Ems from the sides of its cell to a word that is spread over all of it: its letters may stand further apart.
AT_SIDE = 1.2
# So much of the contrast between the page's letters and its paper sets ink off.
INKED = 0.45
LEAST_CONTRAST = 40.0  # gray levels
LINES_LOOKED_AT = 12  # for that contrast
MOST_IN_A_CELL, MOST_ON_A_PAGE = 4, 200  # more is a texture
LEAST_CERTAINTY = 0.8  # of each character
LEVEL = 0.3  # ems between the middles of a line and of ink that belongs to it
MOST_LETTERS = 2  # at an end of a line that detection cut off
STROKES = frozenset("一ー－-‐–—―_＿|｜1lI!/／ノ丿")  # what pieces of rulings are read as
LONGEST_STROKE = 1.2  # ems
# What 一 is read as; how long and flat it is, in ems; how sure it is by its shape alone.
FLAT, ONE, FLATTEST, SHAPE_CONFIDENCE = frozenset("一ー－-—―‐−"), (0.6, 1.15), 0.2, 0.9
# The least that it is long, in ems, where it is read for so sure: headers may be set in smaller type.
SHORT_ONE, SURE_ONE = 0.35, 0.98
MARK_CONFIDENCE = 0.97
RIM = 2  # pixels of paper around a piece whose shape is told
WHITE = 255

Read = Callable[[Sequence[Box]], Sequence[DetectedLine | None]]


@dataclass(frozen=True, slots=True)
class _Leftover:
    """Ink in a cell that no line tells of: boxes in points, and the mark that its shape is, if any."""

    cell: Box
    box: Box
    mark: str


def with_missed_cell_text(
    raster: Raster,
    lines: Sequence[DetectedLine],
    grids: Sequence[RuledGrid],
    covered: Sequence[Box],
    read: Read,
) -> tuple[DetectedLine, ...]:
    """The lines (boxes in points), and those that are read in the left-over ink of the cells of `grids`.

    `read` gives for each of the boxes it is asked about the line in it, None where it reads nothing. What
    lies in `covered` boxes, those of seals, is accounted for. In a cell with other writing only an end of
    that is taken for writing: most of what else is left there is worn rulings and dirt.
    """
    if not grids or not lines:
        return tuple(lines)
    parts = _parts(lines, grids)
    size = median(em(line) for line in lines)
    marks = [line.box.center[0] for line in lines if line.text in MARKS]
    free = [cell for cell in parts if not any(cell.common(box) for box in covered)]
    found = _find(raster, free, [line.box for line in lines], size, marks)
    beside = [_beside(left, parts[left.cell], size) for left in found]
    wanted = [(left, line) for left, line in zip(found, beside, strict=True) if line or not parts[left.cell]]
    added = [DetectedLine(left.mark, left.box, MARK_CONFIDENCE) for left, _ in wanted if left.mark]
    words = [(left, line) for left, line in wanted if not left.mark]
    # Read together with its word a thin stroke is told best.
    asked = [
        _with_paper(Box.around([left.box, line.box]) if line else left.box, left.cell, size)
        for left, line in words
    ]
    for (left, line), told in zip(words, read(asked) if asked else (), strict=True):
        if told is None:
            continue
        if line is not None:
            own = _own_part(left, line, told, size)
            added += [own] if own is not None else []
        elif _is_sure(told) and _may_stand_alone(told.text, left, size):
            added.append(told)
    return (*lines, *added)


def _parts(lines: Sequence[DetectedLine], grids: Sequence[RuledGrid]) -> dict[Box, list[DetectedLine]]:
    """The cells of the grids, each with the lines or the parts of lines that stand in it."""
    parts: dict[Box, list[DetectedLine]] = {cell.box: [] for grid in grids for cell in grid.cells}
    for line in lines:
        grid = next((grid for grid in grids if grid.box.contains(*line.box.center)), None)
        for cell, part in split_at_rulings(line, grid) if grid else ():
            parts[cell.box].append(part)
    return parts


def _find(
    raster: Raster, cells: Iterable[Box], written: Sequence[Box], size: float, marks: Sequence[float]
) -> list[_Leftover]:
    """The left-over ink of `cells`, none at all where there is so much that it is no writing.

    In a column of other marks, which stand at the x of `marks`, one may be drawn by hand.
    """
    gray, scale = raster.gray, raster.points_per_pixel
    dark = _letters_below_paper(gray, written, scale)
    if dark < LEAST_CONTRAST:
        return []
    told = np.zeros(gray.shape, np.bool_)
    for box in written:
        told[_slices(box, -AROUND_A_LINE, scale)] = True
    found: list[_Leftover] = []
    for cell in cells:
        rows, columns = place = _slices(cell, INSET, scale)
        inside = gray[place]
        if min(inside.shape) * scale < SMALLEST_CELL:
            continue
        free = np.where(told[place], WHITE, inside)
        if free.min() >= inside.max() - INKED * dark:
            continue  # most cells, told without a look at the shades of their paper
        ink = as_pixels(free < np.percentile(inside, 90) - INKED * dark)
        boxes = _pieces(ink, size / scale)
        if not 0 < len(boxes) <= MOST_IN_A_CELL:
            continue
        by_hand = len(marks) >= COMPANY and any(cell.x0 <= x <= cell.x1 for x in marks)
        for x0, y0, x1, y1 in boxes:
            box = Box(columns.start + x0, rows.start + y0, columns.start + x1, rows.start + y1)
            around = inside[max(y0 - RIM, 0) : y1 + RIM, max(x0 - RIM, 0) : x1 + RIM]
            found.append(_Leftover(cell, box.scaled(scale), mark_in(around, by_hand=by_hand)))
    return found if len(found) <= MOST_ON_A_PAGE else []


def _letters_below_paper(gray: Pixels, written: Sequence[Box], scale: float) -> float:
    """How much darker than their paper the letters of the lines are, in gray levels."""
    step = max(len(written) // LINES_LOOKED_AT, 1)
    seen = [gray[_slices(box, 0.0, scale)][::2, ::2] for box in written[::step]]
    deep = [float(np.percentile(cut, 90) - np.percentile(cut, 2)) for cut in seen if cut.size]
    return median(deep) if deep else 0.0


def _pieces(ink: Pixels, em_pixels: float) -> list[tuple[int, int, int, int]]:
    """The boxes of what is as large as writing, pieces of one word together, from left to right."""
    if not ink.any():
        return []
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    height, width = ink.shape
    boxes: list[tuple[int, int, int, int]] = []
    for x, y, across, down, _ in sorted(stats[1:count].tolist()):
        longest = max(across, down)
        through = (x == 0 and x + across == width) or (y == 0 and y + down == height)
        if longest < SHORTEST * em_pixels or through or longest > LONGEST * em_pixels:
            continue
        box = (x, y, x + across, y + down)
        last = boxes[-1] if boxes else None
        if last and box[0] - last[2] <= CLOSE * em_pixels and box[1] < last[3] and last[1] < box[3]:
            boxes[-1] = (last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
        else:
            boxes.append(box)
    return boxes


def _beside(left: _Leftover, lines: Sequence[DetectedLine], size: float) -> DetectedLine | None:
    """The line of the same cell and row that the ink stands right beside."""

    def gap(line: DetectedLine) -> float:
        return max(line.box.x0 - left.box.x1, left.box.x0 - line.box.x1)

    level = [
        line
        for line in lines
        if not line.vertical and abs(line.box.center[1] - left.box.center[1]) <= LEVEL * size
    ]
    near = min(level, key=gap, default=None)
    if near is None:
        return None
    first, last = min(left.box.x0, near.box.x0), max(left.box.x1, near.box.x1)
    spread = max(first - left.cell.x0, left.cell.x1 - last) <= AT_SIDE * size
    return near if spread or gap(near) <= BESIDE * size else None


def _own_part(
    left: _Leftover, line: DetectedLine, together: DetectedLine, size: float
) -> DetectedLine | None:
    """What `together` says more than `line` that it holds, as a line at the ink; None where it says other
    things, more than an end could, or nothing for sure."""
    known, whole = without_blanks(line.text), without_blanks(together.text)
    before = left.box.center[0] < line.box.center[0]
    more = whole.removesuffix(known) if before else whole.removeprefix(known)
    if more == whole or not 0 < len(more) <= MOST_LETTERS or not (more.isalnum() or more in FLAT):
        return None
    paper = PAPER_AROUND / 2 * size  # without it a 一 has the size of ruby
    box = Box(left.box.x0 - paper, line.box.y0, left.box.x1 + paper, line.box.y1)
    sure = _certainties(together)
    certainty = min(sure[: len(more)] if before else sure[-len(more) :], default=0.0)
    if set(more) & STROKES:
        # Before kanji a stroke of its length in the middle of the row is 一, however torn the network is.
        shortest = ONE[0]
        if more == "一" and certainty >= SURE_ONE:
            # What the box of the line covers of it is not seen.
            shortest = 0.0 if left.box.x1 >= line.box.x0 - 2 * AROUND_A_LINE else SHORT_ONE
        is_one = more in FLAT and before and is_han(known[:1]) and _is_one(left, line, size, shortest)
        return DetectedLine("一", box, min(together.confidence, SHAPE_CONFIDENCE)) if is_one else None
    return DetectedLine(more, box, together.confidence) if certainty >= LEAST_CERTAINTY else None


def _is_one(left: _Leftover, line: DetectedLine, size: float, shortest: float) -> bool:
    """Whether the ink is as long, at least `shortest` ems, flat and level with the line as 一 is."""
    level = abs(left.box.center[1] - line.box.center[1]) <= LEVEL / 2 * size
    return level and left.box.height <= FLATTEST * size and shortest * size <= left.box.width <= ONE[1] * size


def _certainties(line: DetectedLine) -> tuple[float, ...]:
    """The certainties of the characters of the line without its blanks."""
    if len(line.certainties) != len(line.text):
        return ()
    told = zip(line.text, line.certainties, strict=True)
    return tuple(sure for character, sure in told if not character.isspace())


def _is_sure(line: DetectedLine) -> bool:
    return min(line.certainties, default=line.confidence) >= LEAST_CERTAINTY


def _may_stand_alone(text: str, left: _Leftover, size: float) -> bool:
    """Whether the text is a whole cell's: letters, figures, or a stroke in the middle that is no piece of a
    ruling."""
    solid = without_blanks(text)
    if not set(solid) <= STROKES:
        return solid in MARKS or any(character.isalnum() for character in solid)
    box, cell = left.box, left.cell
    middle = abs(box.center[1] - cell.center[1]) <= cell.height / 6
    free = min(box.x0 - cell.x0, cell.x1 - box.x1) >= PAPER_AROUND * size
    return middle and free and max(box.width, box.height) <= LONGEST_STROKE * size


def _with_paper(box: Box, cell: Box, size: float) -> Box:
    """The box of ink with paper around it as detection leaves it, as high as a letter, within the cell."""
    y = box.center[1]
    paper = PAPER_AROUND * size
    half = max(box.height, size) / 2 + paper
    return Box(
        max(box.x0 - paper, cell.x0 + INSET / 2),
        max(y - half, cell.y0 + INSET / 2),
        min(box.x1 + paper, cell.x1 - INSET / 2),
        min(y + half, cell.y1 - INSET / 2),
    )


def _slices(box: Box, inset: float, scale: float) -> tuple[slice, slice]:
    """The pixels in the box without a margin of `inset` points."""
    x0, y0, x1, y1 = (
        max(round(edge / scale), 0)
        for edge in (box.x0 + inset, box.y0 + inset, box.x1 - inset, box.y1 - inset)
    )
    return slice(y0, max(y1, y0)), slice(x0, max(x1, x0))
