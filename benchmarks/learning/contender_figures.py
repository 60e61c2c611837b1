"""From a contender's probabilities to figures; every peer's decisions are tuned on dev in the same way.

Where labels exclude each other the most probable one is taken, and where one of them is "other" the threshold
on the probability of anything else that has the best macro-F1 on dev. Where labels can be combined each has
its threshold of best F1. For the target recall everybody, ours too, takes the dev threshold of highest
precision whose recall reaches it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, precision_recall_curve, precision_recall_fscore_support

from benchmarks.learning.problem import Prediction, Problem, Values
from nlu.application.settings import ClassificationTask

TARGET_RECALL = 0.80

Flags = NDArray[np.bool_]

_MOST_CANDIDATES = 60
# A label of fewer records than this share of train is a rare one; one with fewer dev positives tells nothing.
_RARE_SHARE = 0.10
_FEWEST_DEV_POSITIVES = 5


def figures(problem: Problem, prediction: Prediction) -> dict[str, Any]:
    """The figures of a run on the test part, ready for JSON."""
    if not isinstance(problem.task, ClassificationTask):
        return _score_figures(problem, prediction)
    gold = problem.targets(problem.test) > 0
    accepted = prediction.accepted
    if accepted is None:
        accepted = decisions(problem, prediction.dev)(prediction.test)
    gold_all, accepted_all = _with_other(problem, gold), _with_other(problem, accepted)
    present = gold_all.any(axis=0)
    precision, recall, f1, support = precision_recall_fscore_support(
        gold_all, accepted_all, average=None, zero_division=0.0
    )
    scored = gold.any(axis=0)
    ranked = average_precision_score(gold[:, scored], prediction.test[:, scored], average="macro")
    return {
        "macro_f1": float(f1[present].mean()),
        "macro_precision": float(precision[present].mean()),
        "macro_recall": float(recall[present].mean()),
        "accuracy": float((gold_all == accepted_all).all(axis=1).mean()),
        "average_precision": float(ranked),
        "evidence_f1": prediction.evidence_f1,
        "target_recall": _at_target_recall(problem, prediction),
        "classes": {
            name: {"f1": round(float(f1[place]), 4), "support": int(support[place])}
            for place, name in enumerate(_names(problem))
        },
    }


def macro_f1(problem: Problem, dev: Values) -> float:
    """The dev figure by which peers choose between their variants; for a score minus the squared error."""
    truth = problem.targets(problem.dev)
    if not isinstance(problem.task, ClassificationTask):
        return -float(((truth - dev) ** 2).mean())
    return _macro_f1(problem, truth > 0, decisions(problem, dev)(dev))


def decisions(problem: Problem, dev: Values) -> Callable[[Values], Flags]:
    """From probabilities to what is accepted, tuned on the dev records."""
    gold = problem.targets(problem.dev) > 0
    if not problem.exclusive:
        thresholds = np.array([_best_f1(gold[:, c], dev[:, c]) for c in range(gold.shape[1])])
        return lambda values: values >= thresholds
    other = _other(problem)
    if other is None:
        return lambda values: _largest(values, None, 0.0)
    anything = np.unique(1 - dev[:, other])
    candidates = anything[:: max(1, len(anything) // _MOST_CANDIDATES)]
    best = max(candidates, key=lambda value: _macro_f1(problem, gold, _largest(dev, other, value)))
    natural = _macro_f1(problem, gold, _largest(dev, None, 0.0))
    if natural >= _macro_f1(problem, gold, _largest(dev, other, best)):
        return lambda values: _largest(values, None, 0.0)
    return lambda values: _largest(values, other, best)


def threshold_for_recall(values: Values, gold: Flags, target: float = TARGET_RECALL) -> float:
    """The value from which on precision is highest among those whose recall reaches the target."""
    precision, recall, thresholds = precision_recall_curve(gold, values)
    reaching = recall[:-1] >= target
    return float(thresholds[np.argmax(np.where(reaching, precision[:-1] + 1e-9 * recall[:-1], -1.0))])


def _largest(values: Values, other: int | None, threshold: float) -> Flags:
    """One label a record: the most probable, or with a threshold the most probable but `other` above it."""
    if other is None:
        chosen = values.argmax(axis=1)
    else:
        rest = values.copy()
        rest[:, other] = -1.0
        chosen = np.where(1 - values[:, other] >= threshold, rest.argmax(axis=1), other)
    return np.arange(values.shape[1]) == chosen[:, None]


def _best_f1(gold: Flags, values: Values) -> float:
    if not gold.any():
        return 0.5
    precision, recall, thresholds = precision_recall_curve(gold, values)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    return float(thresholds[int(np.argmax(f1[:-1]))])


def _macro_f1(problem: Problem, gold: Flags, accepted: Flags) -> float:
    gold, accepted = _with_other(problem, gold), _with_other(problem, accepted)
    hits = (gold & accepted).sum(axis=0)
    f1 = 2 * hits / np.maximum(gold.sum(axis=0) + accepted.sum(axis=0), 1)
    return float(f1[gold.any(axis=0)].mean())


def _with_other(problem: Problem, flags: Flags) -> Flags:
    """The same with a column for "other" where labels can be combined: it is what is left."""
    if problem.exclusive or _task(problem).other is None:
        return flags
    return np.column_stack([flags, ~flags.any(axis=1)])


def _names(problem: Problem) -> tuple[str, ...]:
    other = _task(problem).other
    return problem.columns if problem.exclusive or other is None else (*problem.columns, other)


def _at_target_recall(problem: Problem, prediction: Prediction) -> dict[str, Any]:
    """Recall and precision on test at the threshold for the target on dev: of anything but "other", and of
    every rare label."""
    targets = problem.targets(problem.dev) if prediction.dev_targets is None else prediction.dev_targets
    dev, test = targets > 0, problem.targets(problem.test) > 0
    found: dict[str, Any] = {}
    if _task(problem).other is not None:
        found["any"] = _caught(
            _anything(problem, prediction.dev),
            _has_anything(problem, dev),
            _anything(problem, prediction.test),
            _has_anything(problem, test),
        )
    shares = problem.targets(problem.train).mean(axis=0)
    found["rare"] = {
        name: _caught(prediction.dev[:, c], dev[:, c], prediction.test[:, c], test[:, c])
        for c, name in enumerate(problem.columns)
        if 0 < shares[c] < _RARE_SHARE
        and dev[:, c].sum() >= _FEWEST_DEV_POSITIVES
        and test[:, c].any()
        and name != _task(problem).other
    }
    return found


def _caught(dev: Values, dev_gold: Flags, test: Values, test_gold: Flags) -> dict[str, float]:
    accepted = test >= threshold_for_recall(dev, dev_gold)
    hits = int((accepted & test_gold).sum())
    return {
        "recall": hits / int(test_gold.sum()),
        "precision": hits / max(1, int(accepted.sum())),
        "dev_positives": int(dev_gold.sum()),
    }


def _anything(problem: Problem, values: Values) -> Values:
    other = _other(problem)
    return values.max(axis=1) if other is None else 1 - values[:, other]


def _has_anything(problem: Problem, gold: Flags) -> Flags:
    other = _other(problem)
    return gold.any(axis=1) if other is None else ~gold[:, other]  # type: ignore[return-value]


def _score_figures(problem: Problem, prediction: Prediction) -> dict[str, Any]:
    truth = problem.targets(problem.test)
    return {
        "pearson": float(np.corrcoef(truth, prediction.test)[0, 1]),
        "spearman": float(spearmanr(truth, prediction.test).statistic),
        "mae_of_range": float(np.abs(truth - prediction.test).mean()),
    }


def _other(problem: Problem) -> int | None:
    """The column of "other"; None where it has none."""
    name = _task(problem).other
    return problem.columns.index(name) if name in problem.columns else None


def _task(problem: Problem) -> ClassificationTask:
    assert isinstance(problem.task, ClassificationTask)
    return problem.task
