"""Figures: photographs, drawings and charts, which are large stretches of ink that nothing was read in.

All on a small copy of the page: what was read, ruled tables, rulings and seals are painted over, what is left
of the ink is grown together, and pieces of some size are figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.detection import Ruling
from ocr.document import Box

POINTS_PER_PIXEL = 1.5  # of the small copy, 48 dots to the inch: strokes blur, tones stay
DARK = 0.2  # of the way from paper to black: a light photograph, not the edge of a letter
READ_MARGIN = 3.0  # points around a line that its strokes may reach
RULING_MARGIN = 2.5
REACH = 24.0  # points of white between the parts of one figure: the bars of a chart
SMALLEST_SIDE = 40.0  # points; a logo or a stain is smaller
LEAST_INK = 0.12  # of the figure's box
LEAST_CONTRAST = 0.35  # of the paper, at the sharpest edges: shadows and stains have .2, pictures .7
AT_THE_EDGE = 6.0  # points; what touches the edge of the page is its shadow or a finger
LARGEST = 0.8  # of the page: the picture of a whole sheet on a desk is no figure on it


def find_figures(
    gray: NDArray[np.uint8],
    points_per_pixel: float,
    read: Iterable[Box],
    rulings: Sequence[Ruling],
    occupied: Iterable[Box],
) -> tuple[Box, ...]:
    """The boxes of figures on an upright page, top to bottom; all boxes are points.

    `gray` is height x width, 0 black. `read` are the boxes of lines, `occupied` those of tables and seals,
    inside of which nothing is a figure.
    """
    scale = points_per_pixel / POINTS_PER_PIXEL
    size = (max(round(gray.shape[1] * scale), 1), max(round(gray.shape[0] * scale), 1))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    paper = float(np.percentile(small, 90))
    ink = (small < paper * (1 - DARK)).astype(np.uint8)
    edges = cv2.morphologyEx(ink, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    contrast = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    for box in read:
        _paint(ink, box, READ_MARGIN)
    for ruling in rulings:
        _paint(ink, Box(ruling.x0, ruling.y0, ruling.x1, ruling.y1), RULING_MARGIN)
    for box in occupied:
        _paint(ink, box, RULING_MARGIN)
    edges = cv2.bitwise_and(edges, ink)
    side = round(REACH / POINTS_PER_PIXEL)
    grown = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
    boxes = []
    for number, (x, y, width, height, _) in enumerate(stats[1:], 1):
        place = np.s_[y : y + height, x : x + width]
        own = labels[place] == number
        if min(width, height) * POINTS_PER_PIXEL < SMALLEST_SIDE:
            continue
        if ink[place][own].sum() < LEAST_INK * width * height:
            continue
        outline = contrast[place][own & (edges[place] > 0)]
        if outline.size == 0 or float(np.percentile(outline, 90)) < LEAST_CONTRAST * paper:
            continue
        box = Box(float(x), float(y), float(x + width), float(y + height)).scaled(POINTS_PER_PIXEL)
        if not _is_edge(box, size[0] * POINTS_PER_PIXEL, size[1] * POINTS_PER_PIXEL):
            boxes.append(box)
    return tuple(sorted(boxes, key=lambda box: (box.y0, box.x0)))


def _paint(ink: NDArray[np.uint8], box: Box, margin: float) -> None:
    """Takes the ink in the box away, in place."""
    x0, y0 = (max(round((value - margin) / POINTS_PER_PIXEL), 0) for value in (box.x0, box.y0))
    x1, y1 = (max(round((value + margin) / POINTS_PER_PIXEL), 0) for value in (box.x1, box.y1))
    ink[y0:y1, x0:x1] = 0


def _is_edge(box: Box, width: float, height: float) -> bool:
    touches = (
        box.x0 <= AT_THE_EDGE
        or box.y0 <= AT_THE_EDGE
        or box.x1 >= width - AT_THE_EDGE
        or box.y1 >= height - AT_THE_EDGE
    )
    return touches or box.area > LARGEST * width * height


def figure_sized(pictures: Iterable[Box], width: float, height: float) -> tuple[Box, ...]:
    """Those of the pictures placed on a page of `width` x `height` that are neither logos nor backgrounds."""
    return tuple(
        box
        for box in pictures
        if min(box.width, box.height) >= SMALLEST_SIDE and box.area <= LARGEST * width * height
    )
