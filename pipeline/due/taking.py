"""Which documents a bounded run takes, where some can only be taken along with others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping


def held_back(held: Collection[str], needs: Mapping[str, Collection[str]]) -> set[str]:
    """`held` and all that need one of them, directly or through others."""
    needed_by: dict[str, list[str]] = defaultdict(list)
    for one, others in needs.items():
        for other in others:
            needed_by[other].append(one)
    found = set(held)
    open_ends = list(held)
    while open_ends:
        fresh = [one for one in needed_by[open_ends.pop()] if one not in found]
        found.update(fresh)
        open_ends.extend(fresh)
    return found


def take(
    pages: Mapping[str, int], needs: Mapping[str, Collection[str]], limit: int | None
) -> tuple[str, ...]:
    """The first of `pages`, in their order, as far as `limit` pages reach, each behind what it needs.

    Stops before the first that does not fit, so that none is overtaken for ever; but takes one at least.
    `needs` name keys of `pages` only.
    """
    taken: dict[str, None] = {}
    total = 0
    for one in pages:
        together = _closure(one, needs, taken)
        cost = sum(pages[other] for other in together)
        if limit is not None and total and total + cost > limit:
            break
        taken.update(dict.fromkeys(together))
        total += cost
    return tuple(taken)


def _closure(one: str, needs: Mapping[str, Collection[str]], taken: Collection[str]) -> list[str]:
    """`one` and all that it needs, what is taken already left out; in the order in which they are found."""
    found: dict[str, None] = {}
    open_ends = [one]
    while open_ends:
        current = open_ends.pop()
        if current not in taken and current not in found:
            found[current] = None
            open_ends.extend(needs.get(current, ()))
    return list(reversed(found))
