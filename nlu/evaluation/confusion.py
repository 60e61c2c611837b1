"""Which label was taken for which other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlu.evaluation.task_results import TaskResults

NONE = "（なし）"


@dataclass(frozen=True, slots=True)
class Confusion:
    """`counts[true][predicted]` in the order of `labels`.

    Where labels can be combined a cell off the diagonal counts the documents that miss the one label and
    wrongly have the other; the last label （なし） then stands for a label missed, or added, with no such
    counterpart (after Heydarian, Doyle and Samavi 2022).
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def mixed_up(self) -> tuple[tuple[str, str, int], ...]:
        """(true, predicted, documents) of all that went wrong, the most frequent first."""
        pairs = [
            (true, predicted, count)
            for true, row in zip(self.labels, self.counts, strict=True)
            for predicted, count in zip(self.labels, row, strict=True)
            if count and true != predicted
        ]
        return tuple(sorted(pairs, key=lambda pair: -pair[2]))


def confusion(results: TaskResults) -> Confusion:
    """（なし） is there only where it is needed."""
    none = len(results.names)
    counts = np.zeros((none + 1, none + 1), dtype=int)
    for truth, accepted in zip(results.truth, results.accepted, strict=True):
        for hit in np.flatnonzero(truth & accepted):
            counts[hit, hit] += 1
        missed = np.flatnonzero(truth & ~accepted).tolist()
        added = np.flatnonzero(accepted & ~truth).tolist()
        if missed or added:
            counts[np.ix_(missed or [none], added or [none])] += 1
    size = none + 1 if counts[none].any() or counts[:, none].any() else none
    return Confusion((*results.names, NONE)[:size], tuple(map(tuple, counts[:size, :size].tolist())))
