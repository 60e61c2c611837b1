"""Boxes found by their place: what lies beside or below another, without looking at the whole page."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from ocr.detection import Boxed
from ocr.document import Box

CELL = 8.0  # points; a strip of the page about as wide as a line is high


Item = TypeVar("Item", bound=Boxed)


class Nearby(Generic[Item]):
    """The items in horizontal strips by their middles, each strip from left to right; lengths are points."""

    def __init__(self, items: Iterable[Item]) -> None:
        strips: dict[int, list[tuple[float, int, Item]]] = defaultdict(list)
        for number, item in enumerate(items):
            x, y = item.box.center
            strips[int(y // CELL)].append((x, number, item))
        self._strips = {strip: sorted(held, key=lambda entry: entry[:2]) for strip, held in strips.items()}
        self._places = {strip: [x for x, _, _ in held] for strip, held in self._strips.items()}

    def on_line(self, box: Box) -> Iterator[Item]:
        """The items whose middles lie in the height of `box`, wherever from left to right."""
        return self._within(float("-inf"), float("inf"), box.y0, box.y1)

    def beside(self, box: Box, reach: float) -> Iterator[Item]:
        """The items whose middles lie in the height of `box`, at most `reach` to its left or right."""
        return self._within(box.x0 - reach, box.x1 + reach, box.y0, box.y1)

    def under(self, box: Box, reach: float) -> Iterator[Item]:
        """The items whose middles lie below that of `box`, at most `reach` below its foot, in its width."""
        return self._within(box.x0, box.x1, box.center[1], box.y1 + reach)

    def _within(self, x0: float, x1: float, y0: float, y1: float) -> Iterator[Item]:
        for strip in range(int(y0 // CELL), int(y1 // CELL) + 1):
            held = self._strips.get(strip)
            if held is None:
                continue
            places = self._places[strip]
            for _, _, item in held[bisect_left(places, x0) : bisect_right(places, x1)]:
                if y0 <= item.box.center[1] <= y1:
                    yield item
