"""From which probability on a person should look at a label that is not accepted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logit

from nlu.application.label_sets import reported_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask
from nlu.decisions.deciding import Decisions, accepted_labels
from nlu.decisions.reviewing import RISK
from nlu.measures.intervals import Flags, Floats

MOST_REVIEWED = 0.2
"""Share of the documents that may be in review: nobody looks through more."""

_TINY = 1e-6
_STEPS = 40


def choose_reviews(
    task: ClassificationTask,
    sheet: LabelSheet,
    raw: Floats,
    probabilities: Floats,
    truth: Flags,
    decisions: Decisions,
) -> dict[str, float]:
    """The bounds of `labels_in_review` by 小分類, from held-out documents: (documents, labels of the sheet)
    each, `raw` before and `probabilities` after calibration."""
    accepted = np.zeros(truth.shape, dtype=bool)
    for row in range(len(truth)):
        accepted[row, list(accepted_labels(task, sheet, raw[row], probabilities[row], decisions))] = True
    reported = list(reported_labels(task, sheet))
    names = [sheet.names[label] for label in reported]
    found = np.where(accepted, np.inf, probabilities)[:, reported]
    doubtful = np.where(accepted, -np.inf, probabilities)[:, reported]
    true = truth[:, reported]
    if task.multi_label:
        risks = [_risk(task, name) for name in names]
        bounds = choose_bounds([found[true[:, c], c] for c in range(len(names))], doubtful, risks)
        return dict(zip(names, bounds.tolist(), strict=True))
    if task.other is None:
        positives, doubts = found[true], doubtful.max(axis=1)
    else:
        given = accepted[:, reported].any(axis=1)
        anything = probabilities[:, reported].sum(axis=1)
        positives = np.where(given, np.inf, anything)[true.any(axis=1)]
        doubts = np.where(given, -np.inf, anything)
    (bound,) = choose_bounds([positives], doubts[:, np.newaxis], [_risk(task, "")])
    return dict.fromkeys(names, float(bound))


def choose_bounds(positives: Sequence[Floats], doubts: Floats, risks: Sequence[float]) -> Floats:
    """A bound for each group of labels, from which on what is not accepted is in review.

    `positives`: for each group the probabilities of documents that carry it, infinite where it is accepted;
    `doubts`, (documents, groups): what would be in review if the bound were below it. All but its risk of the
    positives of a group lie above its bound, or, where more than MOST_REVIEWED of the documents would then be
    in review, as many as that allows.
    """
    wide = np.array([_conformal(some, risk) for some, risk in zip(positives, risks, strict=True)])
    start = logit(np.clip(wide, _TINY, 1 - _TINY))
    end = logit(1 - _TINY)
    for step in range(_STEPS + 1):
        bounds = expit(start + (end - start) * (step / _STEPS) ** 2)
        if (doubts >= bounds).any(axis=1).mean() <= MOST_REVIEWED:
            break
    return np.asarray(bounds)


def _risk(task: ClassificationTask, name: str) -> float:
    aim = task.aims.get(name, task.aim)
    return RISK if aim.recall is None else 1 - aim.recall


def _conformal(positives: Floats, risk: float) -> float:
    """The largest value that a further positive lies below with no more probability than `risk`: of n the one
    in place risk × (n + 1), ascending; the least where they are too few for that. 1 without any: nobody
    looks."""
    if not len(positives):
        return 1.0
    place = max(1, int(np.floor(risk * (len(positives) + 1))))
    return float(min(np.sort(positives)[place - 1], 1.0))
