"""From probabilities to what is accepted: the thresholds of a model, and how they decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.application import Application
from nlu.labels import LabelSheet
from nlu.model.network import Signals, reported_labels
from nlu.model.preparation import Prepared
from nlu.settings import ClassificationTask
from nlu.understanding import (
    Evidence,
    LabelPrediction,
    LevelPrediction,
    ScorePrediction,
    SpanPrediction,
    Understanding,
)


@dataclass(frozen=True, slots=True)
class Decisions:
    """Thresholds on probabilities.

    `labels`: by task and 小分類, in sheet order. Where labels exclude each other and one means "other", every
    label has the threshold t on the probability of anything but "other", and "other" itself 1 − t; without
    an "other" the most probable label is accepted and thresholds are 0. `evidence`: by task.
    """

    labels: Mapping[str, Mapping[str, float]]
    evidence: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        return {
            "labels": {task: dict(values) for task, values in self.labels.items()},
            "evidence": dict(self.evidence),
        }

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Decisions:
        return Decisions(content["labels"], content["evidence"])


def decide(
    application: Application, model_id: str, decisions: Decisions, document: Prepared, signals: Signals
) -> Understanding:
    """What a document means, from what the model says of it."""
    labels: list[LabelPrediction] = []
    levels: list[LevelPrediction] = []
    evidence: list[Evidence] = []
    for task in application.classifications:
        sheet = application.sheets[task.name]
        probabilities = signals.labels[task.name]
        accepted = accepted_labels(task, sheet, probabilities, decisions.labels[task.name])
        labels += [
            LabelPrediction(
                task.name,
                *label.path,
                probability=float(probability),
                threshold=decisions.labels[task.name][label.minor],
                accepted=index in accepted,
            )
            for index, (label, probability) in enumerate(zip(sheet.labels, probabilities, strict=True))
        ]
        levels += _levels(task, sheet, probabilities, accepted)
        if task.evidence:
            threshold = decisions.evidence[task.name]
            evidence += _evidence(task, sheet, accepted, threshold, document, signals.sentences[task.name])
    return Understanding(
        doc_id=document.doc_id,
        application=application.name,
        model_id=model_id,
        labels=tuple(labels),
        scores=tuple(
            ScorePrediction(task.name, signals.scores[task.name], task.minimum, task.maximum)
            for task in application.scores
        ),
        evidence=tuple(evidence),
        kept=tuple(sentence.number for sentence in document.sentences),
        levels=tuple(levels),
        spans=tuple(_spans(application, document, signals)),
    )


def accepted_labels(
    task: ClassificationTask,
    sheet: LabelSheet,
    probabilities: NDArray[np.float64],
    thresholds: Mapping[str, float],
) -> frozenset[int]:
    """Indices in the sheet of the labels that hold; "other" exactly where no other label does."""
    reported = reported_labels(task, sheet)
    if task.multi_label:
        accepted = frozenset(
            index for index in reported if probabilities[index] >= thresholds[sheet.names[index]]
        )
    else:
        best = max(reported, key=lambda index: float(probabilities[index]))
        certain = sum(float(probabilities[index]) for index in reported) >= thresholds[sheet.names[best]]
        accepted = frozenset({best}) if certain else frozenset()
    return accepted if accepted or task.other is None else frozenset({sheet.index(task.other)})


def proving_sentences(probabilities: NDArray[np.float64], threshold: float) -> Sequence[int]:
    """Places of the sentences that prove one accepted label: those that reach the threshold, or the best."""
    if not len(probabilities):
        return ()
    reaching = [int(place) for place in np.flatnonzero(probabilities >= threshold)]
    return reaching or [int(probabilities.argmax())]


def _evidence(
    task: ClassificationTask,
    sheet: LabelSheet,
    accepted: frozenset[int],
    threshold: float,
    document: Prepared,
    probabilities: NDArray[np.float64],
) -> Iterator[Evidence]:
    for column, label in enumerate(reported_labels(task, sheet)):
        if label not in accepted:
            continue
        for place in proving_sentences(probabilities[:, column], threshold):
            sentence = document.sentences[place]
            yield Evidence(
                task=task.name,
                label=sheet.names[label],
                sentence_no=sentence.number,
                start=sentence.start,
                end=sentence.end,
                text=sentence.text,
                probability=float(probabilities[place, column]),
            )


def _spans(application: Application, document: Prepared, signals: Signals) -> Iterator[SpanPrediction]:
    for task in application.spans:
        names = application.sheets[task.name].names
        for span in signals.spans[task.name]:
            sentence = next(one for one in document.sentences if one.start <= span.start < one.end)
            start, end = max(span.start, sentence.start), min(span.end, sentence.end)
            yield SpanPrediction(
                task=task.name,
                label=names[span.label],
                sentence_no=sentence.number,
                start=start,
                end=end,
                text=sentence.text[start - sentence.start : end - sentence.start],
                probability=span.probability,
            )


def _levels(
    task: ClassificationTask,
    sheet: LabelSheet,
    probabilities: NDArray[np.float64],
    accepted: frozenset[int],
) -> Iterator[LevelPrediction]:
    totals = sheet.roll_up([float(value) for value in probabilities], exclusive=not task.multi_label)
    held = {sheet.labels[index].path for index in accepted}
    for path, probability in totals.items():
        yield LevelPrediction(task.name, path, probability, any(path == full[: len(path)] for full in held))
