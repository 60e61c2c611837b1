"""Which labels a person should look at: what is neither accepted nor ruled out.

A label is ruled out below a bound that so many of the held-out documents that carry it stay above (split
conformal prediction, class by class; Vovk et al. 2005, Angelopoulos and Bates 2021): who looks at what lies
between that bound and the decision misses no more of them than the stated risk, on documents like the
held-out ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from nlu.application.label_sets import reported_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask
from nlu.measures.intervals import Floats

RISK = 0.05
"""Share of the documents with a label that may be missed although somebody looks at what is in review, where
the aim of the task does not ask for less."""


def labels_in_review(
    task: ClassificationTask,
    sheet: LabelSheet,
    probabilities: Floats,
    accepted: frozenset[int],
    bounds: Mapping[str, float],
) -> frozenset[int]:
    """Indices in the sheet of the labels of one document that somebody should look at.

    `bounds`, by 小分類, are on the calibrated probability below which a label is ruled out. Where labels
    exclude each other and one means "other", they are on the probability of anything but "other", and only a
    document that got "other" is in review, under its most probable label. Without bounds nothing is.
    """
    if not bounds:
        return frozenset()
    reported = reported_labels(task, sheet)
    if task.multi_label or task.other is None:
        return frozenset(
            index
            for index in reported
            if index not in accepted and probabilities[index] >= bounds[sheet.names[index]]
        )
    best = max(reported, key=lambda index: float(probabilities[index]))
    anything = float(probabilities[list(reported)].sum())
    in_doubt = accepted == {sheet.index(task.other)} and anything >= bounds[sheet.names[best]]
    return frozenset({best}) if in_doubt else frozenset()
