"""What has its place in the order of a page: lines, fields, labels, tables, grids, frames, figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.grids.cells import FilledGrid, fill_grids
from ocr.grids.grid import find_grids
from ocr.labels.form_answers import Answer
from ocr.labels.inline_labels import with_marked_labels
from ocr.labels.pairs import is_labelled
from ocr.layout.frames import find_frames
from ocr.layout.page_elements import PageElements
from ocr.order.gutters import direction_of
from ocr.order.xy_cut import LayoutItem
from ocr.script.direction import turned_box, turned_line, turned_ruling
from ocr.script.widths import em
from ocr.tables.label_columns import LabelColumns
from ocr.tables.regions import find_regions
from ocr.tables.ruled_forms import DataTable

# Of a piece; a box is a figure, None a frame.
Content = DetectedLine | FilledGrid | DataTable | Answer | LabelColumns | Box | None


def pieces_of(
    page: PageElements, listed: Sequence[LabelColumns], size: float, width: float
) -> tuple[LayoutItem[Content], ...]:
    """What has its place in the order: lines, answers, columns of labels, figures, frames, and grids
    filled in their own direction."""
    grids, tables, free = find_regions(page.lines, page.ruled, size)
    pieces = [
        *map(_line_piece, with_marked_labels(free)),
        *map(_answer_piece, page.answers),
        *map(_columns_piece, listed),
        *map(_table_piece, tables),
    ]
    lying = _Lying(page, width)
    for grid in grids:
        inside = [line for filled in grid.cells for line in filled.lines]
        vertical = direction_of(map(_line_piece, inside), otherwise=False)
        content = (lying.grid_at(grid.box) if vertical else None) or grid
        characters = sum(len(line.text) for line in inside)
        pieces.append(LayoutItem(grid.box, content, characters, 0.0, content is not grid))
    for frame in find_frames(page.ruled.rulings, [grid.box for grid in grids]):
        inside_frame, others = _parted(pieces, frame)
        if len(inside_frame) > 1 and others:
            pieces = [*others, _around(frame, None, inside_frame)]
    for figure in page.figures:
        inside_figure, others = _parted(pieces, figure)
        if others or not pieces:
            pieces = [*others, _around(figure, figure, inside_figure)]
    return tuple(pieces)


def _table_piece(table: DataTable) -> LayoutItem[Content]:
    return LayoutItem(table.box, table, sum(len(filled.compact) for filled in table.cells), 0.0)


def _answer_piece(answer: Answer) -> LayoutItem[Content]:
    characters = len(answer.name.text) + sum(len(line.text) for line in answer.value)
    return LayoutItem(answer.box, answer, characters, em(answer.name), in_row=True)


def _columns_piece(columns: LabelColumns) -> LayoutItem[Content]:
    characters = sum(len(line.text) for line in columns.lines)
    return LayoutItem(columns.box, columns, characters, 0.0, in_row=True)


def _line_piece(line: DetectedLine) -> LayoutItem[Content]:
    return LayoutItem(line.box, line, len(line.text), em(line), line.vertical, is_labelled(line))


def _parted(
    pieces: Sequence[LayoutItem[Content]], box: Box
) -> tuple[list[LayoutItem[Content]], list[LayoutItem[Content]]]:
    """The pieces in the box and the others."""
    parts: tuple[list[LayoutItem[Content]], list[LayoutItem[Content]]] = ([], [])
    for piece in pieces:
        parts[not box.contains(*piece.box.center)].append(piece)
    return parts


def _around(box: Box, content: Content, inside: Sequence[LayoutItem[Content]]) -> LayoutItem[Content]:
    return LayoutItem(
        box=box,
        content=content,
        characters=sum(piece.characters for piece in inside),
        em=0.0,
        vertical=direction_of(inside, otherwise=False),
        apart=True,
        inside=tuple(inside),
    )


@dataclass(frozen=True)
class _Lying:
    """A page of vertical writing, `width` points wide, turned so that its lines are horizontal."""

    page: PageElements
    width: float

    def grid_at(self, box: Box) -> FilledGrid | None:
        """The grid that lies at `box` of the page as it stands."""
        middle = turned_box(box, self.width).center
        return next((grid for grid in self._grids if grid.box.contains(*middle)), None)

    @cached_property
    def _grids(self) -> tuple[FilledGrid, ...]:
        rulings = [turned_ruling(ruling, self.width) for ruling in self.page.ruled.rulings]
        lines = [turned_line(line, self.width) for line in self.page.lines]
        return fill_grids(find_grids(rulings), lines)[0]
