"""Stamps on writing: lifted off the page, so that both are read, each for itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.raster import Raster
from ocr.stamps.coloured import find_coloured
from ocr.stamps.gray import find_gray
from ocr.stamps.stamp import Stamp, without_stamps
from ocr.stamps.stamp_reading import read_stamp

__all__ = ["Lifted", "Stamp", "lift_stamps", "read_stamp"]

# What a line is worth at most that lies under a stamp of its own gray, and how much of it lies there.
HIDDEN = 0.5
LEAST_HIDDEN = 0.03


@dataclass(frozen=True, slots=True)
class Lifted:
    """A page without its stamps, and they."""

    raster: Raster
    stamps: tuple[Stamp, ...]

    def doubted(self, lines: Iterable[DetectedLine]) -> tuple[DetectedLine, ...]:
        """The lines (boxes in points), no surer than they can be where a stamp hides print."""
        hiding = [stamp.box for stamp in self.stamps if stamp.hides]
        return tuple(
            replace(line, confidence=min(line.confidence, HIDDEN)) if _is_hidden(line.box, hiding) else line
            for line in lines
        )


def lift_stamps(raster: Raster) -> Lifted:
    """The page as it was before it was stamped; one without stamps is returned as it is."""
    coloured = find_coloured(raster)
    bare = without_stamps(raster, coloured)
    gray = find_gray(bare)
    return Lifted(without_stamps(bare, gray), (*coloured, *gray))


def _is_hidden(box: Box, hiding: Iterable[Box]) -> bool:
    shared = (common.area for stamp in hiding if (common := box.common(stamp)) is not None)
    return sum(shared) >= LEAST_HIDDEN * max(box.area, 1e-6)
