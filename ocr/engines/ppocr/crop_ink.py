"""The pieces of ink in the crop of one line, and what their shapes are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocr.ink.shapes import darkness, ink_in, mark_of
from ocr.raster import Pixels, as_pixels

EM = 0.72  # of a crop's height: detection leaves paper around the letters
SEEN = 64  # pixels that a crop is made high for shapes to be told
SPECK = 0.12  # ems; smaller ink is no part of anything
LARGEST = 1.2  # ems; what is longer is no letter
RULE, ALONG = 0.25, 0.8  # ems that a ruling is thick; share of a crop's side that it takes


@dataclass(frozen=True, slots=True)
class InkComponent:
    """A connected piece of ink: left, top, right, bottom in pixels of the crop as `Ink` sees it."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    @property
    def size(self) -> int:
        return self.width * self.height

    def holds(self, other: InkComponent) -> bool:
        return self.x0 <= other.x0 and other.x1 <= self.x1 and self.y0 <= other.y0 and other.y1 <= self.y1

    def beside(self, other: InkComponent) -> float:
        """The share of its width that the other lies above or below of."""
        return (min(other.x1, self.x1) - max(other.x0, self.x0)) / self.width


class Ink:
    """What is inked in `crop` (BGR), specks and rulings left out.

    It is seen `scale` times as large as it is; `em` is its type size in those pixels.
    """

    def __init__(self, crop: Pixels, *, by_hand: bool = False) -> None:
        gray = as_pixels(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY))
        self.scale = max(SEEN / gray.shape[0], 1.0)
        size = round(gray.shape[1] * self.scale), round(gray.shape[0] * self.scale)
        seen = as_pixels(cv2.resize(gray, size, interpolation=cv2.INTER_CUBIC) if self.scale > 1 else gray)
        self._mask, self._dark, self._by_hand = ink_in(seen), darkness(seen), by_hand
        self.em: float = EM * seen.shape[0]
        _, _, stats, _ = cv2.connectedComponentsWithStats(self._mask, connectivity=8)
        pieces = [InkComponent(*map(int, (x, y, x + w, y + h))) for x, y, w, h, _ in stats[1:].tolist()]
        sized = [piece for piece in pieces if max(piece.width, piece.height) >= SPECK * self.em]
        self.pieces = [piece for piece in sized if not self._is_ruling(piece)]

    def shape(self, piece: InkComponent) -> str:
        """The mark that the piece and what lies in it are; empty where they are none."""
        place = np.s_[piece.y0 : piece.y1, piece.x0 : piece.x1]
        return mark_of(np.ascontiguousarray(self._mask[place]), self._dark[place], by_hand=self._by_hand)

    def _is_ruling(self, piece: InkComponent) -> bool:
        """Whether the piece is an underline, or runs along an edge of the crop, as the rulings of a cell and
        their corners do."""
        height, width = map(int, self._mask.shape)
        beside = min(piece.x0, piece.y0, width - piece.x1, height - piece.y1)
        thick, long = sorted((piece.width, piece.height))
        if beside == 0 and (long > LARGEST * self.em or thick <= SPECK * self.em):
            return True
        if piece.height <= RULE * self.em and piece.width > 2 * LARGEST * self.em:
            return True
        return beside <= SPECK * self.em and thick <= RULE * self.em and long >= ALONG * min(height, width)
