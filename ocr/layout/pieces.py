"""What has its place in the order of a page: lines, fields, labels, tables, grids, frames, figures."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.grids.cells import FilledGrid, fill_grids
from ocr.grids.grid import find_grids
from ocr.labels.answers import Answer
from ocr.labels.inline_labels import with_marked_labels
from ocr.labels.pairs import is_labelled
from ocr.layout.frames import find_frames
from ocr.order.columns import direction_of
from ocr.order.xy_cut import Piece
from ocr.script.direction import turned_box, turned_line, turned_ruling
from ocr.script.widths import em
from ocr.tables.forms import DataTable
from ocr.tables.label_columns import LabelColumns
from ocr.tables.regions import find_regions

# Of a piece; a box is a figure, None a frame.
Content = DetectedLine | FilledGrid | DataTable | Answer | LabelColumns | Box | None


def pieces_of(
    lines: Sequence[DetectedLine],
    answers: Sequence[Answer],
    listed: Sequence[LabelColumns],
    rulings: Sequence[Ruling],
    figures: Sequence[Box],
    size: float,
    width: float,
) -> tuple[Piece[Content], ...]:
    """What has its place in the order: lines, answers, columns of labels, figures, frames, and grids
    filled in their own direction."""
    grids, tables, free = find_regions(lines, rulings, size)
    pieces = [
        *map(_line_piece, with_marked_labels(free)),
        *map(_answer_piece, answers),
        *map(_columns_piece, listed),
        *map(_table_piece, tables),
    ]
    for grid in grids:
        inside = [line for filled in grid.cells for line in filled.lines]
        vertical = direction_of(map(_line_piece, inside), otherwise=False)
        content = (_filled_downwards(grid.box, lines, rulings, width) if vertical else None) or grid
        characters = sum(len(line.text) for line in inside)
        pieces.append(Piece(grid.box, content, characters, 0.0, content is not grid))
    for frame in find_frames(rulings, [grid.box for grid in grids]):
        inside_frame, others = _parted(pieces, frame)
        if len(inside_frame) > 1 and others:
            pieces = [*others, _around(frame, None, inside_frame)]
    for figure in figures:
        inside_figure, others = _parted(pieces, figure)
        if others or not pieces:
            pieces = [*others, _around(figure, figure, inside_figure)]
    return tuple(pieces)


def _table_piece(table: DataTable) -> Piece[Content]:
    return Piece(table.box, table, sum(len(filled.compact) for filled in table.cells), 0.0)


def _answer_piece(answer: Answer) -> Piece[Content]:
    characters = len(answer.name.text) + sum(len(line.text) for line in answer.value)
    return Piece(answer.box, answer, characters, em(answer.name), in_row=True)


def _columns_piece(columns: LabelColumns) -> Piece[Content]:
    characters = sum(len(line.text) for line in columns.lines)
    return Piece(columns.box, columns, characters, 0.0, in_row=True)


def _line_piece(line: DetectedLine) -> Piece[Content]:
    return Piece(line.box, line, len(line.text), em(line), line.vertical, is_labelled(line))


def _parted(pieces: Sequence[Piece[Content]], box: Box) -> tuple[list[Piece[Content]], list[Piece[Content]]]:
    """The pieces in the box and the others."""
    parts: tuple[list[Piece[Content]], list[Piece[Content]]] = ([], [])
    for piece in pieces:
        parts[not box.contains(*piece.box.center)].append(piece)
    return parts


def _around(box: Box, content: Content, inside: Sequence[Piece[Content]]) -> Piece[Content]:
    return Piece(
        box=box,
        content=content,
        characters=sum(piece.characters for piece in inside),
        em=0.0,
        vertical=direction_of(inside, otherwise=False),
        apart=True,
        inside=tuple(inside),
    )


def _filled_downwards(
    box: Box, lines: Sequence[DetectedLine], rulings: Sequence[Ruling], width: float
) -> FilledGrid | None:
    """The grid at `box`, all vertical writing, in the space where its lines are horizontal."""
    turned = [turned_line(line, width) for line in lines]
    grids, _ = fill_grids(find_grids([turned_ruling(ruling, width) for ruling in rulings]), turned)
    middle = turned_box(box, width).center
    return next((grid for grid in grids if grid.box.contains(*middle)), None)
