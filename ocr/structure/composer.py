"""Passages, forms and tables written one after the other into the text of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from ocr.detection import DetectedLine
from ocr.document import BLOCK_SEPARATOR, Block, BlockKind, Box, Cell, Field, Line, Table
from ocr.structure.cells import FilledCell, FilledGrid
from ocr.structure.entries import Entry
from ocr.structure.forms import DataTable, Form, sections
from ocr.structure.marks import without_mark
from ocr.structure.order import Row, in_reading_order, rows_of
from ocr.structure.pairs import Pair, pairs_in
from ocr.structure.paragraphs import Passage, passages
from ocr.structure.script import is_letter_spaced
from ocr.structure.writer import TextWriter
from ocr.values.numbers import is_unit

VALUE_SEPARATOR = "\t"  # between cells
COLON = "："
UNIT_LABEL = "単位"  # whose value is a unit
SPECKS = "-‐–—_.,·:：|'`~・、。"  # at the ends of a label these are dirt and pieces of rulings
_SPECK_AT_END = re.compile(r"(?<=[^\x00-\x7f])[.,'`|、]$")  # no value in Japanese ends so
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

    def add_rows(self, rows: Sequence[Row[DetectedLine]], bounds: tuple[float, float] | None = None) -> None:
        """The blocks of one column of text; `bounds` as `passages` has it."""
        self.add_passages(passages(rows, self._em, bounds))

    def add_passages(self, found: Sequence[Passage]) -> None:
        """The blocks of passages, labelled values as fields."""
        for passage in found:
            pairs = pairs_in(passage.lines) if passage.kind is not BlockKind.HEADING else ()
            for pair in pairs:
                self._add_pair(pair, passage)
            if not pairs:
                self.add_lines(passage.kind, passage.lines)

    def add_figure(self, box: Box) -> None:
        """A block without text, at the end of what is written so far."""
        at = self._writer.position
        self.blocks.append(Block(BlockKind.FIGURE, box, at, at, ()))

    def add_grid(self, grid: FilledGrid) -> None:
        """The blocks, fields and tables of a ruled region."""
        for section in sections(grid):
            if isinstance(section, Form):
                self._publish(section, self._add_form(section))
            else:
                self.add_table(section)

    def add_table(self, table: DataTable) -> None:
        """The block and the cells of a data table."""
        self._publish(table, self._add_table(table), header_rows=table.header_rows)

    def _publish(
        self, section: Form | DataTable, spans: dict[FilledCell, Span], *, header_rows: int = 0
    ) -> None:
        self.tables.append(Table(section.box, tuple(self._cells(section, spans)), header_rows))

    def _begin_block(self) -> None:
        if self._writer.position:
            self._writer.put(BLOCK_SEPARATOR)

    def _end_block(
        self, kind: BlockKind, start: int, lines: tuple[Line, ...], box: Box | None = None
    ) -> None:
        around = box or Box.around(line.box for line in lines)
        self.blocks.append(Block(kind, around, start, self._writer.position, lines))

    def _add_pair(self, pair: Pair, passage: Passage) -> None:
        space = Box.around(line.box for line in passage.lines)
        name = pair.name.box
        room = Box(name.x1, name.y0, max(space.x1, name.x1), name.y1)
        value = (Passage(BlockKind.PARAGRAPH, pair.value),) if pair.value else ()
        self._add_field((pair.name,), value, room, separator=COLON)

    def _add_field(
        self,
        name: Sequence[DetectedLine],
        value: Sequence[Passage],
        room: Box,
        *,
        separator: str = VALUE_SEPARATOR,
        group: str = "",
        sealed: bool = False,
    ) -> int:
        """A field, its name behind that of its `group`, and its block; returns the offset of the value.

        What stands in a box for a seal is a block of its own, and no field. A value that is nothing but
        its unit is still to be filled in.
        """
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
        bare = without_mark(printed_name).strip(SPECKS) or printed_name
        label = f"{bare}." if printed_name.endswith(f"{bare}.") and bare.endswith("No") else bare
        printed = _SPECK_AT_END.sub("", self._writer.text[value_start:])
        unit = printed if is_unit(printed) and UNIT_LABEL not in label else ""
        self.fields.append(
            Field(
                name=f"{group} {label}" if group else label,
                value="" if unit else printed,
                name_box=Box.around(line.box for line in names),
                value_box=Box.around(line.box for line in values) if values and not unit else room,
                confidence=min(line.confidence for line in (*names, *values)),
                start=value_start,
                end=value_start + (0 if unit else len(printed)),
                unit=unit,
            )
        )
        return value_start

    def _write_passages(self, found: Sequence[Passage]) -> tuple[Line, ...]:
        written: list[Line] = []
        for passage in found:
            if written:
                self._writer.put(BLOCK_SEPARATOR)
            written.extend(self._writer.write(passage.lines))
        return tuple(written)

    def _add_form(self, form: Form) -> dict[FilledCell, Span]:
        """Writes the form's entries; returns the spans of the cells that have no line of their own there:
        of empty values, and of cells whose lines were parted in label and value."""
        spans: dict[FilledCell, Span] = {}
        for entry in form.entries:
            if entry.label is None:
                for filled in entry.values:
                    first = len(self.blocks)
                    self.add_rows(_rows_in(filled.lines), (filled.cell.box.x0, filled.cell.box.x1))
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

    def _value_passages(self, entry: Entry) -> tuple[Passage, ...]:
        """The passages of a value: of stacked cells as of one column, of others cell by cell; a unit in a
        cell of its own follows its number."""
        boxes = [filled.cell.box for filled in entry.values]
        if len({(box.x0, box.x1) for box in boxes}) == 1:
            lines = [line for filled in entry.values for line in filled.lines]
            return passages(_rows_in(lines), self._em, (boxes[0].x0, boxes[0].x1))
        found: list[Passage] = []
        for filled, box in zip(entry.values, boxes, strict=True):
            if found and is_unit(filled.compact):
                found[-1] = Passage(found[-1].kind, (*found[-1].lines, *filled.lines))
            else:
                found.extend(passages(_rows_in(filled.lines), self._em, (box.x0, box.x1)))
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
                lines.extend(self._writer.write(filled.lines, compact=spread))
                spans[filled] = (at, self._writer.position)
        self._end_block(BlockKind.TABLE, start, tuple(lines), table.box)
        return spans

    def _cells(self, section: Form | DataTable, spans: dict[FilledCell, Span]) -> Iterable[Cell]:
        """The section's cells, their rows and columns counted by the rulings that part them: those that
        part only other sections of the grid do not count."""
        text = self._writer.text
        cells = [filled.cell for filled in section.cells]
        rows = sorted({edge for cell in cells for edge in (cell.row, cell.row + cell.row_span)})
        columns = sorted({edge for cell in cells for edge in (cell.column, cell.column + cell.column_span)})
        for filled in section.cells:
            cell = filled.cell
            if filled in spans:
                start, end = spans[filled]
            elif filled.lines:
                start, end = self._writer.span(filled.lines)
            else:
                start = end = self._writer.position
            row, column = rows.index(cell.row), columns.index(cell.column)
            yield Cell(
                row=row,
                column=column,
                row_span=rows.index(cell.row + cell.row_span) - row,
                column_span=columns.index(cell.column + cell.column_span) - column,
                text=text[start:end],
                box=cell.box,
                start=start,
                end=end,
            )


def _rows_in(lines: Sequence[DetectedLine]) -> tuple[Row[DetectedLine], ...]:
    """The rows of a cell; each column of vertical writing counts as one."""
    if 2 * sum(line.vertical for line in lines) > len(lines):
        return tuple((line,) for line in in_reading_order(lines))
    return rows_of(lines)
