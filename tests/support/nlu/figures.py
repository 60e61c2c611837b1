"""Figures from labels that are written down document by document."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from nlu.measures.metrics import ClassificationFigures, Flags, indicator_figures


def classification_figures(
    task: str, names: Sequence[str], gold: Sequence[Collection[int]], predicted: Sequence[Collection[int]]
) -> ClassificationFigures:
    """Figures from the indices in `names` of each document's labels."""
    return indicator_figures(task, names, _flags(gold, len(names)), _flags(predicted, len(names)))


def _flags(labels: Sequence[Collection[int]], count: int) -> Flags:
    flags = np.zeros((len(labels), count), dtype=bool)
    for row, indices in enumerate(labels):
        flags[row, list(indices)] = True
    return flags
