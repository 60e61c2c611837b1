"""What the sentences of an annotated document are known to prove."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nlu.application.label_sets import reported_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask
from nlu.training.examples.examples import Example


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
