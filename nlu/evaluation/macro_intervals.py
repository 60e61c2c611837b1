"""How far the figures of a classification would move on other documents of the same kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlu.measures.intervals import Floats, bootstrap, f1_interval, wilson_interval
from nlu.measures.metrics import ClassFigures, Flags

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ClassIntervals:
    """95 % intervals of one label, None where the figure itself is None."""

    label: str
    precision: Ends | None
    recall: Ends | None
    f1: Ends | None


@dataclass(frozen=True, slots=True)
class Intervals:
    """95 % intervals of a classification task."""

    macro_f1: Ends
    micro_f1: Ends
    classes: tuple[ClassIntervals, ...]


def intervals(classes: tuple[ClassFigures, ...], truth: Flags, accepted: Flags) -> Intervals | None:
    """Wilson's for the labels, the bootstrap's over documents for the means. The flags are (documents,
    labels), `classes` their figures. None without any true label."""
    if not truth.any():
        return None
    seen = truth.any(axis=0)

    def means(sums: Floats) -> Floats:
        """(draws, 2, labels) to macro-F1 and micro-F1 (draws, 2); a label that a draw lacks counts as 0."""
        correct, both = sums[:, 0], sums[:, 1]
        macro = (2 * correct / np.maximum(both, 1))[:, seen].mean(axis=1)
        micro = 2 * correct.sum(axis=1) / np.maximum(both.sum(axis=1), 1)
        return np.stack([macro, micro], axis=1)

    counts = np.stack([truth & accepted, truth.astype(float) + accepted], axis=1)
    low, high = np.percentile(bootstrap(means, counts), (2.5, 97.5), axis=0)
    return Intervals(
        macro_f1=(float(low[0]), float(high[0])),
        micro_f1=(float(low[1]), float(high[1])),
        classes=tuple(_of_class(figures) for figures in classes),
    )


def _of_class(figures: ClassFigures) -> ClassIntervals:
    correct, predicted, support = figures.correct, figures.predicted, figures.support
    f1 = f1_interval(support, predicted, correct)
    return ClassIntervals(
        label=figures.label,
        precision=wilson_interval(correct, predicted) if predicted else None,
        recall=wilson_interval(correct, support) if support else None,
        f1=None if figures.f1 is None else (f1.low, f1.high),
    )
