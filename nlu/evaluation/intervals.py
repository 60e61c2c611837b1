"""How far figures would move on other documents of the same kind: 95 % intervals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from nlu.evaluation.metrics import ClassFigures, Flags

Interval = tuple[float, float]

_LEVEL = 0.95
# The ends of an interval then move by less than a hundredth from seed to seed.
_SAMPLES = 1000
_SAMPLES_AT_ONCE = 50
_SEED = 13


@dataclass(frozen=True, slots=True)
class ClassIntervals:
    """None where the figure itself is None."""

    label: str
    precision: Interval | None
    recall: Interval | None
    f1: Interval | None


@dataclass(frozen=True, slots=True)
class Intervals:
    macro_f1: Interval
    micro_f1: Interval
    classes: tuple[ClassIntervals, ...]


def wilson(successes: int, trials: int) -> Interval | None:
    """The Wilson score interval of a share (Wilson 1927); None without trials."""
    if not trials:
        return None
    interval = binomtest(successes, trials).proportion_ci(_LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def intervals(classes: tuple[ClassFigures, ...], truth: Flags, accepted: Flags) -> Intervals | None:
    """Wilson's for precision and recall; for F1, of a label and of the means, percentiles over documents
    drawn again with replacement (bootstrap, Efron 1979). The flags are (documents, labels), `classes` their
    figures. None without documents or without any true label."""
    if not truth.any():
        return None
    drawn = np.concatenate(list(_drawn_counts(truth, accepted)))
    correct, both = drawn[:, 0], drawn[:, 1]
    with np.errstate(invalid="ignore"):
        f1 = 2 * correct / both
    seen = truth.any(axis=0)
    micro = 2 * correct.sum(axis=1) / np.maximum(1, both.sum(axis=1))
    return Intervals(
        macro_f1=_percentiles(np.array([_mean_of_known(row) for row in f1[:, seen]])),
        micro_f1=_percentiles(micro),
        classes=tuple(
            ClassIntervals(
                label=figures.label,
                precision=wilson(figures.correct, figures.predicted),
                recall=wilson(figures.correct, figures.support),
                f1=None if figures.f1 is None else _percentiles(f1[:, column]),
            )
            for column, figures in enumerate(classes)
        ),
    )


def _drawn_counts(truth: Flags, accepted: Flags) -> Iterator[NDArray[np.float64]]:
    """(samples, 2, labels): documents decided rightly, and the sum of those true and those accepted."""
    chance = np.random.default_rng(_SEED)
    documents, labels = truth.shape
    counts = np.concatenate([truth & accepted, truth.astype(float) + accepted], axis=1)
    for _ in range(0, _SAMPLES, _SAMPLES_AT_ONCE):
        times = chance.multinomial(documents, np.full(documents, 1 / documents), _SAMPLES_AT_ONCE)
        yield (times @ counts).reshape(-1, 2, labels)


def _mean_of_known(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def _percentiles(values: NDArray[np.float64]) -> Interval:
    """A sample without the label says nothing of it."""
    known = values[~np.isnan(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = np.percentile(known, [50 * (1 - _LEVEL), 50 * (1 + _LEVEL)])
    return float(low), float(high)
