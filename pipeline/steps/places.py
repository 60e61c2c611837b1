"""The way between a document's text and its pages: text blocks for the language side, boxes for evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nlu.text.boundaries.sentences import TextBlock
from ocr.document import Block, BlockKind, Box, Document, Line, Page

LABEL_KIND = "label"
CELL_KIND = "cell"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span of text stands: the first page it touches, and the box around its lines there."""

    page: int
    box: Box


def text_blocks(document: Document) -> tuple[TextBlock, ...]:
    """The document's blocks in order, forms cut into their labels and values, tables into their cells."""
    return tuple(piece for page in document.pages for block in page.blocks for piece in _pieces(page, block))


def _pieces(page: Page, block: Block) -> Iterator[TextBlock]:
    if block.kind is BlockKind.TABLE:
        spans = [(c.start, c.end) for t in page.tables for c in t.cells]
        yield from (
            TextBlock(s, e, CELL_KIND, page.number)
            for s, e in sorted(spans)
            if block.start <= s < e <= block.end
        )
        return
    position = block.start
    for field in sorted(page.fields, key=lambda f: f.start):
        if block.kind is BlockKind.FIELD and block.start <= field.start and field.end <= block.end:
            if position < field.start:
                yield TextBlock(position, field.start, LABEL_KIND, page.number)
            if field.start < field.end:
                yield TextBlock(field.start, field.end, block.kind.value, page.number)
            position = max(position, field.end)
    if position < block.end:
        yield TextBlock(position, block.end, block.kind.value, page.number)


class PlaceFinder:
    """Finds the ink behind offsets of a document's text."""

    def __init__(self, document: Document) -> None:
        self._lines = [(page.number, line) for page in document.pages for line in page.lines]

    def strips(self, start: int, end: int) -> tuple[Place, ...]:
        """The stretch of each line that carries some of `text[start:end]`, in reading order.

        Where in a line a character stands is told by its share of the line's characters, which is right
        for Japanese type and near for the rest.
        """
        return tuple(
            Place(page, _stretch(line, max(start, line.start), min(end, line.end)))
            for page, line in self._lines
            if line.start < end and start < line.end
        )

    def find(self, start: int, end: int) -> Place | None:
        """Where `text[start:end]` stands; None where no line carries any of it."""
        strips = self.strips(start, end)
        if not strips:
            return None
        first_page = min(strip.page for strip in strips)
        return Place(first_page, Box.around(strip.box for strip in strips if strip.page == first_page))


def _stretch(line: Line, start: int, end: int) -> Box:
    box, length = line.box, line.end - line.start
    before, after = (start - line.start) / length, (end - line.start) / length
    if line.vertical:
        return Box(box.x0, box.y0 + box.height * before, box.x1, box.y0 + box.height * after)
    return Box(box.x0 + box.width * before, box.y0, box.x0 + box.width * after, box.y1)
