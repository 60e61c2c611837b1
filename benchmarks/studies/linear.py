"""The peer of every tailored model: character n-grams and a linear support vector machine for each label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score, precision_recall_curve
from sklearn.svm import LinearSVC

from nlu.application.labels import LabelSheet
from nlu.application.settings import ClassificationTask
from nlu.records.record import Record


def linear_macro_f1(
    train: Sequence[Record],
    dev: Sequence[Record],
    test: Sequence[Record],
    task: ClassificationTask,
    sheet: LabelSheet,
) -> float:
    """Macro-F1 over all labels of character 1–3-gram TF-IDF and a class-balanced LinearSVC a label.

    Each label's threshold is the one of best F1 on the dev records, as the tailored models' are; what has
    no label is "other", and where labels exclude each other the largest margin wins.
    """
    reported = [name for name in sheet.names if name != task.other]
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
    learned = vectorizer.fit_transform([record.text for record in train])
    held_out = vectorizer.transform([record.text for record in dev])
    unseen = vectorizer.transform([record.text for record in test])
    margins = np.zeros((len(test), len(reported)))
    for column, name in enumerate(reported):
        machine = LinearSVC(class_weight="balanced").fit(learned, _has(train, task, name))
        threshold = _best_threshold(_has(dev, task, name), machine.decision_function(held_out))
        margins[:, column] = machine.decision_function(unseen) - threshold
    guess = margins >= 0
    if not task.multi_label:
        guess &= margins == margins.max(axis=1, keepdims=True)
    guess = np.column_stack([guess, ~guess.any(axis=1)])
    gold = np.column_stack([_has(test, task, name) for name in reported])
    gold = np.column_stack([gold, ~gold.any(axis=1)])
    return float(f1_score(gold, guess, average="macro"))


def _has(records: Sequence[Record], task: ClassificationTask, name: str) -> NDArray[np.bool_]:
    return np.array([name in record.labels[task.name] for record in records])


def _best_threshold(gold: NDArray[np.bool_], values: NDArray[np.float64]) -> float:
    precision, recall, thresholds = precision_recall_curve(gold, values)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    return float(thresholds[int(np.argmax(f1[:-1]))])
