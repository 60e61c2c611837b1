"""What a stamp says, read in its own ink and levelled."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.engines.engine import Engine
from ocr.proofreading.proofreading import proofread
from ocr.proofreading.sanity import sane_lines
from ocr.raster import MILLIMETRE, Pixels, deskewed, turned
from ocr.stamps.ink import colour_alone
from ocr.stamps.stamp import Stamp

# Of the engine's own figure: letters that are cut through by the writing under them are read below it, and
# what is no more than half of a seal's old characters.
LEGIBLE = 0.8
# Points around the black print on a stamp in which its strokes are drawn on.
BRIDGED = 0.35 * MILLIMETRE


def read_stamp(stamp: Stamp, engine: Engine, points_per_pixel: float) -> tuple[DetectedLine, ...]:
    """The legible lines of a stamp from the top down as it stands level; boxes are points of the page.

    A stamp is oblong one way or the other whichever end is up: one in which nothing is legible is turned.
    """
    picture = colour_alone(stamp.layers, max(round(BRIDGED / points_per_pixel), 1))
    level = deskewed(picture, stamp.tilt)
    for turn in (0, 90, 270, 180) if stamp.oblong else (0,):
        lines = _legible(turned(level, turn), engine)
        if lines:
            break
    place = _StampPlace(turn, stamp.tilt, level.shape[:2], picture.shape[:2])
    return tuple(
        replace(
            proofread(line, engine.name),
            box=place.back(line.box).moved(*stamp.corner).scaled(points_per_pixel),
        )
        for line in sorted(lines, key=lambda line: line.box.center[::-1])
    )


def _legible(picture: Pixels, engine: Engine) -> list[DetectedLine]:
    read = [line for line in sane_lines(engine.recognize(picture)) if line.confidence >= LEGIBLE]
    return [line for line in read if _says_anything(line.text.strip())]


def _says_anything(text: str) -> bool:
    """Whether there is more than a stroke that passes for a letter: 済 does, 1 does not."""
    return any(map(str.isalnum, text)) and (len(text) > 1 or not text.isascii())


@dataclass(frozen=True, slots=True)
class _StampPlace:
    """How the picture of a stamp, `original` (height, width), was turned counterclockwise by `tilt` degrees
    to be `level`, and clockwise by `turn` to be read."""

    turn: int
    tilt: float
    level: tuple[int, ...]
    original: tuple[int, ...]

    def back(self, box: Box) -> Box:
        """The box around what lies in `box` of the picture that was read, on the original."""
        height, width = self.level[::-1] if self.turn % 180 else self.level
        corners = np.array([[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]])
        back = cv2.getRotationMatrix2D((0.0, 0.0), self.turn - self.tilt, 1.0)[:, :2]
        middle = self.original[1] / 2, self.original[0] / 2
        xs, ys = ((corners - (width / 2, height / 2)) @ back.T + middle).T
        return Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))
