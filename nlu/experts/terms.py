"""Texts as sparse rows of weighted terms: single characters, pairs of them, and dictionary forms of words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Chosen by cross-validation on six sets with 8, 64 and all records a class (macro-F1 .433 / .614 / .719).
# Characters alone up to three in a row: .425 / .600 / .696; up to two: .429 / .599 / .711.
MOST_TERMS = 20_000
_FEWEST_TEXTS = 2

# Cannot stand in a term of characters, which are taken from between white space.
_WORD_MARK = "\n"
# Sudachi takes 49,149 bytes at a time, and a character is four at most.
_LONGEST_PIECE = 8_000
_NOT_WORDS = ("補助記号", "空白")


class TermFeatures:
    """TF-IDF over a fixed choice of terms: 1 + log(frequency), times rarity, each row of length 1.

    `terms` are as `fit` found them; `rarity` is their inverse document frequency, (terms,).
    """

    def __init__(self, terms: Sequence[str], rarity: NDArray[np.float32]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sudachipy import Dictionary, SplitMode

        self.terms = tuple(terms)
        self.rarity = rarity
        self._words = Dictionary().create(mode=SplitMode.A)
        self._vectorizer = TfidfVectorizer(
            analyzer=self._terms_of, sublinear_tf=True, vocabulary=self.terms, dtype=np.float32
        )
        self._vectorizer.idf_ = rarity

    @staticmethod
    def fit(texts: Sequence[str]) -> TermFeatures:
        """The most frequent terms of `texts`, at most `MOST_TERMS`; none that only one of many texts has."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        reader = TermFeatures(("",), np.ones(1, np.float32))
        found = TfidfVectorizer(
            analyzer=reader._terms_of,
            min_df=min(_FEWEST_TEXTS, len(texts)),
            max_features=MOST_TERMS,
            dtype=np.float32,
        )
        try:
            found.fit(texts)
        except ValueError:  # no text has a term that another one has
            return reader
        return TermFeatures(found.get_feature_names_out().tolist(), found.idf_.astype(np.float32))

    def rows(self, texts: Sequence[str]) -> Any:
        """A sparse matrix (texts, terms), float32; a row depends on its own text alone."""
        return self._vectorizer.transform(texts)

    def _terms_of(self, text: str) -> Iterator[str]:
        plain = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode()).casefold()
        for chunk in plain.split():
            padded = f" {chunk} "
            yield from padded
            yield from (first + second for first, second in pairwise(padded))
        for line in plain.splitlines():
            for start in range(0, len(line), _LONGEST_PIECE):
                for word in self._words.tokenize(line[start : start + _LONGEST_PIECE]):
                    if word.part_of_speech()[0] not in _NOT_WORDS:
                        yield _WORD_MARK + word.dictionary_form()
