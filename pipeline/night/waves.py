"""A night in parts that are worked on one after the other, so that its memory does not grow with it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from pipeline.due.plan import Due

PAGES_A_PROCESS = 500
"""Some ten minutes of reading: starting the processes anew costs a hundredth of that."""


def waves(due: Sequence[Due], strikes: Mapping[str, int], processes: int | None) -> Iterator[tuple[Due, ...]]:
    """The documents in waves of at most PAGES_A_PROCESS pages for each process, or one longer document; in
    one wave where the number of `processes` is the runner's own choice, as such a runner starts machines.

    What has been in hand when a worker died goes first and alone: it takes no other document and no finished
    wave down with it, and an innocent document clears itself.
    """
    for one in due:
        if strikes.get(one.source.doc_id, 0):
            yield (one,)
    most = math.inf if processes is None else PAGES_A_PROCESS * processes
    wave: list[Due] = []
    pages = 0
    for one in due:
        if strikes.get(one.source.doc_id, 0):
            continue
        if wave and pages + one.source.pages > most:
            yield tuple(wave)
            wave, pages = [], 0
        wave.append(one)
        pages += one.source.pages
    if wave:
        yield tuple(wave)
