"""Vertical pages in the space of horizontal ones: a quarter turn that makes columns read right to left
into rows read top to bottom, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocr.detection import DetectedLine, Ruling
from ocr.document import Block, Box, Page


def is_vertical(lines: Sequence[DetectedLine]) -> bool:
    """Whether most of the page's characters stand in vertical lines."""
    vertical = sum(len(line.text) for line in lines if line.vertical)
    return 2 * vertical > sum(len(line.text) for line in lines)


def turned_box(box: Box, width: float) -> Box:
    """The box on a page of `width` points after a quarter turn counterclockwise."""
    return Box(box.y0, width - box.x1, box.y1, width - box.x0)


def turned_line(line: DetectedLine, width: float) -> DetectedLine:
    return replace(line, box=turned_box(line.box, width), vertical=not line.vertical)


def turned_ruling(ruling: Ruling, width: float) -> Ruling:
    return Ruling(ruling.y0, width - ruling.x1, ruling.y1, width - ruling.x0)


def turned_back(page: Page, width: float) -> Page:
    """The page as it stands, from one built of turned lines; `width` is that of the standing page."""

    def back(box: Box) -> Box:
        return Box(width - box.y1, box.x0, width - box.y0, box.x1)

    def back_block(block: Block) -> Block:
        lines = (replace(line, box=back(line.box), vertical=not line.vertical) for line in block.lines)
        return replace(block, box=back(block.box), lines=tuple(lines))

    return replace(
        page,
        width=page.height,
        height=page.width,
        blocks=tuple(map(back_block, page.blocks)),
        tables=tuple(
            replace(
                table,
                box=back(table.box),
                cells=tuple(replace(cell, box=back(cell.box)) for cell in table.cells),
            )
            for table in page.tables
        ),
        fields=tuple(
            replace(field, name_box=back(field.name_box), value_box=back(field.value_box))
            for field in page.fields
        ),
    )
