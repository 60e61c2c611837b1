"""Gray that a fax machine or a black-and-white scanner printed as dots, turned back into gray.

Dots scattered over the paper pass for strokes, for ruled lines and for specks. Seen from a little
further away they are the tone that they stand for.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocr.raster import POINTS_PER_INCH, Raster, as_pixels

BLACK = 128
# A dot of a screen is one or two pixels in a neighbourhood of nine; hardly any stroke of a letter is.
LARGEST_DOT = 2
# Dots are counted in squares of this side (inches), which hold several lines of running text.
WINDOW = 0.5
# Dots a square inch; the palest tone has three times as many.
LEAST_DOTS = 300.0
# Toned paper is dots for the most part; where print is faint or fine, less than half of its ink is.
LEAST_SHARE = 0.6
# So much toned paper (square inches) makes a screen.
LEAST_PAPER = 1.0
# The least (pixels) that both diffused and ordered dots of a pale tone vanish in.
SOFTNESS = 1.6


def without_dots(raster: Raster) -> Raster:
    """`raster` with its dotted areas in gray; one without such areas is returned as it is.

    Gaussian low-pass, the plain form of inverse halftoning (Floyd and Steinberg, "An adaptive algorithm
    for spatial greyscale", 1976, for the dots).
    """
    ink = as_pixels(raster.gray < BLACK)
    around = cv2.boxFilter(ink, -1, (3, 3), normalize=False)
    dots = as_pixels((around <= LARGEST_DOT) & (ink > 0))
    dots_per_inch = POINTS_PER_INCH / raster.points_per_pixel
    side = max(round(WINDOW * dots_per_inch), 3)
    density = cv2.boxFilter(dots, cv2.CV_32F, (side, side))
    if density.max() < (least := LEAST_DOTS / dots_per_inch**2):
        return raster
    dotted = density >= least
    toned = dotted & (density >= LEAST_SHARE * cv2.boxFilter(ink, cv2.CV_32F, (side, side)))
    if int(toned.sum()) < LEAST_PAPER * dots_per_inch**2:
        return raster
    soft = cv2.GaussianBlur(raster.pixels, (0, 0), SOFTNESS)
    return Raster(np.where(dotted[:, :, None], soft, raster.pixels), raster.points_per_pixel)
