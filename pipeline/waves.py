"""A night in parts that are worked on one after the other, so that its memory does not grow with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.due.plan import Due

PAGES_A_WAVE = 1_000
"""Some ten minutes of two workers: starting them anew costs a hundredth of that."""


def waves(due: Sequence[Due], strikes: Mapping[str, int]) -> Iterator[tuple[Due, ...]]:
    """The documents in waves of at most PAGES_A_WAVE pages, or one longer document.

    What has been in hand when a worker died goes last and alone: it takes no other document down with it,
    and an innocent document clears itself.
    """
    wave: list[Due] = []
    pages = 0
    for one in due:
        if strikes.get(one.source.doc_id, 0):
            continue
        if wave and pages + one.source.pages > PAGES_A_WAVE:
            yield tuple(wave)
            wave, pages = [], 0
        wave.append(one)
        pages += one.source.pages
    if wave:
        yield tuple(wave)
    for one in due:
        if strikes.get(one.source.doc_id, 0):
            yield (one,)
