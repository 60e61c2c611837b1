"""Sheets drawn as a scanner sees them: type, tables and rulings in points, pixels at 200 dpi or more."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fixtures.drawing.typefaces import FONT_ROOT, TYPEFACES
from ocr.document import Document, Table
from ocr.engines.engine import Engine
from ocr.limits import Limits
from ocr.raster import Raster, as_pixels
from ocr.reading.reader import read

GRAIN = 4.0  # gray levels of a scanner's noise
BLACKER = 150  # gray levels that a one-bit scan makes black


class Scan:
    """A sheet of A5 to draw on; skips the test where the typeface is not installed."""

    def __init__(self, face: str = "gothic-fixed", *, dpi: int = 200) -> None:
        self._file = FONT_ROOT / TYPEFACES[face].file
        if not self._file.exists():
            pytest.skip(f"a typeface is missing: {TYPEFACES[face].package}")
        self._dpi, self._pixels = dpi, dpi / 72
        self._image = Image.new("L", (round(420 * self._pixels), round(595 * self._pixels)), 255)
        self._pen = ImageDraw.Draw(self._image)

    def type(self, x: float, y: float, text: str, *, size: float = 10.0, ink: int = 0) -> float:
        """Types from `x` on around the middle `y`; gives the x behind it."""
        font = ImageFont.truetype(str(self._file), size * self._pixels)
        self._pen.text((x * self._pixels, y * self._pixels), text, fill=ink, font=font, anchor="lm")
        return x + font.getlength(text) / self._pixels

    def rule(self, x0: float, y0: float, x1: float, y1: float, *, width: float = 0.8) -> None:
        ends = [round(at * self._pixels) for at in (x0, y0, x1, y1)]
        self._pen.line(ends, fill=0, width=max(round(width * self._pixels), 1))

    def fill(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self._pen.rectangle([round(at * self._pixels) for at in (x0, y0, x1, y1)], fill=0)

    def table(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        align: Literal["left", "center"] = "center",
        ruled: bool = True,
        dark: int = 0,
    ) -> None:
        """A table at (30, 70) with rows of 18 points, the first `dark` of them white on black."""
        xs = [30.0 + sum(widths[:count]) for count in range(len(widths) + 1)]
        bottom = 70 + 18 * len(rows)
        if dark:
            self.fill(xs[0], 70, xs[-1], 70 + 18 * dark)
        if ruled:
            for number in range(len(rows) + 1):
                self.rule(xs[0], 70 + 18 * number, xs[-1], 70 + 18 * number)
            for x in xs:
                self.rule(x, 70, x, bottom)
        font = ImageFont.truetype(str(self._file), 10 * self._pixels)
        for number, row in enumerate(rows):
            for text, left, right in zip(row, xs, xs[1:], strict=False):
                free = right - left - font.getlength(text) / self._pixels
                x = left + (free / 2 if align == "center" else 4)
                self.type(x, 79 + 18 * number, text, ink=255 if number < dark else 0)

    def raster(self) -> Raster:
        """The sheet, scanned."""
        gray = np.asarray(self._scanned())
        return Raster(as_pixels(np.repeat(gray[..., None], 3, axis=2)), 72 / self._dpi)

    def _scanned(self) -> Image.Image:
        noise = np.random.default_rng(7).normal(0, GRAIN, self._image.size[::-1])
        gray = np.clip(np.asarray(self._image, np.float64) + noise, 0, 255).astype(np.uint8)
        return Image.fromarray(gray)

    def read(self, engine: Engine, *, one_bit: bool = False) -> Document:
        """What is read of the sheet, scanned."""
        scanned = self._scanned()
        if one_bit:
            scanned = scanned.point(lambda level: 255 * (level >= BLACKER)).convert("1")
        file = io.BytesIO()
        scanned.save(file, "PNG", dpi=(self._dpi, self._dpi))
        return read(file.getvalue(), engine=engine, limits=Limits())


def rows_of(table: Table) -> list[list[str]]:
    """The texts of the cells, row by row."""
    rows: dict[int, list[str]] = {}
    for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
        rows.setdefault(cell.row, []).append(cell.text)
    return list(rows.values())
