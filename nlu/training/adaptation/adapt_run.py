"""The loop of domain adaptation: passages in, an encoder that fills their hidden words better out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from nlu.encoders.language_head import head_parameters, masked_logits
from nlu.encoders.lower_layers import top_parameters
from nlu.encoders.precision import Precision, best_device, mixed_precision
from nlu.training.adaptation.adapt_checkpoint import Checkpoint
from nlu.training.adaptation.masking import Passage, mask_words

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_HEAD_SHARE = 0.1
"""Of the run, for a fresh head alone."""
_FRESH_HEAD_RATE = 1e-3
_WARMUP_SHARE = 0.1
_WEIGHT_DECAY = 0.01
_LARGEST_GRADIENT = 1.0
_CHECKPOINT_SECONDS = 60.0
_SORTED_BATCHES = 32
"""So many batches of texts are sorted by length together: little padding, and still a different mix."""
_HELD_OUT = 2**32 - 1
"""In place of a step's number, where the masks of the held-out texts are drawn."""


@dataclass(frozen=True, slots=True)
class AdaptSettings:
    """How an encoder is adapted: until `epochs` over the texts, `steps` or `minutes` are over, whichever is
    given and comes first. The top `layers` learn, or the whole encoder, embeddings too, where that is None.
    `max_tokens` is the longest passage, end marks included; `batch_size` passages make a step.

    CPU seconds of a step of the bundled encoder, 32 passages of 11 tokens, bfloat16: .66 for the whole, .34
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


class AdaptPhase(StrEnum):
    HEAD = "head"
    ENCODER = "encoder"
    HELD_OUT = "held out"


@dataclass(frozen=True, slots=True)
class AdaptStep:
    """Where adaptation stands: `share` of the run is over (0 to 1) after `step` steps; the `loss` of the last
    one while it learns, `filling` when the held-out texts were tried."""

    phase: AdaptPhase
    step: int
    share: float
    loss: float | None = None
    filling: Filling | None = None


Progress = Callable[[AdaptStep], None]


class AdaptRun:
    """A language model that learns. What a step does depends on the seed and its number alone."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        passages: Sequence[Passage],
        settings: AdaptSettings,
        *,
        fresh_head: bool,
    ) -> None:
        self.step = 0
        self.seconds = 0.0
        self.before: Filling | None = None
        self._device = best_device()
        self._model = model.to(self._device)
        self._tokenizer = tokenizer
        self._marks = np.array(tokenizer("").input_ids, np.int64)
        self._passages = passages
        self._settings = settings
        self._head_share = _HEAD_SHARE if fresh_head else 0.0
        self._head_rate = _FRESH_HEAD_RATE if fresh_head else settings.learning_rate
        self._per_epoch = -(-len(passages) // settings.batch_size)
        self._epoch = -1
        self._batches: list[NDArray[np.intp]] = []
        model.requires_grad_(False)
        self._head = head_parameters(model)
        self._encoder = _learning_parameters(model, settings.layers)
        for parameter in self._head:
            parameter.requires_grad_(True)
        self._optimizer = torch.optim.AdamW(
            [{"params": self._head}, {"params": self._encoder}], weight_decay=_WEIGHT_DECAY
        )

    def fit(self, held_out: Sequence[Passage], checkpoint: Checkpoint, progress: Progress) -> None:
        """Learns to the end, from the checkpoint where there is one; `before` is then how the held-out
        passages were filled with the head ready and the encoder as it came."""
        if saved := checkpoint.load():
            self._restore(*saved)
        started = time.monotonic() - self.seconds
        saved_at = self.seconds
        while (share := self._share()) < 1:
            phase = AdaptPhase.HEAD if share < self._head_share else AdaptPhase.ENCODER
            if phase is AdaptPhase.ENCODER and self.before is None:
                self.before = self.fill(held_out)
                progress(AdaptStep(AdaptPhase.HELD_OUT, self.step, share, filling=self.before))
            loss = self._learn(phase, share)
            self.step += 1
            self.seconds = time.monotonic() - started
            progress(AdaptStep(phase, self.step, min(1.0, self._share()), loss=loss))
            if self.seconds - saved_at > _CHECKPOINT_SECONDS:
                checkpoint.save(*self._state())
                saved_at = self.seconds
        if self.before is None:
            self.before = self.fill(held_out)

    def fill(self, passages: Sequence[Passage]) -> Filling:
        """How well the model as it is fills passages; the hidden words are the same every time."""
        random = np.random.default_rng([self._settings.seed, _HELD_OUT])
        order = np.argsort([-len(passage.words) for passage in passages], kind="stable")
        loss, right, asked = 0.0, 0, 0
        self._model.eval()
        for first in range(0, len(order), self._settings.batch_size):
            chosen = [passages[number] for number in order[first : first + self._settings.batch_size]]
            with torch.inference_mode():
                logits, gold = self._ask(chosen, random)
                loss += cross_entropy(logits, gold, reduction="sum").item()
            right += int((logits.argmax(dim=1) == gold).sum())
            asked += len(gold)
        return Filling(loss / asked, right / asked)

    def _learn(self, phase: AdaptPhase, share: float) -> float:
        torch.manual_seed(self._settings.seed * 1_000_003 + self.step)
        self._model.train(phase is AdaptPhase.ENCODER)
        for parameter in self._encoder:
            parameter.requires_grad_(phase is AdaptPhase.ENCODER)
        head, encoder = self._optimizer.param_groups
        head["lr"] = self._head_rate * (1 - share)
        encoder["lr"] = self._settings.learning_rate * _ramp(
            (share - self._head_share) / (1 - self._head_share)
        )
        random = np.random.default_rng([self._settings.seed, self.step])
        logits, gold = self._ask([self._passages[number] for number in self._batch()], random)
        loss = cross_entropy(logits, gold)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*self._head, *self._encoder], _LARGEST_GRADIENT)
        self._optimizer.step()
        return loss.item()

    def _ask(self, passages: Sequence[Passage], random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Float32 logits of the hidden tokens of a batch, (hidden, vocabulary), and what they were."""
        start, end = self._marks[:1], self._marks[1:]
        length = max(len(passage.words) for passage in passages) + len(self._marks)
        token_ids = np.full((len(passages), length), int(self._tokenizer.pad_token_id))
        mask = np.zeros((len(passages), length), np.int64)
        asked = np.zeros((len(passages), length), np.bool_)
        gold: list[NDArray[np.int32]] = []
        for row, passage in enumerate(passages):
            masked = mask_words(passage, self._tokenizer.mask_token_id, len(self._tokenizer), random)
            sequence = np.concatenate([start, masked.token_ids, end])
            token_ids[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
            asked[row, len(start) : len(sequence) - len(end)] = masked.asked
            gold.append(passage.token_ids[masked.asked])
        tensors = [torch.from_numpy(array).to(self._device) for array in (token_ids, mask, asked)]
        with mixed_precision(self._settings.precision, self._device):
            logits = masked_logits(self._model, tensors[0], tensors[1], tensors[2])
        return logits.float(), torch.from_numpy(np.concatenate(gold).astype(np.int64)).to(self._device)

    def _batch(self) -> NDArray[np.intp]:
        """The passages of the step: every one once an epoch, those of like length together."""
        epoch, place = divmod(self.step, self._per_epoch)
        if epoch != self._epoch:
            random = np.random.default_rng([self._settings.seed, epoch, _HELD_OUT])
            size = self._settings.batch_size
            order = random.permutation(len(self._passages))
            lengths = np.array([len(passage.words) for passage in self._passages])
            stretches = [
                order[at : at + _SORTED_BATCHES * size] for at in range(0, len(order), _SORTED_BATCHES * size)
            ]
            alike = [stretch[np.argsort(lengths[stretch], kind="stable")] for stretch in stretches]
            batches = [part[at : at + size] for part in alike for at in range(0, len(part), size)]
            self._batches = [batches[number] for number in random.permutation(len(batches))]
            self._epoch = epoch
        return self._batches[place]

    def _share(self) -> float:
        limits = self._settings
        done = [
            self.step / limits.steps if limits.steps else 0.0,
            self.step / (limits.epochs * self._per_epoch) if limits.epochs else 0.0,
            self.seconds / (60 * limits.minutes) if limits.minutes else 0.0,
        ]
        return max(done)

    def _state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        weights = {f"weight.{n}": weight for n, weight in enumerate([*self._head, *self._encoder])}
        moments = {
            f"optimizer.{number}.{name}": value
            for number, state in self._optimizer.state_dict()["state"].items()
            for name, value in state.items()
        }
        facts = {
            "step": self.step,
            "seconds": self.seconds,
            "before": asdict(self.before) if self.before else None,
        }
        return {**weights, **moments}, facts

    def _restore(self, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
        self.step, self.seconds = facts["step"], facts["seconds"]
        self.before = Filling(**facts["before"]) if facts["before"] else None
        states: dict[int, dict[str, Tensor]] = {}
        with torch.no_grad():
            for n, weight in enumerate([*self._head, *self._encoder]):
                weight.copy_(tensors[f"weight.{n}"])
        for name, value in tensors.items():
            if name.startswith("optimizer."):
                _, number, key = name.split(".")
                states.setdefault(int(number), {})[key] = value
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": states, "param_groups": groups})


def _learning_parameters(model: PreTrainedModel, layers: int | None) -> list[torch.nn.Parameter]:
    if layers is None:
        return list(model.base_model.parameters())
    split = max(0, int(model.config.num_hidden_layers) - layers)
    return top_parameters(model.base_model, split)


def _ramp(share: float) -> float:
    """Up over the first tenth, then down to 0 in a line."""
    return min(max(share, 0.01) / _WARMUP_SHARE, (1 - share) / (1 - _WARMUP_SHARE))
