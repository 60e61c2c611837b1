"""Codes for machines on a page that holds little else: QR codes, bar codes, patch codes of separators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.document import Box, Code, CodeKind, Page
from ocr.raster import POINTS_PER_INCH, Pixels, Raster, as_pixels

MOST_LETTERS = 60  # of a page that is looked at: a form has more, and looking takes as long as reading a line
LONGEST_SIDE = 3000  # pixels; a finer scan is looked at smaller
# A patch code is four bars, two thick ones and two thin ones, a thin bar's breadth between them (inches).
THIN, THICK = (0.05, 0.115), (0.15, 0.26)
BARS, THICK_BARS = 4, 2
BANDS = 5  # in which the page is cut across the bars
LEAST_BANDS = 2  # that show them
RIM = 10  # pixels around a code that are its own
BLACK = 128
FULL = 0.9  # share of the pixels across a band that a bar blackens


def holds_little(page: Page) -> bool:
    """Whether a page has so little text that it may be a separator sheet."""
    return sum(len(line.text) for line in page.lines) <= MOST_LETTERS


def find_codes(raster: Raster) -> tuple[Code, ...]:
    """The codes on an upright page, each with what it says as far as OpenCV reads its kind: QR codes and the
    bar codes of goods; of others ("" for their text) it is only told that they are there."""
    gray, scale = _bounded(raster)
    return (*_qr_codes(gray, scale), *_bar_codes(gray, scale), *_patch_codes(gray, scale))


def _bounded(raster: Raster) -> tuple[Pixels, float]:
    gray, longest = raster.gray, max(raster.gray.shape)
    if longest <= LONGEST_SIDE:
        return gray, raster.points_per_pixel
    factor = LONGEST_SIDE / longest
    smaller = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return as_pixels(smaller), raster.points_per_pixel / factor


def _qr_codes(gray: Pixels, scale: float) -> Iterator[Code]:
    try:
        found, texts, corners, _ = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(gray)
    except (cv2.error, UnicodeDecodeError):  # raised on dirt that looks like a code, and on codes of bytes
        return
    if found and corners is not None:
        for text, corner in zip(texts, corners, strict=True):
            yield from _believed(gray, scale, CodeKind.QR, text, corner)


def _bar_codes(gray: Pixels, scale: float) -> Iterator[Code]:
    detector = cv2.barcode.BarcodeDetector()
    try:
        found, corners = detector.detect(gray)
        if not found or corners is None:
            return
        _, texts, _ = detector.decodeWithType(gray, corners)
    except (cv2.error, UnicodeDecodeError):
        return
    for text, corner in zip(texts or [""] * len(corners), corners, strict=True):
        yield from _believed(gray, scale, CodeKind.BAR, text, corner)


def _believed(gray: Pixels, scale: float, kind: CodeKind, text: str, corner: NDArray[Any]) -> Iterator[Code]:
    """A code that was read, or one that cannot be but is most of what is drawn: hatching looks like bars."""
    left, top = np.maximum(np.floor(corner.min(axis=0)).astype(int) - RIM, 0).tolist()
    right, bottom = (np.ceil(corner.max(axis=0)).astype(int) + RIM).tolist()
    inside = np.count_nonzero(gray[top:bottom, left:right] < BLACK)
    if text or 2 * inside >= np.count_nonzero(gray < BLACK):
        yield Code(kind, text, Box(left, top, right, bottom).scaled(scale))


def _patch_codes(gray: Pixels, scale: float) -> Iterator[Code]:
    black = gray < BLACK
    height, width = black.shape
    if rows := _patch(black, scale):
        yield Code(CodeKind.PATCH, "", Box(0, rows[0], width, rows[1]).scaled(scale))
    elif columns := _patch(black.T, scale):
        yield Code(CodeKind.PATCH, "", Box(columns[0], 0, columns[1], height).scaled(scale))


def _patch(black: NDArray[np.bool_], scale: float) -> tuple[int, int] | None:
    """The rows that the bars of a patch code take, lying across the page; None where there are none."""
    bands = np.array_split(black, BANDS, axis=1)
    inch = scale / POINTS_PER_INCH
    found = [rows for band in bands if (rows := _bars(band.mean(axis=1) >= FULL, inch))]
    return found[0] if len(found) >= LEAST_BANDS else None


def _bars(dark: NDArray[np.bool_], inch: float) -> tuple[int, int] | None:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], dark, [False])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    breadths, gaps = (ends - starts) * inch, (starts[1:] - ends[:-1]) * inch
    for at in range(len(starts) - BARS + 1):
        bars, between = breadths[at : at + BARS], gaps[at : at + BARS - 1]
        thin = sum(THIN[0] <= bar <= THIN[1] for bar in bars)
        thick = sum(THICK[0] <= bar <= THICK[1] for bar in bars)
        is_spaced = all(THIN[0] <= gap <= THIN[1] for gap in between)
        if (thin, thick) == (BARS - THICK_BARS, THICK_BARS) and is_spaced:
            return int(starts[at]), int(ends[at + BARS - 1])
    return None
