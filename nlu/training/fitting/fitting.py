"""The epochs: what is drawn is learned, the dev records judge, the best epochs are kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from nlu.encoders.precision import mixed_precision
from nlu.errors import DivergenceError
from nlu.network.adapters import averaged, learned_tensors, restore
from nlu.network.batches import by_length, collate
from nlu.network.inference import pad_hidden
from nlu.network.keywords import SheetKeywords
from nlu.network.network import MultitaskModel
from nlu.training.examples.lessons import Lesson
from nlu.training.fitting.auxiliary import AuxiliaryTasks
from nlu.training.fitting.balance import TaskBalance
from nlu.training.fitting.checkpoint import Checkpoint, CheckpointFolder
from nlu.training.fitting.losses import ClassWeights, class_weights, loss_names, task_losses

_WARMUP_SHARE = 0.1
_LARGEST_GRADIENT = 1.0
_WEIGHT_DECAY = 0.01
_ENCODER_SHARE = 0.05
"""Of the learning rate, for layers that learn in full: pretrained weights bear 5e-5 where a head wants
1e-3."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch, counted from 1, and its figure on the dev records, 0–1; `kept` says whether it is among the
    best so far."""

    number: int
    loss: float
    headline: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Fitted:
    """`history` has an entry an epoch; `epochs` are those whose weights were averaged, the best first."""

    history: Sequence[Mapping[str, Any]]
    epochs: tuple[int, ...]


class Telling(Protocol):
    """Is told how far the epochs are: each batch with its epoch, its number of how many and the mean loss,
    and each epoch at its end."""

    def batch(self, epoch: int, number: int, of: int, loss: float) -> None: ...

    def epoch(self, epoch: Epoch) -> None: ...


@dataclass(frozen=True, slots=True)
class Course:
    """What the epochs are made of. `draws`: for each epoch the lessons in the order they are learned;
    `judge` gives one figure, 0–1, of the network as it stands on the dev records."""

    draws: Sequence[Sequence[Lesson]]
    padding_id: int
    judge: Callable[[], float]
    telling: Telling


def fit(network: MultitaskModel, course: Course, checkpoints: CheckpointFolder) -> Fitted:
    """Train the network in place and leave it with the weights of the best epochs, averaged.

    Every epoch starts from its own seed, so that one that is gone on with after a kill is the same. The
    average counts only where it is no worse on the dev records than the best epoch. Raises DivergenceError.
    """
    if not course.draws:
        return Fitted((), ())
    pupil = _Pupil(network, course)
    settings = network.application.settings.training
    done = checkpoints.load()
    if done is not None:
        pupil.restore(done)
    history = pupil.history
    for number in range(len(history) + 1, len(course.draws) + 1):
        if history and number - 1 - pupil.best[0][0] >= settings.patience:
            break
        torch.manual_seed(settings.seed * 1_000_003 + number)
        loss = pupil.learn(number)
        headline = course.judge()
        kept = pupil.keep(number, loss, headline, settings.averaged_epochs)
        checkpoints.save(pupil.checkpoint())
        course.telling.epoch(Epoch(number, loss, headline, kept))
    return Fitted(tuple(history), pupil.graduate(course.judge))


class _Pupil:
    """The network with all that changes while it learns."""

    def __init__(self, network: MultitaskModel, course: Course) -> None:
        settings = network.application.settings.training
        torch.manual_seed(settings.seed)
        self._network = network
        self._course = course
        self._device = next(network.parameters()).device
        self._keywords = SheetKeywords(network.application)
        first = [lesson.example for lesson in course.draws[0]]
        self._weights: ClassWeights = class_weights(first, network.application)
        hidden = int(network.encoder.config.hidden_size)
        self._auxiliary = AuxiliaryTasks(network.application, first, hidden).to(self._device)
        names = (*loss_names(network.application), *self._auxiliary.names)
        self._balance = TaskBalance(settings.task_balance, names).to(self._device)
        self._optimizer = torch.optim.AdamW(self._groups(), weight_decay=_WEIGHT_DECAY)
        self._rates = [group["lr"] for group in self._optimizer.param_groups]
        self._steps = sum(-(-len(draw) // settings.batch_size) for draw in course.draws)
        self._done = 0
        self.history: list[Mapping[str, Any]] = []
        self.best: list[tuple[int, float, Mapping[str, Tensor]]] = []

    def _groups(self) -> list[dict[str, Any]]:
        settings = self._network.application.settings.training
        learning = [(n, p) for n, p in self._network.named_parameters() if p.requires_grad]
        pretrained = [p for n, p in learning if settings.tuning == "full" and n.startswith("encoder.")]
        fresh = [p for n, p in learning if not (settings.tuning == "full" and n.startswith("encoder."))]
        fresh += [*self._auxiliary.parameters(), *self._balance.parameters()]
        groups = [{"params": fresh, "lr": settings.learning_rate}]
        if pretrained:
            groups.append({"params": pretrained, "lr": _ENCODER_SHARE * settings.learning_rate})
        return groups

    def learn(self, number: int) -> float:
        """One epoch; the mean of its batches' losses. Raises DivergenceError."""
        network, settings = self._network, self._network.application.settings.training
        network.train()
        losses: list[float] = []
        batches = _batches(self._course.draws[number - 1], settings.batch_size)
        for lessons in batches:
            examples = [lesson.example for lesson in lessons]
            documents = [example.prepared for example in examples]
            batch = collate(documents, self._course.padding_id, self._keywords).on(self._device)
            lower = [lesson.lower for lesson in lessons if lesson.lower is not None]
            with mixed_precision(settings.precision, self._device):
                tokens = network.encode(batch, pad_hidden(lower, batch) if lower else None)
            outputs = network.judge(tokens, batch)
            parts = task_losses(outputs, examples, network.application, self._weights)
            loss = self._balance({**parts, **self._auxiliary.losses(outputs.document, examples)})
            self._descend(loss)
            losses.append(loss.item())
            if not math.isfinite(losses[-1]):
                raise DivergenceError(number)
            self._course.telling.batch(number, len(losses), len(batches), sum(losses) / len(losses))
        return sum(losses) / max(1, len(losses))

    def _descend(self, loss: Tensor) -> None:
        share = _warm_up_and_decay(self._done, self._steps)
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        self._done += 1
        if not loss.requires_grad:  # nothing in the batch is annotated
            return
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), _LARGEST_GRADIENT)
        self._optimizer.step()

    def keep(self, number: int, loss: float, headline: float, most: int) -> bool:
        """Note an epoch, and its weights where it is one of the `most` best; the earlier of two equals."""
        self.history.append({"epoch": number, "loss": loss, "headline": headline})
        if len(self.best) == most and headline <= self.best[-1][1]:
            return False
        self.best.append((number, headline, learned_tensors(self._network)))
        self.best.sort(key=lambda kept: (-kept[1], kept[0]))
        del self.best[most:]
        return True

    def graduate(self, judge: Callable[[], float]) -> tuple[int, ...]:
        """Put the best weights into the network: the average of the best epochs, or the best alone."""
        if len(self.best) > 1:
            restore(self._network, averaged([tensors for _, _, tensors in self.best]))
            if judge() >= self.best[0][1]:
                return tuple(number for number, _, _ in self.best)
        restore(self._network, self.best[0][2])
        return (self.best[0][0],)

    def checkpoint(self) -> Checkpoint:
        tensors = {f"now.{name}": tensor for name, tensor in learned_tensors(self._network).items()}
        for name, tensor in self._beside().items():
            tensors[f"beside.{name}"] = tensor.detach().cpu()
        for place, state in self._optimizer.state_dict()["state"].items():
            for name, tensor in state.items():
                tensors[f"optimizer.{place}.{name}"] = tensor.detach().cpu()
        for number, _, kept in self.best:
            tensors |= {f"best.{number}.{name}": tensor for name, tensor in kept.items()}
        tensors["steps"] = torch.tensor([self._done])
        return Checkpoint(tensors, self.history, [number for number, _, _ in self.best])

    def restore(self, checkpoint: Checkpoint) -> None:
        """Raises ValueError where the tensors are those of another network."""
        parts = _by_first_name(checkpoint.tensors)
        restore(self._network, parts["now"])
        for name, tensor in self._beside().items():
            tensor.data.copy_(parts["beside"][name])
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in parts.get("optimizer", {}).items():
            place, _, key = name.partition(".")
            moments.setdefault(int(place), {})[key] = tensor
        state = self._optimizer.state_dict()
        self._optimizer.load_state_dict({**state, "state": moments})
        self._done = int(checkpoint.tensors["steps"])
        self.history = [dict(epoch) for epoch in checkpoint.history]
        best = _by_first_name(parts["best"])
        headline = {int(epoch["epoch"]): float(epoch["headline"]) for epoch in self.history}
        self.best = [(number, headline[number], best[str(number)]) for number in checkpoint.best_epochs]

    def _beside(self) -> dict[str, Tensor]:
        """What learns but does not belong to the model."""
        named = {f"auxiliary.{name}": value for name, value in self._auxiliary.named_parameters()}
        return {**named, "balance": self._balance.log_variance}


def _by_first_name(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    parts: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        first, _, rest = name.partition(".")
        parts.setdefault(first, {})[rest] = tensor
    return parts


def _warm_up_and_decay(step: int, steps: int) -> float:
    """The share of the learning rate: up over the first tenth, then down to 0 in a line."""
    warm = max(1, round(_WARMUP_SHARE * steps))
    return min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))


def _batches(lessons: Sequence[Lesson], size: int) -> list[list[Lesson]]:
    """Batches of like length, in random order as `lessons` are: each stands where its longest stood."""
    batches = by_length([lesson.example.prepared.length for lesson in lessons], size)
    return [[lessons[place] for place in places] for places in sorted(batches)]
