"""How far probabilities are from what happens."""

from __future__ import annotations

import numpy as np

from nlu.measures.intervals import Flags, Floats

_BINS = 10


def calibration_error(probabilities: Floats, truth: Flags, *, exclusive: bool) -> float:
    """The expected calibration error over ten bins of equally many documents, 0–1.

    Of the most probable label where labels exclude each other, else the mean over the labels.
    """
    if exclusive:
        best = probabilities.argmax(axis=1)
        rows = np.arange(len(best))
        return _error(probabilities[rows, best], truth[rows, best])
    return float(np.mean([_error(p, t) for p, t in zip(probabilities.T, truth.T, strict=True)]))


def _error(probabilities: Floats, truth: Flags) -> float:
    order = np.argsort(probabilities, kind="stable")
    bins = [rows for rows in np.array_split(order, _BINS) if len(rows)]
    gaps = [len(rows) * abs(probabilities[rows].mean() - truth[rows].mean()) for rows in bins]
    return float(sum(gaps) / len(order))
