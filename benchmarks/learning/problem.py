"""What a contender is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.learning.datasets import Dataset
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask, ScoreTask
from nlu.records.record import Record

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Problem:
    """One task with the records that are annotated for it; `sheet` is None for a score."""

    task: ClassificationTask | ScoreTask
    sheet: LabelSheet | None
    train: tuple[Record, ...]
    dev: tuple[Record, ...]
    test: tuple[Record, ...]
    seed: int

    @property
    def columns(self) -> tuple[str, ...]:
        """What is predicted: the labels, without "other" where they can be combined; () for a score."""
        if self.sheet is None or not isinstance(self.task, ClassificationTask):
            return ()
        without = self.task.other if self.task.multi_label else None
        return tuple(name for name in self.sheet.names if name != without)

    @property
    def exclusive(self) -> bool:
        return isinstance(self.task, ClassificationTask) and not self.task.multi_label

    def targets(self, records: Sequence[Record]) -> Values:
        """(records, columns) of 0 and 1, or for a score (records,) shares of its range."""
        if isinstance(self.task, ScoreTask):
            width = self.task.maximum - self.task.minimum
            scores = [record.scores[self.task.name] for record in records]
            return (np.array(scores) - self.task.minimum) / width
        given = [record.labels[self.task.name] for record in records]
        return np.array([[float(name in labels) for name in self.columns] for labels in given])


@dataclass(frozen=True, slots=True)
class Prediction:
    """`dev` and `test`: (records, columns) probabilities, or for a score (records,) shares of its range.

    `accepted`: (records, columns) of the test part, where the contender decides for itself. `evidence_f1`:
    of the sentences of the test part, where it names evidence. `dev_targets`: what is true of the records
    that `dev` speaks of, where these are not the dev part.
    """

    dev: Values
    test: Values
    accepted: NDArray[np.bool_] | None = None
    evidence_f1: float | None = None
    dev_targets: Values | None = None


Contender = Callable[[Dataset, Sequence[str], int], Iterator[tuple[str, Prediction]]]
"""Data set, names of the tasks, seed -> each task's prediction."""


def problem_of(dataset: Dataset, task_name: str, seed: int) -> Problem:
    """The records of a data set that are annotated for a task."""
    application = dataset.application
    (task,) = (task for task in application.settings.tasks if task.name == task_name)
    if not isinstance(task, ClassificationTask | ScoreTask):
        raise ValueError(f"{task_name}: the peers find no spans")
    parts = (
        tuple(record for record in records if annotated(task, record))
        for records in (dataset.train, dataset.dev, dataset.test)
    )
    return Problem(task, application.sheets.get(task_name), *parts, seed)  # type: ignore[arg-type, call-arg]


def annotated(task: ClassificationTask | ScoreTask, record: Record) -> bool:
    """Whether a record says something of a task."""
    return task.name in (record.scores if isinstance(task, ScoreTask) else record.labels)


def single_task(solve: Callable[[Problem], Prediction]) -> Contender:
    """A contender that learns each task by itself."""

    def solve_each(dataset: Dataset, tasks: Sequence[str], seed: int) -> Iterator[tuple[str, Prediction]]:
        for name in tasks:
            yield name, solve(problem_of(dataset, name, seed))

    return solve_each
