"""Which pieces of text may be hidden from the eye, told from what is drawn around them.

Cheap facts only: whether a piece is really seen, pixels tell (`ocr.pdfs.pdf_ink`). What is dark on paper or
on a light fill, with nothing drawn over it, is seen for sure; nearly all text of nearly all pages is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.document import Box
from ocr.layers.layer_parts import Unseen
from ocr.pdfs.pdf_objects import Panel, TextObject

# Gray levels (0–255) of paper, and by how many ink must differ from what it is drawn on to be seen for sure.
PAPER = 255.0
LEAST_DIFFERENCE = 60
# Of a piece's height at its top and bottom where the fill of the next row may begin.
RIM = 0.2
# Pairs of a piece and a panel that are compared at once, and at most: beyond that all pieces are doubtful.
AT_ONCE = 1_000_000
MOST_PAIRS = 100 * AT_ONCE
# Panels that are asked one by one.
MOST_ASKED = 20_000


@dataclass(frozen=True, slots=True)
class Panels:
    """The panels of a page as arrays, to be asked many times."""

    panels: Sequence[Panel]
    orders: NDArray[np.float64]
    boxes: NDArray[np.float64]
    tones: NDArray[np.float64]

    @staticmethod
    def of(panels: Sequence[Panel]) -> Panels:
        boxes = [(p.box.x0, p.box.y0, p.box.x1, p.box.y1) for p in panels]
        return Panels(
            panels,
            np.array([p.order for p in panels], dtype=np.float64),
            np.array(boxes, dtype=np.float64).reshape(-1, 4),
            np.array([np.nan if p.tone is None else p.tone for p in panels], dtype=np.float64),
        )

    def over(self, piece: TextObject, box: Box) -> list[Panel]:
        """The panels that are drawn after the piece and meet `box`; none are named where there are too many
        to be asked for every piece."""
        if len(self.panels) > MOST_ASKED:
            return []
        x0, y0, x1, y1 = self.boxes.T
        met = (x0 < box.x1) & (box.x0 < x1) & (y0 < box.y1) & (box.y0 < y1) & (self.orders > piece.order)
        return [self.panels[int(at)] for at in np.flatnonzero(met)]

    def doubtful(self, pieces: Sequence[tuple[TextObject, Box]]) -> NDArray[np.bool_]:
        """For each piece and the box of its characters, whether it may be hidden, wholly or in part.

        That is where it is transparent or in a layer, where a later panel lies over it, and where it has
        about the tone of what it is drawn on. Boxes that clip a piece do not count.
        """
        found = np.array([is_odd(piece) for piece, _ in pieces], dtype=bool)
        if not pieces or not self.panels:
            return found
        if len(pieces) * len(self.panels) > MOST_PAIRS:
            return np.ones(len(pieces), dtype=bool)
        step = max(AT_ONCE // len(self.panels), 1)
        for start in range(0, len(pieces), step):
            part = slice(start, start + step)
            found[part] |= self._touched(pieces[part])
        for at in np.flatnonzero(found):
            piece, box = pieces[int(at)]
            found[at] = piece.odd or not self._stands_out(piece, box)
        return found

    def _touched(self, pieces: Sequence[tuple[TextObject, Box]]) -> NDArray[np.bool_]:
        """Whether a later panel, or an earlier one of like tone, lies where the middle of each piece is."""
        x0, y0, x1, y1 = np.array([_middle(box) for _, box in pieces], dtype=np.float64).T[:, :, None]
        order, tone = np.array([(p.order, p.tone or 0) for p, _ in pieces], dtype=np.float64).T[:, :, None]
        left, top, right, bottom = self.boxes.T
        met = (left < x1) & (x0 < right) & (top < y1) & (y0 < bottom)
        # What has no tone of its own (a picture, a pattern) may have any.
        alike = ~(np.abs(self.tones - tone) >= LEAST_DIFFERENCE)
        return np.asarray((met & ((self.orders > order) | alike)).any(axis=1), dtype=bool)

    def _stands_out(self, piece: TextObject, box: Box) -> bool:
        """Whether the piece is drawn on a panel that holds all of it, or on paper, and everything else around
        it, all of another tone, with nothing drawn over it."""
        if piece.tone is None:
            return False
        x0, y0, x1, y1 = _middle(box)
        left, top, right, bottom = self.boxes.T
        met = (left < x1) & (x0 < right) & (top < y1) & (y0 < bottom)
        holds = (left <= x0) & (x1 <= right) & (top <= y0) & (y1 <= bottom)
        ground = np.flatnonzero(holds & (self.orders < piece.order) & ~np.isnan(self.tones))
        since, tone = (self.orders[ground[-1]], self.tones[ground[-1]]) if ground.size else (-1.0, PAPER)
        near = met & (self.orders >= since)
        contrasts = np.abs(self.tones[near] - piece.tone) >= LEAST_DIFFERENCE
        return bool(
            abs(tone - piece.tone) >= LEAST_DIFFERENCE
            and contrasts.all()
            and not (self.orders[near] > piece.order).any()
        )


def _middle(box: Box) -> tuple[float, float, float, float]:
    """The edges of the box without the rims where the next row may begin."""
    return (box.x0, box.y0 + RIM * box.height, box.x1, box.y1 - RIM * box.height)


def is_odd(piece: TextObject) -> bool:
    """Whether the piece may be hidden for what it is, whatever lies around it."""
    return piece.odd or piece.tone is None or _is_light(piece)


def why_unseen(piece: TextObject, middle: tuple[float, float], over: Sequence[Panel]) -> Unseen:
    """The likeliest reason why a character around `middle`, of which pixels show no ink, is not seen; `over`
    are the panels drawn later."""
    if piece.optional:
        return Unseen.SWITCHED_OFF
    if any(panel.box.contains(*middle) for panel in over):
        return Unseen.COVERED
    clipped = piece.odd and piece.clip is not None and not _is_light(piece)
    return Unseen.CLIPPED if clipped else Unseen.FAINT


def _is_light(piece: TextObject) -> bool:
    return piece.tone is not None and piece.tone > PAPER - LEAST_DIFFERENCE
