"""What nobody may read: each character of it becomes ■, so that offsets hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from nlu.entities.entity import Entity, Group
from nlu.entities.finder import Stretch, repeats

HIDDEN = "■"


@dataclass(frozen=True, slots=True)
class Hiding:
    """`stretches` are hidden in the document's text, `found` in every other text, wherever they stand."""

    stretches: frozenset[Stretch] = frozenset()
    found: tuple[Entity, ...] = ()

    @staticmethod
    def of(text: str, entities: Iterable[Entity], groups: Collection[Group]) -> Hiding:
        """Hides the entities of `groups`, and what stands elsewhere in the text and is named alike."""
        found = tuple(one for one in entities if one.group in groups)
        return Hiding(frozenset(repeats(text, found)) | {(one.start, one.end) for one in found}, found)

    def at(self, text: str, start: int) -> str:
        """A stretch of the document's text that begins at the offset `start`."""
        return _masked(text, ((first - start, last - start) for first, last in self.stretches))

    def anywhere(self, text: str) -> str:
        """A text that stands elsewhere: a title, a label, a normal form."""
        return _masked(text, repeats(text, self.found)) if self.found else text

    def value(self, text: str, start: int, end: int) -> str:
        """A text that the document's text shows from `start` to `end`, blanks aside."""
        return self.anywhere(self.at(text, start) if len(text) == end - start else text)

    def touches(self, start: int, end: int) -> bool:
        """Whether some of the stretch is hidden."""
        return any(first < end and start < last for first, last in self.stretches)


NOTHING_HIDDEN = Hiding()


def _masked(text: str, stretches: Iterable[Stretch]) -> str:
    characters = list(text)
    for start, end in stretches:
        first, last = max(start, 0), min(end, len(text))
        if first < last:
            characters[first:last] = re.sub(r"\S", HIDDEN, text[first:last])
    return "".join(characters)
