"""Keywords in a text, however they are spelled: 引継ぎ stands in ひきつぎ and 引き継ぎ, 壊れる in 壊れた.

Words are compared by Sudachi's normal forms, which are one for all spellings and inflections of a word, and
by their readings where one of both is written in kana alone: what is written in kanji on both sides may sound
alike and mean something else (保証, 補償).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from nlu.text.folding import plain
from nlu.text.sudachi_words import morphemes, sudachi

_KANA = re.compile(r"[ぁ-ゖァ-ヶー]+")
_SHORTEST_READING = 3
"""Kana from which on a word is known by its sound."""
_REMEMBERED = 4_096
_CONTENT = ("名詞", "動詞", "形容詞", "形状詞", "副詞")


@dataclass(frozen=True, slots=True)
class _WordForm:
    """A word as it is compared; `reading` in katakana."""

    normal: str
    reading: str
    in_kana: bool
    is_content: bool

    def is_as(self, other: _WordForm) -> bool:
        if self.normal == other.normal:
            return True
        by_sound = (self.in_kana or other.in_kana) and len(self.reading) >= _SHORTEST_READING
        return by_sound and self.reading == other.reading


class SearchableText:
    """A text in which keywords are looked for, as strings and by their words."""

    def __init__(self, text: str) -> None:
        self._plain = plain(text)
        self._forms = _forms(self._plain)
        self._names = {name for form in self._forms for name in (form.normal, form.reading)}

    def holds(self, keyword: str) -> bool:
        """Whether the keyword, after NFKC and case folding, stands in the text in any spelling."""
        if keyword in self._plain:
            return True
        sought = _forms(keyword)
        if not sought or not any(form.is_content for form in sought):
            return False
        if any(self._names.isdisjoint((form.normal, form.reading)) for form in sought):
            return False  # most keywords, and quickly
        last = len(self._forms) - len(sought)
        return any(
            all(form.is_as(self._forms[start + place]) for place, form in enumerate(sought))
            for start in range(last + 1)
        )


@lru_cache(_REMEMBERED)
def _forms(text: str) -> tuple[_WordForm, ...]:
    return tuple(
        _WordForm(
            word.normalized_form(),
            word.reading_form(),
            _KANA.fullmatch(word.surface()) is not None,
            word.part_of_speech()[0] in _CONTENT,
        )
        for word in morphemes(text, sudachi())
        if word.surface().strip()
    )
