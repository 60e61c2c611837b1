"""Words of a text with their parts of speech: Sudachi, the tokenizer that GiNZA stands on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sudachipy import Dictionary, Morpheme, Tokenizer

LONGEST_PIECE = 8_000
"""Characters that are looked at at once; Sudachi takes 49,149 bytes."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word from `start` to `end`; `tag` is its UniDic part of speech ("助詞-格助詞"), `form` its
    inflection ("終止形", empty where it has none), `known` whether the dictionary has it."""

    text: str
    start: int
    end: int
    tag: str
    form: str
    known: bool


@cache
def dictionary() -> Dictionary:
    """Sudachi's core dictionary, one for the process: mapped into memory, ready in 0.1 s."""
    from sudachipy import Dictionary

    return Dictionary()


@cache
def sudachi() -> Tokenizer:
    """The tokenizer that cuts into the longest words (mode C), as GiNZA does."""
    from sudachipy import SplitMode

    return dictionary().create(mode=SplitMode.C)


def encodable(text: str) -> str:
    """The text as the dictionary takes it: a lone surrogate becomes "?", so that the length stays."""
    return text.encode("utf-8", "replace").decode()


def morphemes(text: str, tokenizer: Tokenizer) -> Iterator[Morpheme]:
    """The words of a text of any length, cut where it is longer than Sudachi takes; their places are those
    in a piece."""
    taken = encodable(text)
    for start in range(0, len(taken), LONGEST_PIECE):
        yield from tokenizer.tokenize(taken[start : start + LONGEST_PIECE])


class WordSplitter:
    """Words by a tokenizer of Sudachi: the one of a spaCy pipeline, or the one that the process shares."""

    def __init__(self, tokenizer: Any = None) -> None:
        self._tokenizer = tokenizer or sudachi()

    def words(self, text: str) -> list[Word]:
        """The words of `text` (at most 49,149 bytes in UTF-8, Sudachi's limit), white space included."""
        return [_word(morpheme) for morpheme in self._tokenizer.tokenize(encodable(text))]


def _word(morpheme: Any) -> Word:
    tag, form = _grammar(morpheme.part_of_speech())
    return Word(morpheme.surface(), morpheme.begin(), morpheme.end(), tag, form, not morpheme.is_oov())


@cache
def _grammar(part_of_speech: tuple[str, ...]) -> tuple[str, str]:
    """The tag and the inflection out of Sudachi's six fields."""
    tag = "-".join(field for field in part_of_speech[:4] if field != "*")
    return tag, part_of_speech[5].split("-")[0].strip("*")
