"""What the sentences of an annotated document are known to prove."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nlu.labels import LabelSheet
from nlu.model.network import reported_labels
from nlu.settings import ClassificationTask
from nlu.training.examples import Example


def sentence_targets(
    example: Example, task: ClassificationTask, sheet: LabelSheet
) -> NDArray[np.float64] | None:
    """(sentences, reported labels): 1 where a sentence proves a label, 0 where not, NaN where nobody said.
    None where the evidence of the task is not annotated.

    Of a document with several labels it is not known which of them a proving sentence is for.
    """
    if task.name not in example.proofs:
        return None
    given = [label in example.labels[task.name] for label in reported_labels(task, sheet)]
    targets = np.zeros((len(example.prepared.sentences), len(given)))
    proving = np.array(example.proofs[task.name], dtype=bool)
    targets[np.ix_(proving, np.array(given, dtype=bool))] = 1.0 if sum(given) == 1 else np.nan
    return targets
