"""A stamp on a page, and the page without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocr.document import Box
from ocr.raster import MILLIMETRE, Raster
from ocr.stamps.ink import Layers, black_alone

RIM = 0.25 * MILLIMETRE  # around a stroke that is neither ink nor paper
OBLONG = 1.15  # times as long as broad: there is a side to level by


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """A stamp on a page: `box` in points, `tilt` degrees to turn it counterclockwise to stand level,
    `oblong` where one pair of sides is longer than the other.

    `layers` are those of the part of the page around it, whose top left pixel is `corner` (x, y). Where it
    `hides` print, its ink cannot be told from that, and what is read there is doubtful; where it stands
    `alone`, whatever is left there is its own.
    """

    box: Box
    tilt: float
    oblong: bool
    corner: tuple[int, int]
    layers: Layers
    hides: bool = False
    alone: bool = False


def is_oblong(sides: Sequence[float]) -> bool:
    return max(sides) >= OBLONG * min(sides)


def without_stamps(raster: Raster, stamps: Iterable[Stamp]) -> Raster:
    """The page as it was before it was stamped; the pixels of `raster` are not changed."""
    pixels = None
    rim = max(round(2 * RIM / raster.points_per_pixel), 1)
    for stamp in stamps:
        pixels = raster.pixels.copy() if pixels is None else pixels
        (left, top), (height, width) = stamp.corner, stamp.layers.darkness.shape
        part = pixels[top : top + height, left : left + width]
        part[:] = black_alone(part, stamp.layers, rim)
    return raster if pixels is None else Raster(pixels, raster.points_per_pixel)
