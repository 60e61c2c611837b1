"""A file of written text, whose pages are made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ocr.document import SourceReason
from ocr.written.placed import WrittenPage


@dataclass(frozen=True, slots=True)
class WrittenSource:
    """Pages count from 1. `attachments` are files in the file, which are not read; `page` raises ReadingError
    for a page that cannot be read."""

    page_count: int
    page: Callable[[int], WrittenPage]
    reason: SourceReason
    attachments: int = 0
