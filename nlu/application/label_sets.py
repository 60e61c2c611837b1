"""The labels of a task that are reported, those that are learned, and those that are true of documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask


def reported_labels(task: ClassificationTask, sheet: LabelSheet) -> tuple[int, ...]:
    """Indices in the sheet of all labels but "other": those that evidence can prove."""
    return tuple(index for index, name in enumerate(sheet.names) if name != task.other)


def learned_labels(task: ClassificationTask, sheet: LabelSheet) -> tuple[int, ...]:
    """Indices in the sheet of the labels with a logit of their own.

    Where labels can be combined, "other" has none: it is what remains when no other label holds.
    """
    return reported_labels(task, sheet) if task.multi_label else tuple(range(len(sheet.names)))


def truth_matrix(
    task: ClassificationTask, sheet: LabelSheet, labels: Sequence[Sequence[int]]
) -> NDArray[np.bool_]:
    """(documents, labels of the sheet), true where a document has a label, from the indices of each
    document's labels; a document without any has "other" where the task knows it."""
    truth = np.zeros((len(labels), len(sheet.names)), dtype=bool)
    for row, given in enumerate(labels):
        truth[row, list(given)] = True
    if task.other is not None:
        truth[~truth.any(axis=1), sheet.index(task.other)] = True
    return truth
