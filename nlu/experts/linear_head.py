"""A linear model of one task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.experts.features import FeatureRow


@dataclass(frozen=True, slots=True)
class LinearHead:
    """`weights`: (features, outputs), float32 that fit in 16 bits, so that a model read back says the same;
    `biases`: (outputs,), −∞ for a label that no record has."""

    weights: NDArray[np.float32]
    biases: NDArray[np.float32]

    @staticmethod
    def of(columns: Sequence[tuple[NDArray[Any], float]]) -> LinearHead:
        weights = np.column_stack([weights for weights, _ in columns])
        return LinearHead(
            weights.astype(np.float16).astype(np.float32),
            np.array([bias for _, bias in columns], dtype=np.float32),
        )

    def logits(self, row: FeatureRow) -> NDArray[np.float64]:
        """(outputs,)"""
        return row.times(self.weights).astype(np.float64) + self.biases
