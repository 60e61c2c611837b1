"""Text as words are looked for in it."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """Widths and cases put aside: NFKC, case folded. The length may change."""
    return unicodedata.normalize("NFKC", text).casefold()
