"""The multitask model: one encoder pass, and on it a head for each task.

The mean of the token vectors is the document, the mean of a sentence's token vectors the sentence. A
classification head reads both: every sentence says for itself which labels it proves, and the document's
logit of a label is its own plus what the sentences prove together (log(1 + Σ exp), as in multiple instance
learning). So evidence needs no second model, and a label that one sentence of many carries is not averaged
away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nlu.application import Application
from nlu.encoders.lower_layers import run_lower, run_upper
from nlu.labels import LabelSheet
from nlu.model.batches import Batch
from nlu.settings import ClassificationTask, ScoreTask

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_DROPOUT = 0.1


@dataclass(frozen=True, slots=True)
class Outputs:
    """Logits by task. `labels`: (documents, learned labels); `sentences`: (documents, sentences, reported
    labels); `scores`: (documents,), to be squeezed into the range by a sigmoid."""

    labels: Mapping[str, Tensor]
    sentences: Mapping[str, Tensor]
    scores: Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Signals:
    """What the model says of one document, before any decision, as probabilities and values.

    `labels`: (labels of the sheet,); `sentences`: (sentences, reported labels), only for tasks with
    evidence; `scores`: a value in the task's range.
    """

    labels: Mapping[str, NDArray[np.float64]]
    sentences: Mapping[str, NDArray[np.float64]]
    scores: Mapping[str, float]


def reported_labels(task: ClassificationTask, sheet: LabelSheet) -> tuple[int, ...]:
    """Indices in the sheet of all labels but "other": those that evidence can prove."""
    return tuple(index for index, name in enumerate(sheet.names) if name != task.other)


def learned_labels(task: ClassificationTask, sheet: LabelSheet) -> tuple[int, ...]:
    """Indices in the sheet of the labels with a logit of their own.

    Where labels can be combined, "other" has none: it is what remains when no other label holds.
    """
    return reported_labels(task, sheet) if task.multi_label else tuple(range(len(sheet.names)))


class ClassificationHead(nn.Module):
    def __init__(self, hidden: int, task: ClassificationTask, sheet: LabelSheet) -> None:
        super().__init__()
        learned = learned_labels(task, sheet)
        reported = reported_labels(task, sheet)
        self.reported_places = [learned.index(label) for label in reported]
        self.document = nn.Sequential(nn.Dropout(_DROPOUT), nn.Linear(hidden, len(learned)))
        self.sentence = nn.Sequential(
            nn.Dropout(_DROPOUT),
            nn.Linear(2 * hidden, hidden // 2),
            nn.GELU(),
            nn.Linear(hidden // 2, len(reported)),
        )

    def forward(self, document: Tensor, sentences: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        around = document.unsqueeze(1).expand_as(sentences)
        proofs = self.sentence(torch.cat([sentences, around], dim=-1))
        logits: Tensor = self.document(document)
        nothing = proofs.new_zeros(proofs.shape[0], 1, proofs.shape[2])
        seen = torch.cat([nothing, proofs.masked_fill(~present.unsqueeze(-1), -torch.inf)], dim=1)
        logits = logits.index_add(1, torch.tensor(self.reported_places), torch.logsumexp(seen, dim=1))
        return logits, proofs


class ScoreHead(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.attention = nn.Linear(hidden, 1)
        self.value = nn.Sequential(
            nn.Dropout(_DROPOUT), nn.Linear(2 * hidden, hidden // 2), nn.GELU(), nn.Linear(hidden // 2, 1)
        )

    def forward(self, document: Tensor, sentences: Tensor, present: Tensor) -> Tensor:
        """(documents,) logits; which sentence matters for the score is learned with it."""
        weights = self.attention(sentences).masked_fill(~present.unsqueeze(-1), -1e4).softmax(dim=1)
        focus = (weights * sentences).sum(dim=1)
        value: Tensor = self.value(torch.cat([document, focus], dim=-1))
        return value.squeeze(-1)


class MultitaskModel(nn.Module):
    """`split` is the first layer of the encoder that learns."""

    def __init__(self, encoder: PreTrainedModel, split: int, application: Application) -> None:
        super().__init__()
        self.encoder = encoder
        self.split = split
        self.application = application
        hidden = int(encoder.config.hidden_size)
        self.scale = nn.LayerNorm(hidden)
        self.heads = nn.ModuleList(
            ClassificationHead(hidden, task, application.sheets[task.name])
            if isinstance(task, ClassificationTask)
            else ScoreHead(hidden)
            for task in application.settings.tasks
        )

    def forward(self, batch: Batch, lower: Tensor | None = None) -> Outputs:
        """Logits of a batch; `lower` is what `run_lower` gave for it, where that is already known."""
        return self.judge(self.encode(batch, lower), batch)

    def encode(self, batch: Batch, lower: Tensor | None = None) -> Tensor:
        """Token vectors, (documents, tokens, hidden); `lower` as in `forward`."""
        if lower is None:
            with torch.no_grad():
                lower = run_lower(self.encoder, self.split, batch.token_ids, batch.mask)
        return run_upper(self.encoder, self.split, batch.token_ids, batch.mask, lower)

    def judge(self, tokens: Tensor, batch: Batch) -> Outputs:
        """Logits of every head from the token vectors of a batch."""
        weights = batch.mask.to(tokens.dtype)
        document = torch.einsum("bt,bth->bh", weights, tokens) / weights.sum(dim=1, keepdim=True)
        sentences = self.scale(torch.bmm(batch.pooling, tokens))
        document = self.scale(document)
        labels: dict[str, Tensor] = {}
        proofs: dict[str, Tensor] = {}
        scores: dict[str, Tensor] = {}
        for task, head in zip(self.application.settings.tasks, self.heads, strict=True):
            if isinstance(task, ClassificationTask):
                labels[task.name], proofs[task.name] = head(document, sentences, batch.present)
            else:
                scores[task.name] = head(document, sentences, batch.present)
        return Outputs(labels, proofs, scores)


def read_signals(outputs: Outputs, batch: Batch, application: Application) -> list[Signals]:
    """The probabilities and values of each document of a batch."""
    labels = {
        task.name: _label_probabilities(outputs.labels[task.name], task, application.sheets[task.name])
        for task in application.classifications
    }
    counts = batch.present.sum(dim=1).tolist()
    sentences = {
        task.name: torch.sigmoid(outputs.sentences[task.name]).double().numpy()
        for task in application.classifications
        if task.evidence
    }
    scores = {task.name: _score_values(outputs.scores[task.name], task) for task in application.scores}
    return [
        Signals(
            {name: values[row] for name, values in labels.items()},
            {name: values[row, : counts[row]] for name, values in sentences.items()},
            {name: values[row] for name, values in scores.items()},
        )
        for row in range(len(counts))
    ]


def _label_probabilities(logits: Tensor, task: ClassificationTask, sheet: LabelSheet) -> NDArray[np.float64]:
    if not task.multi_label:
        return np.asarray(torch.softmax(logits.double(), dim=1).numpy())
    probabilities = np.zeros((len(logits), len(sheet.names)))
    probabilities[:, list(learned_labels(task, sheet))] = torch.sigmoid(logits.double()).numpy()
    if task.other is not None:
        probabilities[:, sheet.index(task.other)] = 1 - probabilities.max(axis=1)
    return probabilities


def _score_values(logits: Tensor, task: ScoreTask) -> Sequence[float]:
    share = torch.sigmoid(logits.double())
    return [float(value) for value in task.minimum + (task.maximum - task.minimum) * share]
