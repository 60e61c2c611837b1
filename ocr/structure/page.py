"""One page from its lines and rulings: furniture apart, grids to forms and tables, the rest to passages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocr.detection import DetectedLine, Ruling
from ocr.document import BlockKind, Box, Page, TextSource
from ocr.structure.cells import FilledGrid, fill_grids
from ocr.structure.composer import PageComposer
from ocr.structure.direction import is_vertical, turned_back, turned_line, turned_ruling
from ocr.structure.furniture import Furnished, part_furniture
from ocr.structure.grid import find_grids
from ocr.structure.order import Row, flows, in_reading_order
from ocr.structure.pairs import opens_pair
from ocr.structure.script import em, text_width, tidy

LOW_CONFIDENCE_PERCENTILE = 5
USUAL_EM = 10.5  # points, of a page without any text
SEALED = 0.6  # share of a line that lies in a seal which it is part of


@dataclass(frozen=True, slots=True)
class PageText:
    """A page whose offsets count in `text`."""

    page: Page
    text: str


def build_page(
    *,
    number: int,
    width: float,
    height: float,
    detected: Sequence[DetectedLine],
    rulings: Sequence[Ruling],
    source: TextSource,
    engine: str,
    rotation: int,
    skew: float,
    seals: Sequence[Box] = (),
) -> PageText:
    """The page with its text in reading order; the order of `detected` and `rulings` does not matter.

    `width` and `height` are points of the upright page, as are the boxes; `rotation` and `skew` are
    degrees, noted as `Page` has them. What is read in one of `seals` outside of any ruled cell is set
    apart as a stamp, and does not count in the confidence of the page.
    """
    everything = _settled(detected)
    grids = [grid.box for grid in find_grids(rulings)]
    stamps = _stamps(everything, seals, grids)
    lines = tuple(line for line in everything if not any(line in stamp for stamp in stamps))
    size = _body_em(lines)
    furnished = _furnished(lines, grids, height, size)
    vertical = is_vertical(lines)
    if vertical:
        furnished = _turned(furnished, width)
        rulings = [turned_ruling(ruling, width) for ruling in rulings]
        stamps = [[turned_line(line, width) for line in stamp] for stamp in stamps]
    composer = PageComposer(size)
    _compose(composer, furnished, rulings, stamps, size)
    confidences = [line.confidence for line in lines]
    page = Page(
        number=number,
        width=height if vertical else width,
        height=width if vertical else height,
        source=source,
        engine=engine,
        rotation=rotation,
        skew=skew,
        confidence=float(np.percentile(confidences, LOW_CONFIDENCE_PERCENTILE)) if confidences else None,
        blocks=tuple(composer.blocks),
        tables=tuple(composer.tables),
        fields=tuple(composer.fields),
    )
    return PageText(turned_back(page, width) if vertical else page, composer.text)


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


def _in_any(line: DetectedLine, boxes: Iterable[Box]) -> bool:
    return any(box.contains(*line.box.center) for box in boxes)


def _lies_in(box: Box, seal: Box) -> bool:
    """Whether most of the box lies in the seal; lines are drawn a little larger than their ink."""
    width = min(box.x1, seal.x1) - max(box.x0, seal.x0)
    height = min(box.y1, seal.y1) - max(box.y0, seal.y0)
    return width > 0 and height > 0 and width * height >= SEALED * box.width * box.height


def _furnished(lines: Sequence[DetectedLine], grids: Sequence[Box], height: float, size: float) -> Furnished:
    """The page's lines in three lots; whatever stands in a grid is body."""
    inside = [line for line in lines if _in_any(line, grids)]
    outside = [line for line in lines if line not in inside]
    furnished = part_furniture(outside, grids, height, size)
    return replace(furnished, body=_settled((*furnished.body, *inside)))


def _turned(furnished: Furnished, width: float) -> Furnished:
    def turned(lines: Iterable[DetectedLine]) -> tuple[DetectedLine, ...]:
        return _settled(turned_line(line, width) for line in lines)

    return Furnished(*(turned(part) for part in (furnished.headers, furnished.body, furnished.footers)))


def _compose(
    composer: PageComposer,
    furnished: Furnished,
    rulings: Sequence[Ruling],
    stamps: Sequence[Sequence[DetectedLine]],
    size: float,
) -> None:
    grids, lines = fill_grids(find_grids(rulings), furnished.body)
    for header in furnished.headers:
        composer.add_lines(BlockKind.HEADER, (header,))
    items: list[FilledGrid | DetectedLine] = [*grids, *lines]
    for flow in flows(items, size, _is_pair):
        _compose_flow(composer, flow)
    for stamp in stamps:
        composer.add_lines(BlockKind.STAMP, stamp)
    for footer in furnished.footers:
        composer.add_lines(BlockKind.FOOTER, (footer,))


def _is_pair(item: FilledGrid | DetectedLine) -> bool:
    return isinstance(item, DetectedLine) and opens_pair(item.text)


def _compose_flow(composer: PageComposer, flow: Sequence[Row[FilledGrid | DetectedLine]]) -> None:
    """The rows of one column, its grids each where they stand between the lines."""
    rows: list[list[DetectedLine]] = []
    for row in flow:
        rows.append([])
        for item in row:
            if isinstance(item, DetectedLine):
                rows[-1].append(item)
            else:
                composer.add_rows([tuple(found) for found in rows if found])
                composer.add_grid(item)
                rows = [[]]
    composer.add_rows([tuple(found) for found in rows if found])


def _settled(lines: Iterable[DetectedLine]) -> tuple[DetectedLine, ...]:
    """The lines that say anything, blanks tidied, in an order of their own."""
    tidied = (replace(line, text=tidy(line.text)) for line in lines)
    return tuple(
        sorted(
            (line for line in tidied if line.text),
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
