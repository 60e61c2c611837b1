"""Which writing stands in which cell; a line read across a ruling is split at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.grids.grid import GridCell, RuledGrid
from ocr.order.xy_cut import in_reading_order
from ocr.script.widths import count_before, cut, em, without_blanks

RULING_READ_AS_TEXT = "|｜¦"
# A bracket without its other half is a ruling, too, where it stands at one: so near, in ems.
BRACKETS, AT_RULING = "[]［］", 0.35
BOX_MARGIN = 0.2  # of the type size: how far engines draw a box around the ink
LEAST_OVERHANG = 0.7  # of the type size: a line that reaches less into a cell does not write in it
SNAP_TO_BLANK = 1.5  # ems around a ruling in which a blank is the likelier place of the split


@dataclass(frozen=True, slots=True)
class FilledCell:
    """A cell with its lines in reading order."""

    cell: GridCell
    lines: tuple[DetectedLine, ...]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def compact(self) -> str:
        """The text without any blank: 日　付 is 日付."""
        return without_blanks("".join(line.text for line in self.lines))


@dataclass(frozen=True, slots=True)
class FilledGrid:
    """`worn` as `RuledGrid` has it."""

    box: Box
    cells: tuple[FilledCell, ...]
    worn: bool = False


def fill_grids(
    grids: Sequence[RuledGrid], lines: Iterable[DetectedLine]
) -> tuple[tuple[FilledGrid, ...], tuple[DetectedLine, ...]]:
    """The grids with their writing, and the lines that stand outside of every grid.

    Where grids are nested, a line belongs to the smallest.
    """
    innermost_first = sorted(grids, key=lambda grid: grid.box.area)
    inside: dict[GridCell, list[DetectedLine]] = {}
    outside: list[DetectedLine] = []
    for line in lines:
        grid = next((g for g in innermost_first if g.box.contains(*line.box.center)), None)
        if grid is None:
            outside.append(line)
            continue
        for cell, part in split_at_rulings(line, grid):
            inside.setdefault(cell, []).append(part)
    filled = (_fill(grid, inside) for grid in grids)
    return tuple(filled), tuple(outside)


def _fill(grid: RuledGrid, inside: Mapping[GridCell, Sequence[DetectedLine]]) -> FilledGrid:
    cells = (FilledCell(cell, in_reading_order(inside.get(cell, ()))) for cell in grid.cells)
    return FilledGrid(grid.box, tuple(cells), grid.worn)


def split_at_rulings(line: DetectedLine, grid: RuledGrid) -> tuple[tuple[GridCell, DetectedLine], ...]:
    """The cells that the line writes in, each with its part of the text, in reading direction.

    A line drawn over several cells is cut where the rulings lie, between the middles of its characters;
    where only their printed widths tell these, a blank next to a ruling is taken for the gap between the
    cells.
    """
    crossed = _cells_along(line, grid)
    if len(crossed) < 2:
        cell = crossed[0] if crossed else _nearest(line, grid)
        return ((cell, _without_sides(line, cell)),) if line.text else ()
    parts: list[tuple[GridCell, DetectedLine]] = []
    rest = line
    for cell in crossed[:-1]:
        head, rest = _cut(rest, cell.box.y1 if line.vertical else cell.box.x1)
        if head.text:
            parts.append((cell, head))
    if rest.text:
        parts.append((crossed[-1], rest))
    return tuple(parts)


def _cells_along(line: DetectedLine, grid: RuledGrid) -> list[GridCell]:
    """The cells under the middle of the line, in its direction, that it reaches well into."""
    x, y = line.box.center
    size = em(line)
    least = LEAST_OVERHANG * size

    def reach(cell: GridCell) -> float:
        margin = BOX_MARGIN * size
        if line.vertical:
            if not cell.box.x0 <= x <= cell.box.x1:
                return 0.0
            return min(line.box.y1 - margin, cell.box.y1) - max(line.box.y0 + margin, cell.box.y0)
        if not cell.box.y0 <= y <= cell.box.y1:
            return 0.0
        return min(line.box.x1 - margin, cell.box.x1) - max(line.box.x0 + margin, cell.box.x0)

    crossed = [cell for cell in grid.cells if reach(cell) >= least]
    return sorted(crossed, key=lambda cell: cell.box.y0 if line.vertical else cell.box.x0)


def _nearest(line: DetectedLine, grid: RuledGrid) -> GridCell:
    x, y = line.box.center

    def distance(cell: GridCell) -> float:
        box = cell.box
        return max(box.x0 - x, x - box.x1, 0.0) + max(box.y0 - y, y - box.y1, 0.0)

    return min(grid.cells, key=distance)


def _cut(line: DetectedLine, at: float) -> tuple[DetectedLine, DetectedLine]:
    """The line before and after the coordinate `at` along it."""
    start, end = (line.box.y0, line.box.y1) if line.vertical else (line.box.x0, line.box.x1)
    count = count_before(line, at)
    if len(line.centers) != len(line.text):
        count = _snapped(line.text, count)
    head, tail = cut(line, count, (at - start) / (end - start))
    return (
        head.saying(head.text.strip(RULING_READ_AS_TEXT).strip()),
        tail.saying(tail.text.strip(RULING_READ_AS_TEXT).strip()),
    )


def _without_sides(line: DetectedLine, cell: GridCell) -> DetectedLine:
    """The line without the sides of its cell that were read as its first and last character."""
    if line.vertical or len(line.centers) != len(line.text):
        return line
    near = AT_RULING * em(line)
    text = line.text
    if len(text) > 1 and _is_side(text, -1) and line.centers[-1] >= cell.box.x1 - near:
        text = text[:-1].rstrip()
    if len(text) > 1 and _is_side(text, 0) and line.centers[0] <= cell.box.x0 + near:
        text = text[1:].lstrip()
    return line if text == line.text else replace(line.saying(text), original=line.original or line.text)


def _is_side(text: str, at: int) -> bool:
    """Whether the character may be a ruling: a stroke, or the only bracket."""
    return text[at] in RULING_READ_AS_TEXT or (
        text[at] in BRACKETS and sum(character in BRACKETS for character in text) == 1
    )


def _snapped(text: str, count: int) -> int:
    """The place of a blank or of a ruling read as text near `count`, else `count`."""
    gaps = [
        at for at, character in enumerate(text) if character.isspace() or character in RULING_READ_AS_TEXT
    ]
    near = [at for at in gaps if abs(at - count) <= SNAP_TO_BLANK + 0.5]
    return min(near, key=lambda at: (text[at] not in RULING_READ_AS_TEXT, abs(at - count)), default=count)
