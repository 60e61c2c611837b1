"""Scores made honest: what is said too high or too low, or too timidly, by everybody is taken back.

Training that redraws rare records, and experts that cling to the mean, move and squeeze scores. A shift or a
line (least squares) from what the model says to what annotators gave puts them back, where it lowers the
squared error on dev records that it was not fitted on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


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
