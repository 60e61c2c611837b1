"""Sheets that belong to no document: blank backs, and what a clerk lays between two documents."""

from __future__ import annotations

import re

from ocr.document import BlockKind, Line, Page
from ocr.parting.document_words import plain

MOST_LETTERS = 60  # of a separator sheet: its name and how to use it
_SEPARATOR = re.compile(
    r"(?:文書|書類|原稿|帳票|ジョブ)?の?(?:区切り?|仕切り?|しきり|くぎり|分割|セパレータ[ーー]?|セパレート|パッチ(?:コード)?|間紙|合紙)"
    r"(?:用紙|紙|シート|ページ|頁|カード)?"
    r"|(?:document|job|batch)?(?:separator|separation|patch(?:code|t)?|divider)(?:sheet|page)?",
    re.IGNORECASE,
)
_SPEAKS_OF_IT = re.compile(r"区切|仕切|セパレ|separat", re.IGNORECASE)
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
_SIGNS = re.compile(r"[\W_]+")


def is_blank(page: Page) -> bool:
    """Whether nothing was read or seen on the page."""
    return (
        not page.lines and not page.codes and all(block.kind is not BlockKind.FIGURE for block in page.blocks)
    )


def separator_text(page: Page) -> str | None:
    """What a separator sheet says, its text and its codes; None for any other page.

    It says little, and a line of it, or all of it, is the word for such a sheet; or it bears a code and that
    word somewhere, or not a word of Japanese, since a cover or a label may bear a code, too.
    """
    lines = [line.text for line in page.lines if not _is_of_code(line, page)]
    text = "\n".join(lines)
    if len(plain(text)) > MOST_LETTERS:
        return None
    is_named = any(_is_name(said) for said in (text, *lines))
    is_coded = page.codes and (_SPEAKS_OF_IT.search(plain(text)) or not _JAPANESE.search(text))
    if not is_named and not is_coded:
        return None
    return "\n".join(filter(None, (text, *(code.text for code in page.codes))))


def _is_of_code(line: Line, page: Page) -> bool:
    """Whether a line is what the engine made of a code."""
    return any(code.box.contains(*line.box.center) for code in page.codes)


def _is_name(text: str) -> bool:
    return bool(_SEPARATOR.fullmatch(_SIGNS.sub("", plain(text))))
