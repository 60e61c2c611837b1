"""Between the probabilities of a task's labels and the logits that can be added up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from nlu.application.label_sets import learned_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask

# What is called impossible counts as this improbable: one expert alone must not rule a label out.
FLOOR = 1e-3


def label_probabilities(
    logits: NDArray[np.float64], task: ClassificationTask, sheet: LabelSheet
) -> NDArray[np.float64]:
    """Probabilities in sheet order, (labels of the sheet,), from logits of the learned labels.

    Where labels can be combined, "other" is what remains beside the most probable one.
    """
    if not task.multi_label:
        return np.asarray(softmax(logits))
    probabilities = np.zeros(len(sheet.names))
    probabilities[list(learned_labels(task, sheet))] = expit(logits)
    if task.other is not None:
        probabilities[sheet.index(task.other)] = 1 - probabilities.max()
    return probabilities


def label_logits(
    probabilities: NDArray[np.float64], task: ClassificationTask, sheet: LabelSheet
) -> NDArray[np.float64]:
    """The way back, for rows of probabilities (…, labels of the sheet), each kept `FLOOR` away from 0 (and
    from 1 where labels can be combined): log-probabilities or log-odds of the learned labels."""
    learned = probabilities[..., list(learned_labels(task, sheet))]
    return log_odds(learned) if task.multi_label else np.log(np.maximum(learned, FLOOR))


def log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(p / (1 − p)), p kept `FLOOR` away from 0 and 1."""
    inside = np.clip(probabilities, FLOOR, 1 - FLOOR)
    return np.asarray(np.log(inside) - np.log1p(-inside))
