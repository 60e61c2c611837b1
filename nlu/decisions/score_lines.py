"""Scores made honest: what is said too high or too low, or too timidly, by everybody is taken back.

Training that redraws rare records, and experts that cling to the mean, move and squeeze scores. A shift or a
line (least squares) from what the model says to what annotators gave puts them back, where it lowers the
squared error on dev records that it was not fitted on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from nlu.decisions.cross_fitting import FOLDS, cross_fitted, random_folds
from nlu.decisions.intervals import Floats

_Line = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """`slope` × score + `offset`; the slope is not below 0. `error_before` and `error_after` are mean
    absolute errors on dev records, the latter by cross-validation."""

    slope: float
    offset: float
    error_before: float
    error_after: float

    def apply(self, score: float, minimum: float, maximum: float) -> float:
        """The corrected score, within its range."""
        return min(maximum, max(minimum, self.slope * score + self.offset))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> ScoreLine:
        return ScoreLine(
            slope=content["slope"],
            offset=content["offset"],
            error_before=content["error_before"],
            error_after=content["error_after"],
        )


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
