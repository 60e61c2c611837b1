"""Whether faint writing is to be read: the back of a sheet reads mirrored, a watermark runs at a slant."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import numpy as np

from ocr.engines.ppocr.detector import Quad
from ocr.engines.ppocr.networks import Models, cut
from ocr.raster import Pixels, as_pixels

# Lines that are read, from the left and in the mirror, and the difference that tells.
LINES_TO_READ, LONGEST_CROP = 8, 8
LEAST_LENGTH = 2.0  # heights
# Pixels that letters are high as lines are looked for: specks are found in large numbers at the usual height,
# and cost memory.
LETTER = 8.5
MIRRORED, CLEARLY = 0.7, 0.15
# Degrees, lines, and the share of all faint writing that is slanted.
LEAST_SLANT, LEAST_SLANTED, MOSTLY_SLANTED = 8.0, 4, 0.7


def is_to_be_read(image: Pixels, models: Models) -> bool:
    """Whether the writing on `image` (BGR, drawn dark on white) is neither slanted nor mirrored."""
    quads = models.detect(image, LETTER)
    return not (_are_slanted(quads) or _are_mirrored([cut(image, quad) for quad in quads], models))


def _are_slanted(quads: Sequence[Quad]) -> bool:
    """Whether most of these lines run at a slant."""
    sides = [max((quad[1] - quad[0], quad[3] - quad[0]), key=np.linalg.norm) for quad in quads]
    lengths = np.array([np.linalg.norm(side) for side in sides])
    angles = np.array([np.degrees(np.arctan2(side[1], side[0])) for side in sides])
    slanted = np.abs((angles + 45) % 90 - 45) >= LEAST_SLANT
    return bool(slanted.sum() >= LEAST_SLANTED and lengths[slanted].sum() >= MOSTLY_SLANTED * lengths.sum())


def _are_mirrored(crops: Sequence[Pixels], models: Models) -> bool:
    """Whether these lines read in a mirror and not as they stand."""
    lines = [crop for crop in crops if crop.shape[1] >= LEAST_LENGTH * crop.shape[0]]
    longest = sorted(lines, key=lambda crop: crop.shape[1], reverse=True)[:LINES_TO_READ]
    if len(longest) < 2:
        return False
    plain = _certainty(longest, models)
    # A sheet is turned over its long side or its short one.
    turned_over = (np.s_[:, ::-1], np.s_[::-1])
    mirrored = max(_certainty([as_pixels(crop[way]) for crop in longest], models) for way in turned_over)
    return mirrored >= MIRRORED and mirrored >= plain + CLEARLY


def _certainty(crops: Sequence[Pixels], models: Models) -> float:
    """How sure the half of the lines that reads best is."""
    starts = [as_pixels(crop[:, : LONGEST_CROP * crop.shape[0]]) for crop in crops]
    sure = sorted((models.read(crop).confidence for crop in starts), reverse=True)
    return fmean(sure[: (len(sure) + 1) // 2])
