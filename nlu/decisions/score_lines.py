"""Scores made honest: what is said too high or too low, or too timidly, by everybody is taken back.

Training that redraws rare records, and experts that cling to the mean, move and squeeze scores. A shift or a
line (least squares) from what the model says to what annotators gave puts them back, where it lowers the
squared error on dev records that it was not fitted on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.decisions.intervals import Floats

_FOLDS = 5


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """`slope` × score + `offset`; the slope is not below 0. `error_before` and `error_after` are mean
    absolute errors on dev records, the latter by cross-validation."""

    slope: float
    offset: float
    error_before: float = 0.0
    error_after: float = 0.0

    def apply(self, score: float, minimum: float, maximum: float) -> float:
        """The corrected score, within its range."""
        return min(maximum, max(minimum, self.slope * score + self.offset))

    def to_json(self) -> dict[str, Any]:
        return {
            "slope": self.slope,
            "offset": self.offset,
            "error_before": self.error_before,
            "error_after": self.error_after,
        }

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
    if len(truth) < 2 * _FOLDS:
        return None
    folds = np.random.default_rng(seed).permutation(len(truth)) % _FOLDS
    ways = (_as_it_is, _shifted, _stretched)
    held_out = [_cross_fitted(scores, truth, folds, fit) for fit in ways]
    errors = [float(((found - truth) ** 2).mean()) for found in held_out]
    best = int(np.argmin(errors))
    if best == 0:
        return None
    slope, offset = ways[best](scores, truth)
    before, after = (float(np.abs(found - truth).mean()) for found in (scores, held_out[best]))
    return ScoreLine(slope, offset, before, after)


def _as_it_is(_scores: Floats, _truth: Floats) -> tuple[float, float]:
    return 1.0, 0.0


def _shifted(scores: Floats, truth: Floats) -> tuple[float, float]:
    return 1.0, float((truth - scores).mean())


def _stretched(scores: Floats, truth: Floats) -> tuple[float, float]:
    around = scores - scores.mean()
    spread = float((around**2).sum())
    slope = max(0.0, float((around * truth).sum()) / spread) if spread else 1.0
    return slope, float(truth.mean() - slope * scores.mean())


def _cross_fitted(
    scores: Floats,
    truth: Floats,
    folds: NDArray[np.int64],
    fit: Callable[[Floats, Floats], tuple[float, float]],
) -> Floats:
    """Every score corrected by what was fitted on the other folds."""
    held_out = np.empty_like(scores)
    for fold in range(_FOLDS):
        inside = folds == fold
        slope, offset = fit(scores[~inside], truth[~inside])
        held_out[inside] = slope * scores[inside] + offset
    return held_out
