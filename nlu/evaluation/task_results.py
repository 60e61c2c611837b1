"""What people and the model said of one classification task, side by side as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nlu.application.application import Application
from nlu.application.label_sets import truth_matrix
from nlu.application.settings import ClassificationTask
from nlu.measures.metrics import Flags, Probabilities

if TYPE_CHECKING:
    from nlu.model.judged import Judged


@dataclass(frozen=True, slots=True)
class TaskResults:
    """The documents in which a task is annotated: a row a document, a column a label.

    `names` are the labels' own names, `parents` the columns' paths in the label sheet; `review` is what
    somebody should look at.
    """

    task: ClassificationTask
    names: tuple[str, ...]
    parents: tuple[tuple[str, ...], ...]
    thresholds: tuple[float, ...]
    judged: tuple[Judged, ...]
    truth: Flags
    accepted: Flags
    review: Flags
    probabilities: Probabilities

    def at_level(self, depth: int) -> TaskResults:
        """The same with the labels that share the first `depth` steps of their path as one.

        A parent is as probable as its children together where they exclude each other, and as the most
        probable of them where they do not.
        """
        paths = list(dict.fromkeys(path[:depth] for path in self.parents))
        children = [
            [column for column, full in enumerate(self.parents) if full[:depth] == path] for path in paths
        ]
        together = np.max if self.task.multi_label else np.sum
        return TaskResults(
            task=self.task,
            names=tuple(path[-1] for path in paths),
            parents=tuple(paths),
            thresholds=(),
            judged=self.judged,
            truth=np.stack([self.truth[:, some].any(axis=1) for some in children], axis=1),
            accepted=np.stack([self.accepted[:, some].any(axis=1) for some in children], axis=1),
            review=np.stack([self.review[:, some].any(axis=1) for some in children], axis=1),
            probabilities=np.stack(
                [together(self.probabilities[:, some], axis=1) for some in children], axis=1
            ),
        )


def results_of(task: ClassificationTask, application: Application, judged: Sequence[Judged]) -> TaskResults:
    """The results in the records that annotate `task`; no label means "other" where there is one."""
    sheet = application.sheets[task.name]
    annotated = tuple(item for item in judged if task.name in item.record.labels)
    place = {name: column for column, name in enumerate(sheet.names)}
    shape = (len(annotated), len(place))
    given = [[place[name] for name in item.record.labels[task.name]] for item in annotated]
    accepted, review = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    probabilities, thresholds = np.zeros(shape), np.zeros(len(place))
    for row, item in enumerate(annotated):
        for label in item.understanding.labels:
            if label.task == task.name:
                column = place[label.minor]
                accepted[row, column] = label.accepted
                review[row, column] = label.review
                probabilities[row, column] = label.probability
                thresholds[column] = label.threshold
    return TaskResults(
        task=task,
        names=sheet.names,
        parents=tuple(label.path for label in sheet.labels),
        thresholds=tuple(thresholds.tolist()),
        judged=annotated,
        truth=truth_matrix(task, sheet, given),
        accepted=accepted,
        review=review,
        probabilities=probabilities,
    )
