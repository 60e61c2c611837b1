"""Which sentences of a long document the encoder gets to see: those that the label sheet asks about.

Relevance joins keyword hits, likeness to the definitions, and a small prior for the place in the document.
Sentences are then taken greedily, each weighed down by its likeness to those already taken: maximal marginal
relevance (Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and
Producing Summaries", SIGIR 1998).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.loading import text_vectors

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

KEYWORD_WEIGHT = 2.0
POSITION_WEIGHT = 0.3
REDUNDANCY_WEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Topic:
    """What one label of a sheet is about."""

    keywords: tuple[str, ...]
    definition: str


def select(
    lengths: Sequence[int],
    relevance: Sequence[float] | NDArray[np.float64],
    likeness: NDArray[np.float64] | None,
    budget: int,
) -> tuple[int, ...]:
    """Ascending numbers of the sentences to keep; their `lengths` (in tokens, at least 1) add up to at most
    `budget`.

    `relevance` is higher for what is wanted, in units of its spread; `likeness` of shape (n, n) is 1 for two
    sentences that say the same and 0 for two that have no more in common than any, None to ignore it. A
    sentence longer than `budget` counts as just `budget`: the caller cuts it. Something is always kept where
    there is a sentence and the budget is not 0.
    """
    wanted = np.array(relevance, dtype=np.float64)
    cost = np.minimum(np.asarray(lengths, dtype=np.int64), budget)
    left = budget
    open_ = np.ones(len(cost), dtype=bool)
    taken_likeness = np.zeros(len(cost))
    kept: list[int] = []
    while left > 0 and (open_ & (cost <= left)).any():
        gain = np.where(open_ & (cost <= left), wanted - REDUNDANCY_WEIGHT * taken_likeness, -np.inf)
        best = int(gain.argmax())
        kept.append(best)
        open_[best] = False
        left -= int(cost[best])
        if likeness is not None:
            taken_likeness = np.maximum(taken_likeness, likeness[best])
    return tuple(sorted(kept))


class SentenceSelector:
    """Knows the topics of a label sheet and an encoder that can tell how near a sentence is to them.

    Leave out of `topics` the label that means "nothing to report": its definition is near to everything.
    """

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, topics: Sequence[Topic]
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._keywords = tuple(dict.fromkeys(_plain(word) for topic in topics for word in topic.keywords))
        self._definitions = text_vectors(
            model, tokenizer, [topic.definition for topic in topics if topic.definition]
        )

    def choose(self, texts: Sequence[str], lengths: Sequence[int], budget: int) -> tuple[int, ...]:
        """Ascending numbers of the sentences `texts` to keep, as `select` does by what the topics want.
        Where everything fits all are kept, and the encoder is not asked."""
        if sum(lengths) <= budget:
            return tuple(range(len(texts)))
        vectors = text_vectors(self._model, self._tokenizer, texts).astype(np.float64)
        relevance = (
            KEYWORD_WEIGHT * keyword_hits(texts, self._keywords)
            + definition_likeness(vectors, self._definitions)
            + POSITION_WEIGHT * edge_prior(len(texts))
        )
        return select(lengths, relevance, likeness(vectors), budget)


def keyword_hits(texts: Sequence[str], keywords: Sequence[str]) -> NDArray[np.float64]:
    """Per text the keywords it holds, each weighing more the fewer texts hold it; 1 for the text with
    most, 0 everywhere where there is no hit. Compared after NFKC and case folding, as `keywords` must be."""
    plain = [_plain(text) for text in texts]
    score = np.zeros(len(texts))
    for keyword in keywords:
        hit = np.array([keyword in text for text in plain], dtype=np.float64)
        score += hit * np.log((len(texts) + 1) / (hit.sum() + 0.5))
    return score / score.max() if score.max(initial=0) > 0 else score


def definition_likeness(
    vectors: NDArray[np.float64], definitions: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Per sentence vector (n, d) its cosine to the nearest definition (m, d), in standard deviations over
    the sentences; each definition is standardised by itself, for some are near to any text."""
    if not len(definitions):
        return np.zeros(len(vectors))
    cosine = vectors @ definitions.T.astype(np.float64)
    spread = np.maximum(cosine.std(axis=0), 1e-6)
    nearest: NDArray[np.float64] = ((cosine - cosine.mean(axis=0)) / spread).max(axis=1)
    return nearest


def edge_prior(count: int) -> NDArray[np.float64]:
    """1 for the first and last of `count` sentences, 0 in the middle: reports open with what they are
    about and close with what they conclude."""
    return np.abs(np.linspace(-1.0, 1.0, count)) ** 2


def likeness(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cosines (n, n) rescaled so that a usual pair has 0 and an equal pair 1: encoders leave all sentences
    of one language near to each other."""
    cosine = vectors @ vectors.T
    usual = float(np.median(cosine))
    scaled: NDArray[np.float64] = np.clip((cosine - usual) / max(1e-6, 1.0 - usual), 0.0, 1.0)
    return scaled


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
