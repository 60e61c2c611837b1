"""A page as pixels, and turning it upright."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
# The corners of a sheet in its picture, as `Page.corners` has them.
Corners = tuple[tuple[float, float], ...]

POINTS_PER_INCH = 72.0
MILLIMETRE = POINTS_PER_INCH / 25.4
# Points per pixel (100 dots to the inch) of the small copy on which what is larger than letters is sought.
COARSE_SCALE = POINTS_PER_INCH / 100
PAPER = (255, 255, 255)


@dataclass(frozen=True)
class Raster:
    """A drawn page: `pixels` is BGR, height x width x 3, uint8; pixels are square.

    `points_per_pixel` turns pixel coordinates into page points.
    """

    pixels: Pixels
    points_per_pixel: float

    @cached_property
    def gray(self) -> Pixels:
        """Height x width, uint8; not to be changed."""
        return as_pixels(cv2.cvtColor(self.pixels, cv2.COLOR_BGR2GRAY))

    @cached_property
    def coarse(self) -> Raster:
        """The page at COARSE_SCALE, or as it is where it is no finer."""
        shrink = self.points_per_pixel / COARSE_SCALE
        if shrink >= 1:
            return self
        small = cv2.resize(self.pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        return Raster(as_pixels(small), COARSE_SCALE)

    def with_pixels(self, pixels: Pixels) -> Raster:
        """A page as fine as this one that shows `pixels`; itself where these are its own."""
        return self if pixels is self.pixels else Raster(pixels, self.points_per_pixel)

    @property
    def width(self) -> float:
        """In points."""
        return float(self.pixels.shape[1] * self.points_per_pixel)

    @property
    def height(self) -> float:
        """In points."""
        return float(self.pixels.shape[0] * self.points_per_pixel)


def as_pixels(array: Any) -> Pixels:
    """`array` as contiguous uint8, for OpenCV's loosely typed results."""
    return np.ascontiguousarray(array, dtype=np.uint8)


def turned(pixels: Pixels, rotation: int) -> Pixels:
    """`pixels` turned clockwise by `rotation`: 0, 90, 180 or 270 degrees."""
    quarters = -(rotation // 90) % 4
    return as_pixels(np.rot90(pixels, k=quarters) if quarters else pixels)


def deskewed(pixels: Pixels, skew: float) -> Pixels:
    """`pixels` turned counterclockwise by `skew` degrees on a canvas that keeps every corner.

    A page that is level already is returned as it is, not resampled.
    """
    if skew == 0.0:
        return pixels
    height, width = pixels.shape[:2]
    sine, cosine = abs(math.sin(math.radians(skew))), abs(math.cos(math.radians(skew)))
    new_width = math.ceil(width * cosine + height * sine)
    new_height = math.ceil(height * cosine + width * sine)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)
    matrix[0, 2] += (new_width - width) / 2
    matrix[1, 2] += (new_height - height) / 2
    return as_pixels(
        cv2.warpAffine(
            pixels,
            matrix,
            (new_width, new_height),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=PAPER,
        )
    )


def flattened(pixels: Pixels, corners: Corners) -> Pixels:
    """The sheet between four corners seen from straight above; `pixels` as they are where there are none.

    It is as wide and as high as the longer of its opposite sides.
    """
    if not corners:
        return pixels
    height, width = pixels.shape[:2]
    sheet = np.array(corners, np.float32) * (width, height)
    top, right, bottom, left = (math.dist(sheet[a], sheet[b]) for a, b in ((0, 1), (1, 2), (2, 3), (3, 0)))
    across, down = max(round(max(top, bottom)), 1), max(round(max(left, right)), 1)
    target = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
    matrix = cv2.getPerspectiveTransform(sheet.astype(np.float32), target)
    return as_pixels(
        cv2.warpPerspective(
            pixels,
            matrix,
            (across, down),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=PAPER,
        )
    )


def upright(raster: Raster, rotation: int, skew: float, corners: Corners = ()) -> Raster:
    """The page as a reader holds it; `rotation`, `skew` and `corners` as in `Page`."""
    pixels = turned(flattened(raster.pixels, corners), rotation)
    return Raster(deskewed(pixels, skew), raster.points_per_pixel)
