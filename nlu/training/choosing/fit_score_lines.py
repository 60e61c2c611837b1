"""The line from the network's score to the annotators', fitted to held-out records."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from nlu.decisions.score_lines import ScoreLine
from nlu.measures.intervals import Floats
from nlu.training.choosing.cross_fitting import FOLDS, cross_fitted, random_folds

_Line = tuple[float, float]


def fit_score_line(scores: Floats, truth: Floats, *, seed: int = 13) -> ScoreLine | None:
    """The correction of what a model says, (documents,), from what is true of them.

    None where the scores are best as they are, or where there are too few documents to know.
    """
    if len(truth) < 2 * FOLDS:
        return None
    folds = random_folds(len(truth), np.random.default_rng(seed))
    ways = (_as_it_is, _shifted, best_line)
    held_out = [cross_fitted(scores, truth, folds, partial(_along, fit)) for fit in ways]
    errors = [float(((found - truth) ** 2).mean()) for found in held_out]
    best = int(np.argmin(errors))
    if best == 0:
        return None
    slope, offset = ways[best](scores, truth)
    before, after = (float(np.abs(found - truth).mean()) for found in (scores, held_out[best]))
    return ScoreLine(slope, offset, before, after)


def best_line(scores: Floats, truth: Floats) -> _Line:
    """Slope and offset of the line from scores to truth with the least squared error that does not fall."""
    around = scores - scores.mean()
    spread = float((around**2).sum())
    slope = max(0.0, float((around * truth).sum()) / spread) if spread else 1.0
    return slope, float(truth.mean() - slope * scores.mean())


def _as_it_is(_scores: Floats, _truth: Floats) -> _Line:
    return 1.0, 0.0


def _shifted(scores: Floats, truth: Floats) -> _Line:
    return 1.0, float((truth - scores).mean())


def _along(
    fit: Callable[[Floats, Floats], _Line], scores: Floats, truth: Floats
) -> Callable[[Floats], Floats]:
    slope, offset = fit(scores, truth)
    return lambda others: slope * others + offset
