"""Records that are likely mislabelled, for a person to look at before training.

Confident learning (Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset
Labels", JAIR 2021): a record is suspicious where a model that has not seen it is as sure of another label as
it usually is of records that carry that label. The model is logistic regression on character n-grams: it is
fast, and weak enough not to learn single wrong records by heart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.application.application import Application
from nlu.application.settings import ClassificationTask
from nlu.records.record import Record

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

FOLDS = 5
NGRAMS = (1, 3)
FEWEST = 2 * FOLDS
"""Records of a label, in each fold two, below which nothing is said about the label."""
INVERSE_REGULARISATION = 30.0
"""C of the logistic regression: of 3, 10 and 30 the one that finds most (`benchmarks.studies.label_noise`),
about 80 % of labels exchanged at random, a quarter to a half of reports that were labelled "other"."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A record whose label in a task may be wrong.

    `likely` is the label that the other records speak for; of a task with several labels a record `given`
    without it may lack it, and "" is given or likely where it is only the label itself that is in doubt.
    `self_confidence` is the probability of what was given, `margin` that of what is likely less that: the
    higher the more suspicious, at most 1.
    """

    id: str
    task: str
    given: str
    likely: str
    self_confidence: float
    margin: float


def suspicious_records(
    records: Sequence[Record], application: Application, seed: int = 13
) -> tuple[Suspicion, ...]:
    """Suspicious labels of all classification tasks, the most suspicious first; the same for the same seed.

    Costs five fits of the n-gram model a task, and where labels can be combined five a label: seconds for
    thousands of records.
    """
    found: list[Suspicion] = []
    for task in application.classifications:
        annotated = [record for record in records if task.name in record.labels]
        if task.multi_label:
            for label in application.sheets[task.name].names:
                if label != task.other:
                    found += _suspicions_of_label(annotated, task, label, seed)
        else:
            given = [record.labels[task.name][0] for record in annotated]
            found += _suspicions(annotated, task, given, seed)
    return tuple(sorted(found, key=lambda suspicion: (-suspicion.margin, suspicion.id)))


def _suspicions_of_label(
    records: Sequence[Record], task: ClassificationTask, label: str, seed: int
) -> Iterator[Suspicion]:
    given = [label if label in record.labels[task.name] else "" for record in records]
    return _suspicions(records, task, given, seed)


def _suspicions(
    records: Sequence[Record], task: ClassificationTask, given: Sequence[str], seed: int
) -> Iterator[Suspicion]:
    counts = Counter(given)
    judged = [row for row, name in enumerate(given) if counts[name] >= FEWEST]
    names = sorted({given[row] for row in judged})
    if len(names) < 2:
        return
    labels = np.array([names.index(given[row]) for row in judged])
    probabilities = out_of_fold([records[row].text for row in judged], labels, seed)
    for place, likely in confident_errors(probabilities, labels):
        row = judged[place]
        own, other = probabilities[place, labels[place]], probabilities[place, likely]
        yield Suspicion(records[row].id, task.name, given[row], names[likely], float(own), float(other - own))


def confident_errors(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64]
) -> Iterator[tuple[int, int]]:
    """Rows whose label is likely wrong, with the likely one.

    `probabilities` of shape (records, labels) must come from models that had not seen the record. A label is
    confident for a record from the mean probability on that the records with this label have for it; of
    several confident labels the most probable counts.
    """
    usual = np.array(
        [probabilities[labels == label, label].mean() for label in range(probabilities.shape[1])]
    )
    confident = np.where(probabilities >= usual, probabilities, -1.0)
    likely = confident.argmax(axis=1)
    for row in np.flatnonzero((confident.max(axis=1) >= 0) & (likely != labels)):
        yield int(row), int(likely[row])


def out_of_fold(texts: Sequence[str], labels: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """(records, labels) probabilities, each from a model that was fitted without the record's fold."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    predicted = cross_val_predict(_model(), list(texts), labels, cv=folds, method="predict_proba")
    return np.asarray(predicted, dtype=np.float64)


def _model() -> Pipeline:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=NGRAMS, min_df=2, sublinear_tf=True),
        LogisticRegression(C=INVERSE_REGULARISATION, max_iter=200),
    )
