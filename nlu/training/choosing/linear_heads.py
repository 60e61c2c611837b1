"""Linear models: one head for a task's labels, for its evidence sentences, for a score.

Where records are many a support vector machine has a say beside the logistic regression, for it knows rare
labels better; where they are few it does not. Cross-validated macro-F1 on fatal accidents, call logs, speech
acts and hotel reviews: all records .647 / .920 / .569 / .732 (regression), .652 / .942 / .578 / .748 (both),
.643 / .928 / .569 / .753 (the better of both on characters up to three in a row); 64 a label .648 / .575 /
.475 / .579, .652 / .570 / .468 / .580.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from nlu.application.application import Application
from nlu.application.label_sets import learned_labels
from nlu.application.settings import ClassificationTask, ScoreTask
from nlu.experts.linear_head import LinearHead
from nlu.training.choosing.matrices import label_truth
from nlu.training.examples.examples import Example

_RIDGE_PENALTY = 1.0
_ITERATIONS = 300
_MACHINE_ITERATIONS = 5000
_TOLERANCE = 1e-3
# Records a label, on average, from which on the machine has a say; a margin of it is worth so many logits.
_MANY = 64
_MARGIN = 3.0


def fit_labels(
    task: ClassificationTask,
    application: Application,
    examples: Sequence[Example],
    rows: Any,
    inverse_penalty: float,
) -> LinearHead:
    """From `rows`, (examples, width). A label that no example has is impossible; where none is annotated all
    are alike."""
    sheet = application.sheets[task.name]
    learned = learned_labels(task, sheet)
    annotated, truth = label_truth(task, sheet, examples)
    known = rows[annotated]
    if not annotated:
        return LinearHead.of([(np.zeros(rows.shape[1]), 0.0)] * len(learned))
    if task.multi_label:
        return LinearHead.of([_yes_or_no(known, truth[:, label], inverse_penalty) for label in learned])
    return LinearHead.of(_one_of(known, truth.argmax(axis=1), learned, inverse_penalty))


def fit_sentences(targets: NDArray[np.float64], rows: Any, inverse_penalty: float) -> LinearHead:
    """From `rows`, (sentences, width), and `targets`, (sentences, reported labels), NaN where nobody said."""
    columns = []
    for column in targets.T:
        known = np.flatnonzero(~np.isnan(column))
        columns.append(_yes_or_no(rows[known], column[known] == 1, inverse_penalty))
    return LinearHead.of(columns)


def fit_score(task: ScoreTask, examples: Sequence[Example], rows: Any) -> LinearHead:
    """From `rows`, (examples, width); the middle of the range where none is annotated."""
    from sklearn.linear_model import Ridge

    annotated = [row for row, example in enumerate(examples) if task.name in example.scores]
    if not annotated:
        return LinearHead.of([(np.zeros(rows.shape[1]), (task.minimum + task.maximum) / 2)])
    values = [examples[row].scores[task.name] for row in annotated]
    machine = Ridge(alpha=_RIDGE_PENALTY, solver="sparse_cg").fit(rows[annotated], values)
    return LinearHead.of([(machine.coef_, float(machine.intercept_))])


def _one_of(
    rows: Any, truth: NDArray[np.int64], learned: Sequence[int], inverse_penalty: float
) -> list[tuple[NDArray[Any], float]]:
    """Weights and bias of each label where exactly one holds: multinomial, each class weighing the same."""
    nothing = np.zeros(rows.shape[1])
    seen = np.unique(truth)
    if len(seen) == 1:
        found = {int(seen[0]): (nothing, 0.0)}
    else:
        weights, biases = _fit(rows, truth, inverse_penalty)
        if len(seen) == 2:  # one row stands for the difference of two
            weights, biases = np.vstack([nothing, weights]), np.array([0.0, *biases])
        found = {int(label): (weights[place], float(biases[place])) for place, label in enumerate(seen)}
    return [found.get(label, (nothing, -np.inf)) for label in learned]


def _yes_or_no(rows: Any, truth: NDArray[np.bool_], inverse_penalty: float) -> tuple[NDArray[Any], float]:
    """Weights and bias of one label for itself, its presence weighing as much as its absence."""
    if not truth.any():
        return np.zeros(rows.shape[1]), -np.inf
    if truth.all():
        return np.zeros(rows.shape[1]), float(np.log(len(truth) + 1.0))
    weights, biases = _fit(rows, truth, inverse_penalty)
    return weights[0], float(biases[0])


def _fit(rows: Any, truth: NDArray[Any], inverse_penalty: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Weights (classes, width) and biases (classes,), or of one row for two classes; classes weigh the
    same."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    regression = LogisticRegression(
        C=inverse_penalty, class_weight="balanced", max_iter=_ITERATIONS, tol=_TOLERANCE
    ).fit(rows, truth)
    if len(truth) < _MANY * len(np.unique(truth)) or not issparse(rows):
        return regression.coef_, regression.intercept_
    machine = LinearSVC(
        class_weight="balanced", max_iter=_MACHINE_ITERATIONS, tol=_TOLERANCE, random_state=0
    ).fit(rows, truth)
    return (
        (regression.coef_ + _MARGIN * machine.coef_) / 2,
        (regression.intercept_ + _MARGIN * machine.intercept_) / 2,
    )
