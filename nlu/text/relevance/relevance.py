"""How much each sentence has to do with what a label sheet asks for, without an encoder.

The label sheet speaks from day zero: character n-grams that a sentence has in common with a label's
definition and keywords, the rarer in the document the weightier, and whole keywords. Annotated evidence adds
a logistic regression on the same n-grams.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit

from nlu.text.folding import plain
from nlu.text.keyword_search import SearchableText
from nlu.text.relevance.ngrams import BUCKETS, character_ngrams, unit_rows

KEYWORD_WEIGHT = 0.25
"""Of a text with most keywords, beside 1 for the one nearest to the sheet: small, for a keyword is often
named where nothing is wanted."""
UNKNOWN = 0.01
"""Relevance of a sentence that shares nothing with the sheet: little, but more than nothing."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What one label of a sheet is about."""

    keywords: tuple[str, ...]
    definition: str


@dataclass(frozen=True, slots=True)
class RelevanceHead:
    """A logistic regression that tells evidence by its n-grams; `weights`: (BUCKETS,), float32."""

    weights: NDArray[np.float32]
    bias: float

    def probabilities(self, ngrams: csr_matrix) -> NDArray[np.float64]:
        """Per row of `character_ngrams` how probably the sentence is evidence, 0 to 1."""
        logits = unit_rows(ngrams) @ self.weights.astype(np.float64) + self.bias
        return np.asarray(expit(logits), dtype=np.float64)

    def to_tensors(self) -> dict[str, NDArray[np.float32]]:
        """What `from_tensors` reads back equal."""
        return {"weights": self.weights, "bias": np.array([self.bias], np.float32)}

    @staticmethod
    def from_tensors(tensors: Mapping[str, NDArray[np.float32]]) -> RelevanceHead:
        """Raises KeyError where a part is missing, ValueError where one has another shape."""
        weights, bias = tensors["weights"], tensors["bias"]
        if weights.shape != (BUCKETS,) or bias.shape != (1,):
            raise ValueError(f"relevance head of shape {weights.shape}, {bias.shape}")
        return RelevanceHead(weights, float(bias[0]))


class SheetRelevance:
    """Knows the topics of a label sheet.

    Leave out of `topics` the label that means "nothing to report": its definition is near to everything.
    """

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._keywords = tuple(dict.fromkeys(plain(word) for topic in topics for word in topic.keywords))
        about = [f"{topic.definition}、{'、'.join(topic.keywords)}" for topic in topics]
        self._topics = character_ngrams(about)

    def of(self, texts: Sequence[str], ngrams: csr_matrix) -> NDArray[np.float64]:
        """Per sentence its relevance for a token, UNKNOWN to 1 + KEYWORD_WEIGHT + UNKNOWN; `ngrams` as
        `character_ngrams` counts them in `texts`."""
        nearest = np.zeros(len(texts))
        if self._topics.shape[0]:
            weights = rarity(ngrams) ** 2
            common = ngrams.multiply(weights).tocsr() @ self._topics.T
            size = np.sqrt(np.maximum(self._topics @ weights, 1e-9))
            nearest = np.asarray((common.toarray() / size).max(axis=1))
        return _share(nearest) + KEYWORD_WEIGHT * keyword_hits(texts, self._keywords) + UNKNOWN


def rarity(ngrams: csr_matrix) -> NDArray[np.float64]:
    """Inverse document frequency of each n-gram among the rows, more than 0: (BUCKETS,)."""
    holders = np.bincount(ngrams.indices, minlength=ngrams.shape[1])
    return np.asarray(np.log((ngrams.shape[0] + 1) / np.maximum(holders, 0.5)))


def keyword_hits(texts: Sequence[str], keywords: Sequence[str]) -> NDArray[np.float64]:
    """Per text the keywords it holds, each weighing more the fewer texts hold it; 1 for the text with
    most, 0 everywhere where there is no hit. `keywords` are as `plain` leaves them."""
    compared = [SearchableText(text) for text in texts]
    score = np.zeros(len(texts))
    for keyword in keywords:
        hit = np.array([text.holds(keyword) for text in compared], dtype=np.float64)
        score += hit * np.log((len(texts) + 1) / (hit.sum() + 0.5))
    return _share(score)


def _share(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of at least 0 as shares of the largest."""
    largest = values.max(initial=0)
    return values / largest if largest > 0 else values
