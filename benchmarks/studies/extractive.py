"""What sentence selection is compared with: the beginning, both ends, graph centrality, and greedy MMR.

Each ranks or chooses within a budget of tokens. TextRank and LexRank compare sentences by character bigrams,
which need no words; both look at every pair of sentences.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

_DAMPING = 0.85
_STEPS = 100
_LEXRANK_THRESHOLD = 0.1
_MMR_REDUNDANCY = 1.5


def take(order: Sequence[int], lengths: Sequence[int], budget: int) -> tuple[int, ...]:
    """Sentences in the order given as long as they fit; those that do not are passed over."""
    kept = []
    for number in order:
        if lengths[number] <= budget:
            kept.append(number)
            budget -= lengths[number]
    return tuple(sorted(kept))


def head(texts: Sequence[str], lengths: Sequence[int], budget: int) -> tuple[int, ...]:
    """The document up to the limit, as a tokenizer that truncates leaves it."""
    return tuple(number for number, end in enumerate(np.cumsum(lengths)) if end <= budget)


def head_and_tail(texts: Sequence[str], lengths: Sequence[int], budget: int) -> tuple[int, ...]:
    """Half of the budget from each end (Sun et al., "How to Fine-Tune BERT for Text Classification?")."""
    first = head(texts, lengths, budget // 2)
    last = head(texts, lengths[::-1], budget - sum(lengths[number] for number in first))
    return tuple(sorted({*first, *(len(lengths) - 1 - number for number in last)}))


def textrank(texts: Sequence[str], lengths: Sequence[int], budget: int) -> tuple[int, ...]:
    """Mihalcea and Tarau, "TextRank: Bringing Order into Texts", EMNLP 2004."""
    held = CountVectorizer(analyzer="char", ngram_range=(2, 2), binary=True).fit_transform(_padded(texts))
    sizes = np.log(np.maximum(np.asarray(held.sum(axis=1)).ravel(), 2))
    alike = (held @ held.T).toarray() / (sizes[:, None] + sizes[None])
    return take(np.argsort(-_centrality(alike), kind="stable").tolist(), lengths, budget)


def lexrank(texts: Sequence[str], lengths: Sequence[int], budget: int) -> tuple[int, ...]:
    """Erkan and Radev, "LexRank: Graph-based Lexical Centrality as Salience", JAIR 2004."""
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(2, 2)).fit_transform(_padded(texts))
    alike = ((vectors @ vectors.T).toarray() >= _LEXRANK_THRESHOLD).astype(np.float64)
    return take(np.argsort(-_centrality(alike), kind="stable").tolist(), lengths, budget)


def greedy_mmr(
    vectors: NDArray[np.float64],
    definitions: NDArray[np.float64],
    hits: NDArray[np.float64],
    lengths: Sequence[int],
    budget: int,
) -> tuple[int, ...]:
    """Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) over the encoder's vectors of the
    sentences, their likeness to the definitions of the sheet, and keyword hits of weight 2."""
    near = vectors @ definitions.T
    wanted = 2 * hits + ((near - near.mean(axis=0)) / np.maximum(near.std(axis=0), 1e-6)).max(axis=1)
    cosine = vectors @ vectors.T
    usual = float(np.median(cosine))
    alike = np.clip((cosine - usual) / max(1e-6, 1 - usual), 0, 1)
    costs = np.minimum(lengths, budget)
    said = np.zeros(len(costs))
    free = np.ones(len(costs), dtype=bool)
    kept: list[int] = []
    while (free & (costs <= budget)).any():
        gain = np.where(free & (costs <= budget), wanted - _MMR_REDUNDANCY * said, -np.inf)
        best = int(gain.argmax())
        kept.append(best)
        free[best] = False
        budget -= int(costs[best])
        said = np.maximum(said, alike[best])
    return tuple(sorted(kept))


def _padded(texts: Sequence[str]) -> list[str]:
    """A sentence of one character has a bigram too."""
    return [f" {text} " for text in texts]


def _centrality(alike: NDArray[np.float64]) -> NDArray[np.float64]:
    """PageRank over the likeness of sentences, by power iteration."""
    np.fill_diagonal(alike, 0)
    out = alike.sum(axis=1, keepdims=True)
    steps = np.where(out > 0, alike / np.where(out > 0, out, 1), 1 / len(alike))
    rank = np.full(len(alike), 1 / len(alike))
    for _ in range(_STEPS):
        rank = (1 - _DAMPING) / len(alike) + _DAMPING * rank @ steps
    return rank
