"""Annotated examples of one task as matrices: what is true of them, and how probable the model calls it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.application.label_sets import reported_labels, truth_matrix
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask
from nlu.measures.intervals import Flags, Floats
from nlu.network.signals import Signals
from nlu.training.examples.examples import Example


def label_truth(
    task: ClassificationTask, sheet: LabelSheet, examples: Sequence[Example]
) -> tuple[list[int], Flags]:
    """The places of the examples that annotate a task, and its `truth_matrix` of them."""
    rows = [row for row, example in enumerate(examples) if task.name in example.labels]
    return rows, truth_matrix(task, sheet, [examples[row].labels[task.name] for row in rows])


def predicted_labels(
    task: ClassificationTask, sheet: LabelSheet, signals: Sequence[Signals], rows: Sequence[int]
) -> Floats:
    """(rows, labels of the sheet): the probabilities of those documents."""
    return np.array([signals[row].labels[task.name] for row in rows]).reshape(-1, len(sheet.names))


def evidence_truth(
    task: ClassificationTask, sheet: LabelSheet, examples: Sequence[Example], signals: Sequence[Signals]
) -> tuple[Flags, Floats]:
    """Of the sentences of all documents that have something to prove: whether each is evidence, and how
    probable that is under the document's true labels; both (sentences,)."""
    reported = reported_labels(task, sheet)
    truth: list[bool] = []
    probabilities: list[float] = []
    for example, signal in zip(examples, signals, strict=True):
        given = example.labels.get(task.name, ())
        columns = [column for column, label in enumerate(reported) if label in given]
        if columns and task.name in example.proofs:
            truth += example.proofs[task.name]
            probabilities += signal.sentences[task.name][:, columns].max(axis=1).tolist()
    return np.array(truth, dtype=bool), np.array(probabilities)


def sentence_targets(
    example: Example, task: ClassificationTask, sheet: LabelSheet
) -> NDArray[np.float64] | None:
    """(sentences, reported labels): 1 where a sentence proves a label, 0 where not, NaN where nobody said.
    None where no sentence of the document was judged.

    Where a sentence proves one of several labels it is not known which.
    """
    if task.name not in example.targets:
        return None
    reported = reported_labels(task, sheet)
    targets = np.full((len(example.prepared.sentences), len(reported)), np.nan)
    for row, target in enumerate(example.targets[task.name]):
        if target is not None:
            known = target.each or len(target.labels) == 1
            held = 1.0 if known else np.nan
            targets[row] = [held if label in target.labels else 0.0 for label in reported]
    return targets
