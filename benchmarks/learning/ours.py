"""Our default: `yomitori train` on all tasks of the application at once, with its own decisions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.learning.datasets import Dataset
from benchmarks.learning.problem import Prediction, Problem, annotated, problem_of
from nlu.ablation.overrides import with_settings
from nlu.application.application import Application
from nlu.application.settings import ClassificationTask
from nlu.evaluation.comparing import compare
from nlu.model.judged import Judged
from nlu.model.tailored import TailoredModel
from nlu.training.train import learn


def solve(
    dataset: Dataset, tasks: Sequence[str], seed: int, *, preset: str
) -> Iterator[tuple[str, Prediction]]:
    """One model for every task of the data set, asked or not; its thresholds are set for the best F1, as
    everybody's are: figures at a target recall are read from the probabilities.

    What it says of dev is what it said before it had learned from the record, be it of train or of dev.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        overrides = {
            "training.seed": seed,
            "training.preset": preset,
            "tasks": _without_aims(dataset.application),
        }
        application = with_settings(dataset.application, overrides, folder / "app")
        learned = learn(application, dataset.train, dataset.dev, folder / "checkpoints", lambda _step: None)
        learned.model.save(folder / "model")
        test = list(TailoredModel.load(folder / "model").judge(dataset.test))
    dev = learned.judged()
    evidence = {figures.task: figures.f1 for figures in compare(application, test).evidence}
    for name in tasks:
        problem = problem_of(dataset, name, seed)
        values = [_values(problem, judged) for judged in (dev, test)]
        accepted = _accepted(problem, test) if isinstance(problem.task, ClassificationTask) else None
        targets = problem.targets([judged.record for judged in dev if annotated(problem.task, judged.record)])
        yield name, Prediction(*values, accepted, evidence.get(name), targets)  # type: ignore[arg-type, call-arg]


def _without_aims(application: Application) -> list[dict[str, Any]]:
    tasks = application.settings.tasks
    return [task.model_dump(mode="json", exclude_defaults=True, exclude={"aim", "aims"}) for task in tasks]


def _values(problem: Problem, judged: Sequence[Judged]) -> np.ndarray:
    """Probabilities by column, or shares of a score's range, of the records annotated for the task."""
    task = problem.task
    if not isinstance(task, ClassificationTask):
        values = [
            score.value
            for item in judged
            if annotated(task, item.record)
            for score in item.understanding.scores
            if score.task == task.name
        ]
        return (np.array(values) - task.minimum) / (task.maximum - task.minimum)
    return np.array([[row[name][0] for name in problem.columns] for row in _labels(problem, judged)])


def _accepted(problem: Problem, judged: Sequence[Judged]) -> np.ndarray:
    return np.array([[row[name][1] for name in problem.columns] for row in _labels(problem, judged)])


def _labels(problem: Problem, judged: Sequence[Judged]) -> Iterator[dict[str, tuple[float, bool]]]:
    for item in judged:
        if annotated(problem.task, item.record):
            yield {
                label.minor: (label.probability, label.accepted)
                for label in item.understanding.labels
                if label.task == problem.task.name
            }
