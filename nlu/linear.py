"""The strong simple peer: character n-grams and a linear model, one for each classification task.

It belongs in every report: an encoder that does not beat it is not worth its seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from nlu.application import Application, ClassificationTask
from nlu.metrics import ClassificationFigures, classification_figures
from nlu.records import Record

_LONGEST_N_GRAM = 3
_SEED = 0


def linear_baseline(
    train_records: Sequence[Record],
    test_records: Sequence[Record],
    task: ClassificationTask,
    application: Application,
) -> ClassificationFigures:
    """Figures on the test records of TF-IDF over character 1–3-grams and a class-balanced linear SVM.

    Records without the task are left out. The decision is the SVM's own; no threshold is tuned.
    """
    names = application.sheets[task.name].names
    learning = [record for record in train_records if task.name in record.labels]
    asked = [record for record in test_records if task.name in record.labels]
    svm = LinearSVC(class_weight="balanced", random_state=_SEED)
    model = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, _LONGEST_N_GRAM), sublinear_tf=True),
        OneVsRestClassifier(svm) if task.multi_label else svm,
    )
    given = [_given(record, task, names) for record in learning]
    targets = (
        [[int(place in labels) for place in range(len(names))] for labels in given]
        if task.multi_label
        else [min(labels) for labels in given]
    )
    model.fit([record.text for record in learning], np.array(targets))
    guesses = model.predict([record.text for record in asked])
    predicted = [
        {int(place) for place in np.flatnonzero(guess)} if task.multi_label else {int(guess)}
        for guess in guesses
    ]
    if task.multi_label and task.other is not None:
        other = names.index(task.other)
        predicted = [labels - {other} or {other} for labels in predicted]
    gold = [_given(record, task, names) for record in asked]
    return classification_figures(task.name, names, gold, predicted)


def _given(record: Record, task: ClassificationTask, names: Sequence[str]) -> set[int]:
    """Places of a record's labels on the sheet; a record without any has "other", where there is one."""
    nothing = () if task.other is None else (task.other,)
    return {names.index(name) for name in record.labels[task.name] or nothing}
