"""One figure to choose an epoch by, taken from what the model says before any threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from nlu.application.application import Application
from nlu.application.label_sets import reported_labels
from nlu.application.settings import ClassificationTask, SpanTask
from nlu.measures.metrics import score_figures
from nlu.network.signals import Signals
from nlu.training.choosing.matrices import evidence_truth, label_truth, predicted_labels
from nlu.training.examples.examples import Example


def headline(application: Application, examples: Sequence[Example], signals: Sequence[Signals]) -> float:
    """The mean over tasks of average precision of labels and of evidence, of score correlation and of span
    F1, 0–1; 0 where nothing is annotated. `signals` are those of `examples`.

    Thresholds that are chosen anew each epoch would reward luck; ranking does not move by one document.
    """
    figures: list[float] = []
    for task in application.classifications:
        figures += _label_precision(task, application, examples, signals)
        figures += _evidence_precision(task, application, examples, signals)
    for score in application.scores:
        rows = [row for row, example in enumerate(examples) if score.name in example.scores]
        if rows:
            gold = [examples[row].scores[score.name] for row in rows]
            said = [signals[row].scores[score.name] for row in rows]
            figures.append(max(0.0, score_figures(score.name, gold, said).pearson or 0.0))
    figures += [figure for span in application.spans for figure in _span_f1(span, examples, signals)]
    return float(np.mean(figures)) if figures else 0.0


def _label_precision(
    task: ClassificationTask,
    application: Application,
    examples: Sequence[Example],
    signals: Sequence[Signals],
) -> Iterator[float]:
    """Average precision over the labels, each weighing as the root of its positives: that of a label with
    two of them is mostly luck."""
    sheet = application.sheets[task.name]
    rows, truth = label_truth(task, sheet, examples)
    said = predicted_labels(task, sheet, signals, rows)
    asked = [label for label in reported_labels(task, sheet) if truth[:, label].any()]
    if asked:
        weights = np.sqrt(truth[:, asked].sum(axis=0))
        precisions = [_average_precision(truth[:, label], said[:, label]) for label in asked]
        yield float(np.average(precisions, weights=weights))


def _evidence_precision(
    task: ClassificationTask,
    application: Application,
    examples: Sequence[Example],
    signals: Sequence[Signals],
) -> Iterator[float]:
    """Average precision over the sentences of records with something to prove, under their true labels."""
    truth, said = evidence_truth(task, application.sheets[task.name], examples, signals)
    if truth.any():
        yield _average_precision(truth, said)


def _span_f1(task: SpanTask, examples: Sequence[Example], signals: Sequence[Signals]) -> Iterator[float]:
    """F1 of spans with exactly the right place and label."""
    gold = {(row, *span) for row, example in enumerate(examples) for span in example.spans.get(task.name, ())}
    found = {
        (row, span.start, span.end, span.label)
        for row, (example, signal) in enumerate(zip(examples, signals, strict=True))
        if task.name in example.spans
        for span in signal.spans[task.name]
    }
    if gold:
        yield 2 * len(gold & found) / (len(gold) + len(found))


def _average_precision(truth: NDArray[np.bool_], said: NDArray[np.float64]) -> float:
    return float(average_precision_score(truth, said))
