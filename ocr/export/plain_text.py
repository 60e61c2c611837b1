"""A document as plain text."""

from __future__ import annotations

from ocr.document import Document, Page

PAGE_BREAK = "\f"


def to_text(document: Document) -> str:
    """The text in reading order, a block a line; a form feed parts the pages."""
    return PAGE_BREAK.join(_page_text(document, page) + "\n" for page in document.pages)


def _page_text(document: Document, page: Page) -> str:
    if not page.blocks:
        return ""
    return document.text[page.blocks[0].start : page.blocks[-1].end]
