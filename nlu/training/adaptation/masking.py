"""Whole-word masking: every token of a Sudachi word is hidden, or none (Cui et al. 2019).

Japanese has no spaces to tell words by, so the words come from Sudachi and meet the tokens by their places in
the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.tokens import Tokens, tokenize
from nlu.text.sudachi_words import sudachi

if TYPE_CHECKING:
    from sudachipy import Tokenizer
    from transformers import PreTrainedTokenizerBase

SHARE = 0.15
_HIDDEN, _REPLACED = 0.8, 0.1
"""Shares of BERT (Devlin et al. 2019): of what is asked for, .8 is hidden, .1 is another token, .1 stays."""

_STRETCH = 4_000
"""Characters at a time: Sudachi takes at most 49,149 bytes."""


@dataclass(frozen=True, slots=True)
class TokenChunk:
    """As much of a text as one input holds: `token_ids` without end marks, and the number of the word each
    token belongs to, ascending from 0."""

    token_ids: NDArray[np.int32]
    words: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Masked:
    """A chunk with words hidden: what the encoder sees, and where it is asked; both (tokens,)."""

    token_ids: NDArray[np.int64]
    asked: NDArray[np.bool_]


def chunks(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], room: int) -> Iterator[TokenChunk]:
    """Every text as chunks of at most `room` tokens; a text without tokens gives none."""
    for text in texts:
        for start in range(0, len(text), _STRETCH):
            stretch = text[start : start + _STRETCH]
            (tokens,) = tokenize(tokenizer, [stretch])
            ids = np.array(tokens.ids, np.int32)
            words = np.array(word_numbers(tokens, word_places(sudachi(), stretch)), np.int32)
            for first in range(0, len(ids), room):
                yield TokenChunk(ids[first : first + room], words[first : first + room])


def word_places(words: Tokenizer, text: str) -> list[tuple[int, int]]:
    """The words of a text of less than 49,149 bytes, half open, in order."""
    return [(word.begin(), word.end()) for word in words.tokenize(text)]


def word_numbers(tokens: Tokens, words: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """For each token the number of its word, ascending; words that share a token count as one."""
    numbers: list[int] = []
    number = -1
    reach = -1
    at = 0
    for start, end in tokens.offsets:
        if start >= reach:
            number += 1
        while at < len(words) and words[at][0] < max(end, start + 1):
            if words[at][1] > start:
                reach = max(reach, words[at][1])
            at += 1
        numbers.append(number)
    return tuple(numbers)


def mask_words(
    chunk: TokenChunk, mask_id: int, vocabulary: int, random: np.random.Generator, share: float = SHARE
) -> Masked:
    """About `share` of the tokens, one word at least, in whole words drawn at random."""
    words = chunk.words
    budget = max(1, round(share * len(words)))
    asked = np.zeros(len(words), np.bool_)
    for word in random.permutation(np.unique(words)):
        here = words == word
        if asked.any() and asked.sum() + here.sum() > budget:
            continue
        asked |= here
        if asked.sum() >= budget:
            break
    token_ids = chunk.token_ids.astype(np.int64)
    fate = random.random(len(words))
    token_ids[asked & (fate < _HIDDEN)] = mask_id
    replaced = asked & (fate >= _HIDDEN) & (fate < _HIDDEN + _REPLACED)
    token_ids[replaced] = random.integers(vocabulary, size=int(replaced.sum()))
    return Masked(token_ids, asked)
