"""Thresholds chosen on dev records, with what is known of how sure that choice is.

A few dozen positives do not tell neighbouring thresholds apart, and the very best of them is best by luck.
So any figure within one standard error of the best counts as the best (the one-standard-error rule of
Breiman, Friedman, Olshen and Stone 1984), and among those the threshold nearest 0.5 is taken, or the one of
most recall where a recall is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nlu.application import Application
from nlu.decisions.deciding import Decisions, accepted_labels
from nlu.evaluation.metrics import classification_figures
from nlu.model.network import Signals, reported_labels
from nlu.settings import ClassificationTask
from nlu.training.examples import Example

BEST_F1 = "best F1"
BEST_MACRO_F1 = "best macro-F1"
TARGET_RECALL = "target recall"
DEFAULT = "default"

Option = TypeVar("Option")

_DEFAULT_VALUE = 0.5
_MOST_CANDIDATES = 60


@dataclass(frozen=True, slots=True)
class Threshold:
    """How one threshold was chosen.

    `name` is a 小分類, or what the threshold decides. `positives` are the dev documents (for evidence:
    sentences) that are truly so; `recall_low` to `recall_high` is the 95 % Wilson interval of `recall`.
    """

    task: str
    name: str
    value: float
    rule: str
    positives: int
    precision: float
    recall: float
    recall_low: float
    recall_high: float


def choose_decisions(
    application: Application, examples: Sequence[Example], signals: Sequence[Signals]
) -> tuple[Decisions, tuple[Threshold, ...]]:
    """Thresholds for every task from dev examples and what the model says of them, in the same order."""
    labels: dict[str, dict[str, float]] = {}
    evidence: dict[str, float] = {}
    report: list[Threshold] = []
    for task in application.classifications:
        names = application.sheets[task.name].names
        rows = [row for row, example in enumerate(examples) if task.name in example.labels]
        gold = [examples[row].labels[task.name] for row in rows]
        probabilities = np.array([signals[row].labels[task.name] for row in rows]).reshape(-1, len(names))
        if task.multi_label:
            chosen = [
                choose_threshold(
                    task.name,
                    names[label],
                    probabilities[:, label],
                    [label in given for given in gold],
                    task.aim.recall,
                )
                for label in reported_labels(task, application.sheets[task.name])
            ]
            values = {threshold.name: threshold.value for threshold in chosen}
            lowest = min(values.values())
            labels[task.name] = {name: values.get(name, 1 - lowest) for name in names}
            report += chosen
        elif task.other is None:
            labels[task.name] = dict.fromkeys(names, 0.0)
        else:
            threshold = _choose_any(task, application, probabilities, gold)
            value = threshold.value
            labels[task.name] = {name: 1 - value if name == task.other else value for name in names}
            report.append(threshold)
        if task.evidence:
            threshold = _choose_evidence(task, application, examples, signals)
            evidence[task.name] = threshold.value
            report.append(threshold)
    return Decisions(labels, evidence), tuple(report)


def wilson_interval(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of a proportion (Wilson 1927); (0, 1) where nothing was tried."""
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    center = share + z * z / (2 * trials)
    margin = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (center - margin) / scale), min(1.0, (center + margin) / scale)


def choose_threshold(
    task: str,
    name: str,
    probabilities: NDArray[np.float64],
    truth: Sequence[bool],
    target_recall: float | None = None,
) -> Threshold:
    """The threshold of best F1, or that of best precision among those whose recall reaches a target.

    `truth` says which of the `probabilities` belong to positives. 0.5 where there is none to choose by.
    """
    if not any(truth):
        return _describe(task, name, _DEFAULT_VALUE, DEFAULT, probabilities, truth)
    rule = BEST_F1 if target_recall is None else TARGET_RECALL
    options = [_describe(task, name, value, rule, probabilities, truth) for value in _between(probabilities)]
    if target_recall is None:
        as_good = _as_good(options, [_f1(option) for option in options], sum(truth))
        return min(as_good, key=lambda option: abs(option.value - _DEFAULT_VALUE))
    reaching = [option for option in options if option.recall >= target_recall]
    as_good = _as_good(reaching, [option.precision for option in reaching], sum(truth))
    return max(as_good, key=lambda option: (option.recall, option.precision))


def _as_good(options: Sequence[Option], figures: Sequence[float], positives: int) -> list[Option]:
    """The options whose figure, a share of about `positives`, is within a standard error of the best."""
    best = max(figures)
    error = sqrt(best * (1 - best) / positives)
    return [option for option, figure in zip(options, figures, strict=True) if figure >= best - error]


def _choose_any(
    task: ClassificationTask,
    application: Application,
    probabilities: NDArray[np.float64],
    gold: Sequence[tuple[int, ...]],
) -> Threshold:
    """The threshold on the probability of anything but "other" in a task whose labels exclude each other."""
    sheet = application.sheets[task.name]
    reported = reported_labels(task, sheet)
    any_probability = probabilities[:, list(reported)].sum(axis=1)
    truth = [given[0] in reported for given in gold]
    name = f"{task.other}以外"
    if task.aim.recall is not None or not any(truth):
        return choose_threshold(task.name, name, any_probability, truth, task.aim.recall)

    def macro_f1(value: float) -> float:
        thresholds = dict.fromkeys(sheet.names, value)
        predicted = [accepted_labels(task, sheet, row, thresholds) for row in probabilities]
        return classification_figures(task.name, sheet.names, gold, predicted).macro_f1

    candidates = _between(any_probability)
    sparse = candidates[:: max(1, len(candidates) // _MOST_CANDIDATES)]
    as_good = _as_good(sparse, [macro_f1(value) for value in sparse], sum(truth))
    value = min(as_good, key=lambda value: abs(value - _DEFAULT_VALUE))
    return _describe(task.name, name, value, BEST_MACRO_F1, any_probability, truth)


def _choose_evidence(
    task: ClassificationTask,
    application: Application,
    examples: Sequence[Example],
    signals: Sequence[Signals],
) -> Threshold:
    """The best F1 over the sentences of documents that have something to prove, under their true labels."""
    reported = reported_labels(task, application.sheets[task.name])
    probabilities: list[float] = []
    truth: list[bool] = []
    for example, signal in zip(examples, signals, strict=True):
        given = example.labels.get(task.name, ())
        columns = [column for column, label in enumerate(reported) if label in given]
        if columns and task.name in example.proofs:
            probabilities += signal.sentences[task.name][:, columns].max(axis=1).tolist()
            truth += example.proofs[task.name]
    return choose_threshold(task.name, "根拠文", np.array(probabilities), truth)


def _between(probabilities: NDArray[np.float64]) -> list[float]:
    """Values that part the probabilities in every possible way: 0.5, and the middle of every gap."""
    distinct = np.unique(probabilities)
    middles = (distinct[1:] + distinct[:-1]) / 2
    return sorted({float(distinct[0]) / 2, _DEFAULT_VALUE, *(float(value) for value in middles)})


def _describe(
    task: str,
    name: str,
    value: float,
    rule: str,
    probabilities: NDArray[np.float64],
    truth: Sequence[bool],
) -> Threshold:
    accepted = probabilities >= value
    positive = np.array(truth, dtype=bool)
    found, positives = int((accepted & positive).sum()), int(positive.sum())
    low, high = wilson_interval(found, positives)
    return Threshold(
        task=task,
        name=name,
        value=value,
        rule=rule,
        positives=positives,
        precision=found / max(1, int(accepted.sum())),
        recall=found / max(1, positives),
        recall_low=low,
        recall_high=high,
    )


def _f1(threshold: Threshold) -> float:
    total = threshold.precision + threshold.recall
    return 2 * threshold.precision * threshold.recall / total if total else 0.0
