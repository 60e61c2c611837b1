"""Sketches of texts as dense rows for a linear model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.network.expert_input import ExpertInput
from nlu.network.layer_means import LayerMeans

Floats = NDArray[np.float32]

_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True)
class VectorRow:
    """`values`: (width,)"""

    values: Floats

    def times(self, weights: Floats) -> Floats:
        """(outputs,) from `weights` of shape (width, outputs)."""
        return np.asarray(self.values @ weights)


class VectorFeatures:
    """Every dimension less its `center`, over its `spread` among the training documents, (width,) each: what
    all texts have in common, most of such a vector, is taken away. A usual row has length 1, as one of terms.
    """

    def __init__(self, center: Floats, spread: Floats) -> None:
        self.center = center
        self.spread = spread

    @staticmethod
    def fit(inputs: Sequence[ExpertInput]) -> VectorFeatures:
        """Raises ValueError where an input has no layer means."""
        wholes = np.array([_means(given).whole for given in inputs])
        spread = wholes.std(axis=0) + _LEAST_SPREAD
        return VectorFeatures(wholes.mean(axis=0), spread * np.float32(np.sqrt(wholes.shape[1])))

    # Of 2, 3 and 10 the middle one: at 64 records a label 2 was better by up to .02 macro-F1, on accident
    # reports 10.
    inverse_penalty = 3.0

    @property
    def width(self) -> int:
        return len(self.center)

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {"center": self.center, "spread": self.spread}

    def document(self, given: ExpertInput) -> VectorRow:
        return self._row(_means(given).whole)

    def sentences(self, given: ExpertInput) -> list[VectorRow]:
        return [self._row(vector) for vector in _means(given).sentences]

    def stack(self, rows: Sequence[VectorRow]) -> Floats:
        """(rows, width)"""
        return np.array([row.values for row in rows], dtype=np.float32).reshape(-1, self.width)

    def _row(self, vector: Floats) -> VectorRow:
        return VectorRow((vector - self.center) / self.spread)


def _means(given: ExpertInput) -> LayerMeans:
    if given.layer_means is None:
        raise ValueError(f"{given.document.doc_id}: no layer of the encoder stays as it came")
    return given.layer_means
