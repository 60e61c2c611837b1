"""Probabilities made honest: of the documents given 0.7, about 70 % should be right.

Log-probabilities (logits where labels can be combined) are stretched by one factor, as in temperature scaling
(Guo, Pleiss, Sun and Weinberger 2017). A bias for each label is added only where it lowers the log loss on
dev records that it was not fitted on (bias-corrected temperature scaling, Alexandari, Kundaje and Shrikumar
2020): training that redraws or weighs rare labels shifts all their probabilities, and a temperature alone
cannot take that back. Isotonic calibration follows that step, label by label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import expit, logit, softmax

from nlu.measures.intervals import Floats

Method = Literal["none", "temperature", "isotonic"]


TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is done to the probabilities of one task; a factor and a bias for each label.

    `curves` are the points (probability, share that is right) of isotonic calibration between which is
    interpolated, empty for labels without. `error_before` and `error_after` are expected calibration errors
    on dev records, the latter by cross-validation.
    """

    exclusive: bool
    factors: tuple[float, ...]
    biases: tuple[float, ...]
    curves: tuple[tuple[tuple[float, float], ...], ...] = ()
    error_before: float = 0.0
    error_after: float = 0.0

    def apply(self, probabilities: Floats) -> Floats:
        """Calibrated probabilities of the same shape (..., labels); each row is treated for itself, and a
        label never loses by being more probable."""
        stretched = logits_of(probabilities, self.exclusive) * np.array(self.factors) + np.array(self.biases)
        calibrated: Floats = softmax(stretched, axis=-1) if self.exclusive else expit(stretched)
        if not any(self.curves):
            return calibrated
        columns = [
            _interpolated(calibrated[..., column], curve) if curve else calibrated[..., column]
            for column, curve in enumerate(self.curves)
        ]
        calibrated = np.stack(columns, axis=-1)
        return calibrated / calibrated.sum(axis=-1, keepdims=True) if self.exclusive else calibrated

    def to_json(self) -> dict[str, Any]:
        return {
            "exclusive": self.exclusive,
            "factors": list(self.factors),
            "biases": list(self.biases),
            "curves": [[list(point) for point in curve] for curve in self.curves],
            "error_before": self.error_before,
            "error_after": self.error_after,
        }

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Calibration:
        curves = tuple(tuple((float(x), float(y)) for x, y in curve) for curve in content["curves"])
        return Calibration(
            exclusive=content["exclusive"],
            factors=tuple(content["factors"]),
            biases=tuple(content["biases"]),
            curves=curves,
            error_before=content["error_before"],
            error_after=content["error_after"],
        )


def _interpolated(probabilities: Floats, curve: Sequence[tuple[float, float]]) -> Floats:
    points = np.array(curve)
    found: Floats = np.interp(probabilities, points[:, 0], points[:, 1])
    return found


def logits_of(probabilities: Floats, exclusive: bool) -> Floats:
    held = np.clip(probabilities, TINY, 1 - TINY)
    return np.log(held) if exclusive else logit(held)
