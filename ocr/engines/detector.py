"""PP-OCR's detection network: a page to the quadrangles that hold a line of writing each.

Liao et al., "Real-time scene text detection with differentiable binarization", 2020: the network gives
each pixel the likelihood that it lies in the shrunk core of a line; cores are cut out at a threshold and
grown back to the line.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.inference import Batch, Network
from ocr.raster import Pixels, as_pixels

# The network halves its input five times.
STRIDE = 32
# The settings that PP-OCR publishes with the network.
CORE = 0.3
LEAST_LIKELIHOOD = 0.5
GROWTH = 1.6
THINNEST_CORE = 3.0
THINNEST_LINE = 5.0
# A page of 40 lines has 40 to 150; a halftone picture may have thousands.
MOST_LINES = 1000

# Corners of a line, clockwise from the top left: 4 x 2, pixels.
Quad = NDArray[np.float32]


class Detector:
    """Finds lines with `network`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def detect(self, image: Pixels, side: int) -> list[Quad]:
        """The lines and columns on `image` (BGR), in no particular order, corners on whole pixels.

        The network sees the image shrunk until its longer side is `side` pixels.
        """
        height, width = image.shape[:2]
        scale = min(side / max(height, width), 1.0)
        size = _in_strides(width * scale), _in_strides(height * scale)
        likelihood = self._network.run(_batch(as_pixels(cv2.resize(image, size))))[0, 0]
        to_page = np.array([width / size[0], height / size[1]])
        quads = [np.round(corners * to_page) for corners in _lines(likelihood)]
        return [_within(quad, width, height) for quad in quads]


def _in_strides(length: float) -> int:
    return max(round(length / STRIDE), 1) * STRIDE


def _batch(image: Pixels) -> Batch:
    return np.asarray(cv2.dnn.blobFromImage(image, 1 / 127.5, mean=(127.5, 127.5, 127.5)), dtype=np.float32)


def _lines(likelihood: Batch) -> list[NDArray[np.float32]]:
    """The corners of each line on the network's map (height x width), 4 x 2."""
    cores = cv2.dilate(as_pixels(likelihood > CORE), np.ones((2, 2), dtype=np.uint8))
    outlines, _ = cv2.findContours(cores, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines[:MOST_LINES]:
        core = cv2.minAreaRect(outline)
        center, (width, height), angle = core
        if min(width, height) < THINNEST_CORE:
            continue
        if _mean_inside(likelihood, _corners(core)) < LEAST_LIKELIHOOD:
            continue
        # A core is a line moved inwards by its area over its perimeter, times a constant.
        margin = GROWTH * width * height / (width + height)
        if min(width, height) + margin < THINNEST_LINE:
            continue
        found.append(_corners((center, (width + margin, height + margin), angle)))
    return [_clockwise(corners) for corners in found]


def _corners(rectangle: cv2.typing.RotatedRect) -> NDArray[np.float32]:
    return np.asarray(cv2.boxPoints(rectangle), dtype=np.float32)


def _mean_inside(likelihood: Batch, corners: NDArray[np.float32]) -> float:
    height, width = likelihood.shape
    x0, y0 = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    x1, y1 = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (width - 1, height - 1))
    mask = np.zeros((y1 - y0 + 1, x1 - x0 + 1), dtype=np.uint8)
    cv2.fillPoly(mask, [(corners - (x0, y0)).astype(np.int32)], 1)
    return float(cv2.mean(likelihood[y0 : y1 + 1, x0 : x1 + 1], mask)[0])


def _clockwise(corners: NDArray[np.float32]) -> Quad:
    """From the top left: the upper one of the two corners furthest left comes first."""
    across = corners[np.argsort(corners[:, 0], kind="stable")]
    left = across[:2][np.argsort(across[:2, 1], kind="stable")]
    right = across[2:][np.argsort(across[2:, 1], kind="stable")]
    return np.array([left[0], right[0], right[1], left[1]], dtype=np.float32)


def _within(quad: NDArray[np.float32], width: int, height: int) -> Quad:
    return np.clip(quad, 0, (width - 1, height - 1)).astype(np.float32)
