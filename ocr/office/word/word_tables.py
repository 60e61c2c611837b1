"""The tables of a Word document: merged cells as spans, rows with tables in them taken apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ocr.media.package_names import W
from ocr.office.word.word_styles import TWIPS, number_of, value
from ocr.written.content_model import CellContent, Content, PageEnd, Paragraph, PictureContent, TableContent

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

USUAL_COLUMN = 60.0  # points, of a column whose width is not told
MOST_COLUMNS = 256
Blocks = Callable[["Element"], list[Content]]


@dataclass(slots=True)
class _Cell:
    """A cell of one row; `merged` is None, "restart" or "continue" as the file has it."""

    column: int
    span: int
    merged: str | None
    contents: list[Content]


@dataclass(slots=True)
class _WordRow:
    cells: list[_Cell] = field(default_factory=list)
    heads: bool = False
    height: float = 0.0

    @property
    def is_plain(self) -> bool:
        """Whether nothing but text stands in it."""
        return not any(isinstance(one, TableContent) for cell in self.cells for one in cell.contents)

    @property
    def opens_page(self) -> bool:
        """Whether a page ends before the first word of one of its cells."""
        return any(cell.contents and isinstance(cell.contents[0], PageEnd) for cell in self.cells)

    @property
    def ends_page(self) -> bool:
        return any(isinstance(one, PageEnd) for cell in self.cells for one in cell.contents[1:])


def table_contents(table: Element, blocks: Blocks) -> Iterator[Content]:
    """The table in one piece or several: it is parted where a page ends, with the rows that head each page
    repeated, and where a row holds a table of its own. `blocks` gives the contents of a cell.

    A table of one cell is a frame around what stands in it.
    """
    widths = [_width(column) for column in table.iterfind(f"{W}tblGrid/{W}gridCol")]
    rows = [_row(row, blocks) for row in _children(table, "tr") if row.find(f"{W}trPr/{W}del") is None]
    rows = [row for row in rows if row.cells]
    if len(rows) == 1 and len(rows[0].cells) == 1:
        yield from rows[0].cells[0].contents
        return
    heads = [row for at, row in enumerate(rows) if row.heads and all(one.heads for one in rows[:at])]
    waiting: list[_WordRow] = []
    for number, row in enumerate(rows):
        if row.opens_page and number >= len(heads):
            yield from _set(waiting, widths)
            yield PageEnd()
            waiting = list(heads)
        if row.is_plain:
            waiting.append(row)
        else:
            yield from _set(waiting, widths)
            waiting = []
            yield from (one for cell in row.cells for one in cell.contents)
        if row.ends_page and row.is_plain:
            yield from _set(waiting, widths)
            yield PageEnd()
            waiting = list(heads) if number + 1 < len(rows) else []
    yield from _set(waiting, widths)


def _children(parent: Element, name: str) -> Iterator[Element]:
    """The children of a name, those in content controls and tracked insertions too."""
    for child in parent:
        if child.tag == f"{W}{name}":
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _children(child, name)


def _width(column: Element) -> float:
    return (number_of(column.get(f"{W}w")) or 0.0) / TWIPS or USUAL_COLUMN


def _row(row: Element, blocks: Blocks) -> _WordRow:
    properties = row.find(f"{W}trPr")
    found = _WordRow()
    at = 0
    if properties is not None:
        at = int(number_of(value(properties, "gridBefore")) or 0)
        found.heads = properties.find(f"{W}tblHeader") is not None
        found.height = (number_of(value(properties, "trHeight")) or 0.0) / TWIPS
    for cell in _children(row, "tc"):
        told = cell.find(f"{W}tcPr")
        span = 1 if told is None else int(number_of(value(told, "gridSpan")) or 1)
        span = min(max(span, 1), max(MOST_COLUMNS - at, 1))
        merge = None if told is None else told.find(f"{W}vMerge")
        merged = None if merge is None else merge.get(f"{W}val", "continue")
        if at < MOST_COLUMNS:
            found.cells.append(_Cell(at, span, merged, blocks(cell)))
        at += span
    return found


def _set(rows: Sequence[_WordRow], widths: Sequence[float]) -> Iterator[Content]:
    """Rows as one table, and the pictures that stand in them behind it."""
    if not rows:
        return
    if len(rows) == 1 == len(rows[0].cells):
        yield from (one for one in rows[0].cells[0].contents if not isinstance(one, PageEnd))
        return
    count = max(cell.column + cell.span for row in rows for cell in row.cells)
    columns = tuple(widths[at] if at < len(widths) else USUAL_COLUMN for at in range(count))
    cells: list[CellContent] = []
    open_cells: dict[tuple[int, int], int] = {}  # place in `cells` by column and span
    for number, row in enumerate(rows):
        still_open = {}
        for cell in row.cells:
            place = (cell.column, cell.span)
            texts = tuple(one for one in cell.contents if isinstance(one, Paragraph))
            if cell.merged == "continue" and place in open_cells:
                above = cells[open_cells[place]]
                grown = (*above.paragraphs, *(one for one in texts if one.text.strip()))
                cells[open_cells[place]] = CellContent(
                    above.row, above.column, number - above.row + 1, above.column_span, grown
                )
                still_open[place] = open_cells[place]
                continue
            cells.append(CellContent(number, cell.column, 1, cell.span, texts))
            if cell.merged is not None:
                still_open[place] = len(cells) - 1
        open_cells = still_open
    yield TableContent(columns, tuple(min(row.height, 400.0) for row in rows), tuple(cells))
    yield from (
        one for row in rows for cell in row.cells for one in cell.contents if isinstance(one, PictureContent)
    )
