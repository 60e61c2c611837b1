"""Character 1–3-gram TF-IDF under a class-balanced linear model: the floor that is often a ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy.special import expit, softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score, precision_recall_curve
from sklearn.svm import LinearSVC

from benchmarks.learning.contender_figures import decisions, macro_f1
from benchmarks.learning.problem import Prediction, Problem, Values
from nlu.application.settings import ClassificationTask
from nlu.records.evidence import evidence_spans, proves
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence, SentenceSplitter

_REGULARISATIONS = (1.0, 10.0)


def solve(problem: Problem) -> Prediction:
    """The better on dev of LinearSVC and logistic regression; ridge for a score."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    learned = vectorizer.fit_transform([record.text for record in problem.train])
    dev, test = (vectorizer.transform([r.text for r in part]) for part in (problem.dev, problem.test))
    targets = problem.targets(problem.train)
    tried: list[tuple[float, Values, Values]] = []
    for make in _models(problem):
        values = _fit(problem, make, learned, targets)
        on_dev = values(dev)
        tried.append((macro_f1(problem, on_dev), on_dev, values(test)))
    _, on_dev, on_test = max(tried, key=lambda one: one[0])
    return Prediction(on_dev, on_test, evidence_f1=_evidence_f1(problem, on_dev, on_test))


def _models(problem: Problem) -> list:  # type: ignore[type-arg]
    if not isinstance(problem.task, ClassificationTask):
        return [lambda alpha=alpha: Ridge(alpha=alpha) for alpha in (0.5, 1.0, 2.0)]
    return [
        lambda: LinearSVC(class_weight="balanced", random_state=problem.seed),
        *(
            lambda strength=strength: LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)
            for strength in _REGULARISATIONS
        ),
    ]


def _fit(problem: Problem, make, learned, targets: Values):
    """A function from features to probabilities (margins of a machine are squeezed into them)."""
    if not isinstance(problem.task, ClassificationTask):
        model = make().fit(learned, targets)
        return lambda features: np.clip(model.predict(features), 0.0, 1.0)
    if problem.exclusive:
        model = make().fit(learned, targets.argmax(axis=1))
        width = targets.shape[1]

        def exclusive(features) -> Values:
            margins = model.decision_function(features)
            if margins.ndim == 1:
                margins = np.column_stack([-margins, margins])
            spread = np.full((margins.shape[0], width), -np.inf)
            spread[:, model.classes_] = margins
            return softmax(spread, axis=1)

        return exclusive
    models = [make().fit(learned, column) if 0 < column.sum() < len(column) else None for column in targets.T]

    def combined(features) -> Values:
        return np.column_stack(
            [
                np.zeros(features.shape[0]) if model is None else expit(model.decision_function(features))
                for model in models
            ]
        )

    return combined


def _evidence_f1(problem: Problem, on_dev: Values, on_test: Values) -> float | None:
    """A logistic regression over the sentences of train; on test only records with something to report."""
    task = problem.task
    if not isinstance(task, ClassificationTask) or not task.evidence:
        return None
    parts = [_sentences(part, task) for part in (problem.train, problem.dev, problem.test)]
    if not any(flag for _, flags in parts[0] for flag in flags):
        return None
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    learned = vectorizer.fit_transform([s.text for some, _ in parts[0] for s in some])
    truth = [flag for _, flags in parts[0] for flag in flags]
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=2000).fit(learned, truth)
    decide = decisions(problem, on_dev)
    columns = [place for place, name in enumerate(problem.columns) if name != task.other]
    guesses = []
    for (records, values), part in zip(
        ((problem.dev, on_dev), (problem.test, on_test)), parts[1:], strict=True
    ):
        accepted = decide(values)[:, columns].any(axis=1)
        scores = [
            probability if reported else 0.0
            for reported, record, (some, _) in zip(accepted, records, part, strict=True)  # type: ignore[arg-type]
            if some
            for probability in model.predict_proba(vectorizer.transform([s.text for s in some]))[:, 1]
        ]
        guesses.append((np.array([flag for _, flags in part for flag in flags]), np.array(scores)))
    (dev_truth, dev_scores), (test_truth, test_scores) = guesses
    precision, recall, thresholds = precision_recall_curve(dev_truth, dev_scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    threshold = max(thresholds[int(np.argmax(f1[:-1]))], 1e-9)
    return float(f1_score(test_truth, test_scores >= threshold))


@cache
def _splitter() -> SentenceSplitter:
    return SentenceSplitter()


@cache
def _split(text: str) -> tuple[Sentence, ...]:
    """Subsets of all sizes hold the same texts again and again."""
    return _splitter().split(text, ())


def _sentences(
    records: Sequence[Record], task: ClassificationTask
) -> list[tuple[list[Sentence], list[bool]]]:
    """The sentences of each record and which of them are evidence; none where nobody marked it."""
    found = []
    for record in records:
        spans = evidence_spans(record, task)
        sentences = [] if spans is None else list(_split(record.text))
        found.append((sentences, [proves(sentence, spans or ()) for sentence in sentences]))
    return found
