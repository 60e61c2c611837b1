"""Sheets that belong to no document: blank backs, and what a clerk lays between two documents."""

from __future__ import annotations

import re

from ocr.document import BlockKind, Page
from ocr.parting.words import plain

MOST_LETTERS = 60  # of a separator sheet: its name and how to use it
_SEPARATOR = re.compile(
    r"(?:文書|書類|原稿|帳票|ジョブ)?の?(?:区切り?|仕切り?|しきり|くぎり|分割|セパレータ[ーー]?|セパレート|パッチ(?:コード)?|間紙|合紙)"
    r"(?:用紙|紙|シート|ページ|頁|カード)?"
    r"|(?:document|job|batch)?(?:separator|separation|patch(?:code|t)?|divider)(?:sheet|page)?",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[\W_]+")


def is_blank(page: Page) -> bool:
    """Whether nothing was read or seen on the page."""
    return not page.lines and not any(block.kind is BlockKind.FIGURE for block in page.blocks)


def separator_text(page: Page) -> str | None:
    """What a separator sheet says, None for any other page.

    It says little, and one of its lines is the word for such a sheet; or it bears a bar code and little
    else.
    """
    text = "\n".join(line.text for line in page.lines)
    if len(plain(text)) > MOST_LETTERS:
        return None
    if any(_SEPARATOR.fullmatch(_SIGNS.sub("", plain(line.text))) for line in page.lines):
        return text
    if not _SEPARATOR.fullmatch(_SIGNS.sub("", plain(text))):
        return None
    return text
