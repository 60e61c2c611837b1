"""Documents joined to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocr.document import Document, Page, PageFailure

BLOCK_SEPARATOR = "\n"


def shift_page(page: Page, by: int) -> Page:
    """The page with every character offset moved by `by`."""
    return replace(
        page,
        blocks=tuple(
            replace(
                block,
                start=block.start + by,
                end=block.end + by,
                lines=tuple(replace(line, start=line.start + by, end=line.end + by) for line in block.lines),
            )
            for block in page.blocks
        ),
        tables=tuple(
            replace(
                table,
                cells=tuple(replace(c, start=c.start + by, end=c.end + by) for c in table.cells),
            )
            for table in page.tables
        ),
        fields=tuple(replace(f, start=f.start + by, end=f.end + by) for f in page.fields),
    )


def join(parts: Sequence[Document]) -> Document:
    """One document from its page ranges, in page order; offsets are moved to the joined text."""
    text = ""
    pages: list[Page] = []
    failures: list[PageFailure] = []
    for part in sorted(parts, key=_first_page):
        if text and part.text:
            text += BLOCK_SEPARATOR
        pages.extend(shift_page(page, len(text)) for page in part.pages)
        failures.extend(part.failures)
        text += part.text
    return Document(text=text, pages=tuple(pages), failures=tuple(failures))


def _first_page(part: Document) -> int:
    return min([*(page.number for page in part.pages), *(f.page for f in part.failures)], default=0)
