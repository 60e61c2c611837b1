"""Print on the back of a sheet that shines through, found by reading it in a mirror, and taken away.

Paper lets through a fraction of the back's contrast: the page has ink of two strengths, and the faint one
reads mirrored. Print that is gray on purpose, pencil and a fading fax read as they stand, and stay.
(For the two strengths: Tonazzini, Salerno and Bedini, "Fast correction of bleed-through distortion in
grayscale documents by a blind source separation technique", 2007; no picture of the back is needed here.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.ppocr import Models, cut
from ocr.raster import POINTS_PER_INCH, Pixels, Raster, as_pixels

MILLIMETRE = POINTS_PER_INCH / 25.4
COARSEST_SCALE = 72 / 100  # points per pixel of the small copy that is looked at first
WIDEST_STROKE = 4.0 * MILLIMETRE  # what is wider is no ink but a shade
# Gray levels below the paper: noise is less, ink more. Print is as dark as this percentile of ink, and what
# has less than this share of that is faint.
FAINTEST, INK = 12, 40
PRINT_PERCENTILE, STRONG = 80, 0.4
BESIDE = 0.6 * MILLIMETRE  # of strong ink: its rims, and rings of JPEG around it
SMALLEST_LETTER, LARGEST_LETTER = 1.2 * MILLIMETRE, 8.0 * MILLIMETRE
LEAST_LETTERS = 40  # a page without anything on its back has up to a dozen
# Lines of the back that are read, from the left and in the mirror, and the difference that tells.
LINES_TO_READ, LONGEST_CROP = 8, 8
LEAST_LENGTH = 2.0  # heights
MIRRORED, CLEARLY = 0.7, 0.15
# What is taken away is fainter than this times the darkest tenth of the faint ink, and not so near to print.
DARKEST_SHARE, KEPT = 1.4, 0.25 * MILLIMETRE
SOFT = 3.0  # pixels of the small copy over which the paper's tone changes


@dataclass(frozen=True, slots=True)
class _Inks:
    """The small copy's paper (BGR), and from which gray level below it on ink is strong; `letters` counts the
    pieces of faint ink that could be letters."""

    paper: Pixels
    strong: float
    letters: int


def without_bleed_through(raster: Raster, models: Models) -> Raster:
    """The page without what shines through from its back; one without that is returned as it is.

    Upright pages only. About 8 ms for a page without any faint ink, half a second for one with.
    """
    inks = _inks(raster)
    if inks is None or inks.letters < LEAST_LETTERS:
        return raster
    size = raster.pixels.shape[1::-1]
    paper = as_pixels(cv2.resize(cv2.GaussianBlur(inks.paper, (0, 0), SOFT), size))
    below = as_pixels(cv2.subtract(cv2.cvtColor(paper, cv2.COLOR_BGR2GRAY), raster.gray))
    near = _grown(below >= inks.strong, BESIDE / raster.points_per_pixel)
    faint = np.where(near, 0, below)
    shown = faint[faint >= FAINTEST]
    if not shown.size:
        return raster
    darkest = float(np.percentile(shown, 90))
    if not _is_mirrored(as_pixels(255 - np.minimum(faint * (220 / darkest), 220)), models):
        return raster
    most = min(DARKEST_SHARE * darkest, inks.strong)
    kept = _grown(_reaching(below, most, inks.strong), KEPT / raster.points_per_pixel)
    return Raster(np.where(kept[..., None], raster.pixels, paper), raster.points_per_pixel)


def _inks(raster: Raster) -> _Inks | None:
    scale = max(raster.points_per_pixel, COARSEST_SCALE)
    shrink = raster.points_per_pixel / scale
    small = cv2.resize(raster.pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    side = round(WIDEST_STROKE / scale) | 1
    paper = as_pixels(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)))
    below = cv2.subtract(cv2.cvtColor(paper, cv2.COLOR_BGR2GRAY), cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    ink = below[below >= INK]
    if not ink.size:
        return None
    strong = max(STRONG * float(np.percentile(ink, PRINT_PERCENTILE)), INK)
    faint = as_pixels((below >= FAINTEST) & ~_grown(below >= strong, BESIDE / scale))
    faint = as_pixels(cv2.morphologyEx(faint, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(faint, connectivity=8)
    long = np.maximum(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]) * scale
    letters = int(((long >= SMALLEST_LETTER) & (long <= LARGEST_LETTER)).sum())
    return _Inks(paper, strong, letters)


def _reaching(below: Pixels, least: float, strong: float) -> NDArray[np.bool_]:
    """The pieces of ink from `least` on that are `strong` somewhere, as dark spots of the back are not."""
    count, labels = cv2.connectedComponents(as_pixels(below >= least), connectivity=8)
    reaches = np.zeros(count, np.bool_)
    reaches[np.unique(labels[below >= strong])] = True
    reaches[0] = False
    return np.asarray(reaches[labels], np.bool_)


def _grown(ink: NDArray[np.bool_], reach: float) -> NDArray[np.bool_]:
    side = 2 * max(round(reach), 1) + 1
    return np.asarray(cv2.dilate(as_pixels(ink), np.ones((side, side), np.uint8)) > 0)


def _is_mirrored(faint: Pixels, models: Models) -> bool:
    """Whether the faint print, black on white (height, width), reads in a mirror and not as it stands."""
    image = as_pixels(np.repeat(faint[..., None], 3, axis=2))
    crops = [cut(image, quad) for quad in models.detect(image)]
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
