"""The multitask model: one encoder pass, and on it a head for each task.

The mean of the token vectors is the document, the mean of a sentence's token vectors the sentence. So
evidence needs no second model, and a label that one sentence of many carries is not averaged away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor, nn

from nlu.application.application import Application
from nlu.application.label_sets import reported_labels
from nlu.application.settings import ClassificationTask, ScoreTask, Task
from nlu.encoders.lower_layers import entering, run_lower, run_upper
from nlu.network.batches import Batch
from nlu.network.layer_means import mean_depths
from nlu.network.task_heads import ClassificationHead, HeadInitialisation, ScoreHead, SpanHead
from nlu.network.task_outputs import Outputs

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class MultitaskModel(nn.Module):
    """`split` is the first layer of the encoder that learns; `starts` is where the classification heads
    begin, by task, nothing known where a task is missing. `keeps_untuned` says that the layers from `split`
    on can still be run as they came, because only adapters beside them learn."""

    def __init__(
        self,
        encoder: PreTrainedModel,
        split: int,
        application: Application,
        starts: Mapping[str, HeadInitialisation] | None = None,
        *,
        keeps_untuned: bool = False,
    ) -> None:
        super().__init__()
        self.keeps_untuned = keeps_untuned
        self.encoder = encoder
        self.split = split
        self.application = application
        hidden = int(encoder.config.hidden_size)
        self.scale = nn.LayerNorm(hidden)
        self.heads = nn.ModuleList(
            self._head(task, hidden, starts or {}) for task in application.settings.tasks
        )

    def _head(self, task: Task, hidden: int, starts: Mapping[str, HeadInitialisation]) -> nn.Module:
        if isinstance(task, ScoreTask):
            return ScoreHead(hidden, task)
        sheet = self.application.sheets[task.name]
        if isinstance(task, ClassificationTask):
            blank = HeadInitialisation.blank(hidden, len(reported_labels(task, sheet)))
            return ClassificationHead(hidden, task, sheet, starts.get(task.name, blank))
        return SpanHead(hidden, sheet)

    def forward(self, batch: Batch, lower: Tensor | None = None) -> Outputs:
        """Logits of a batch; `lower` is what `run_lower` gave for it, where that is already known."""
        return self.judge(self.encode(batch, lower), batch)

    def encode(self, batch: Batch, lower: Tensor | None = None) -> Tensor:
        """Token vectors, (documents, tokens, hidden), float32; `lower` as in `forward`."""
        if self.split == 0:
            last: Tensor = self.encoder(input_ids=batch.token_ids, attention_mask=batch.mask)[0]
            return last.float()
        if lower is None:
            with torch.no_grad():
                lower = run_lower(self.encoder, self.split, batch.token_ids, batch.mask)
        return run_upper(self.encoder, self.split, batch.token_ids, batch.mask, lower).float()

    def lower(self, batch: Batch) -> list[Tensor]:
        """What the layers that never change make of a batch, at each of `mean_depths`: the last goes into
        `encode`. Nothing where all layers learn."""
        if self.split == 0:
            return []
        return entering(self.encoder, mean_depths(self.split), batch.token_ids, batch.mask)

    def untuned(self, batch: Batch, lower: Tensor) -> list[Tensor]:
        """The last hidden states of the encoder as it came, from what `run_lower` gave, (documents, tokens,
        hidden) and alone in a list; nothing where they are not kept."""
        if not self.keeps_untuned:
            return []
        with self._without_adapters():
            return [run_upper(self.encoder, self.split, batch.token_ids, batch.mask, lower)]

    @contextmanager
    def _without_adapters(self) -> Iterator[None]:
        adapted = [module for module in self.encoder.modules() if isinstance(module, BaseTunerLayer)]
        for module in adapted:
            module.enable_adapters(False)
        try:
            yield
        finally:
            for module in adapted:
                module.enable_adapters(True)

    def judge(self, tokens: Tensor, batch: Batch) -> Outputs:
        """Logits of every head from the token vectors of a batch, in float32 whatever the encoder ran in: the
        heads cost little, and decisions hang on their last digits."""
        with torch.autocast(tokens.device.type, enabled=False):
            return self._judge(tokens, batch)

    def _judge(self, tokens: Tensor, batch: Batch) -> Outputs:
        weights = batch.mask.to(tokens.dtype)
        document = torch.einsum("bt,bth->bh", weights, tokens) / weights.sum(dim=1, keepdim=True)
        raw = torch.bmm(batch.pooling, tokens)
        sentences = self.scale(raw)
        document = self.scale(document)
        labels: dict[str, Tensor] = {}
        proofs: dict[str, Tensor] = {}
        scores: dict[str, Tensor] = {}
        spans: dict[str, Tensor] = {}
        for task, head in zip(self.application.settings.tasks, self.heads, strict=True):
            if isinstance(task, ClassificationTask):
                hits = batch.hits[task.name]
                labels[task.name], proofs[task.name] = head(document, sentences, raw, hits, batch.present)
            elif isinstance(task, ScoreTask):
                scores[task.name] = head(document, sentences, batch.present)
            else:
                spans[task.name] = head(self.scale(tokens))
        return Outputs(labels, proofs, scores, spans, document)
