"""What training tells while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    PREPARE = "prepare"
    LOWER_LAYERS = "lower layers"
    LEARN = "learn"
    DEV = "dev"


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """How far training is: `step` of `steps` in a phase, counted from 1; in the dev phase they are epochs.

    `loss` is the mean of the epoch so far; `headline` comes with the dev phase, and `best` says whether the
    epoch is among the best up to now. `member` of `members` is the network that learns.
    """

    phase: Phase
    step: int
    steps: int
    epoch: int = 0
    loss: float | None = None
    headline: float | None = None
    best: bool = False
    member: int = 1
    members: int = 1


Progress = Callable[[TrainingStep], None]
