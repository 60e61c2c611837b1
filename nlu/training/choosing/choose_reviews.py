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

INSURED = 0.12
"""Share of the held-out documents that are in review although the risk asks for less: tomorrow's documents
are less like records than records are like each other. On call logs of two other trades recall with review
was .73 and .68 without it, .77 to .88 and .72 to .80 with 9 to 15 % of the held-out ones in review."""

_TINY = 1e-6
_STEPS = 200


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
    positives of a group lie above its bound. The bounds are moved, all by as much, down to where INSURED of
    the documents are in review, or up to where no more than MOST_REVIEWED are. Of a group without positives
    nothing is.
    """
    wide = np.array([_conformal(some, risk) for some, risk in zip(positives, risks, strict=True)])
    start = logit(np.clip(wide, _TINY, 1 - _TINY))
    known = np.array([len(some) > 0 for some in positives])

    def moved(by: float) -> Floats:
        return np.where(known, expit(start + by), 1.0)

    def share(by: float) -> float:
        return float((doubts >= moved(by)).any(axis=1).mean())

    farthest = float(start.max() - logit(_TINY))
    steps = np.linspace(0.0, farthest, _STEPS)
    if share(0.0) > MOST_REVIEWED:
        up = [step for step in steps if share(step) <= MOST_REVIEWED]
        return moved(up[0] if up else farthest)
    down = [step for step in steps if share(-step) <= max(INSURED, share(0.0))]
    return moved(-down[-1])


def _risk(task: ClassificationTask, name: str) -> float:
    aim = task.aims.get(name, task.aim)
    return RISK if aim.recall is None else min(RISK, 1 - aim.recall)


def _conformal(positives: Floats, risk: float) -> float:
    """The largest value that a further positive lies below with no more probability than `risk`: of n the one
    in place risk × (n + 1), ascending; the least where they are too few for that. 1 without any: nobody
    looks."""
    if not len(positives):
        return 1.0
    place = max(1, int(np.floor(risk * (len(positives) + 1))))
    return float(min(np.sort(positives)[place - 1], 1.0))
