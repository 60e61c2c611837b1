"""Printed values in one script: half width, one kind of dash, no blanks but those that part two words."""

from __future__ import annotations

import re
import unicodedata

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−─━", "-") | {"〜": "~", "∼": "~", "～": "~", "⁓": "~"})
# The long vowel mark and the kanji one look like dashes, and between digits they are.
_READ_AS_LETTERS = re.compile(r"(?<=[\d)])[ー一](?=[\d(])")
_IDLE_BLANK = re.compile(r"\s+(?![0-9A-Za-z])|(?<![0-9A-Za-z])\s+")


def plain(text: str) -> str:
    """NFKC of `text` with ASCII dashes and waves; a blank stays, as one space, only between two ASCII
    letters or digits."""
    half_width = unicodedata.normalize("NFKC", text).translate(_DASHES)
    squeezed = re.sub(r"\s+", " ", _IDLE_BLANK.sub("", half_width))
    return _READ_AS_LETTERS.sub("-", squeezed)
