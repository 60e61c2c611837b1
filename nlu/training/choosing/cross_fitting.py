"""What a choice would do on records that it was not made on: every part of dev by what the others taught."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.measures.intervals import Floats

FOLDS = 5


def random_folds(count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """The fold, from 0, of each of so many records."""
    return random.permutation(count) % FOLDS


def cross_fitted(
    values: Floats,
    truth: NDArray[Any],
    folds: NDArray[np.int64],
    fit: Callable[[Floats, NDArray[Any]], Callable[[Floats], Floats]],
) -> Floats:
    """`values`, (records, …), each changed by what `fit` made of the other folds, fold by fold."""
    held_out = np.empty_like(values)
    for fold in range(FOLDS):
        inside = folds == fold
        held_out[inside] = fit(values[~inside], truth[~inside])(values[inside])
    return held_out
