"""What is drawn on a page beside its writing: rings, seals and ruled lines, each found once and handed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ocr.document import Box
from ocr.grids.ruled_lines import RuledLines
from ocr.ink.dark_areas import with_dark_areas
from ocr.ink.rings import Ring, without_rings
from ocr.ink.rulings import find_rulings
from ocr.ink.seals import covering, without_seals
from ocr.raster import Raster


@dataclass(frozen=True)
class PageInk:
    """The ink of an upright page: rings that a pen drew around words, and the boxes of seals, in points.

    The rest is found when it is first asked for.
    """

    raster: Raster
    rings: tuple[Ring, ...] = ()
    seals: tuple[Box, ...] = ()

    @cached_property
    def without_rings(self) -> Raster:
        """The page with its rings painted over."""
        scale = self.raster.points_per_pixel
        return self.raster.with_pixels(without_rings(self.raster.pixels, self.rings, scale))

    @cached_property
    def legible(self) -> Raster:
        """The page as it is read: without rings, and without the red of the seals that lie on writing."""
        bare, scale = self.without_rings, self.raster.points_per_pixel
        return bare.with_pixels(without_seals(bare.pixels, covering(self.seals, bare.pixels, scale), scale))

    @cached_property
    def ruled(self) -> RuledLines:
        """The ruled lines of the page and its grids, without the strokes of red seals."""
        scale = self.raster.points_per_pixel
        gray = self.raster.with_pixels(without_seals(self.raster.pixels, self.seals, scale)).gray
        return RuledLines(with_dark_areas(find_rulings(gray, scale), gray, scale))
