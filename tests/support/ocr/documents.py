"""What a document says, at a glance."""

from __future__ import annotations

from ocr.document import BlockKind, Document


def kinds(document: Document) -> list[tuple[BlockKind, str]]:
    return [
        (block.kind, document.text[block.start : block.end])
        for page in document.pages
        for block in page.blocks
    ]


def fields(document: Document) -> dict[str, str]:
    return {field.name: field.value for page in document.pages for field in page.fields}


def rows(document: Document, number: int = 0) -> list[list[str]]:
    table = [table for page in document.pages for table in page.tables][number]
    count = max(cell.row for cell in table.cells) + 1
    return [[cell.text for cell in table.cells if cell.row == row] for row in range(count)]
