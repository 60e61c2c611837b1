"""Vertical writing in the space of horizontal writing: a quarter turn counterclockwise, which makes columns
read right to left into rows read top to bottom, and the way back. `width` is that of the standing page."""

from __future__ import annotations

from dataclasses import replace

from ocr.detection import DetectedLine, Ruling
from ocr.document import Block, Box, Field, Table


def turned_box(box: Box, width: float) -> Box:
    """The box on a page of `width` points after a quarter turn counterclockwise."""
    return Box(box.y0, width - box.x1, box.y1, width - box.x0)


def turned_line(line: DetectedLine, width: float) -> DetectedLine:
    # A column's y are the x of the row that it becomes; a row would be a column read upwards.
    centers = line.centers if line.vertical else ()
    return replace(line, box=turned_box(line.box, width), vertical=not line.vertical, centers=centers)


def turned_ruling(ruling: Ruling, width: float) -> Ruling:
    return Ruling(ruling.y0, width - ruling.x1, ruling.y1, width - ruling.x0)


def block_back(block: Block, width: float) -> Block:
    """The block where it stands, from one built of turned lines; so are the next two."""
    lines = (replace(line, box=box_back(line.box, width), vertical=not line.vertical) for line in block.lines)
    return replace(block, box=box_back(block.box, width), lines=tuple(lines))


def table_back(table: Table, width: float) -> Table:
    cells = (replace(cell, box=box_back(cell.box, width)) for cell in table.cells)
    return replace(table, box=box_back(table.box, width), cells=tuple(cells))


def field_back(field: Field, width: float) -> Field:
    return replace(
        field, name_box=box_back(field.name_box, width), value_box=box_back(field.value_box, width)
    )


def box_back(box: Box, width: float) -> Box:
    """The box that `turned_box` turned."""
    return Box(width - box.y1, box.x0, width - box.y0, box.x1)
