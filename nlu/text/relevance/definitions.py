"""How near sentences are to the definitions of a label sheet, by the vectors of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.loading import text_vectors

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

REMEMBERED = 20_000
"""Sentences whose vectors are kept: 30 MB at 384 numbers each."""


class DefinitionLikeness:
    """Holds an encoder, which must not learn anything meanwhile, and the vectors of the definitions.

    Every sentence is encoded alone, so that its vector does not depend on its neighbours, and once.
    """

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, definitions: Sequence[str]
    ) -> None:
        self._definitions = text_vectors(model, tokenizer, definitions).astype(np.float64)

        @lru_cache(maxsize=REMEMBERED)
        def vector(text: str) -> NDArray[np.float32]:
            (only,) = text_vectors(model, tokenizer, [text])
            return np.asarray(only)

        self._vector = vector

    def of(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Per sentence its cosine to the nearest definition, in standard deviations over the sentences; each
        definition is standardised by itself, for some are near to any text."""
        if not len(self._definitions) or not texts:
            return np.zeros(len(texts))
        vectors = np.array([self._vector(text) for text in texts], np.float64)
        cosine = vectors @ self._definitions.T
        spread = np.maximum(cosine.std(axis=0), 1e-6)
        return np.asarray(((cosine - cosine.mean(axis=0)) / spread).max(axis=1))
