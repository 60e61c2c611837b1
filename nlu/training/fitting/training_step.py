"""What training tells while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """HEAD: a fresh head learns alone, as only domain adaptation knows it."""

    PREPARE = "prepare"
    LOWER_LAYERS = "lower layers"
    HEAD = "head"
    LEARN = "learn"
    DEV = "dev"


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """How far training is: `step` of `steps` in a phase, counted from 1; in the dev phase they are epochs, or
    batches where training is counted in batches.

    `loss` is the mean of the epoch so far; `headline`, 0–1, comes with the dev phase, and `best` says whether
    the epoch is among the best up to now. `member` of `members` is the network that learns.
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
