"""Masked language modelling: chunks in, an encoder that fills their hidden words better out."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from nlu.encoders.language_head import head_parameters, masked_logits
from nlu.encoders.lower_layers import top_parameters
from nlu.encoders.precision import Precision, best_device, mixed_precision
from nlu.training.adaptation.masking import TokenChunk, mask_words
from nlu.training.fitting.checkpoint import Checkpoint, with_prefix
from nlu.training.fitting.loop import TrainingRound
from nlu.training.fitting.optimization import WARMUP_SHARE, Optimization, ParameterGroup
from nlu.training.fitting.training_step import Phase, TrainingStep

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_HEAD_SHARE = 0.1
"""Of the run, for a fresh head alone."""
_FRESH_HEAD_RATE = 1e-3
_LEAST_SHARE = 0.01
"""Of the run: the learning rate of the encoder begins where it would be then."""
_SORTED_BATCHES = 32
"""So many batches of texts are sorted by length together: little padding, and still a different mix."""
_HELD_OUT = 2**32 - 1
"""In place of a step's number, where the masks of the held-out texts are drawn."""


@dataclass(frozen=True, slots=True)
class AdaptSettings:
    """How an encoder is adapted: until `epochs` over the texts, `steps` or `minutes` are over, whichever is
    given and comes first. The top `layers` learn, or the whole encoder, embeddings too, where that is None.
    `max_tokens` is the longest chunk, end marks included; `batch_size` chunks make a step.

    CPU seconds of a step of the bundled encoder, 32 chunks of 11 tokens, bfloat16: .66 for the whole, .34
    for the top 6 layers, .27 for the top 4, .18 while the head learns alone.
    """

    epochs: int | None = 3
    steps: int | None = None
    minutes: float | None = None
    layers: int | None = None
    max_tokens: int = 128
    batch_size: int = 32
    learning_rate: float = 1e-4
    precision: Precision = "auto"
    seed: int = 13


@dataclass(frozen=True, slots=True)
class Filling:
    """How well hidden tokens are filled: the mean loss in nats, and the share that is right."""

    loss: float
    accuracy: float

    @property
    def perplexity(self) -> float:
        return math.exp(self.loss)


class MaskedLanguageTrainer:
    """A language model that learns to fill hidden words; a round is a batch of chunks, or a trial on the
    held-out ones: with the head ready and the encoder as it came (`before`), and at the end (`after`)."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        chunks: Sequence[TokenChunk],
        held_out: Sequence[TokenChunk],
        settings: AdaptSettings,
        *,
        fresh_head: bool,
    ) -> None:
        self.before: Filling | None = None
        self.after: Filling | None = None
        self.seed = settings.seed
        self._started = time.monotonic()
        self._device = best_device()
        self._model = model.to(self._device)
        self._tokenizer = tokenizer
        self._marks = np.array(tokenizer("").input_ids, np.int64)
        self._chunks = chunks
        self._held_out = held_out
        self._settings = settings
        self._head_share = _HEAD_SHARE if fresh_head else 0.0
        self._per_epoch = -(-len(chunks) // settings.batch_size)
        self._epoch = -1
        self._batches: list[NDArray[np.intp]] = []
        model.requires_grad_(False)
        self._head = head_parameters(model)
        self._encoder = _learning_parameters(model, settings.layers)
        for parameter in self._head:
            parameter.requires_grad_(True)
        head_rate = _FRESH_HEAD_RATE if fresh_head else settings.learning_rate
        self.optimization = Optimization(
            [
                ParameterGroup(self._head, head_rate, lambda updates: 1 - self._share(updates)),
                ParameterGroup(self._encoder, settings.learning_rate, self._encoder_schedule),
            ],
            clipped=[*self._head, *self._encoder],
        )

    @property
    def seconds(self) -> float:
        """Since the run began, the time before a kill included."""
        return time.monotonic() - self._started

    def next_round(self) -> TrainingRound[NDArray[np.intp]] | None:
        """The next batch, as places among the chunks."""
        updates = self.optimization.updates
        share = self._share(updates)
        learns_encoder = share >= self._head_share
        epoch, place = divmod(updates, self._per_epoch)
        steps = round(updates / share) if updates else self._known_steps()
        if (learns_encoder and self.before is None) or (share >= 1 and self.after is None):
            return TrainingRound((), updates, epoch + 1, updates, steps, Phase.DEV)
        if share >= 1:
            return None
        self._model.train(learns_encoder)
        for parameter in self._encoder:
            parameter.requires_grad_(learns_encoder)
        phase = Phase.LEARN if learns_encoder else Phase.HEAD
        return TrainingRound([self._batch(epoch, place)], updates, epoch + 1, updates, steps, phase)

    def loss(self, batch: NDArray[np.intp]) -> Tensor:
        """The mean loss of the hidden tokens; what is hidden depends on the seed and the step alone."""
        random = np.random.default_rng([self.seed, self.optimization.updates])
        logits, gold = self._ask([self._chunks[number] for number in batch], random)
        return cross_entropy(logits, gold)

    def evaluate(self, finished: TrainingRound[NDArray[np.intp]], loss: float) -> TrainingStep | None:
        if finished.batches:
            return None
        found = self._fill(self._held_out)
        if self.before is None:
            self.before = found
        else:
            self.after = found
        return TrainingStep(
            Phase.DEV, finished.done, finished.steps, finished.epoch, found.loss, found.accuracy
        )

    def checkpoint(self) -> Checkpoint:
        facts = {
            "updates": self.optimization.updates,
            "seconds": self.seconds,
            "before": asdict(self.before) if self.before else None,
        }
        tensors = {
            **with_prefix("weight", self._weights()),
            **with_prefix("optimizer", self.optimization.tensors()),
        }
        return Checkpoint(tensors, facts)

    def restore(self, checkpoint: Checkpoint) -> None:
        facts, weights = checkpoint.facts, checkpoint.part("weight")
        self._started = time.monotonic() - facts["seconds"]
        self.before = Filling(**facts["before"]) if facts["before"] else None
        for name, weight in self._weights().items():
            weight.data.copy_(weights[name])
        self.optimization.restore(checkpoint.part("optimizer"), facts["updates"])

    def _weights(self) -> dict[str, Tensor]:
        return {str(place): weight for place, weight in enumerate([*self._head, *self._encoder])}

    def _encoder_schedule(self, updates: int) -> float:
        """Once the head is ready up over the first tenth, then down to 0 in a line."""
        share = (self._share(updates) - self._head_share) / (1 - self._head_share)
        return min(max(share, _LEAST_SHARE) / WARMUP_SHARE, (1 - share) / (1 - WARMUP_SHARE))

    def _fill(self, chunks: Sequence[TokenChunk]) -> Filling:
        """How well the model as it is fills chunks; the hidden words are the same every time."""
        random = np.random.default_rng([self._settings.seed, _HELD_OUT])
        order = np.argsort([-len(chunk.words) for chunk in chunks], kind="stable")
        loss, right, asked = 0.0, 0, 0
        self._model.eval()
        for first in range(0, len(order), self._settings.batch_size):
            chosen = [chunks[number] for number in order[first : first + self._settings.batch_size]]
            with torch.inference_mode():
                logits, gold = self._ask(chosen, random)
                loss += cross_entropy(logits, gold, reduction="sum").item()
            right += int((logits.argmax(dim=1) == gold).sum())
            asked += len(gold)
        return Filling(loss / asked, right / asked)

    def _ask(self, chunks: Sequence[TokenChunk], random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Float32 logits of the hidden tokens of a batch, (hidden, vocabulary), and what they were."""
        start, end = self._marks[:1], self._marks[1:]
        length = max(len(chunk.words) for chunk in chunks) + len(self._marks)
        token_ids = np.full((len(chunks), length), int(self._tokenizer.pad_token_id))
        mask = np.zeros((len(chunks), length), np.int64)
        asked = np.zeros((len(chunks), length), np.bool_)
        gold: list[NDArray[np.int32]] = []
        for row, chunk in enumerate(chunks):
            masked = mask_words(chunk, self._tokenizer.mask_token_id, len(self._tokenizer), random)
            sequence = np.concatenate([start, masked.token_ids, end])
            token_ids[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
            asked[row, len(start) : len(sequence) - len(end)] = masked.asked
            gold.append(chunk.token_ids[masked.asked])
        tensors = [torch.from_numpy(array).to(self._device) for array in (token_ids, mask, asked)]
        with mixed_precision(self._settings.precision, self._device):
            logits = masked_logits(self._model, tensors[0], tensors[1], tensors[2])
        return logits.float(), torch.from_numpy(np.concatenate(gold).astype(np.int64)).to(self._device)

    def _batch(self, epoch: int, place: int) -> NDArray[np.intp]:
        """The chunks of a step: every one once an epoch, those of like length together."""
        if epoch != self._epoch:
            random = np.random.default_rng([self._settings.seed, epoch, _HELD_OUT])
            size = self._settings.batch_size
            order = random.permutation(len(self._chunks))
            lengths = np.array([len(chunk.words) for chunk in self._chunks])
            stretches = [
                order[at : at + _SORTED_BATCHES * size] for at in range(0, len(order), _SORTED_BATCHES * size)
            ]
            alike = [stretch[np.argsort(lengths[stretch], kind="stable")] for stretch in stretches]
            batches = [part[at : at + size] for part in alike for at in range(0, len(part), size)]
            self._batches = [batches[number] for number in random.permutation(len(batches))]
            self._epoch = epoch
        return self._batches[place]

    def _known_steps(self) -> int:
        """As many as the settings allow; 1 where time alone is the limit."""
        limits = self._settings
        known = [limits.steps, limits.epochs and limits.epochs * self._per_epoch]
        return min((steps for steps in known if steps), default=1)

    def _share(self, updates: int) -> float:
        """How much of the run is over, from 0; at 1 it ends."""
        limits = self._settings
        done = [
            updates / limits.steps if limits.steps else 0.0,
            updates / (limits.epochs * self._per_epoch) if limits.epochs else 0.0,
            self.seconds / (60 * limits.minutes) if limits.minutes else 0.0,
        ]
        return max(done)


def _learning_parameters(model: PreTrainedModel, layers: int | None) -> list[torch.nn.Parameter]:
    if layers is None:
        return list(model.base_model.parameters())
    split = max(0, int(model.config.num_hidden_layers) - layers)
    return top_parameters(model.base_model, split)
