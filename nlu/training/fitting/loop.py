"""The loop of all training: rounds of batches, each update told, a checkpoint now and then."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor

from nlu.errors import DivergenceError
from nlu.training.fitting.checkpoint import Checkpoint, CheckpointFile
from nlu.training.fitting.optimization import Optimization
from nlu.training.fitting.training_step import Phase, TrainingStep

Batch = TypeVar("Batch")

_SEEDS_APART = 1_000_003


@dataclass(frozen=True, slots=True)
class TrainingRound(Generic[Batch]):
    """Batches after which training can go on from a checkpoint: an epoch, or a single batch of a long run;
    none where only the held-out documents are asked.

    `number` tells its random numbers from those of all others. It belongs to `epoch`, counted from 1, and
    begins after `done` of `steps`.
    """

    batches: Sequence[Batch]
    number: int
    epoch: int
    done: int
    steps: int
    phase: Phase = Phase.LEARN


class Trainer(Protocol[Batch]):
    """What is trained, with all that changes while it learns."""

    @property
    def optimization(self) -> Optimization: ...

    @property
    def seed(self) -> int: ...

    def next_round(self) -> TrainingRound[Batch] | None:
        """What comes next; None where training is over."""
        ...

    def loss(self, batch: Batch) -> Tensor: ...

    def evaluate(self, finished: TrainingRound[Batch], loss: float) -> TrainingStep | None:
        """What the held-out documents say after a round of that mean loss, where they are asked."""
        ...

    def checkpoint(self) -> Checkpoint: ...

    def restore(self, checkpoint: Checkpoint) -> None: ...


def training_loop(
    trainer: Trainer[Batch], checkpoints: CheckpointFile, seconds_between: float = 0.0
) -> Iterator[TrainingStep]:
    """Train to the end, from the last checkpoint where there is one; yields each batch and each evaluation.

    Every round starts from a seed of its own, so that one that is gone on with after a kill is the same.
    A checkpoint is written after the first round that ends `seconds_between` after the last.
    Raises DivergenceError where the loss is no number any more.
    """
    if (saved := checkpoints.load()) is not None:
        trainer.restore(saved)
    saved_at = time.monotonic()
    while (current := trainer.next_round()) is not None:
        torch.manual_seed(trainer.seed * _SEEDS_APART + current.number)
        losses: list[float] = []
        for batch in current.batches:
            loss = trainer.loss(batch)
            trainer.optimization.update(loss)
            losses.append(loss.item())
            if not math.isfinite(losses[-1]):
                raise DivergenceError(current.epoch)
            step, mean = current.done + len(losses), sum(losses) / len(losses)
            yield TrainingStep(current.phase, step, current.steps, current.epoch, mean)
        evaluated = trainer.evaluate(current, sum(losses) / max(1, len(losses)))
        if time.monotonic() - saved_at >= seconds_between:
            checkpoints.save(trainer.checkpoint())
            saved_at = time.monotonic()
        if evaluated is not None:
            yield evaluated
