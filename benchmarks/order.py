"""How far the order in which lines were read is from the order in which they are meant to be read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from benchmarks.measures import plain

# Shorter lines (以上, a page number) stand in many places of a text by chance.
SHORTEST = 4
# Of 100; lines that are misread beyond this cannot be told a place in the truth.
ALIKE = 75.0


@dataclass(frozen=True, slots=True)
class OrderErrors:
    """So many lines out of order of those that could be placed; adds up over pages."""

    misplaced: int = 0
    lines: int = 0

    def __add__(self, other: OrderErrors) -> OrderErrors:
        return OrderErrors(self.misplaced + other.misplaced, self.lines + other.lines)

    @property
    def rate(self) -> float:
        return self.misplaced / max(1, self.lines)


def order_errors(truth: str, lines: Iterable[str]) -> OrderErrors:
    """The fewest lines to take away so that the others stand in the order of `truth`.

    `truth` is a page's text in reading order, `lines` are its printed lines as they were read. Each is
    looked for in the truth; what remains is a longest increasing subsequence of the places (Fredman,
    "On computing the length of longest increasing subsequences", 1975).
    """
    places = [place for line in lines if (place := _place(plain(line), plain(truth))) is not None]
    ends: list[int] = []
    for place in places:
        at = bisect_left(ends, place)
        ends[at : at + 1] = [place]
    return OrderErrors(len(places) - len(ends), len(places))


def _place(line: str, truth: str) -> int | None:
    """Where in the truth the line stands; None where that is not sure."""
    if len(line) < SHORTEST or truth.count(line) > 1:
        return None
    if line in truth:
        return truth.index(line)
    found = fuzz.partial_ratio_alignment(line, truth, score_cutoff=ALIKE)
    return found.dest_start if found and len(line) <= len(truth) else None
