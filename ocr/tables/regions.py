"""What is ruled or aligned on a page: grids with their writing, mended, tables without columns of rulings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ocr.detection import DetectedLine
from ocr.grids.cells import FilledGrid, fill_grids
from ocr.grids.lost_rulings import with_lost_rulings
from ocr.grids.ruled_lines import RuledLines
from ocr.grids.tall_cells import with_parted_rows
from ocr.tables.aligned import aligned_in, find_aligned
from ocr.tables.ruled_forms import DataTable


class Regions(NamedTuple):
    """`free` are the lines that stand in none of the others."""

    grids: list[FilledGrid]
    tables: list[DataTable]
    free: list[DetectedLine]


def find_regions(lines: Iterable[DetectedLine], ruled: RuledLines, size: float) -> Regions:
    """The grids, their cells parted where a ruling is lost or rows need none, and the tables without columns
    of rulings, in frames or not; `size` is the body type size in points."""
    grids, outside = fill_grids(ruled.grids, lines)
    aligned, unaligned = find_aligned(outside, ruled.rulings, size)
    found = Regions([], [*aligned], [*unaligned])
    for grid in grids:
        framed, above = aligned_in(grid, ruled.rulings, size)
        found.tables.extend(framed)
        found.free.extend(above)
        if not framed:
            found.grids.append(with_parted_rows(with_lost_rulings(grid)))
    return found
