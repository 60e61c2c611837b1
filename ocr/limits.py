"""How much of one document is read before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.errors import FailureCategory, ReadingError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that are checked before anything is decoded, and how finely pages are drawn.

    Of a file: `max_bytes`, `max_pages`, `max_attachments` (files embedded in a PDF), `max_nesting` of its
    arrays and dictionaries and of drawings inside drawings (pdfium leaves out what lies deeper than 40),
    `max_stream_bytes` that a compressed part may unfold to. Of one page or one embedded image: `max_pixels`
    (80 million is A3 at 600 dpi), `max_side` (pixels; OpenCV's own bound for turning pictures), `max_objects`
    drawn on a page.

    Of a reading process: `page_seconds` for one page, `document_seconds` for all pages that one call reads,
    `start_seconds` for an engine to load, `max_process_bytes` of resident memory at which it is killed;
    it is replaced after `pages_per_process` pages, or when it still holds `kept_process_bytes` after a page
    (native memory only grows).

    `dpi` is what a PDF page without a scan of its own is drawn at.
    """

    max_bytes: int = 256 * 1024 * 1024
    max_pages: int = 2000
    max_attachments: int = 1000
    max_nesting: int = 32
    max_stream_bytes: int = 512 * 1024 * 1024
    max_pixels: int = 80_000_000
    max_side: int = 32_766
    max_objects: int = 1_000_000
    page_seconds: float = 120.0
    document_seconds: float = 3600.0
    start_seconds: float = 60.0
    max_process_bytes: int = 3 * 1024 * 1024 * 1024
    kept_process_bytes: int = 1024 * 1024 * 1024
    pages_per_process: int = 200
    dpi: int = 200


def too_many_pages(limits: Limits) -> ReadingError:
    return ReadingError(
        FailureCategory.TOO_MANY_PAGES,
        f"ページ数が多すぎます（上限{limits.max_pages:,}ページ）。文書を分割してください。",
    )
