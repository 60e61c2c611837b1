"""What of a page tells whether a document begins on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr.document import Page
from ocr.parting.counters import Counter, counters_of
from ocr.parting.counting import Counted, counted
from ocr.parting.page_heads import Head, head_of
from ocr.parting.printed import Printed, PrintedField, fields_of, lines_of


@dataclass(frozen=True, slots=True)
class Face:
    """A page as it is compared with others; `counter` is the page number that it bears."""

    page: int
    lines: tuple[Printed, ...]
    fields: tuple[PrintedField, ...]
    head: Head
    counter: Counter | None
    counted: Counted


def faces_of(pages: Sequence[Page]) -> tuple[Face, ...]:
    """The faces of pages that follow each other."""
    return tuple(_face(page, counter) for page, counter in zip(pages, counters_of(pages), strict=True))


def _face(page: Page, counter: Counter | None) -> Face:
    lines, fields = lines_of(page), fields_of(page)
    return Face(page.number, lines, fields, head_of(lines, fields), counter, counted(lines))
