"""Coloured ink told from black, and each seen without the other.

A page that was printed in black and stamped in colour is two layers of ink that both let light through:
their optical densities (minus the logarithm of the light that comes back) add up. Black ink takes as much
from every channel, so that what the channels differ by is the coloured ink's (Ruifrok and Johnston,
"Quantification of histochemical staining by color deconvolution", 2001, with a neutral second stain).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.raster import Pixels, as_pixels

# Paper is what this share of the pixels is darker than.
PAPER_PERCENTILE = 85
# Gray levels between the strongest and the weakest channel from which on ink has a colour: faded red has 40.
COLOURED = 40
# Ink of a stroke's middle is at least so much as coloured as the most coloured.
MIDDLE = 0.5
# Darker than this a channel says no more.
DARKEST = 4
# Ghosts of a stroke's rim, of which a scanner or JPEG took the colour, are no darker than this percentile.
GHOST_PERCENTILE, DARKEST_GHOST = 90, 1.2
# Density from which on black ink is print, and of black print on white paper.
BLACK, BLACKEST = 0.9, 2.0

Densities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layers:
    """Two layers of ink, each (height, width): `coverage` of the coloured one is 1 where it is full, and
    `darkness` is the density of the black one. `strokes` is where the coloured one lies open."""

    coverage: Densities
    darkness: Densities
    strokes: NDArray[np.bool_]
    paper: NDArray[np.float64]


def paper_of(pixels: Pixels, percentile: float = PAPER_PERCENTILE) -> NDArray[np.float64]:
    """The colour of the paper, (3,), by a ninth of `pixels` (height, width, 3)."""
    return np.asarray(np.percentile(pixels[::3, ::3].reshape(-1, 3), percentile, axis=0), np.float64)


def chroma_of(pixels: Pixels, paper: NDArray[np.float64]) -> Pixels:
    """How coloured each pixel is beside the paper: the gray levels between its channels, (height, width)."""
    blue, green, red = (_on_white(pixels, channel, white) for channel, white in enumerate(paper))
    lightest = cv2.max(cv2.max(blue, green), red)
    return as_pixels(cv2.subtract(lightest, cv2.min(cv2.min(blue, green), red)))


def _on_white(pixels: Pixels, channel: int, white: float) -> Pixels:
    """A channel with the paper's level raised to 255."""
    levels = as_pixels(np.clip(np.arange(256) * 255 / max(white, 1.0), 0, 255).round())
    return as_pixels(cv2.LUT(np.ascontiguousarray(pixels[..., channel]), levels))


def layers_of(pixels: Pixels) -> Layers | None:
    """The layers of a part of a page that bears one coloured ink; None where there is none."""
    paper = paper_of(pixels)
    chroma = chroma_of(pixels, paper)
    coloured = chroma[chroma >= COLOURED]
    if not coloured.size:
        return None
    strokes = chroma >= max(COLOURED, MIDDLE * float(np.percentile(coloured, 90)))
    seen = np.maximum(pixels.astype(np.float32), DARKEST)
    density = np.maximum(np.log(paper.astype(np.float32) / seen), 0)
    ink = np.median(density[strokes], axis=0)
    clearest = int(ink.argmin())
    tint = ink - ink[clearest]
    coverage = np.clip(
        (density - density[..., clearest : clearest + 1]) @ tint / max(float(tint @ tint), 1e-6), 0, None
    )
    darkness = np.maximum(density[..., clearest] - np.minimum(coverage, 1) * ink[clearest], 0)
    return Layers(coverage, np.asarray(darkness, np.float32), strokes, paper)


def black_alone(pixels: Pixels, layers: Layers, rim: int) -> Pixels:
    """`pixels` with the coloured ink of `layers`, and what lies `rim` pixels around it, turned to paper."""
    ghost = min(float(np.percentile(layers.darkness[layers.strokes], GHOST_PERCENTILE)), DARKEST_GHOST)
    density = np.maximum(layers.darkness - ghost, 0) * BLACKEST / (BLACKEST - ghost)
    near = cv2.dilate(as_pixels(layers.strokes), np.ones((2 * rim + 1, 2 * rim + 1), np.uint8)) > 0
    alone = layers.paper.astype(np.float32) * np.exp(-density)[..., None]
    return as_pixels(np.where(near[..., None], np.clip(alone, 0, 255), pixels))


def colour_alone(layers: Layers, rim: int) -> Pixels:
    """The coloured ink in black on white, (height, width, 3); where black ink hides it, what is on both
    sides within `rim` pixels goes on."""
    coverage = np.where(layers.darkness >= BLACK, 0, np.minimum(layers.coverage, 1)).astype(np.float32)
    joined = cv2.morphologyEx(coverage, cv2.MORPH_CLOSE, np.ones((2 * rim + 1, 2 * rim + 1), np.uint8))
    coverage = np.where(layers.darkness >= BLACK, joined, coverage)
    return as_pixels(np.repeat((255 * (1 - coverage))[..., None], 3, axis=2))
