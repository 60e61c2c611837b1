"""What a model says of a document before any decision: logits turned into probabilities and values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nlu.application.application import Application
from nlu.application.settings import ScoreTask
from nlu.network.preparation import Prepared
from nlu.network.probabilities import label_probabilities
from nlu.network.span_tags import FoundSpan, find_spans
from nlu.network.task_outputs import Outputs


@dataclass(frozen=True, slots=True)
class Signals:
    """By task but for `novelty`, 0–1: how unlike the document is to all that was learned from. `labels`:
    (labels of the sheet,); `sentences`: (sentences, reported labels), only for tasks with evidence; `scores`:
    a value in the task's range; `spans`: in the order of the text."""

    labels: Mapping[str, NDArray[np.float64]]
    sentences: Mapping[str, NDArray[np.float64]]
    scores: Mapping[str, float]
    spans: Mapping[str, tuple[FoundSpan, ...]] = field(default_factory=dict)
    novelty: float = 0.0


def read_signals(outputs: Outputs, document: Prepared, application: Application) -> Signals:
    """The probabilities and values of the one document that `outputs` are of."""
    count = len(document.sentences)
    labels = {
        task.name: label_probabilities(
            outputs.labels[task.name][0].double().numpy(), task, application.sheets[task.name]
        )
        for task in application.classifications
    }
    sentences = {
        task.name: np.asarray(torch.sigmoid(outputs.sentences[task.name][0, :count]).double().numpy())
        for task in application.classifications
        if task.evidence
    }
    scores = {task.name: _score_value(outputs.scores[task.name][0], task) for task in application.scores}
    spans = {
        task.name: find_spans(outputs.spans[task.name][0].double().numpy(), document)
        for task in application.spans
    }
    return Signals(labels, sentences, scores, spans)


def _score_value(logits: Tensor, task: ScoreTask) -> float:
    """The range times the mean probability of "more than this": the expected value of an ordinal score."""
    share = float(torch.sigmoid(logits.double()).mean())
    return task.minimum + (task.maximum - task.minimum) * share
