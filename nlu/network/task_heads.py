"""What stands on the encoder: a head for each task, reading document, sentence and token vectors."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import torch
from torch import Tensor, nn

from nlu.application.label_sets import learned_labels, reported_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask, ScoreTask

_DROPOUT = 0.1
_SELDOM = -2.0
"""The logit of one in eight, as many sentences as prove something in a short report."""

SPAN_TAGS = ("outside", "begins", "inside")


@dataclass(frozen=True, slots=True)
class HeadInitialisation:
    """Where a classification head starts before it has seen a record: what the label sheet says.

    The direction of a sentence vector less `center` (hidden,) is multiplied with each of `directions`
    (reported labels, hidden); `gain` (reported labels,) times the product, plus `keyword_gain` times the
    keyword hits, plus `bias`, is the first logit of a sentence for a label.
    """

    center: Tensor
    directions: Tensor
    gain: Tensor
    keyword_gain: Tensor
    bias: Tensor

    @staticmethod
    def blank(hidden: int, labels: int) -> HeadInitialisation:
        """Knows nothing, but that a sentence seldom proves a label."""
        nothing = torch.zeros(labels)
        rare = torch.full((labels,), _SELDOM)
        return HeadInitialisation(torch.zeros(hidden), torch.zeros(labels, hidden), nothing, nothing, rare)


def thresholds_of(task: ScoreTask) -> int:
    """How many questions "more than this?" a score is asked: one for each step of an ordinal score."""
    return int(task.maximum - task.minimum) if task.ordinal else 1


class ClassificationHead(nn.Module):
    """Every sentence says for itself which labels it proves, and the document's logit of a label is its own
    plus what the sentences prove together: log(1 + Σ exp), as in multiple instance learning. A label that no
    sentence proves adds nothing, rather than ever less: its sentences need not argue against it."""

    def __init__(
        self, hidden: int, task: ClassificationTask, sheet: LabelSheet, start: HeadInitialisation
    ) -> None:
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
        # Before anything is learned the head says what the sheet says, and nothing else.
        for parameter in (*self.document[-1].parameters(), *self.sentence[-1].parameters()):
            nn.init.zeros_(parameter)
        # Silence shall not make a label probable, nor many labels together what none of them is.
        bias = list(self.document.parameters())[-1]
        if task.multi_label:
            nn.init.constant_(bias, -log(2))
        elif task.other is not None:
            nn.init.constant_(bias[learned.index(sheet.index(task.other))], log(len(reported) + 1))
        self.center = nn.Parameter(start.center.clone(), requires_grad=False)
        self.directions = nn.Parameter(start.directions.clone())
        self.gain = nn.Parameter(start.gain.clone())
        self.keyword_gain = nn.Parameter(start.keyword_gain.clone())
        self.bias = nn.Parameter(start.bias.clone())

    def forward(
        self, document: Tensor, sentences: Tensor, raw: Tensor, hits: Tensor, present: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Logits of the document, (documents, learned labels), and of its sentences, (documents, sentences,
        reported labels). `raw` are the sentence vectors as the encoder gives them, `hits` the keywords."""
        around = document.unsqueeze(1).expand_as(sentences)
        proofs = self.sentence(torch.cat([sentences, around], dim=-1)) + self._by_sheet(raw, hits)
        logits: Tensor = self.document(document)
        nothing = proofs.new_zeros(proofs.shape[0], 1, proofs.shape[2])
        seen = torch.cat([nothing, proofs.masked_fill(~present.unsqueeze(-1), -torch.inf)], dim=1)
        places = torch.tensor(self.reported_places, device=logits.device)
        logits = logits.index_add(1, places, torch.logsumexp(seen, dim=1))
        return logits, proofs

    def _by_sheet(self, raw: Tensor, hits: Tensor) -> Tensor:
        likeness = nn.functional.normalize(raw - self.center, dim=-1) @ self.directions.T
        return self.gain * likeness + self.keyword_gain * hits + self.bias


class ScoreHead(nn.Module):
    """Logits of "more than this?" for each threshold of a score: (documents, thresholds).

    They share one direction and differ in a bias, so that their answers never contradict each other where the
    biases fall (CORAL: Cao, Mirjalili and Raschka 2020).
    """

    def __init__(self, hidden: int, task: ScoreTask) -> None:
        super().__init__()
        self.attention = nn.Linear(hidden, 1)
        self.value = nn.Sequential(
            nn.Dropout(_DROPOUT), nn.Linear(2 * hidden, hidden // 2), nn.GELU(), nn.Linear(hidden // 2, 1)
        )
        count = thresholds_of(task)
        self.steps = nn.Parameter(torch.linspace(1, -1, count) if count > 1 else torch.zeros(1))

    def forward(self, document: Tensor, sentences: Tensor, present: Tensor) -> Tensor:
        """Which sentence matters for the score is learned with it."""
        weights = self.attention(sentences).masked_fill(~present.unsqueeze(-1), -1e4).softmax(dim=1)
        focus = (weights * sentences).sum(dim=1)
        value: Tensor = self.value(torch.cat([document, focus], dim=-1))
        return value + self.steps


class SpanHead(nn.Module):
    """Logits of SPAN_TAGS for every token and label, (documents, tokens, labels, 3).

    Each label is looked for by itself, so that spans of two labels may overlap.
    """

    def __init__(self, hidden: int, sheet: LabelSheet) -> None:
        super().__init__()
        self.labels = len(sheet.names)
        self.tags = nn.Sequential(nn.Dropout(_DROPOUT), nn.Linear(hidden, len(SPAN_TAGS) * self.labels))

    def forward(self, tokens: Tensor) -> Tensor:
        logits: Tensor = self.tags(tokens)
        return logits.view(*logits.shape[:-1], self.labels, len(SPAN_TAGS))
