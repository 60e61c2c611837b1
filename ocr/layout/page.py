"""One page from its lines and rulings: furniture apart, grids to forms and tables, the rest to passages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ocr.detection import DetectedLine, Ruling
from ocr.document import BlockKind, Box, Page, TextSource
from ocr.grids.cells import FilledGrid
from ocr.labels.form_answers import Answer
from ocr.labels.underlines import with_underlined_labels
from ocr.layout.composer import PageComposer
from ocr.layout.continuation import joined_over_columns
from ocr.layout.furniture import part_furniture
from ocr.layout.layout_items import Content, pieces_of
from ocr.layout.page_elements import PageElements
from ocr.layout.paragraphs import Passage, passages
from ocr.layout.ruby import without_ruby
from ocr.order.xy_cut import Flow, LayoutItem, flows, in_reading_order
from ocr.proofreading.calibrated_confidence import page_confidence
from ocr.script.direction import (
    block_back,
    field_back,
    table_back,
    turned_line,
)
from ocr.script.widths import em, text_width, tidy
from ocr.tables.label_columns import LabelColumns, find_label_columns
from ocr.tables.ruled_forms import DataTable
from ocr.tables.typed_boxes import without_typed_boxes

USUAL_EM = 10.5  # points, of a page without any text
RIM = 3.0  # points around a seal that its frame may reach
SEALED = 0.6  # share of a line that lies in a seal which it is part of


@dataclass(frozen=True, slots=True)
class PageText:
    """A page whose offsets count in `text`."""

    page: Page
    text: str


def empty_page(
    number: int,
    width: float,
    height: float,
    source: TextSource,
    engine: str,
    rotation: int = 0,
    skew: float = 0.0,
) -> Page:
    """A page of `width` x `height` points with nothing on it; the rest as `Page` has it."""
    return Page(number, width, height, source, engine, rotation, skew, None, (), (), ())


def build_page(page: Page, found: PageElements) -> PageText:
    """The empty `page` with its text in reading order; the order of lines and rulings does not matter."""
    detected, typed = without_typed_boxes(found.lines)
    everything = without_ruby(_settled(detected))
    ruled = (found.ruled + typed).where(lambda ruling: not _is_of_a_seal(ruling, found.seals))
    everything = _settled(with_underlined_labels(everything, ruled.rulings, ruled.tables))
    stamps = _stamps(everything, found.seals, ruled.tables)
    lines = tuple(line for line in everything if not any(line in stamp for stamp in stamps))
    answered = [line for answer in found.answers for line in (answer.name, *answer.value)]
    size = _body_em((*lines, *answered))
    inside = [line for line in lines if _in_any(line, ruled.tables)]
    outside = [line for line in lines if line not in inside]
    listed, free = find_label_columns(outside, ruled.rulings, size)
    furnished = part_furniture(free, [*ruled.tables, *(columns.box for columns in listed)], page.height, size)
    composer = PageComposer(size)
    for header in in_reading_order(furnished.headers):
        composer.add_lines(BlockKind.HEADER, (header,))
    body = replace(found, lines=_settled((*furnished.body, *inside)), ruled=ruled)
    _compose_body(composer, pieces_of(body, listed, size, page.width), size, page.width)
    for stamp in [*stamps, *filter(None, map(_tidied, found.imprints))]:
        composer.add_lines(BlockKind.STAMP, stamp)
    for footer in in_reading_order(furnished.footers):
        composer.add_lines(BlockKind.FOOTER, (footer,))
    built = replace(
        page,
        confidence=page_confidence([line.confidence for line in (*lines, *answered)]),
        blocks=tuple(composer.blocks),
        tables=tuple(composer.tables),
        fields=tuple(composer.fields),
    )
    return PageText(built, composer.text)


def _stamps(
    lines: Sequence[DetectedLine], seals: Sequence[Box], grids: Sequence[Box]
) -> list[list[DetectedLine]]:
    """The lines that lie in each seal, in reading order; seals without any are left out."""
    free = [line for line in lines if not _in_any(line, grids)]
    stamps: list[list[DetectedLine]] = []
    for seal in sorted(seals, key=lambda box: (box.y0, box.x0)):
        taken = [line for line in free if _lies_in(line.box, seal)]
        free = [line for line in free if line not in taken]
        stamps.append(list(in_reading_order(taken)))
    return [stamp for stamp in stamps if stamp]


def _is_of_a_seal(ruling: Ruling, seals: Iterable[Box]) -> bool:
    """Whether the ruling is a side or a bar of one of the seals."""
    around = (Box(seal.x0 - RIM, seal.y0 - RIM, seal.x1 + RIM, seal.y1 + RIM) for seal in seals)
    return any(box.contains(ruling.x0, ruling.y0) and box.contains(ruling.x1, ruling.y1) for box in around)


def _in_any(line: DetectedLine, boxes: Iterable[Box]) -> bool:
    return any(box.contains(*line.box.center) for box in boxes)


def _lies_in(box: Box, seal: Box) -> bool:
    """Whether most of the box lies in the seal; lines are drawn a little larger than their ink."""
    common = box.common(seal)
    return common is not None and common.area >= SEALED * box.area


def _compose_body(
    composer: PageComposer, pieces: Sequence[LayoutItem[Content]], size: float, width: float
) -> None:
    """Writes the pieces in reading order; what is written downwards is composed lying and set upright."""
    parts: list[_FlowPart] = []
    for flow in flows(pieces, size):
        parts.extend(_parts(flow, size, width, _edges(pieces, size, width)))
    texts = joined_over_columns([(part.passages, part.follows) for part in parts])
    for part, passages_of_part in zip(parts, texts, strict=True):
        blocks, tables, fields = len(composer.blocks), len(composer.tables), len(composer.fields)
        if part.grid is not None:
            composer.add_grid(part.grid)
        if part.table is not None:
            composer.add_table(part.table)
        match part.single:
            case Answer():
                composer.add_answer(part.single)
            case LabelColumns():
                composer.add_label_columns(part.single)
            case Box():
                composer.add_figure(part.single)
        composer.add_passages(passages_of_part)
        if part.vertical:
            composer.blocks[blocks:] = [block_back(block, width) for block in composer.blocks[blocks:]]
            composer.tables[tables:] = [table_back(table, width) for table in composer.tables[tables:]]
            composer.fields[fields:] = [field_back(field, width) for field in composer.fields[fields:]]


@dataclass(frozen=True, slots=True)
class _FlowPart:
    """A grid, a table, what else stands alone, or the passages of a column; `follows` as `Flow` has it.

    Grids, tables and passages lie on their left side where `vertical`.
    """

    vertical: bool
    grid: FilledGrid | None = None
    table: DataTable | None = None
    single: Answer | LabelColumns | Box | None = None
    passages: tuple[Passage, ...] = ()
    follows: bool = False


def _edges(pieces: Sequence[LayoutItem[Content]], size: float, width: float) -> Callable[[Box], float]:
    """How far to the right a line at some place could reach: to what stands beside it, else to a margin as
    wide as that on the left of the page."""
    margin = width - min((piece.box.x0 for piece in pieces), default=0.0)

    def edge(line: Box) -> float:
        beside = (
            piece.box.x0 - size
            for piece in pieces
            if piece.box.x0 >= line.x1 and piece.box.y0 < line.y1 and piece.box.y1 > line.y0
        )
        return min(beside, default=margin)

    return edge


def _parts(flow: Flow[Content], size: float, width: float, edge: Callable[[Box], float]) -> list[_FlowPart]:
    """The rows of one column, its grids each where they stand between the lines."""
    parts: list[_FlowPart] = []
    rows: list[list[DetectedLine]] = []

    def close() -> None:
        found = passages(
            [tuple(row) for row in rows if row], size, room=flow.room, edge=None if flow.vertical else edge
        )
        if found:
            parts.append(_FlowPart(flow.vertical, passages=found, follows=flow.follows and not parts))
        rows.clear()

    for row in flow.rows:
        rows.append([])
        for piece in row:
            if isinstance(piece.content, DetectedLine):
                line = piece.content
                rows[-1].append(turned_line(line, width) if flow.vertical else line)
            elif isinstance(piece.content, FilledGrid):
                close()
                parts.append(_FlowPart(piece.vertical, grid=piece.content))
                rows.append([])
            elif isinstance(piece.content, DataTable):
                close()
                parts.append(_FlowPart(piece.vertical, table=piece.content))
                rows.append([])
            elif piece.content is not None:
                close()
                parts.append(_FlowPart(vertical=False, single=piece.content))
                rows.append([])
    close()
    return parts


def _tidied(lines: Iterable[DetectedLine]) -> tuple[DetectedLine, ...]:
    """The lines that say anything, blanks tidied."""
    tidied = (line.saying(tidy(line.text)) for line in lines)
    return tuple(line for line in tidied if line.text)


def _settled(lines: Iterable[DetectedLine]) -> tuple[DetectedLine, ...]:
    """The lines that say anything, blanks tidied, in an order of their own."""
    return tuple(
        sorted(
            _tidied(lines),
            key=lambda line: (line.box.y0, line.box.x0, line.box.y1, line.box.x1, line.text, line.confidence),
        )
    )


def _body_em(lines: Sequence[DetectedLine]) -> float:
    """The type size, in points, that half of the page's characters do not exceed."""
    if not lines:
        return USUAL_EM
    sizes = sorted((em(line), text_width(line.text)) for line in lines)
    half = sum(width for _, width in sizes) / 2
    passed = 0.0
    for size, width in sizes:
        passed += width
        if passed >= half:
            return size
    return sizes[-1][0]
