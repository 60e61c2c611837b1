"""Found fields against the true ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.measures import plain
from benchmarks.teds import Matches

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FieldMatches:
    """A field is right when its name and value (NFKC, no blanks) are; the others as "name=value"."""

    matches: Matches
    missed: tuple[str, ...]
    invented: tuple[str, ...]


def field_matches(truth: Iterable[Pair], read: Iterable[Pair]) -> FieldMatches:
    wanted, found = (Counter((plain(n), plain(v)) for n, v in pairs) for pairs in (truth, read))
    right = wanted & found
    return FieldMatches(
        Matches(right.total(), found.total(), wanted.total()),
        tuple(f"{name}={value}" for name, value in (wanted - right).elements()),
        tuple(f"{name}={value}" for name, value in (found - right).elements()),
    )
