"""Red seals on a colour scan, so that their lettering is not read as part of the text."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.document import Box

REDNESS = 45  # gray levels that red is above green and blue
SMALLEST, LARGEST = 18.0, 95.0  # points: a name seal is 10 mm across, a company seal 30 mm
MOST_OBLONG = 1.7
LEAST_INK = 0.06  # of the seal's box
JOINING = 3.0  # points of white inside a seal


def find_seals(pixels: NDArray[np.uint8], points_per_pixel: float) -> tuple[Box, ...]:
    """The boxes, in points, of round and square red seals; none on a gray page.

    `pixels` is BGR, (height, width, 3).
    """
    blue, green, red = (pixels[..., channel].astype(np.int16) for channel in range(3))
    ink = np.asarray(red - np.maximum(green, blue) >= REDNESS, np.uint8)
    reach = max(round(JOINING / points_per_pixel), 1)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for number in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[number])
        box = Box(left, top, left + width, top + height).scaled(points_per_pixel)
        longest, shortest = max(box.width, box.height), min(box.width, box.height)
        if shortest < SMALLEST or longest > LARGEST or longest > MOST_OBLONG * shortest:
            continue
        if ink[top : top + height, left : left + width].mean() >= LEAST_INK:
            found.append(box)
    return tuple(sorted(found, key=lambda box: (box.y0, box.x0)))
