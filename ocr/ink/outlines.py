"""Where ink surrounds white: what rings and boxes have in common."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

INK = 150  # gray levels; ball-point on paper is darker
PixelBox = tuple[int, int, int, int]  # left, top, width, height


def ink_of(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """1 where the page is dark, else 0; shaped as `gray`, (height, width)."""
    return np.asarray(gray < INK, np.uint8)


def white_areas(
    ink: NDArray[np.uint8], least: float, widest: float, highest: float
) -> Iterator[tuple[NDArray[np.int32], PixelBox]]:
    """The outlines, (points, 1, 2), of the white areas that ink surrounds, with their boxes; lengths in
    pixels. Only areas from `least` to `widest` and `highest` are given."""
    contours, hierarchy = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for number, contour in enumerate(contours):
        if hierarchy[0][number][3] < 0:
            continue  # the outside of something
        left, top, width, height = cv2.boundingRect(contour)
        if least <= height <= highest and least <= width <= widest:
            yield np.asarray(contour, np.int32), (left, top, width, height)
