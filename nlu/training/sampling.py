"""Which records an epoch learns from: every epoch draws its own balance of rare labels and "other".

"Other" is undersampled by walking through shuffled passes over all of it, so that over the epochs every
record of it is seen before any is seen twice; records of rare labels are repeated. The model of the last
epochs is thus, in one network, an ensemble over many balanced samples (the idea of EasyEnsemble: Liu, Wu
and Zhou 2009).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from nlu.application import Application
from nlu.records import Record
from nlu.settings import TrainingSettings


def reported(record: Record, application: Application) -> tuple[tuple[str, str], ...] | None:
    """The `(task, 小分類)` pairs of a record that are not "other"; None where "other" is all it says."""
    others = {task.name: task.other for task in application.classifications}
    pairs = [(task, label) for task, labels in record.labels.items() for label in labels]
    kept = tuple((task, label) for task, label in pairs if label != others[task])
    says_other = len(kept) < len(pairs) or any(
        not labels and others[task] is not None for task, labels in record.labels.items()
    )
    return None if says_other and not kept else kept


def draw(
    reports: Sequence[tuple[tuple[str, str], ...] | None], settings: TrainingSettings, epoch: int
) -> list[int]:
    """Indices of the records of one epoch (counted from 0), in random order; the same for the same seed.

    `reports` holds `reported` of every record.
    """
    counts = Counter(pair for report in reports for pair in report or ())
    most = max(counts.values(), default=0)
    drawn: list[int] = []
    others: list[int] = []
    for index, report in enumerate(reports):
        if report is None:
            others.append(index)
        else:
            rarest = min((counts[pair] for pair in report), default=most)
            repeats = round((most / rarest) ** 0.5) if rarest else 1
            drawn += [index] * max(1, min(settings.max_repeats, repeats))
    wanted = min(len(others), round(settings.other_ratio * len(drawn))) if drawn else len(others)
    drawn += _next_of_passes(others, wanted, epoch, settings.seed)
    random.Random(f"order {settings.seed} {epoch}").shuffle(drawn)
    return drawn


def _next_of_passes(items: Sequence[int], wanted: int, epoch: int, seed: int) -> list[int]:
    """The `epoch`-th slice of `wanted` items out of endless shuffled passes over `items`."""
    taken: list[int] = []
    for place in range(epoch * wanted, (epoch + 1) * wanted):
        number, inside = divmod(place, len(items))
        if inside == 0 or not taken:
            current = list(items)
            random.Random(f"pass {seed} {number}").shuffle(current)
        taken.append(current[inside])
    return taken
