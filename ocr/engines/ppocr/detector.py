"""PP-OCR's detection network: a page to the quadrangles that hold a line of writing each.

Liao et al., "Real-time scene text detection with differentiable binarization", 2020: the network gives
each pixel the likelihood that it lies in the shrunk core of a line; cores are cut out at a threshold and
grown back to the line.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.ppocr.page_survey import Survey, survey
from ocr.engines.ppocr.runtime.session import Batch, Network
from ocr.raster import Pixels, as_pixels

# Letters of this height (pixels) are found as surely as larger ones.
LETTER = 13.0
# Without letters to go by, the longer side of a page is shrunk to this: A4 in 10.5 points has letters
# of that height then. With them it is never shrunk or left larger than so many times it.
USUAL_SIDE = 1280
SMALLEST, LARGEST = 0.6, 1.5
# The network halves its input five times, and is prepared anew for every size; steps of two keep these few.
STEP = 64
# The settings that PP-OCR publishes with the network.
CORE = 0.3
LEAST_LIKELIHOOD = 0.5
GROWTH = 1.6
THINNEST_CORE = 3.0
THINNEST_LINE = 5.0
# A core of lines that are tied together is as sure as any (.8; stains have .6) and long (pixels), but fills
# less of its rectangle than a line (.73 and more of what its own likelihood would). What ties the lines is
# less sure, or shorter than they.
LOOSE, TIED = 0.7, 0.72
SHORTEST_TIED = 60
SURE_CORE = 0.7
LEAST_OF_A_LINE = 0.5
# A page of 40 lines has 40 to 150; a halftone picture may have thousands.
MOST_LINES = 1000

# Corners of a line, clockwise from the top left: 4 x 2, pixels.
Quad = NDArray[np.float32]


class Detector:
    """Finds lines with `network`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def detect(self, image: Pixels, letter: float = LETTER) -> list[Quad]:
        """The lines and columns on `image` (BGR), in no particular order, corners on whole pixels.

        The network sees no more than what stands on the page, shrunk until its letters are `letter` pixels
        high.
        """
        seen = survey(image)
        if seen is None:
            return []
        part = image[seen.y0 : seen.y1, seen.x0 : seen.x1]
        scale = _scale(seen, max(image.shape[:2]), letter)
        likelihood = self._network.run(_batch(_shrunk(part, scale)))[0, 0]
        height, width = image.shape[:2]
        quads = [np.round(corners / scale + (seen.x0, seen.y0)) for corners in _lines(likelihood)]
        return [_within(quad, width, height) for quad in quads]


def _scale(seen: Survey, side: int, letter: float) -> float:
    """How far the page, `side` pixels long, is shrunk for its letters to be `letter` pixels high."""
    usual = letter / LETTER * USUAL_SIDE / side
    if seen.letter is None:
        return min(usual, 1.0)
    return float(np.clip(letter / seen.letter, SMALLEST * usual, LARGEST * usual).clip(0, 1))


def _shrunk(image: Pixels, scale: float) -> Pixels:
    """`image` made smaller, its edges drawn out to whole steps of the network."""
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    below, beside = -small.shape[0] % STEP, -small.shape[1] % STEP
    return as_pixels(cv2.copyMakeBorder(small, 0, below, 0, beside, cv2.BORDER_REPLICATE))


def _batch(image: Pixels) -> Batch:
    return np.asarray(cv2.dnn.blobFromImage(image, 1 / 127.5, mean=(127.5, 127.5, 127.5)), dtype=np.float32)


def _lines(likelihood: Batch) -> list[NDArray[np.float32]]:
    """The corners of each line on the network's map (height x width), 4 x 2."""
    cores = cv2.dilate(as_pixels(likelihood > CORE), np.ones((2, 2), dtype=np.uint8))
    outlines, _ = cv2.findContours(cores, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines[:MOST_LINES]:
        core = cv2.minAreaRect(outline)
        if min(core[1]) < THINNEST_CORE:
            continue
        filled = _mean_inside(likelihood, _corners(core))
        if filled < LOOSE and max(core[1]) >= SHORTEST_TIED:
            pieces = map(cv2.minAreaRect, _untied(likelihood, np.asarray(outline, np.int32), filled))
            lines = [p for p in pieces if _mean_inside(likelihood, _corners(p)) >= LEAST_LIKELIHOOD]
            if len(lines) > 1 or (lines and filled < LEAST_LIKELIHOOD):
                found += lines
                continue
        if filled >= LEAST_LIKELIHOOD:
            found.append(core)
    grown = [line for core in found if (line := _grown(core)) is not None]
    return [_clockwise(corners) for corners in grown]


def _grown(core: cv2.typing.RotatedRect) -> NDArray[np.float32] | None:
    """The corners of the line around a core; None where it is too thin to be one."""
    center, (width, height), angle = core
    # A core is a line moved inwards by its area over its perimeter, times a constant.
    margin = GROWTH * width * height / max(width + height, 1.0)
    if min(width, height) < THINNEST_CORE or min(width, height) + margin < THINNEST_LINE:
        return None
    return _corners((center, (width + margin, height + margin), angle))


def _untied(likelihood: Batch, outline: NDArray[np.int32], filled: float) -> Iterator[cv2.typing.MatLike]:
    """The lines of a core that a stamp or a pen's stroke ties together; none where `filled`, the mean
    likelihood in its rectangle, is that of one line."""
    left, top, width, height = cv2.boundingRect(outline)
    core = np.zeros((height, width), np.uint8)
    cv2.drawContours(core, [outline - (left, top)], -1, 1, cv2.FILLED)
    part = likelihood[top : top + height, left : left + width]
    own = cv2.mean(part, core)[0]
    if own < SURE_CORE or filled >= TIED * own:
        return
    sure = as_pixels((part > SURE_CORE) & (core > 0))
    pieces, _ = cv2.findContours(sure, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(left, top))
    if len(pieces) > 1:
        yield from pieces
        return
    # Of the rows between two lines, or the columns, the tie fills less than the lines do of theirs.
    axis = 1 if width >= height else 0
    full = sure.sum(axis=axis, keepdims=True) >= LEAST_OF_A_LINE * sure.shape[axis]
    pieces, _ = cv2.findContours(
        as_pixels(sure * full), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(left, top)
    )
    yield from pieces


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
