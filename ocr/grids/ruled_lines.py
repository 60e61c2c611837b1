"""The ruled lines of a page with the grids that they make, which are found once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ocr.detection import Ruling
from ocr.document import Box
from ocr.grids.grid import RuledGrid, find_grids


@dataclass(frozen=True)
class RuledLines:
    """Ruled lines in points, axis-parallel; their order does not matter."""

    rulings: tuple[Ruling, ...] = ()

    @cached_property
    def grids(self) -> tuple[RuledGrid, ...]:
        """The grids of at least two cells, by top then left."""
        return find_grids(self.rulings)

    @property
    def tables(self) -> tuple[Box, ...]:
        """Where the grids lie."""
        return tuple(grid.box for grid in self.grids)

    def where(self, kept: Callable[[Ruling], bool]) -> RuledLines:
        """Those of the lines that are `kept`, with the grids as they are known where all are."""
        rulings = tuple(filter(kept, self.rulings))
        return self if len(rulings) == len(self.rulings) else RuledLines(rulings)

    def __add__(self, rulings: tuple[Ruling, ...]) -> RuledLines:
        return RuledLines((*self.rulings, *rulings)) if rulings else self
