"""Texts as tokens, each with its place in the text, from any tokenizer.

A tokenizer with a fast version says where its tokens stand. One without (`BertJapaneseTokenizer` with MeCab)
normalises the text and forgets where it was, so its tokens are found again: text and tokens are folded alike,
one character at a time (NFKD, lower case, no marks, no white space), and then stand in the same order. An
unknown token takes what is left of its word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_CONTINUATION = "##"
_SPACE_MARK = "▁"
_LEFT_OUT = frozenset({"Mn", "Me", "Cc", "Cf", "Zs", "Zl", "Zp"})
"""Marks, control characters and white space: tokenizers drop or rewrite them."""

_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text cut up: `offsets[i]` are the characters of `ids[i]` in the text, half open.

    No mark of beginning or end is among them. Tokens are in order; several can share a character (㈱), and
    characters can belong to none (spaces).
    """

    ids: tuple[int, ...]
    offsets: tuple[_Place, ...]


def tokenize(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[Tokens]:
    """The tokens of each text, in the same order, however long."""
    if not texts:
        return []
    if not tokenizer.is_fast:
        return [_aligned(tokenizer, text) for text in texts]
    found = tokenizer(
        list(texts),
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        verbose=False,
    )
    mark = tokenizer.convert_tokens_to_ids(_SPACE_MARK)
    mark = -1 if mark == tokenizer.unk_token_id else mark
    return [
        Tokens(tuple(ids), _with_marks(_told_once(ids, offsets, mark), text))
        for text, ids, offsets in zip(texts, found["input_ids"], found["offset_mapping"], strict=True)
    ]


def _aligned(tokenizer: Any, text: str) -> Tokens:
    folded, origins = _folded_with_origins(text)
    words = _words(tokenizer, text)
    pieces: list[str] = []
    places: list[_Place] = []
    for (_, cut), (start, end) in zip(
        words, _places([_fold(word) for word, _ in words], folded), strict=True
    ):
        surfaces = [None if piece == tokenizer.unk_token else _fold(_bare(piece)) for piece in cut]
        pieces += cut
        places += [(start + first, start + last) for first, last in _places(surfaces, folded[start:end])]
    ids = tokenizer.convert_tokens_to_ids(pieces)
    return Tokens(tuple(ids), _with_marks([_in_text(place, origins, text) for place in places], text))


def _words(tokenizer: Any, text: str) -> list[tuple[str, list[str]]]:
    """The words of the tokenizer and the pieces of each; the whole text is one where it has no words."""
    cut_words = getattr(tokenizer, "word_tokenizer", None)
    cut_pieces = getattr(tokenizer, "subword_tokenizer", None)
    if cut_words is None or cut_pieces is None:
        return [(text, tokenizer.tokenize(text))]
    return [(word, cut_pieces.tokenize(word)) for word in cut_words.tokenize(text)]


def _bare(piece: str) -> str:
    return piece.removeprefix(_CONTINUATION).removeprefix(_SPACE_MARK)


@lru_cache(maxsize=65_536)
def _fold_character(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).lower()
    return "".join(
        c for c in unicodedata.normalize("NFKD", plain) if unicodedata.category(c) not in _LEFT_OUT
    )


def _fold(text: str) -> str:
    return "".join(map(_fold_character, text))


def _folded_with_origins(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in `text` of the one it came from."""
    parts = [_fold_character(character) for character in text]
    return "".join(parts), [place for place, part in enumerate(parts) for _ in part]


def _places(surfaces: Sequence[str | None], text: str) -> list[_Place]:
    """Where the surfaces stand in `text`, one after the other; unknown ones (None) share what is between
    those around them, a character each at least. One that is not found counts as unknown."""
    places: list[_Place] = []
    cursor = unknown = 0
    for surface in surfaces:
        start = -1 if surface is None else text.find(surface, cursor + unknown)
        if surface is None or start < 0:
            unknown += 1
            continue
        places += _shares(cursor, start, unknown)
        cursor, unknown = start + len(surface), 0
        places.append((start, cursor))
    return places + _shares(cursor, len(text), unknown)


def _shares(start: int, end: int, count: int) -> list[_Place]:
    bounds = [start + (end - start) * number // count for number in range(count + 1)] if count else []
    return list(pairwise(bounds))


def _in_text(place: _Place, origins: Sequence[int], text: str) -> _Place:
    """A place in the folded text as one in `text`."""
    start, end = place
    if start < end:
        return origins[start], origins[end - 1] + 1
    there = origins[start] if start < len(origins) else len(text)
    return there, there


def _told_once(ids: Sequence[int], offsets: Sequence[_Place], mark: int) -> list[_Place]:
    """The places, empty for a bare mark of a word's beginning, to which sentencepiece also gives the first
    character of the word."""
    return [
        (start, start) if piece == mark else (start, end)
        for piece, (start, end) in zip(ids, offsets, strict=True)
    ]


def _with_marks(offsets: Sequence[_Place], text: str) -> tuple[_Place, ...]:
    """Each place with the voicing marks and accents behind it, unless another token has them."""
    places: list[_Place] = []
    for number, (start, end) in enumerate(offsets, start=1):
        limit = offsets[number][0] if number < len(offsets) else len(text)
        stop = end
        while stop < limit and not text[stop].isspace() and not _fold_character(text[stop]):
            stop += 1
        places.append((start, stop))
    return tuple(places)
