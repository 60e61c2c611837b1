"""Texts as sparse rows of weighted terms: single characters, pairs of them, and dictionary forms of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from nlu.network.expert_input import ExpertInput
from nlu.text.folding import plain
from nlu.text.sudachi_words import dictionary, encodable, morphemes

# Chosen by cross-validation on six sets with 8, 64 and all records a class (macro-F1 .433 / .614 / .719).
# Characters alone up to three in a row: .425 / .600 / .696; up to two: .429 / .599 / .711.
MOST_TERMS = 20_000
_FEWEST_TEXTS = 2

# Cannot stand in a term of characters, which are taken from between white space.
_WORD_MARK = "\n"
_NOT_WORDS = ("補助記号", "空白")


@dataclass(frozen=True, slots=True)
class TermRow:
    """A text as its terms: `places` among the chosen ones, ascending, and their `values`, of length 1."""

    places: NDArray[np.int64]
    values: NDArray[np.float32]

    def times(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """(outputs,) from `weights` of shape (terms, outputs)."""
        return np.asarray(self.values @ weights[self.places])


class TermFeatures:
    """TF-IDF over a fixed choice of terms: 1 + log(frequency), times rarity.

    `terms` are as `fit` found them; `rarity` is their inverse document frequency, (terms,).
    """

    def __init__(self, terms: Sequence[str], rarity: NDArray[np.float32]) -> None:
        self.terms = tuple(terms)
        self.rarity = rarity
        self._places = {term: place for place, term in enumerate(self.terms)}
        self._reader = _TermReader()

    # Cross-validated on six sets: 3 and 30 are within .01 of it, 1 and 100 are worse. A balanced support
    # vector machine has .01 more macro-F1 with all records and .01 less with 8 a class.
    inverse_penalty = 10.0

    @property
    def width(self) -> int:
        return len(self.terms)

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {"rarity": self.rarity}

    @staticmethod
    def fit(texts: Sequence[str]) -> TermFeatures:
        """The most frequent terms of `texts`, at most `MOST_TERMS`; none that only one of many texts has."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        found = TfidfVectorizer(
            analyzer=_TermReader().terms, min_df=min(_FEWEST_TEXTS, len(texts)), max_features=MOST_TERMS
        )
        try:
            found.fit(texts)
        except ValueError:  # no text has a term that another one has
            return TermFeatures(("",), np.ones(1, np.float32))
        return TermFeatures(found.get_feature_names_out().tolist(), found.idf_.astype(np.float32))

    def row(self, text: str) -> TermRow:
        """The chosen terms of one text."""
        counts = Counter(map(self._places.get, self._reader.terms(text)))
        del counts[None]
        chosen = sorted((place, count) for place, count in counts.items() if place is not None)
        places = np.array([place for place, _ in chosen], dtype=np.int64)
        values = (1 + np.log(np.array([count for _, count in chosen], np.float32))) * self.rarity[places]
        return TermRow(places, values / max(float(np.linalg.norm(values)), 1e-9))

    def document(self, given: ExpertInput) -> TermRow:
        """The terms of the sentences that the encoder sees."""
        return self.row(document_text(given))

    def sentences(self, given: ExpertInput) -> list[TermRow]:
        """The terms of each of them."""
        return [self.row(sentence.text) for sentence in given.document.sentences]

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """The rows of several texts, (texts, terms), sparse."""
        return self.stack([self.row(text) for text in texts])

    def stack(self, rows: Sequence[TermRow]) -> csr_matrix:
        """(rows, terms), sparse."""
        ends = np.cumsum([0, *(len(row.places) for row in rows)])
        places = np.concatenate([row.places for row in rows]) if rows else np.zeros(0, np.int64)
        values = np.concatenate([row.values for row in rows]) if rows else np.zeros(0, np.float32)
        return csr_matrix((values, places, ends), shape=(len(rows), len(self.terms)))


def document_text(given: ExpertInput) -> str:
    """The sentences that the encoder sees, a line each."""
    return "\n".join(sentence.text for sentence in given.document.sentences)


class _TermReader:
    def __init__(self) -> None:
        from sudachipy import SplitMode

        self._words = dictionary().create(mode=SplitMode.A)
        self._is_no_word = dictionary().pos_matcher([(kind,) for kind in _NOT_WORDS])

    def terms(self, text: str) -> list[str]:
        spelled = plain(encodable(text))
        found: list[str] = []
        for chunk in spelled.split():
            padded = f" {chunk} "
            found += padded
            found += map(add, padded, padded[1:])
        for line in spelled.splitlines():
            words = morphemes(line, self._words)
            found += [_WORD_MARK + word.dictionary_form() for word in words if not self._is_no_word(word)]
        return found
