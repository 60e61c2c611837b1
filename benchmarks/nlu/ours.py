"""Our default: `yomitori train` on all tasks of the application at once, with its own decisions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.nlu.datasets import Dataset
from benchmarks.nlu.problem import Prediction, Problem, problem_of
from nlu.ablation.overrides import with_settings
from nlu.evaluation.comparing import Judged, compare
from nlu.model.tailored import TailoredModel
from nlu.settings import ClassificationTask
from nlu.training.train import train


def solve(dataset: Dataset, tasks: Sequence[str], seed: int) -> Iterator[tuple[str, Prediction]]:
    """One model for every task of the data set, asked or not."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        application = with_settings(dataset.application, {"training.seed": seed}, folder / "app")
        train(application, dataset.train, dataset.dev, folder / "model", lambda _step: None)
        model = TailoredModel.load(folder / "model")
        dev, test = (list(model.judge(records)) for records in (dataset.dev, dataset.test))
    evidence = {figures.task: figures.f1 for figures in compare(application, test).evidence}
    for name in tasks:
        problem = problem_of(dataset, name, seed)
        values = [_values(problem, judged) for judged in (dev, test)]
        accepted = _accepted(problem, test) if isinstance(problem.task, ClassificationTask) else None
        yield name, Prediction(values[0], values[1], accepted, evidence.get(name))


def _values(problem: Problem, judged: Sequence[Judged]) -> np.ndarray:
    """Probabilities by column, or shares of a score's range, of the records annotated for the task."""
    task = problem.task
    if not isinstance(task, ClassificationTask):
        values = [
            score.value
            for item in judged
            if task.name in item.record.scores
            for score in item.understanding.scores
            if score.task == task.name
        ]
        return (np.array(values) - task.minimum) / (task.maximum - task.minimum)
    return np.array([[row[name][0] for name in problem.columns] for row in _labels(problem, judged)])


def _accepted(problem: Problem, judged: Sequence[Judged]) -> np.ndarray:
    return np.array([[row[name][1] for name in problem.columns] for row in _labels(problem, judged)])


def _labels(problem: Problem, judged: Sequence[Judged]) -> Iterator[dict[str, tuple[float, bool]]]:
    for item in judged:
        if problem.task.name in item.record.labels:
            yield {
                label.minor: (label.probability, label.accepted)
                for label in item.understanding.labels
                if label.task == problem.task.name
            }
