"""What probabilities are worth: precision-recall curves by label, and calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_recall_curve

from nlu.evaluation.task_results import TaskResults
from nlu.measures.calibration_error import calibration_error
from nlu.measures.metrics import ClassFigures, Flags, Probabilities, class_figures

_BINS = 10
# A picture does not show more, and a report on a million records stays small.
_MOST_POINTS = 200


@dataclass(frozen=True, slots=True)
class PrecisionRecallCurve:
    """One label at every threshold, from the lowest on; `decided` are its figures as it was decided."""

    label: str
    decided: ClassFigures
    prevalence: float
    thresholds: tuple[float, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The predictions with a probability from `low` to below `high`: how many there are, their mean
    probability, and the share of them that is true."""

    low: float
    high: float
    count: int
    probability: float
    share: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Whether a probability of p comes true in a share p of the cases.

    `error` is the expected calibration error and `brier` the mean squared difference of probability and
    outcome (Brier 1950). `bins` are of equal width; empty ones are left out.
    """

    count: int
    error: float
    brier: float
    bins: tuple[ReliabilityBin, ...]


def precision_recall_curves(results: TaskResults) -> tuple[PrecisionRecallCurve, ...]:
    """The curve of every label that some document has, in sheet order."""
    return tuple(
        _curve(name, results.truth[:, column], results.accepted[:, column], results.probabilities[:, column])
        for column, name in enumerate(results.names)
        if results.truth[:, column].any()
    )


def reliability(results: TaskResults) -> Reliability:
    """Where labels exclude each other: of the most probable label (Guo et al. 2017). Else of every label of
    every document."""
    exclusive = not results.task.multi_label
    probabilities, truth = results.probabilities.ravel(), results.truth.ravel()
    if exclusive:
        rows, best = np.arange(len(results.truth)), results.probabilities.argmax(axis=1)
        probabilities, truth = results.probabilities[rows, best], results.truth[rows, best]
    return Reliability(
        count=len(truth),
        error=calibration_error(results.probabilities, results.truth, exclusive=exclusive),
        brier=float(np.mean((probabilities - truth) ** 2)),
        bins=reliability_bins(probabilities, truth),
    )


def reliability_bins(probabilities: Probabilities, truth: Flags) -> tuple[ReliabilityBin, ...]:
    """The points of a reliability diagram; `truth` says which predictions came true."""
    places = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    bins = []
    for place in np.unique(places):
        inside = places == place
        low, high = float(place) / _BINS, float(place + 1) / _BINS
        mean, share = float(probabilities[inside].mean()), float(truth[inside].mean())
        bins.append(ReliabilityBin(low, high, int(inside.sum()), mean, share))
    return tuple(bins)


def _curve(name: str, truth: Flags, accepted: Flags, probabilities: Probabilities) -> PrecisionRecallCurve:
    precision, recall, thresholds = precision_recall_curve(truth, probabilities, drop_intermediate=True)
    # The last point, recall 0 with precision 1, is a convention that no threshold stands for.
    shown = np.unique(np.linspace(0, len(thresholds) - 1, _MOST_POINTS).astype(int))
    return PrecisionRecallCurve(
        label=name,
        decided=class_figures(name, truth, accepted, probabilities),
        prevalence=float(truth.mean()),
        thresholds=tuple(thresholds[shown].tolist()),
        precision=tuple(precision[shown].tolist()),
        recall=tuple(recall[shown].tolist()),
    )
