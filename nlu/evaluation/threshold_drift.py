"""What thresholds promised on dev, beside what an evaluation found."""

from __future__ import annotations

from collections.abc import Sequence

from nlu.application.application import Application
from nlu.decisions.threshold import Threshold
from nlu.evaluation.comparing import Evaluation
from nlu.evaluation.stability import Drift, OutcomeCounts, stability
from nlu.measures.metrics import ClassFigures


def drifts_of(
    application: Application, evaluation: Evaluation, thresholds: Sequence[Threshold]
) -> tuple[Drift, ...]:
    """Each of the model's thresholds on labels with the figures of these records, where they annotate it.

    Thresholds on evidence are left out: dev judges them under the true labels, an evaluation under those that
    were accepted.
    """
    found: dict[tuple[str, str], OutcomeCounts] = {}
    for task in evaluation.classifications:
        found |= {(task.task, row.label): _counts(row) for row in task.classes if row.support}
    others = {task.name: task.other for task in application.classifications}
    for name, figures in evaluation.detections:
        if figures.support:
            found[name, f"{others[name]}以外"] = _counts(figures)
    return stability(thresholds, found)


def _counts(figures: ClassFigures) -> OutcomeCounts:
    return OutcomeCounts(figures.support, figures.predicted, figures.correct)
