"""Which records an epoch learns from: every epoch draws its own balance of rare labels and "other".

"Other" is undersampled by walking through shuffled passes over all of it, so that over the epochs every
record of it is seen before any is seen twice; records of rare labels are repeated. The model of the last
epochs is thus, in one network, an ensemble over many balanced samples (the idea of EasyEnsemble: Liu, Wu
and Zhou 2009). In a task without "other" the labels with more than their fair share of the records stand in
for it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.application.application import Application
from nlu.application.settings import TrainingSettings
from nlu.records.record import Record

Pair = tuple[str, str]
"""A task and one of its 小分類."""
Report = tuple[Pair, ...] | None
"""What a record reports beyond "other"; None where there is nothing, () where nobody was asked."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an epoch (counted from 1) drew, and how many of the `other` records were seen by its end."""

    epoch: int
    drawn: int
    other_drawn: int
    other_seen: int
    other: int


def reports(records: Sequence[Record], application: Application) -> list[Report]:
    """What `draw` needs to know of the records. Labels that are frequent in a task without "other" (more than
    the records over the labels that occur) are no report, so a record with no other labels counts as
    "other"."""
    frequent = _frequent(records, application)
    found: list[Report] = []
    for record in records:
        report = reported(record, application)
        kept = tuple(pair for pair in report or () if pair not in frequent)
        found.append(None if report is None or (report and not kept) else kept)
    return found


def reported(record: Record, application: Application) -> Report:
    """The pairs of a record that are not "other"; None where "other" or no label is all it says."""
    others = {task.name: task.other for task in application.classifications}
    kept = tuple(
        (task, label) for task, labels in record.labels.items() for label in labels if label != others[task]
    )
    return None if record.labels and not kept else kept


def draw(reports: Sequence[Report], settings: TrainingSettings, epoch: int) -> list[int]:
    """Indices of the records of one epoch (counted from 0), in random order; the same for the same seed.

    Balanced, a record is repeated by the rarest of its labels and `other_ratio` records of "other" are drawn
    for each of the rest. With `balance` "natural" the first epoch is so and the last draws every record
    once, those between in even steps. Without `redraw` every epoch draws every record once.
    """
    if settings.redraw:
        others = [index for index, report in enumerate(reports) if report is None]
        repeats = _repeats(reports, settings.max_repeats)
        drawn = [index for index, times in repeats.items() for _ in range(_times(times, settings, epoch))]
        wanted = [_wanted_others(len(others), repeats, settings, before) for before in range(epoch + 1)]
        drawn += _last_of_walk(others, wanted, settings.seed)
    else:
        drawn = list(range(len(reports)))
    random.Random(f"order {settings.seed} {epoch}").shuffle(drawn)
    return drawn


def coverage(reports: Sequence[Report], draws: Sequence[Sequence[int]]) -> tuple[Coverage, ...]:
    """One entry for each epoch of `draws`, of what `draw` gave for these `reports`."""
    others = {index for index, report in enumerate(reports) if report is None}
    seen: set[int] = set()
    entries: list[Coverage] = []
    for epoch, drawn in enumerate(draws, start=1):
        of_other = [index for index in drawn if index in others]
        seen.update(of_other)
        entries.append(Coverage(epoch, len(drawn), len(of_other), len(seen), len(others)))
    return tuple(entries)


def _frequent(records: Sequence[Record], application: Application) -> set[Pair]:
    frequent: set[Pair] = set()
    for task in application.classifications:
        if task.other is None:
            counts = Counter(label for record in records for label in record.labels.get(task.name, ()))
            fair = counts.total() / max(1, len(counts))
            frequent.update((task.name, label) for label, count in counts.items() if count > fair)
    return frequent


def _repeats(reports: Sequence[Report], most_repeats: int) -> dict[int, int]:
    """How often each record that is not "other" stands in a balanced epoch: (most frequent report of the task
    / frequency) ^ ½ of its rarest label, at most `most_repeats`."""
    counts = Counter(pair for report in reports for pair in report or ())
    most: Counter[str] = Counter()
    for (task, _), count in counts.items():
        most[task] = max(most[task], count)
    repeats: dict[int, int] = {}
    for index, report in enumerate(reports):
        if report is not None:
            rarity = max((most[pair[0]] / counts[pair] for pair in report), default=1.0)
            repeats[index] = min(most_repeats, round(rarity**0.5))
    return repeats


def _naturalness(settings: TrainingSettings, epoch: int) -> float:
    """How far an epoch is on the way from balanced (0) to natural (1)."""
    if settings.balance == "constant":
        return 0.0
    return min(1.0, epoch / max(1, settings.epochs - 1))


def _times(repeats: int, settings: TrainingSettings, epoch: int) -> int:
    return round(repeats + (1 - repeats) * _naturalness(settings, epoch))


def _wanted_others(count: int, repeats: dict[int, int], settings: TrainingSettings, epoch: int) -> int:
    balanced = sum(repeats.values()) * settings.other_ratio if repeats else count
    balanced = min(count, balanced)
    return round(balanced + (count - balanced) * _naturalness(settings, epoch))


def _last_of_walk(items: Sequence[int], steps: Sequence[int], seed: int) -> list[int]:
    """What the last of `steps`, each at most all items, takes on a walk through shuffled passes over `items`.

    A pass that starts within a step begins with what the step has not taken yet, so no step takes an item
    twice.
    """
    shuffled = random.Random(f"passes {seed}")
    left: list[int] = []
    taken: list[int] = []
    for step in steps:
        taken, left = left[:step], left[step:]
        if len(taken) < step:
            new_pass = sorted(shuffled.sample(items, len(items)), key=set(taken).__contains__)
            missing = step - len(taken)
            taken, left = taken + new_pass[:missing], new_pass[missing:]
    return taken
