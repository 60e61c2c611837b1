"""The answers that went furthest wrong, with what was thought to prove them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

import numpy as np

from nlu.application.application import Application
from nlu.application.settings import ScoreTask
from nlu.evaluation.task_results import TaskResults
from nlu.measures.metrics import Stretch
from nlu.model.judged import Judged

MOST = 30
MOST_SCORES = 10

Wrong = TypeVar("Wrong", bound="Mistake | ScoreMistake")


@dataclass(frozen=True, slots=True)
class LabelProbability:
    """A label with the probability that the model gave it and the threshold it had to reach."""

    label: str
    probability: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """A document with a wrong label, or without one that it should have.

    `true` are its labels and `accepted` the model's. `severity`, 0–1, is the probability of the wrong label
    and one minus that of the missed one, or the mean of both. `label` is the missed one, or else the wrong
    one, whichever was worst. Evidence is (start, end, label) in `text`, the label empty where nobody said.
    """

    task: str
    label: str
    doc_id: str
    text: str
    severity: float
    true: tuple[LabelProbability, ...]
    accepted: tuple[LabelProbability, ...]
    true_evidence: tuple[Stretch, ...]
    found_evidence: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class ScoreMistake:
    """A score far off; `severity`, 0–1, is the difference as a share of the range."""

    task: str
    doc_id: str
    text: str
    severity: float
    true: float
    predicted: float


def worst_mistakes(results: Sequence[TaskResults], most: int = MOST) -> tuple[Mistake, ...]:
    """At most `most`, taken from each label of each task in turn so that a frequent one does not fill the
    list; by task, then by label, the worst of each first."""
    by_label: dict[tuple[int, str], list[Mistake]] = defaultdict(list)
    for number, one in enumerate(results):
        for mistake in _mistakes(one):
            by_label[number, mistake.label].append(mistake)
    order = {(number, name): None for number, one in enumerate(results) for name in one.names}
    queues = [_worst_first(by_label[key]) for key in order if key in by_label]
    taken = _in_turn(queues, most)
    return tuple(mistake for queue in queues for mistake in queue if mistake in taken)


def worst_scores(
    application: Application, judged: Sequence[Judged], most: int = MOST_SCORES
) -> tuple[ScoreMistake, ...]:
    """At most `most`, from too high and too low of each score in turn; the worst of each first."""
    queues = [
        _worst_first([mistake for mistake in found if (mistake.predicted > mistake.true) is too_high])
        for found in (list(_score_mistakes(task, judged)) for task in application.scores)
        for too_high in (False, True)
    ]
    taken = _in_turn(queues, most)
    return tuple(mistake for queue in queues for mistake in queue if mistake in taken)


def _mistakes(results: TaskResults) -> Iterator[Mistake]:
    for row in np.flatnonzero((results.truth != results.accepted).any(axis=1)):
        probabilities = results.probabilities[row]
        missed = np.flatnonzero(results.truth[row] & ~results.accepted[row])
        added = np.flatnonzero(results.accepted[row] & ~results.truth[row])
        shares = []
        if len(added):
            shares.append(float(probabilities[added].max()))
        if len(missed):
            shares.append(1 - float(probabilities[missed].min()))
        worst = (
            missed[probabilities[missed].argmin()] if len(missed) else added[probabilities[added].argmax()]
        )
        labels = [
            LabelProbability(name, float(probability), threshold)
            for name, probability, threshold in zip(
                results.names, probabilities, results.thresholds, strict=True
            )
        ]
        item, task = results.judged[row], results.task.name
        yield Mistake(
            task=task,
            label=results.names[worst],
            doc_id=item.record.id,
            text=item.record.text,
            severity=sum(shares) / len(shares),
            true=tuple(labels[column] for column in np.flatnonzero(results.truth[row])),
            accepted=tuple(labels[column] for column in np.flatnonzero(results.accepted[row])),
            true_evidence=tuple(
                (span.start, span.end, "・".join(span.labels)) for span in item.record.evidence.get(task, ())
            ),
            found_evidence=tuple(
                (proof.start, proof.end, proof.label)
                for proof in item.understanding.evidence
                if proof.task == task
            ),
        )


def _score_mistakes(task: ScoreTask, judged: Sequence[Judged]) -> Iterator[ScoreMistake]:
    for item in judged:
        for score in item.understanding.scores:
            true = item.record.scores.get(task.name)
            if score.task == task.name and true is not None and score.value != true:
                severity = abs(score.value - true) / (task.maximum - task.minimum)
                yield ScoreMistake(task.name, item.record.id, item.record.text, severity, true, score.value)


def _worst_first(mistakes: Sequence[Wrong]) -> list[Wrong]:
    return sorted(mistakes, key=lambda mistake: (-mistake.severity, mistake.doc_id))


def _in_turn(queues: Sequence[Sequence[Wrong]], most: int) -> list[Wrong]:
    """The first of each queue, the worst first, then the second of each, until there are `most`."""
    taken: list[Wrong] = []
    for turn in zip_longest(*queues):
        taken += _worst_first([mistake for mistake in turn if mistake is not None])
    return taken[:most]
