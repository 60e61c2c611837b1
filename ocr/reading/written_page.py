"""A page of ours as a page of the document: text, structure, and what OCR reads in its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from ocr.detection import DetectedLine
from ocr.document import BlockKind, Box, Line, Page, SourceReason, TextSource
from ocr.engines.engine import Engine
from ocr.errors import ReadingError
from ocr.grids.cells import FilledGrid
from ocr.ink.figures import figure_sized
from ocr.ink.page_ink import PageInk
from ocr.ink.seals import find_seals
from ocr.labels.pairs import Pair
from ocr.layout.composer import PageComposer
from ocr.layout.page import PageText, build_page, empty_page
from ocr.layout.page_elements import PageElements
from ocr.layout.paragraphs import Passage, as_passages
from ocr.limits import Limits
from ocr.proofreading.calibrated_confidence import page_confidence
from ocr.reading.scanned_page import from_pixels, recognized
from ocr.tables.aligned import find_aligned
from ocr.tables.ruled_forms import DataTable, RuledForm, sections
from ocr.written.moving import moved
from ocr.written.office_pictures import drawn, picture_alone, read_pictures, shows_letters
from ocr.written.placed import (
    PlacedPair,
    PlacedParagraph,
    PlacedPicture,
    PlacedTable,
    PlacedTyping,
    WrittenPage,
)

READER = "office"
BLANK = " "
# Gray levels that a picture spans where it shows anything.
LEAST_TONES = 30
# Rows by which a longer table is told from a form: a form is looked at cell by cell.
LONG_TABLE = 200


def from_written(
    page: WrittenPage, number: int, reason: SourceReason, engine: Engine, limits: Limits
) -> PageText:
    """The page as page `number` of its document; `reason` is that of its text.

    Raises ReadingError where it holds nothing but pictures of which none can be read.
    """
    alone = picture_alone(page)
    if alone is not None:
        return from_pixels(drawn(alone, limits), number, engine, SourceReason.PICTURE_REGIONS)
    composer = _Composer(page, engine, limits)
    for head in page.heads:
        composer.add_lines(BlockKind.HEADER, head.lines)
    composer.add_parts()
    for foot in page.feet:
        composer.add_lines(BlockKind.FOOTER, foot.lines)
    source = TextSource.TEXT_LAYER
    if composer.recognised:
        source, reason = TextSource.MIXED, SourceReason.PICTURE_REGIONS
    elif not composer.blocks:
        source, reason = TextSource.BLANK, SourceReason.BLANK_PAGE
    if not composer.text and composer.unread is not None:
        raise composer.unread
    lines = [line for block in composer.blocks for line in block.lines]
    told = Page(
        number=number,
        width=page.width,
        height=page.height,
        source=source,
        engine=engine.name if composer.recognised else READER,
        rotation=0,
        skew=0.0,
        confidence=page_confidence([line.confidence for line in lines]),
        blocks=tuple(composer.blocks),
        tables=tuple(composer.tables),
        fields=tuple(composer.fields),
        reason=reason,
    )
    return PageText(told, composer.text)


class _Composer(PageComposer):
    """Composes the parts of a written page; `recognised` where OCR added to them, `unread` is why a picture
    could not be read."""

    def __init__(self, page: WrittenPage, engine: Engine, limits: Limits) -> None:
        super().__init__(page.size)
        self._page = page
        self._engine = engine
        self._limits = limits
        self._read = {id(picture) for picture in read_pictures(page)}
        tables = (part for part in page.parts if isinstance(part, PlacedTable))
        self._continued = frozenset[int]().union(*(table.continued for table in tables))
        self.recognised = False
        self.unread: ReadingError | None = None

    def passages_in(self, lines: Sequence[DetectedLine], bounds: tuple[float, float]) -> tuple[Passage, ...]:
        """The paragraphs of a cell, which are known here."""
        paragraphs = self._paragraphs(lines)
        return as_passages([[(line,) for line in lines] for lines in paragraphs], self._page.size, bounds)

    def write_cell(self, lines: Sequence[DetectedLine], *, compact: bool = False) -> tuple[Line, ...]:
        """Writes the paragraphs of a cell with a blank between them."""
        written: list[Line] = []
        for paragraph in self._paragraphs(lines):
            if written:
                self._writer.put(BLANK)
            written.extend(self._writer.write(paragraph, compact=compact))
        return tuple(written)

    def _paragraphs(self, lines: Sequence[DetectedLine]) -> list[list[DetectedLine]]:
        found: list[list[DetectedLine]] = []
        for line in lines:
            if found and id(line) in self._continued:
                found[-1].append(line)
            else:
                found.append([line])
        return found

    def add_parts(self) -> None:
        """All parts of the page but its margins."""
        run: list[PlacedParagraph] = []
        for part in (*self._page.parts, None):
            if isinstance(part, PlacedParagraph):
                run.extend([part] if part.rows else [])
                continue
            self._add_paragraphs(run)
            run = []
            match part:
                case PlacedTable():
                    self.add_sections(long_sections(part.grid))
                case PlacedPair():
                    space = Box.around(line.box for line in part.lines)
                    self.add_pair(Pair(part.name, part.value), space)
                case PlacedTyping():
                    self._add_typing(part)
                case PlacedPicture():
                    self._add_picture(part)

    def _add_paragraphs(self, run: Sequence[PlacedParagraph]) -> None:
        """Paragraphs that follow each other, those whose tabs make columns of them as tables."""
        for tabbed, paragraphs in groupby(run, _is_tabbed):
            some = list(paragraphs)
            lines = [line for paragraph in some for line in paragraph.lines] if tabbed else []
            for table in find_aligned(lines, (), self._page.size)[0]:
                taken = {line for cell in table.cells for line in cell.lines}
                before = [p for p in some if p.lines[0].box.y1 <= table.box.y0 + 1]
                self._add_plain([p for p in before if taken.isdisjoint(p.lines)])
                self.add_table(table)
                some = [p for p in some if p not in before and taken.isdisjoint(p.lines)]
            self._add_plain(some)

    def _add_plain(self, paragraphs: Sequence[PlacedParagraph]) -> None:
        if paragraphs:
            room = (self._page.left, self._page.right)
            found = as_passages([paragraph.rows for paragraph in paragraphs], self._page.size, room)
            self.add_passages(
                [
                    Passage(_kind(paragraph.kind, passage.kind), passage.lines)
                    for paragraph, passage in zip(paragraphs, found, strict=True)
                ]
            )

    def _add_typing(self, part: PlacedTyping) -> None:
        """Built as a printed page is, with margins so high that nothing stands in them."""
        box = Box.around(line.box for line in part.lines)
        lines = [replace(line, box=line.box.moved(0.0, box.height - box.y0)) for line in part.lines]
        found = self._built(PageElements(lines), self._page.width, 3 * box.height)
        self.add_page(moved(found.page, 0.0, box.y0 - box.height), found.text)

    def _add_picture(self, part: PlacedPicture) -> None:
        if id(part) in self._read:
            try:
                found = self._read_picture(part)
            except ReadingError as error:
                self.unread = error
            else:
                if found is not None:
                    self.recognised = True
                    self.add_page(moved(found.page, part.box.x0, part.box.y0), found.text)
                    return
        for box in figure_sized([part.box], self._page.width, self._page.height):
            self.add_figure(box)

    def _read_picture(self, part: PlacedPicture) -> PageText | None:
        """What is written in a picture; None where nothing is."""
        raster = drawn(part, self._limits)
        if not shows_letters(raster) or np.ptp(raster.gray) < LEAST_TONES:
            return None
        ink = PageInk(raster, seals=find_seals(raster))
        lines = recognized(ink, self._engine)
        if not any(character.isalnum() for line in lines for character in line.text):
            return None
        return self._built(PageElements(lines, ink.ruled, ink.seals), raster.width, raster.height)

    def _built(self, found: PageElements, width: float, height: float) -> PageText:
        return build_page(empty_page(1, width, height, TextSource.OCR, READER), found)


def _kind(told: BlockKind | None, looks: BlockKind) -> BlockKind:
    """What the file says; but a numbered line over a text is a heading to the eye, if not to the file."""
    return looks if told is None or (told, looks) == (BlockKind.LIST_ITEM, BlockKind.HEADING) else told


def _is_tabbed(paragraph: PlacedParagraph) -> bool:
    return len(paragraph.rows) == 1 and len(paragraph.rows[0]) > 1


def long_sections(grid: FilledGrid) -> tuple[RuledForm | DataTable, ...]:
    """As `sections`, for tables of any length: of a long one the first rows tell what the others are."""
    rest = tuple(filled for filled in grid.cells if filled.cell.row >= LONG_TABLE)
    if not rest:
        return sections(grid)
    head = tuple(filled for filled in grid.cells if filled.cell.row < LONG_TABLE)
    *before, last = sections(FilledGrid(grid.box, head))
    if isinstance(last, DataTable):
        return (*before, DataTable((*last.cells, *rest), last.header_rows))
    return (*before, last, DataTable(rest, 0))
