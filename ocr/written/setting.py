"""One content at a time set in type: lines with their boxes, cells with theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.grids.cells import FilledCell, FilledGrid
from ocr.grids.grid import GridCell
from ocr.proofreading.sanity import sane_text
from ocr.script.widths import text_width, tidy
from ocr.written.content_model import (
    BODY_SIZE,
    Align,
    Content,
    LabelledContent,
    Paragraph,
    PictureContent,
    TableContent,
)
from ocr.written.line_breaking import wrapped
from ocr.written.placed import (
    Part,
    PlacedPair,
    PlacedParagraph,
    PlacedPicture,
    PlacedTable,
    PlacedTyping,
    Row,
)

PITCH = 1.5  # type sizes from line to line
# Type sizes from the end of one paragraph to the next beyond that: further than the lines of one text.
PARAGRAPH_GAP = 0.7
PART_GAP = 10.0  # points above and below a table or picture
# A text that is wider than its cell by no more than this is set narrower: a name in two lines makes another
# kind of cell.
MOST_SQUEEZED = 1.4
PADDING = 3.0  # points between a cell's sides and its text
TAB = 4.0  # type sizes from one stop to the next
TAB_GAP = 1.1  # type sizes of white between what a tab parts, so that it does not read as one text
SMALLEST_SIZE, LARGEST_SIZE = 4.0, 96.0  # points
NARROWEST_COLUMN = 4.0  # points
TYPED_TAB = 8  # half-width characters
_APART = re.compile(r"\S+(?:\s\S+)*")  # words with one blank between them read on


def set_content(content: Content, x: float, y: float, room: float) -> tuple[Part, float]:
    """The content at (`x`, `y`) within `room`, and where the next one may begin."""
    match content:
        case Paragraph():
            indent = min(max(content.indent, 0.0), room / 2)
            rows, bottom = _rows(content, content.text.split("\t"), x + indent, y, room - indent)
            return PlacedParagraph(rows, content.kind), bottom + (PITCH - 1 + PARAGRAPH_GAP) * _size(content)
        case LabelledContent():
            return _pair(content, x, y, room)
        case TableContent():
            return _table(content, x, y + PART_GAP, room)
        case PictureContent():
            shrunk = min(room / max(content.width, 1.0), 1.0)
            width, height = content.width * shrunk, content.height * shrunk
            box = Box(x, y + PART_GAP, x + width, y + PART_GAP + height)
            return PlacedPicture(box, content), box.y1 + PART_GAP
        case _:
            raise TypeError(type(content))


def _size(paragraph: Paragraph) -> float:
    return min(max(paragraph.size, SMALLEST_SIZE), LARGEST_SIZE)


def _rows(
    paragraph: Paragraph, texts: Sequence[str], x: float, y: float, room: float, *, squeezed: bool = False
) -> tuple[tuple[Row, ...], float]:
    """The texts of a paragraph, one behind the other, in rows from (`x`, `y`) on, and where the last ends;
    in one row, as narrow as it must be, where `squeezed`."""
    size = _size(paragraph)
    right = x + room
    first: list[DetectedLine] = []
    rows: list[Row] = []
    at = x
    written = [plain for text in texts if (plain := _plain(text))]
    for number, text in enumerate(written):
        if number:
            at = _behind_tab(paragraph, text, x, at)
        is_last = number == len(written) - 1
        lines = wrapped(text, max(right - at, size) / size) if is_last and not squeezed else [text]
        for count, line in enumerate(lines):
            box = _box(line, at, y + count * PITCH * size, size, right - at)
            detected = DetectedLine(line, box, paragraph.confidence, doubtful=paragraph.confidence < 1)
            if count:
                rows.append((detected,))
            else:
                first.append(detected)
        at = max(at, first[-1].box.x1)
    every: list[Row] = [tuple(first), *rows] if first else []
    if paragraph.align is not Align.LEFT:
        every = [_aligned(row, paragraph.align, right) for row in every]
    return tuple(every), every[-1][0].box.y1 if every else y + size


def _behind_tab(paragraph: Paragraph, text: str, x: float, at: float) -> float:
    """Where a text goes on behind a tab at `at`: at the next stop, never so near that it reads on."""
    size = _size(paragraph)
    least = at + TAB_GAP * size
    for place, is_end in paragraph.stops:
        begin = x + place - (text_width(text) * size if is_end else 0.0)
        if x + place > at:
            return max(begin, least)
    return max(x + TAB * size * ((at - x) // (TAB * size) + 1), least)


def _plain(text: str) -> str:
    return sane_text(tidy(text))


def _box(text: str, x: float, y: float, size: float, room: float) -> Box:
    """Of a line in its type size, set narrower where it cannot be broken and is wider than the room."""
    return Box(x, y, x + max(min(text_width(text) * size, max(room, size)), 1.0), y + size)


def _aligned(row: Row, align: Align, right: float) -> Row:
    by = max(right - row[-1].box.x1, 0.0) / (2 if align is Align.CENTER else 1)
    return tuple(_moved(line, by, 0.0) for line in row)


def _moved(line: DetectedLine, x: float, y: float) -> DetectedLine:
    return DetectedLine(line.text, line.box.moved(x, y), line.confidence, doubtful=line.doubtful)


def _pair(content: LabelledContent, x: float, y: float, room: float) -> tuple[PlacedPair, float]:
    size = BODY_SIZE
    name = DetectedLine(content.label, _box(content.label, x, y, size, room), 1.0)
    at = name.box.x1 + size
    lines = wrapped(_plain(content.value), (x + room - at) / size)
    value = tuple(
        DetectedLine(line, _box(line, at, y + count * PITCH * size, size, x + room - at), 1.0)
        for count, line in enumerate(lines)
    )
    bottom = y + PITCH * size * max(len(lines), 1)
    return PlacedPair(name, value), bottom + 0.3 * size


def _table(table: TableContent, x: float, y: float, room: float) -> tuple[PlacedTable, float]:
    """The table with columns as wide as they are, all narrowed where they are too wide together."""
    widths = [max(width, NARROWEST_COLUMN) for width in table.columns]
    shrunk = min(room / sum(widths), 1.0)
    xs = [x + shrunk * at for at in accumulate(widths, initial=0.0)]
    heights = list(table.rows)
    texts: list[list[tuple[Row, ...]]] = []
    for cell in table.cells:
        width = xs[cell.column + cell.column_span] - xs[cell.column]
        paragraphs, bottom = _cell_rows(cell.paragraphs, max(width - 2 * PADDING, NARROWEST_COLUMN))
        texts.append(paragraphs)
        last = cell.row + cell.row_span
        lacks = bottom + 2 * PADDING - sum(heights[cell.row : last])
        heights[last - 1] += max(lacks, 0.0)
    ys = [y + at for at in accumulate(heights, initial=0.0)]
    cells: list[FilledCell] = []
    continued: set[int] = set()
    for cell, paragraphs in zip(table.cells, texts, strict=True):
        end_row, end_column = cell.row + cell.row_span, cell.column + cell.column_span
        box = Box(xs[cell.column], ys[cell.row], xs[end_column], ys[end_row])
        x0, y0 = box.x0 + PADDING, box.y0 + PADDING
        set_down = [[_moved(line, x0, y0) for row in rows for line in row] for rows in paragraphs]
        continued.update(id(line) for lines in set_down for line in lines[1:])
        place = GridCell(cell.row, cell.column, cell.row_span, cell.column_span, box)
        cells.append(FilledCell(place, tuple(line for lines in set_down for line in lines)))
    grid = FilledGrid(Box(xs[0], ys[0], xs[-1], ys[-1]), tuple(cells))
    return PlacedTable(grid, frozenset(continued)), ys[-1] + PART_GAP


def _cell_rows(paragraphs: Sequence[Paragraph], room: float) -> tuple[list[tuple[Row, ...]], float]:
    """The rows of each paragraph of a cell from (0, 0) on, and the foot of the last."""
    found: list[tuple[Row, ...]] = []
    y = bottom = 0.0
    for paragraph in (one for one in paragraphs if one.text.strip()):
        text = paragraph.text.replace("\t", " ")
        squeezed = text_width(text) * _size(paragraph) <= MOST_SQUEEZED * room
        rows, bottom = _rows(paragraph, (text,), 0.0, y, room, squeezed=squeezed)
        found.append(rows)
        y = bottom + (PITCH - 1 + PARAGRAPH_GAP) * _size(paragraph)
    return found, bottom


def typed_lines(text: str, room: float) -> Iterator[tuple[tuple[float, str], ...]]:
    """Each line of `text` as its pieces: where each begins (ems), and what it says; none of an empty line.

    Pieces are parted by two blanks and more. A line wider than `room` (ems) goes on below itself.
    """
    for line in text.expandtabs(TYPED_TAB).splitlines():
        pieces = []
        for found in _APART.finditer(line):
            plain, at = _plain(found[0]), text_width(line[: found.start()])
            pieces += [(min(at, room / 2), plain)] if plain else []
        if not pieces:
            yield ()
            continue
        *before, (at, last) = pieces
        first, *more = wrapped(last, max(room - at, 1.0))
        yield (*before, (at, first))
        yield from (((at, rest),) for rest in more)


def set_typed(
    lines: Sequence[tuple[tuple[float, str], ...]], x: float, y: float, room: float
) -> tuple[PlacedTyping, float]:
    """Lines of `typed_lines` from (`x`, `y`) on, and where the next would stand."""
    found = []
    for number, pieces in enumerate(lines):
        top = y + number * PITCH * BODY_SIZE
        for at, text in pieces:
            left = x + at * BODY_SIZE
            found.append(DetectedLine(text, _box(text, left, top, BODY_SIZE, x + room - left), 1.0))
    return PlacedTyping(tuple(found)), y + len(lines) * PITCH * BODY_SIZE
