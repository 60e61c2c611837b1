"""Fine-tuning: what an epoch draws is learned, the dev records judge, the best epochs are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nlu.encoders.precision import mixed_precision
from nlu.network.adapters import averaged, learned_tensors, restore
from nlu.network.batches import by_length, collate
from nlu.network.inference import pad_hidden
from nlu.network.keywords import SheetKeywords
from nlu.network.network import MultitaskModel
from nlu.training.examples.cached_examples import CachedExample
from nlu.training.fitting.auxiliary import AuxiliaryTasks
from nlu.training.fitting.balance import TaskBalance
from nlu.training.fitting.checkpoint import Checkpoint, CheckpointFile, with_prefix
from nlu.training.fitting.loop import TrainingRound, training_loop
from nlu.training.fitting.losses import class_weights, loss_names, task_losses
from nlu.training.fitting.optimization import WARMUP_SHARE, Optimization, ParameterGroup, Schedule
from nlu.training.fitting.training_step import Phase, Progress, TrainingStep

_ENCODER_SHARE = 0.05
"""Of the learning rate, for layers that learn in full: pretrained weights bear 5e-5 where a head wants
1e-3."""


@dataclass(frozen=True, slots=True)
class FineTuned:
    """`history` has an entry an epoch; `epochs` are those whose weights were averaged, the best first."""

    history: Sequence[Mapping[str, Any]]
    epochs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Epochs:
    """What the epochs are made of. `draws`: for each epoch its examples in the order they are learned;
    `evaluate` gives one figure, 0–1, of the network as it stands on the dev records."""

    draws: Sequence[Sequence[CachedExample]]
    padding_id: int
    evaluate: Callable[[], float]


def fine_tune(
    network: MultitaskModel, epochs: Epochs, checkpoints: CheckpointFile, progress: Progress
) -> FineTuned:
    """Train the network in place and leave it with the weights of the best epochs, averaged.

    The average counts only where it is no worse on the dev records than the best epoch. Raises
    DivergenceError.
    """
    if not epochs.draws:
        return FineTuned((), ())
    trainer = _FineTuner(network, epochs)
    for step in training_loop(trainer, checkpoints):
        progress(step)
    return FineTuned(tuple(trainer.history), trainer.take_best())


@dataclass(frozen=True, slots=True)
class _Kept:
    """An epoch among the best, its figure on the dev records and its weights."""

    epoch: int
    headline: float
    tensors: Mapping[str, Tensor]


class _FineTuner:
    """The network with all that changes while it learns; a round is an epoch."""

    def __init__(self, network: MultitaskModel, epochs: Epochs) -> None:
        self._settings = network.application.settings.training
        self.seed = self._settings.seed
        torch.manual_seed(self.seed)
        self._network = network
        self._epochs = epochs
        self._device = next(network.parameters()).device
        self._keywords = SheetKeywords(network.application)
        first = [cached.example for cached in epochs.draws[0]]
        self._weights = class_weights(first, network.application)
        hidden = int(network.encoder.config.hidden_size)
        self._auxiliary = AuxiliaryTasks(network.application, first, hidden).to(self._device)
        names = (*loss_names(network.application), *self._auxiliary.names)
        self._balance = TaskBalance(self._settings.task_balance, names).to(self._device)
        self.optimization = Optimization(self._groups(), list(network.parameters()))
        self.history: list[Mapping[str, Any]] = []
        self._best: list[_Kept] = []

    def _groups(self) -> list[ParameterGroup]:
        settings, draws = self._settings, self._epochs.draws
        schedule = warm_up_and_decay(sum(-(-len(draw) // settings.batch_size) for draw in draws))
        learning = [(n, p) for n, p in self._network.named_parameters() if p.requires_grad]
        pretrained = [p for n, p in learning if settings.tuning == "full" and n.startswith("encoder.")]
        fresh = [p for n, p in learning if not (settings.tuning == "full" and n.startswith("encoder."))]
        fresh += [*self._auxiliary.parameters(), *self._balance.parameters()]
        groups = [ParameterGroup(fresh, settings.learning_rate, schedule)]
        if pretrained:
            groups.append(ParameterGroup(pretrained, _ENCODER_SHARE * settings.learning_rate, schedule))
        return groups

    def next_round(self) -> TrainingRound[list[CachedExample]] | None:
        """The next epoch, unless `patience` epochs brought nothing."""
        done, draws = len(self.history), self._epochs.draws
        if done == len(draws) or (done and done - self._best[0].epoch >= self._settings.patience):
            return None
        self._network.train()
        batches = _batches(draws[done], self._settings.batch_size)
        return TrainingRound(batches, number=done + 1, epoch=done + 1, done=0, steps=len(batches))

    def loss(self, batch: Sequence[CachedExample]) -> Tensor:
        """The balanced losses of all tasks."""
        network = self._network
        examples = [cached.example for cached in batch]
        documents = [example.prepared for example in examples]
        collated = collate(documents, self._epochs.padding_id, self._keywords).on(self._device)
        lower = [cached.lower for cached in batch if cached.lower is not None]
        with mixed_precision(self._settings.precision, self._device):
            tokens = network.encode(collated, pad_hidden(lower, collated) if lower else None)
        outputs = network.judge(tokens, collated)
        losses = task_losses(outputs, examples, network.application, self._weights)
        balanced: Tensor = self._balance({**losses, **self._auxiliary.losses(outputs.document, examples)})
        return balanced

    def evaluate(self, finished: TrainingRound[list[CachedExample]], loss: float) -> TrainingStep:
        """Note the epoch, and its weights where it is one of the best; the earlier of two equals."""
        number, headline, most = finished.epoch, self._epochs.evaluate(), self._settings.averaged_epochs
        self.history.append({"epoch": number, "loss": loss, "headline": headline})
        kept = len(self._best) < most or headline > self._best[-1].headline
        if kept:
            self._best.append(_Kept(number, headline, learned_tensors(self._network)))
            self._best.sort(key=lambda one: (-one.headline, one.epoch))
            del self._best[most:]
        return TrainingStep(Phase.DEV, number, len(self._epochs.draws), number, loss, headline, kept)

    def take_best(self) -> tuple[int, ...]:
        """Put the best weights into the network: the average of the best epochs, or the best alone. Returns
        the epochs taken."""
        best = self._best[0]
        if len(self._best) > 1:
            restore(self._network, averaged([kept.tensors for kept in self._best]))
            if self._epochs.evaluate() >= best.headline:
                return tuple(kept.epoch for kept in self._best)
        restore(self._network, best.tensors)
        return (best.epoch,)

    def checkpoint(self) -> Checkpoint:
        tensors = {
            **with_prefix("now", learned_tensors(self._network)),
            **with_prefix("beside", self._beside()),
            **with_prefix("optimizer", self.optimization.tensors()),
        }
        for kept in self._best:
            tensors |= with_prefix(f"best.{kept.epoch}", kept.tensors)
        facts = {
            "updates": self.optimization.updates,
            "history": self.history,
            "best": [(kept.epoch, kept.headline) for kept in self._best],
        }
        return Checkpoint(tensors, facts)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Raises ValueError where the tensors are those of another network."""
        restore(self._network, checkpoint.part("now"))
        beside = checkpoint.part("beside")
        for name, tensor in self._beside().items():
            tensor.data.copy_(beside[name])
        self.optimization.restore(checkpoint.part("optimizer"), checkpoint.facts["updates"])
        self.history = list(checkpoint.facts["history"])
        self._best = [
            _Kept(epoch, headline, checkpoint.part(f"best.{epoch}"))
            for epoch, headline in checkpoint.facts["best"]
        ]

    def _beside(self) -> dict[str, Tensor]:
        """What learns but does not belong to the model."""
        named = {f"auxiliary.{name}": value for name, value in self._auxiliary.named_parameters()}
        return {**named, "balance": self._balance.log_variance}


def warm_up_and_decay(steps: int) -> Schedule:
    """Up over the first tenth of the steps, then down to 0 in a line."""
    warm = max(1, round(WARMUP_SHARE * steps))
    return lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))


def _batches(cached_examples: Sequence[CachedExample], size: int) -> list[list[CachedExample]]:
    """Batches of like length, in random order as the examples are: each stands where its longest stood."""
    batches = by_length([cached.example.prepared.length for cached in cached_examples], size)
    return [[cached_examples[place] for place in places] for places in sorted(batches)]
