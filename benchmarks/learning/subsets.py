"""How many records a contender gets, so many a label or so many in all: the same ones for everybody."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.learning.datasets import Dataset
from nlu.records.record import Record

SIZES = ("8", "64", "500", "5000")

# Up to here a size counts the records of one label, beyond it those of all.
_MOST_A_LABEL = 64


def subset(dataset: Dataset, size: str, seed: int) -> Dataset:
    """The data set with fewer train and dev records and the whole test part.

    Dev gets no more records than train, as somebody who annotates little would split them.
    """
    task = dataset.application.classifications[0].name
    count = int(size)
    if count <= _MOST_A_LABEL:
        parts = [_so_many_a_label(records, task, count, seed) for records in (dataset.train, dataset.dev)]
    else:
        parts = [_shuffled(records, seed)[:count] for records in (dataset.train, dataset.dev)]
    return replace(dataset, train=tuple(parts[0]), dev=tuple(parts[1]))


def fingerprint(records: Sequence[Record]) -> str:
    """A short hash over the ids, by which runs on the same records are told."""
    return hashlib.sha256("\n".join(record.id for record in records).encode()).hexdigest()[:12]


def _so_many_a_label(records: Sequence[Record], task: str, count: int, seed: int) -> list[Record]:
    """Records in random order, each taken where one of its labels has not yet been seen `count` times."""
    seen: Counter[str] = Counter()
    taken: list[Record] = []
    for record in _shuffled(records, seed):
        labels = record.labels[task]
        if any(seen[label] < count for label in labels):
            taken.append(record)
            seen.update(labels)
    return taken


def _shuffled(records: Sequence[Record], seed: int) -> list[Record]:
    order = list(records)
    random.Random(f"subset {seed}").shuffle(order)
    return order
