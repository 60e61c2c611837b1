"""Passages, forms and tables written one after the other into the text of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from ocr.detection import DetectedLine
from ocr.document import Block, BlockKind, Box, Cell, Field, Line, Page, Table
from ocr.grids.cells import FilledCell, FilledGrid
from ocr.joining import BLOCK_SEPARATOR, shift_page
from ocr.labels.form_answers import Answer, without_colon
from ocr.labels.pairs import COLON, Pair, pairs_in
from ocr.layout.paragraphs import Passage, passages
from ocr.layout.printed_fields import printed_field, printed_value
from ocr.layout.writer import TextWriter
from ocr.order.xy_cut import Row, in_reading_order, rows_of
from ocr.script.widths import is_letter_spaced
from ocr.tables.entries import FormEntry
from ocr.tables.label_columns import LabelColumns
from ocr.tables.ruled_forms import DataTable, RuledForm, sections
from ocr.values.numbers import is_unit

VALUE_SEPARATOR = "\t"  # between cells
BLANK = " "  # between a label without a colon and its value
Span = tuple[int, int]


class PageComposer:
    """Collects what a page holds, in the order of the calls; `em` is the body type size in points."""

    def __init__(self, em: float) -> None:
        self._em = em
        self._writer = TextWriter()
        self.blocks: list[Block] = []
        self.tables: list[Table] = []
        self.fields: list[Field] = []

    @property
    def text(self) -> str:
        return self._writer.text

    def add_lines(self, kind: BlockKind, lines: Sequence[DetectedLine]) -> None:
        """One block of lines that read as one text."""
        self._begin_block()
        start = self._writer.position
        self._end_block(kind, start, self._writer.write(lines))

    def passages_in(self, lines: Sequence[DetectedLine], bounds: tuple[float, float]) -> tuple[Passage, ...]:
        """The passages that the lines of a cell are; `bounds` as `passages` has it."""
        return passages(_rows_in(lines), self._em, bounds)

    def write_cell(self, lines: Sequence[DetectedLine], *, compact: bool = False) -> tuple[Line, ...]:
        """Writes the lines of a cell of a table as one text; `compact` as of `TextWriter.write`."""
        return self._writer.write(lines, compact=compact)

    def add_passages(self, found: Sequence[Passage]) -> None:
        """The blocks of passages, labelled values as fields."""
        before: Pair | None = None
        for passage in found:
            pairs = pairs_in(passage.lines) if passage.kind is not BlockKind.HEADING else ()
            for pair in pairs:
                self.add_pair(pair, Box.around(line.box for line in passage.lines), before)
                before = pair
            if not pairs:
                before = None
                self.add_lines(passage.kind, passage.lines)

    def add_answer(self, answer: Answer) -> None:
        """The field of a fillable form."""
        value = passages(rows_of(answer.value), self._em, (answer.room.x0, answer.room.x1))
        self._add_field((without_colon(answer.name),), value, answer.room)

    def add_label_columns(self, columns: LabelColumns) -> None:
        """The fields of labels that stand before their values in columns."""
        before: Pair | None = None
        for entry in columns.entries:
            value = passages(rows_of(entry.pair.value), self._em, (entry.room.x0, entry.room.x1))
            self._add_pair(entry.pair, value, entry.room, before, colon=entry.colon)
            before = entry.pair

    def add_figure(self, box: Box) -> None:
        """A block without text, at the end of what is written so far."""
        at = self._writer.position
        self.blocks.append(Block(BlockKind.FIGURE, box, at, at, ()))

    def add_page(self, page: Page, text: str) -> None:
        """The blocks, fields and tables of a part of the page that was composed by itself into `text`."""
        if text:
            self._begin_block()
        moved = shift_page(page, self._writer.position)
        self._writer.put(text)
        self.blocks.extend(moved.blocks)
        self.tables.extend(moved.tables)
        self.fields.extend(moved.fields)

    def add_grid(self, grid: FilledGrid) -> None:
        """The blocks, fields and tables of a ruled region."""
        self.add_sections(sections(grid))

    def add_sections(self, found: Sequence[RuledForm | DataTable]) -> None:
        """The same where the stretches of the region are known."""
        for section in found:
            if isinstance(section, RuledForm):
                self._publish(section, self._add_form(section))
            else:
                self.add_table(section)

    def add_table(self, table: DataTable) -> None:
        """The block and the cells of a data table."""
        self._publish(table, self._add_table(table))

    def _publish(self, section: RuledForm | DataTable, spans: dict[FilledCell, Span]) -> None:
        cells = tuple(self._cells(section, spans))
        if isinstance(section, RuledForm):
            self.tables.append(Table(section.box, cells))
        else:
            label = section.label.compact if section.label else ""
            self.tables.append(Table(section.box, cells, section.header_rows, label))

    def _begin_block(self) -> None:
        if self._writer.position:
            self._writer.put(BLOCK_SEPARATOR)

    def _end_block(
        self, kind: BlockKind, start: int, lines: tuple[Line, ...], box: Box | None = None
    ) -> None:
        around = box or Box.around(line.box for line in lines)
        self.blocks.append(Block(kind, around, start, self._writer.position, lines))

    def add_pair(self, pair: Pair, space: Box, before: Pair | None = None) -> None:
        """The field of a labelled value that stands in `space`, after `before`."""
        name = pair.name.box
        room = Box(name.x1, name.y0, max(space.x1, name.x1), name.y1)
        value = (Passage(BlockKind.PARAGRAPH, pair.value),) if pair.value else ()
        self._add_pair(pair, value, room, before, colon=not pair.name.label)

    def _add_pair(
        self, pair: Pair, value: Sequence[Passage], room: Box, before: Pair | None, *, colon: bool
    ) -> None:
        """The field of a pair, printed with or without a `colon`, and the sentence behind it; without one it
        shares the block of the pair `before` where it shares its line."""
        beside = not colon and before is not None and not before.rest and _goes_on_in_row(before, pair)
        if beside:
            self._writer.put(BLANK)
        else:
            self._begin_block()
        separator = COLON if colon else BLANK
        self._add_field((pair.name,), value, room, separator=separator, ended=bool(pair.rest), begun=True)
        if beside:
            one, other = self.blocks[-2:]
            around, lines = Box.around((one.box, other.box)), (*one.lines, *other.lines)
            self.blocks[-2:] = [replace(one, box=around, end=other.end, lines=lines)]
        if pair.rest:
            self.add_lines(BlockKind.PARAGRAPH, pair.rest)

    def _add_field(
        self,
        name: Sequence[DetectedLine],
        value: Sequence[Passage],
        room: Box,
        *,
        separator: str = VALUE_SEPARATOR,
        group: str = "",
        sealed: bool = False,
        ended: bool = False,
        begun: bool = False,
    ) -> int:
        """A field, its name behind that of its `group`, and its block; returns the offset of the value.

        Where a sentence follows, the value has `ended`, and a full stop behind it is no part of it. The block
        may have `begun`: what parts it from the one before is written.

        What stands in a box for a seal is a block of its own, and no field.
        """
        if not begun:
            self._begin_block()
        start = self._writer.position
        names = self._writer.write(name, compact=True)
        printed_name = self._writer.text[start:]
        self._writer.put(separator)
        if sealed and value:
            self._end_block(BlockKind.FIELD, start, names)
            self._begin_block()
        value_start = self._writer.position
        values = self._write_passages(value)
        if sealed and value:
            self._end_block(BlockKind.STAMP, value_start, values)
        else:
            self._end_block(BlockKind.FIELD, start, (*names, *values))
        if sealed:
            return value_start
        printed = printed_value(self._writer.text[value_start:], ended=ended)
        field = printed_field(printed_name, printed, value_start, names, values, room)
        self.fields.append(replace(field, name=f"{group} {field.name}") if group else field)
        return value_start

    def _write_passages(self, found: Sequence[Passage]) -> tuple[Line, ...]:
        written: list[Line] = []
        for passage in found:
            if written:
                self._writer.put(BLOCK_SEPARATOR)
            written.extend(self._writer.write(passage.lines))
        return tuple(written)

    def _add_form(self, form: RuledForm) -> dict[FilledCell, Span]:
        """Writes the form's entries; returns the spans of the cells that have no line of their own there:
        of empty values, and of cells whose lines were parted in label and value."""
        spans: dict[FilledCell, Span] = {}
        for entry in form.entries:
            if entry.label is None:
                for filled in (filled for filled in entry.values if filled.lines):
                    first = len(self.blocks)
                    bounds = (filled.cell.box.x0, filled.cell.box.x1)
                    self.add_passages(self.passages_in(filled.lines, bounds))
                    spans[filled] = (self.blocks[first].start, self._writer.position)
            else:
                room = Box.around(filled.cell.box for filled in entry.values)
                at = self._add_field(
                    entry.label.lines,
                    self._value_passages(entry),
                    room,
                    group=entry.group.compact if entry.group else "",
                    sealed=entry.sealed,
                )
                spans.update((filled, (at, at)) for filled in entry.values if not filled.lines)
        return spans

    def _value_passages(self, entry: FormEntry) -> tuple[Passage, ...]:
        """The passages of a value: of stacked cells as of one column, of others cell by cell; a unit in a
        cell of its own follows its number."""
        boxes = [filled.cell.box for filled in entry.values]
        if len({(box.x0, box.x1) for box in boxes}) == 1:
            lines = [line for filled in entry.values for line in filled.lines]
            return self.passages_in(lines, (boxes[0].x0, boxes[0].x1))
        found: list[Passage] = []
        for filled, box in zip(entry.values, boxes, strict=True):
            if found and is_unit(filled.compact):
                found[-1] = Passage(found[-1].kind, (*found[-1].lines, *filled.lines))
            else:
                found.extend(self.passages_in(filled.lines, (box.x0, box.x1)))
        return tuple(found)

    def _add_table(self, table: DataTable) -> dict[FilledCell, Span]:
        """Writes the table as one block; returns the spans of its cells."""
        self._begin_block()
        start = self._writer.position
        spans: dict[FilledCell, Span] = {}
        lines: list[Line] = []
        for row_number, (_, row) in enumerate(groupby(table.cells, key=lambda filled: filled.cell.row)):
            self._writer.put(BLOCK_SEPARATOR if row_number else "")
            for number, filled in enumerate(row):
                self._writer.put(VALUE_SEPARATOR if number else "")
                at = self._writer.position
                spread = row_number < table.header_rows and is_letter_spaced(filled.text)
                lines.extend(self.write_cell(filled.lines, compact=spread))
                spans[filled] = (at, self._writer.position)
        self._end_block(BlockKind.TABLE, start, tuple(lines), table.box)
        return spans

    def _cells(self, section: RuledForm | DataTable, spans: dict[FilledCell, Span]) -> Iterable[Cell]:
        """The section's cells, their rows and columns counted by the rulings that part them: those that
        part only other sections of the grid do not count."""
        text = self._writer.text
        cells = [filled.cell for filled in section.cells]
        rows = _places(edge for cell in cells for edge in (cell.row, cell.row + cell.row_span))
        columns = _places(edge for cell in cells for edge in (cell.column, cell.column + cell.column_span))
        for filled in section.cells:
            cell = filled.cell
            if filled in spans:
                start, end = spans[filled]
            elif filled.lines:
                start, end = self._writer.span(filled.lines)
            else:
                start = end = self._writer.position
            row, column = rows[cell.row], columns[cell.column]
            yield Cell(
                row=row,
                column=column,
                row_span=rows[cell.row + cell.row_span] - row,
                column_span=columns[cell.column + cell.column_span] - column,
                text=text[start:end],
                box=cell.box,
                start=start,
                end=end,
                confidence=min((line.confidence for line in filled.lines), default=None),
            )


def _places(edges: Iterable[int]) -> dict[int, int]:
    return {edge: place for place, edge in enumerate(sorted(set(edges)))}


def _rows_in(lines: Sequence[DetectedLine]) -> tuple[Row[DetectedLine], ...]:
    """The rows of a cell; each column of vertical writing counts as one."""
    if 2 * sum(line.vertical for line in lines) > len(lines):
        return tuple((line,) for line in in_reading_order(lines))
    return rows_of(lines)


def _goes_on_in_row(before: Pair, pair: Pair) -> bool:
    """Whether a pair stands on the line of another: 消費税 12.5% 単価 3,480円."""
    last, first = (before.value or (before.name,))[-1].box, pair.name.box
    return last.x0 < first.x0 and last.y0 < first.center[1] < last.y1
