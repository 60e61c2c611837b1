"""Lines that stand one below the other and yet are no text: entries of a list, a receipt, a card, a log.

A line break inside a sentence means nothing, one between two entries everything: 120円 and 002 must not
become 120円002. Entries are told by what they have in common, and by what sentences have and they lack.
"""

from __future__ import annotations

import re

_TOKENS = re.compile(r"\s+")
_FIGURES = re.compile(r"[^ぁ-ん]*\d[^ぁ-ん]*")
_CONTACT = re.compile(r"\S@\S|https?://|(?:^|\s)www\.")
# What only sentences hold: marks, particles behind a word (霞が関 is a place), the ends of verbs, Latin words
# that are no names.
_SENTENCE = re.compile(
    r"[、。！？]|[^\sぁ-ん](?:[をはに]|が(?![関丘谷浦岡峰島池原崎]))(?!\S{0,2}\s)|[をがはにてでした]\s*$|[ぁ-ん]{6,}|(?:\b[a-z]{2,}\s+){2}"
)
_COUNTED = re.compile(r"[（(]?(\d{1,4})(?:[)）.．、:：]|\s)(?=\s*[^\s\d.,])")
_ENDS_IN_FIGURES = re.compile(r"\d[\d,.]*\s?[^\sぁ-ん\d]{0,2}$")
_BEGINS_WITH_FIGURES = re.compile(r"[¥￥\\$▲△\-−+(（]?\d")
MOST_TOKENS = 12  # longer rows of Latin words are text


def is_sentence_like(text: str) -> bool:
    """Whether the text has what entries of a list lack: marks of a sentence, particles, endings."""
    return bool(_SENTENCE.search(text))


def are_entries(before: str, text: str) -> bool:
    """Whether two lines, one right below the other, are entries of a list rather than one text."""
    if counts_on(before, text):
        return True
    if is_sentence_like(before) or is_sentence_like(text):
        return False
    if _shape(before) == _shape(text) and "0" in _shape(text) and len(_shape(text)) > 1:
        return True
    if _ENDS_IN_FIGURES.search(before) and _BEGINS_WITH_FIGURES.match(text):
        return True
    return _has_fields(before) and _has_fields(text)


def counts_on(before: str, text: str) -> bool:
    """Whether both begin with a number and the second with the next one: 001 …, 002 …."""
    first, second = _COUNTED.match(before), _COUNTED.match(text)
    return bool(first and second) and int(second[1]) == int(first[1]) + 1  # type: ignore[index]


def _shape(text: str) -> str:
    """A sign for each of the words of a line: 0 for figures, a for Latin, あ for Japanese ones."""
    words = _TOKENS.split(text.strip())[:MOST_TOKENS]
    return "".join("0" if _FIGURES.fullmatch(w) else "a" if w.isascii() else "あ" for w in words)


def _has_fields(text: str) -> bool:
    """Whether the line consists of several things: blanks part Japanese words, or it holds an address of
    the net."""
    shape = _shape(text)
    return bool(_CONTACT.search(text)) or (len(shape) > 1 and "あ" in shape)
