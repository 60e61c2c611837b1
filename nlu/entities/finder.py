"""Entities of a text by patterns and the company's own lists, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from nlu.entities.entity import Entity, Group, without_overlaps
from nlu.entities.folded import FoldedText
from nlu.entities.lists import ListedName, NameLists
from nlu.entities.names import named
from nlu.entities.patterns import shaped
from nlu.text.sudachi_words import WordSplitter

Stretch = tuple[int, int]
LONGEST_STRETCH = 4_000
"""Characters that are looked at in one piece; Sudachi takes 49,149 bytes."""


class EntityFinder:
    """Finds entities by patterns of business Japanese and by lists, some 100,000 characters a CPU second.

    Patterns stand on characters and on the words of Sudachi. spaCy's own rulers match whole tokens, and
    where 03(1234)5678, MX-2651FN or a company's name are cut into tokens is the dictionary's whim.
    """

    def __init__(self, listed: Sequence[ListedName] = (), words: WordSplitter | None = None) -> None:
        self._lists = NameLists(listed)
        self._words = words or WordSplitter()

    def find(self, text: str, stretches: Iterable[Stretch], known: Iterable[Entity] = ()) -> list[Entity]:
        """The entities inside of `stretches` (sentences, half open), and those of `known` beside them."""
        found = [one for start, end in stretches for one in self._found(text, start, end)]
        return without_overlaps([*known, *found])

    def _found(self, text: str, start: int, end: int) -> Iterator[Entity]:
        for first in range(start, end, LONGEST_STRETCH):
            folded = FoldedText.of(text, first, min(end, first + LONGEST_STRETCH))
            yield from self._lists.found(folded, text)
            yield from shaped(folded, text)
            yield from named(folded, text, self._words.words(folded.text))


_PRIVATE_WORD = 2  # characters from which on a part of a name is hidden wherever it stands
_KANJI = "[一-龥々]"


def repeats(text: str, found: Iterable[Entity]) -> set[Stretch]:
    """Where the names of `found` stand in the text, whole or in part, blanks and line breaks aside.

    Of 佐藤 花子 that is 佐藤花子, 佐藤 and 花子; a name of one character counts where no kanji is beside it.
    """
    names = {name for one in found for name in _parts(one)}
    return {match.span() for name in names for match in _anywhere(name).finditer(text)}


def _parts(one: Entity) -> Iterator[str]:
    parts = one.text.split()
    yield "".join(parts)
    if one.group is Group.PERSON:
        yield from parts


def _anywhere(name: str) -> re.Pattern[str]:
    spaced = r"\s*".join(map(re.escape, name))
    return re.compile(spaced if len(name) >= _PRIVATE_WORD else rf"(?<!{_KANJI}){spaced}(?!{_KANJI})")
