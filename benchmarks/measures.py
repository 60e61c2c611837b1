"""How read text and found fields are compared with the truth."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from ocr.document import Document

# The sign of a range has two code points, depending on which table of JIS the writer's machine follows.
_WAVE_DASH = str.maketrans("\u301c", "~")


def plain(text: str) -> str:
    """NFKC without white space, the form in which texts are compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).translate(_WAVE_DASH)


@dataclass(frozen=True, slots=True)
class Errors:
    """Wrong characters of so many true ones; adds up over pages."""

    wrong: int = 0
    characters: int = 0

    def __add__(self, other: Errors) -> Errors:
        return Errors(self.wrong + other.wrong, self.characters + other.characters)

    @property
    def rate(self) -> float:
        return self.wrong / max(1, self.characters)


def character_errors(truth: str, read: str) -> Errors:
    """Edit distance and length of the truth; their quotient is the character error rate (CER)."""
    expected = plain(truth)
    return Errors(Levenshtein.distance(expected, plain(read)), len(expected))


def letter_errors(truth: str, read: str) -> Errors:
    """As `character_errors`, but wherever in the text the characters stand: what is left of the errors where
    the order of reading is put aside."""
    expected, found = Counter(plain(truth)), Counter(plain(read))
    wrong = max((expected - found).total(), (found - expected).total())
    return Errors(wrong, expected.total())


def fields_found(truth: Mapping[str, str], read: Iterable[tuple[str, str]]) -> int:
    """How many true fields were read with exactly their name and value."""
    found = {(plain(name), plain(value)) for name, value in read}
    return sum((plain(name), plain(value)) in found for name, value in truth.items())


def fields_of(document: Document) -> list[tuple[str, str]]:
    return [(field.name, field.value) for page in document.pages for field in page.fields]


def page_texts(document: Document) -> dict[int, str]:
    """Page number -> its text, block by block in reading order; seals are no text."""
    return {
        page.number: "\n".join(
            document.text[block.start : block.end] for block in page.blocks if block.kind != "stamp"
        )
        for page in document.pages
    }
