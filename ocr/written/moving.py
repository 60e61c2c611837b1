"""A part of a page that was read by itself, moved to its place on the page."""

from __future__ import annotations

from dataclasses import replace

from ocr.document import Page


def moved(page: Page, x: float, y: float) -> Page:
    """The page with every box moved by (`x`, `y`) points."""
    return replace(
        page,
        blocks=tuple(
            replace(
                block,
                box=block.box.moved(x, y),
                lines=tuple(replace(line, box=line.box.moved(x, y)) for line in block.lines),
            )
            for block in page.blocks
        ),
        tables=tuple(
            replace(
                table,
                box=table.box.moved(x, y),
                cells=tuple(replace(cell, box=cell.box.moved(x, y)) for cell in table.cells),
            )
            for table in page.tables
        ),
        fields=tuple(
            replace(field, name_box=field.name_box.moved(x, y), value_box=field.value_box.moved(x, y))
            for field in page.fields
        ),
    )
