"""Faint ink under the print of a page that is not for reading: the back of the sheet, and watermarks.

Paper lets through a fraction of the back's contrast: the page has ink of two strengths, and the faint one
reads mirrored. The faint ink of a watermark runs at a slant, or is of huge strokes. Print that is gray on
purpose, pencil and a fading fax read as they stand, and stay.
(For the two strengths: Tonazzini, Salerno and Bedini, "Fast correction of bleed-through distortion in
grayscale documents by a blind source separation technique", 2007; no picture of the back is needed here.)
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.engine import FindsOrientation
from ocr.raster import MILLIMETRE, Pixels, Raster, as_pixels

WIDEST_STROKE = 4.0 * MILLIMETRE  # of print; what is wider is a shade
# Gray levels below the paper: noise is less, ink more. Print is as dark as this percentile of ink, and what
# has less than this share of that is faint.
FAINTEST, INK = 12, 40
PRINT_PERCENTILE, STRONG = 80, 0.4
BESIDE = 0.6 * MILLIMETRE  # of strong ink: its rims, and rings of JPEG around it
SMALLEST_LETTER, LARGEST_LETTER = 1.2 * MILLIMETRE, 14.0 * MILLIMETRE
LEAST_LETTERS = 40  # a page without faint print has up to a dozen
# Strokes of a watermark's huge letters, the letters, and the share of a slanted one's outline that runs along
# the page (straight within so many pixels). White paper is lighter than all but this share of the page.
HUGE_STROKE, BROADEST_HUGE = 1.2 * MILLIMETRE, 7.0 * MILLIMETRE
STRAIGHT, MOST_ALONG = 2.0, 0.6
EVEN = 9.0  # gray levels that those of a letter deviate by; those of a shadow or a stain do by more
SMALLEST_HUGE, LARGEST_HUGE = 9.0 * MILLIMETRE, 150.0 * MILLIMETRE
PAPER_PERCENTILE = 85
PALEST_HUGE = 16  # gray levels below the paper
COARSER = 4  # times the small copy, to see how the page is lit
HUGE_STRONG = 1.4  # times what is strong elsewhere: the strokes are broad enough to tell a darker gray
LEAST_PRINTED = 0.006  # of what lies on a watermark is print; a pale title has nothing on it
AROUND = 1.5 * MILLIMETRE  # of huge strokes that have soft rims, and are cut by the print on them
LEAST_SLANT = 8.0  # degrees
# What is taken away is fainter than this times the darkest tenth of the faint ink, and not so near to print.
DARKEST_SHARE, KEPT = 1.4, 0.25 * MILLIMETRE
SOFT = 3.0  # pixels of the small copy over which the paper's tone changes


@dataclass(frozen=True, slots=True)
class _Inks:
    """The paper of the small copy (BGR), and from which gray level below it on ink is strong; `letters`
    counts the pieces of faint ink that could be letters, `huge` is 1 where those of a watermark are."""

    paper: Pixels
    strong: float
    letters: int
    huge: Pixels | None


def without_faint_ink(raster: Raster, orientation: FindsOrientation) -> Raster:
    """The page without watermarks and what shines through from its back; one without is returned as it is.

    Upright pages only. About 8 ms for a page without any faint ink, half a second for one with.
    """
    inks = _inks(raster)
    if inks is None or (inks.letters < LEAST_LETTERS and inks.huge is None):
        return raster
    size = raster.pixels.shape[1::-1]
    paper = as_pixels(cv2.resize(cv2.GaussianBlur(inks.paper, (0, 0), SOFT), size))
    below = as_pixels(cv2.subtract(cv2.cvtColor(paper, cv2.COLOR_BGR2GRAY), raster.gray))
    most = 0.0
    if inks.letters >= LEAST_LETTERS:
        near = _grown(below >= inks.strong, BESIDE / raster.points_per_pixel)
        most = _level_of_unread(np.where(near, 0, below), inks.strong, orientation)
    if not most and inks.huge is None:
        return raster
    least = most or HUGE_STRONG * inks.strong
    kept = _grown(_reaching(below, least, max(least, inks.strong)), KEPT / raster.points_per_pixel)
    if not most and inks.huge is not None:
        kept |= cv2.resize(inks.huge, size, interpolation=cv2.INTER_NEAREST) == 0
    return Raster(np.where(kept[..., None], raster.pixels, paper), raster.points_per_pixel)


def _inks(raster: Raster) -> _Inks | None:
    small, gray, scale = raster.coarse.pixels, raster.coarse.gray, raster.coarse.points_per_pixel
    side = round(WIDEST_STROKE / scale) | 1
    paper = as_pixels(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)))
    below = cv2.subtract(cv2.cvtColor(paper, cv2.COLOR_BGR2GRAY), gray)
    ink = below[below >= INK]
    if not ink.size:
        return None
    strong = max(STRONG * float(np.percentile(ink, PRINT_PERCENTILE)), INK)
    print_ = _grown(below >= strong, BESIDE / scale)
    faint = as_pixels(cv2.morphologyEx(as_pixels((below >= FAINTEST) & ~print_), cv2.MORPH_OPEN, _brush(2)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(faint, connectivity=8)
    long = np.maximum(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]) * scale
    letters = int(((long >= SMALLEST_LETTER) & (long <= LARGEST_LETTER)).sum())
    huge = _huge(gray, as_pixels(below >= strong), strong, scale)
    if huge is not None:
        white = np.percentile(small[::4, ::4].reshape(-1, 3), PAPER_PERCENTILE, axis=0)
        paper = np.where(huge[..., None] > 0, np.maximum(paper, as_pixels(white)), paper)
    return _Inks(as_pixels(paper), strong, letters, huge)


def _huge(gray: Pixels, print_: Pixels, strong: float, scale: float) -> Pixels | None:
    """1 in and around huge faint letters; None where there are none with `print_`, 1, on them."""
    below = cv2.subtract(_lit(gray, scale), gray)
    pale = cv2.inRange(below, PALEST_HUGE, HUGE_STRONG * strong)
    broad = cv2.morphologyEx(pale, cv2.MORPH_OPEN, _brush(round(HUGE_STROKE / scale)))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(broad, connectivity=8)
    left, top, width, height, _ = stats.T
    long, short = np.maximum(width, height) * scale, np.minimum(width, height) * scale
    inside = (left > 0) & (top > 0) & (left + width < gray.shape[1]) & (top + height < gray.shape[0])
    letters = inside & (long >= SMALLEST_HUGE) & (long <= LARGEST_HUGE) & (short >= SMALLEST_HUGE / 2)
    if letters[1:].any():
        reach = cv2.distanceTransform(broad, cv2.DIST_L2, 3) * (2 * scale)
    for number in np.flatnonzero(letters):
        place = np.s_[top[number] : top[number] + height[number], left[number] : left[number] + width[number]]
        own = labels[place] == number
        outlines, _ = cv2.findContours(as_pixels(own), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        letters[number] = (
            reach[place][own].max() <= BROADEST_HUGE
            and below[place][own].std() <= EVEN
            and _along_the_page(np.asarray(max(outlines, key=len))) <= MOST_ALONG
        )
    letters[0] = False
    around = as_pixels(_grown(letters[labels], AROUND / scale))
    printed = cv2.countNonZero(cv2.bitwise_and(around, print_))
    if not printed or printed < LEAST_PRINTED * cv2.countNonZero(around):
        return None
    # The print on a letter cuts it to pieces.
    letters |= inside & (long < SMALLEST_HUGE)
    letters[0] = False
    return as_pixels(_grown(letters[labels], AROUND / scale))


def _along_the_page(outline: NDArray[np.int32]) -> float:
    """The share of an outline that runs along the sides of the page, as those of shaded cells do."""
    corners = cv2.approxPolyDP(outline, STRAIGHT, closed=True)[:, 0, :].astype(np.float64)
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(sides, axis=1)
    off = np.abs((np.degrees(np.arctan2(sides[:, 1], sides[:, 0])) + 45) % 90 - 45)
    return float(lengths[off <= LEAST_SLANT].sum() / max(lengths.sum(), 1.0))


def _lit(gray: Pixels, scale: float) -> Pixels:
    """The paper as it is lit: the lightest within the stroke of a huge letter, smoothed."""
    coarse = cv2.resize(gray, None, fx=1 / COARSER, fy=1 / COARSER, interpolation=cv2.INTER_AREA)
    side = round(1.3 * BROADEST_HUGE / scale / COARSER) | 1
    lightest = cv2.GaussianBlur(cv2.dilate(coarse, _brush(side)), (0, 0), side / 2)
    return as_pixels(cv2.resize(lightest, gray.shape[::-1]))


def _level_of_unread(faint: NDArray[np.uint8], strong: float, orientation: FindsOrientation) -> float:
    """Up to which gray level below the paper faint ink is nothing to be read, 0 where it is."""
    shown = cv2.calcHist([faint], [0], None, [256], [0, 256]).ravel()[FAINTEST:].cumsum()
    if not shown[-1]:
        return 0.0
    darkest = float(FAINTEST + np.searchsorted(shown, 0.9 * shown[-1]))
    # By a table, a level a byte: calculated for each pixel it would take a page of floats.
    levels = as_pixels(255 - np.minimum(np.arange(256) * (220 / darkest), 220))
    image = as_pixels(cv2.cvtColor(cv2.LUT(faint, levels), cv2.COLOR_GRAY2BGR))
    return 0.0 if orientation.is_to_be_read(image) else min(DARKEST_SHARE * darkest, strong)


def _reaching(below: Pixels, least: float, strong: float) -> NDArray[np.bool_]:
    """The pieces of ink from `least` on that are `strong` somewhere, as dark spots of the back are not."""
    count, labels = cv2.connectedComponents(as_pixels(below >= least), connectivity=8)
    reaches = np.zeros(count, np.bool_)
    reaches[np.unique(labels[below >= strong])] = True
    reaches[0] = False
    return np.asarray(reaches[labels], np.bool_)


def _grown(ink: NDArray[np.bool_], reach: float) -> NDArray[np.bool_]:
    return np.asarray(cv2.dilate(as_pixels(ink), _brush(2 * max(round(reach), 1) + 1)) > 0)


def _brush(side: int) -> Pixels:
    return np.ones((side, side), np.uint8)
