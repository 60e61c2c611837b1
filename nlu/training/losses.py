"""What the model is trained to lower: one loss a task, over the documents in which the task is annotated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from nlu.application import Application
from nlu.model.network import Outputs, learned_labels, reported_labels
from nlu.settings import ClassificationTask, ScoreTask
from nlu.training.examples import Example

# A sentence that proves a label is rare among its neighbours.
_PROOF_WEIGHT = 3.0
_LARGEST_CLASS_WEIGHT = 4.0

ClassWeights = Mapping[str, Tensor]


def class_weights(examples: Sequence[Example], application: Application) -> ClassWeights:
    """By task, one weight for each learned label of the sheet: (most frequent / frequency) ^ ½, at most 4.

    Where labels can be combined it weighs a label's presence against its absence.
    """
    weights: dict[str, Tensor] = {}
    for task in application.classifications:
        annotated = [example.labels[task.name] for example in examples if task.name in example.labels]
        counts = Counter(label for labels in annotated for label in labels)
        most = len(annotated) if task.multi_label else max(counts.values(), default=1)
        weights[task.name] = torch.tensor(
            [
                min(_LARGEST_CLASS_WEIGHT, (most / max(1, counts[label])) ** 0.5)
                for label in learned_labels(task, application.sheets[task.name])
            ]
        )
    return weights


def multitask_loss(
    outputs: Outputs, examples: Sequence[Example], application: Application, weights: ClassWeights
) -> Tensor:
    """The sum of the tasks' losses on a batch; `examples` are its documents in order."""
    total = torch.zeros(())
    for score in application.scores:
        total = total + _score_loss(outputs.scores[score.name], examples, score)
    for task in application.classifications:
        rows = [row for row, example in enumerate(examples) if task.name in example.labels]
        if rows:
            targets = label_targets([examples[row] for row in rows], task, application)
            total = total + _label_loss(outputs.labels[task.name][rows], targets, task, weights[task.name])
        rows = [row for row, example in enumerate(examples) if task.name in example.proofs]
        if rows:
            annotated = [examples[row] for row in rows]
            total = total + _proof_loss(outputs.sentences[task.name][rows], annotated, task, application)
    return total


def label_targets(examples: Sequence[Example], task: ClassificationTask, application: Application) -> Tensor:
    """(documents, learned labels), 1 where the label was given."""
    learned = learned_labels(task, application.sheets[task.name])
    return torch.tensor(
        [[float(label in example.labels[task.name]) for label in learned] for example in examples]
    )


def _label_loss(logits: Tensor, targets: Tensor, task: ClassificationTask, weights: Tensor) -> Tensor:
    if task.multi_label:
        return functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=weights)
    return functional.cross_entropy(logits, targets.argmax(dim=1), weight=weights)


def _proof_loss(
    logits: Tensor, examples: Sequence[Example], task: ClassificationTask, application: Application
) -> Tensor:
    """Cross-entropy of sentences against evidence.

    Which of several labels of a record a sentence proves is not annotated: it has to prove one of them
    (their log Σ exp), and must prove none that the record does not have.
    """
    reported = reported_labels(task, application.sheets[task.name])
    given = torch.tensor([[label in example.labels[task.name] for label in reported] for example in examples])
    proves = torch.zeros(logits.shape[:2], dtype=torch.bool)
    present = torch.zeros(logits.shape[:2], dtype=torch.bool)
    for row, example in enumerate(examples):
        marks = example.proofs[task.name]
        proves[row, : len(marks)] = torch.tensor(marks, dtype=torch.bool)
        present[row, : len(marks)] = True
    positive = proves & given.any(dim=1, keepdim=True)
    allowed = positive.unsqueeze(-1) & given.unsqueeze(1)
    wrong = (functional.softplus(logits) * (present.unsqueeze(-1) & ~allowed)).sum()
    combined = torch.logsumexp(logits.masked_fill(~allowed, -1e4), dim=-1)
    missed = (functional.softplus(-combined) * positive).sum()
    return (wrong + _PROOF_WEIGHT * missed) / max(1, int(present.sum()))


def _score_loss(logits: Tensor, examples: Sequence[Example], task: ScoreTask) -> Tensor:
    """Cross-entropy against the score's share of its range: its optimum is the mean score."""
    rows = [row for row, example in enumerate(examples) if task.name in example.scores]
    if not rows:
        return torch.zeros(())
    shares = [
        (examples[row].scores[task.name] - task.minimum) / (task.maximum - task.minimum) for row in rows
    ]
    return functional.binary_cross_entropy_with_logits(logits[rows], torch.tensor(shares))
