"""How much of one document is read before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that are checked before anything is decoded, and how finely pages are drawn.

    `max_bytes` of a file, `max_pages` of a document, `max_pixels` of one page or one embedded image
    (80 million is A3 at 600 dpi), `page_seconds` for reading one page, `start_seconds` for an engine to
    load, `pages_per_process` after which a reading process is replaced (native memory only grows), `dpi`
    at which a PDF page without a scan of its own is drawn.
    """

    max_bytes: int = 256 * 1024 * 1024
    max_pages: int = 2000
    max_pixels: int = 80_000_000
    page_seconds: float = 120.0
    start_seconds: float = 60.0
    pages_per_process: int = 200
    dpi: int = 200
