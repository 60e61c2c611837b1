"""Ruled boxes around a text of its own: a notice beside an article, not a cell of a form."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.detection import Ruling
from ocr.document import Box
from ocr.grids.grid import Edge, bridge, find_cells, merge_edges

MOST_FRAMES = 40  # the largest; a page with more is a drawing


def find_frames(rulings: Sequence[Ruling], grids: Sequence[Box]) -> tuple[Box, ...]:
    """The ruled boxes that are no part of the grids, the innermost first; no more than MOST_FRAMES."""
    horizontal = merge_edges(Edge((r.y0 + r.y1) / 2, r.x0, r.x1) for r in rulings if r.horizontal)
    vertical = merge_edges(Edge((r.x0 + r.x1) / 2, r.y0, r.y1) for r in rulings if not r.horizontal)
    boxes = find_cells(bridge(horizontal, vertical), bridge(vertical, horizontal))
    free = (box for box in boxes if not any(grid.contains(*box.center) for grid in grids))
    return tuple(sorted(free, key=lambda box: (box.area, box.x0, box.y0))[-MOST_FRAMES:])
