"""Stamps in coloured ink: found, and taken off the page that they lie on.

A stamp's frame joins the lines under it for the detection network, and its strokes spoil their characters.
What is printed in colour beside black print (a heading, a link, a logo, red figures) crosses no black
stroke and stands level, and stays. Seals that lie on nothing are left to `ocr.ink.seals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, degrees

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.document import Box
from ocr.raster import MILLIMETRE, Pixels, Raster, as_pixels
from ocr.stamps.ink import BLACK, COLOURED, chroma_of, layers_of, paper_of
from ocr.stamps.stamp import RIM, Stamp, is_oblong

# Colour is looked for in every so many pixels, both ways; a page with less of it (points²) has no stamp.
SAMPLED = 3
LEAST_COLOURED = 12.0
JOINING = 1.0 * MILLIMETRE  # of white inside a stamp
# From one letter without a frame, or a small 済 in a ring, to the boxes that offices stamp letters with.
SMALLEST, LARGEST, BROADEST = 4.5 * MILLIMETRE, 68 * MILLIMETRE, 36 * MILLIMETRE
MOST_INK = 0.75  # of its box; what is filled is a shaded cell, a marked word, a picture
# Of the ink of logos and drawings more is broader than the strokes of a stamp.
BROADEST_STROKE, MOST_SOLID = 2.5 * MILLIMETRE, 0.05
MARGIN = 1.0 * MILLIMETRE  # of the page around a stamp that its rim may reach
# Black print crosses a stamp where so much of it, measured by the stamp's own ink, lies within a rim of that;
# in points² a stroke or two.
LEAST_CROSSING, LEAST_CROSSED = 0.004, 0.3
# Of coloured strokes so much lies apart from black ones: what has colour at its rim only is black print.
APART = 0.4 * MILLIMETRE
LEAST_APART = 0.4
# A frame tilted by so many degrees beside black print, of which its box holds next to none.
LEAST_TILT, MOST_DARK_BESIDE = 1.5, 0.005
# Pieces of one stamp without a frame are this close, in heights of the smaller one, and as big as this.
NEIGHBOUR, LIKE = 0.7, 0.5
INSIDE = 0.6  # of a letter or a piece of a frame that lies in the frame
LEAST_FRAMED = 0.8  # of a frame's outline is inked
MOST_PIECES = 40
FRAMED = 0.85  # of its bounding rectangle, tilted as it is, that a frame fills


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Coloured ink that hangs together; `outline` is (count, 1, 2) in pixels of the small copy."""

    outline: NDArray[np.int32]
    framed: bool

    @property
    def box(self) -> Box:
        left, top, width, height = cv2.boundingRect(self.outline)
        return Box(float(left), float(top), float(left + width), float(top + height))

    @property
    def sides(self) -> tuple[float, float]:
        """Of the bounding rectangle, tilted as it is, the shorter first."""
        _, (width, height), _ = cv2.minAreaRect(self.outline)
        return min(width, height) + 1, max(width, height) + 1


def find_coloured(raster: Raster) -> tuple[Stamp, ...]:
    """The stamps that lie on black print, and those that stand tilted beside it, from the top down.

    About 10 ms for a page with some colour, 2 for one without.
    """
    sample = np.ascontiguousarray(raster.pixels[::SAMPLED, ::SAMPLED])
    paper = paper_of(sample)
    area = cv2.countNonZero(as_pixels(chroma_of(sample, paper) >= COLOURED)) * SAMPLED**2
    if area * raster.points_per_pixel**2 < LEAST_COLOURED:
        return ()
    small, scale = raster.coarse.pixels, raster.coarse.points_per_pixel
    ink = as_pixels(chroma_of(small, paper) >= COLOURED)
    pieces = _pieces(ink, scale)
    stamped = [piece for piece in pieces if _is_stamped(piece, raster, scale)]
    found = []
    for group in _grouped(stamped, pieces):
        outline = np.concatenate([piece.outline for piece in group])
        box = Box.around(piece.box for piece in group).scaled(scale)
        part, corner = _part(raster, box)
        layers = layers_of(part)
        if layers is not None:
            sides = cv2.minAreaRect(outline)[1]
            found.append(Stamp(box, _tilt(outline), is_oblong(sides), corner, layers))
    return tuple(sorted(found, key=lambda stamp: (stamp.box.y0, stamp.box.x0)))


def _pieces(ink: Pixels, scale: float) -> list[_Piece]:
    """The pieces of coloured ink that are as large as stamps, the largest first."""
    reach = max(round(JOINING / scale), 1)
    joined = as_pixels(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8)))
    outlines, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        points = np.asarray(outline, np.int32)
        piece = _Piece(points, _is_framed(joined, points))
        short, long = (side * scale for side in piece.sides)
        if short < SMALLEST or short > BROADEST or long > LARGEST:
            continue
        box = piece.box
        if ink[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)].mean() <= MOST_INK:
            found.append(piece)
    return sorted(found, key=lambda piece: -piece.box.area)[:MOST_PIECES]


def _part(raster: Raster, box: Box) -> tuple[Pixels, tuple[int, int]]:
    """The pixels of the box with some margin, and where their top left one lies."""
    around = Box(box.x0 - MARGIN, box.y0 - MARGIN, box.x1 + MARGIN, box.y1 + MARGIN)
    around = around.scaled(1 / raster.points_per_pixel)
    left, top = max(int(around.x0), 0), max(int(around.y0), 0)
    return raster.pixels[top : round(around.y1), left : round(around.x1)], (left, top)


def _is_stamped(piece: _Piece, raster: Raster, scale: float) -> bool:
    """Whether the piece, found at `scale`, was stamped on the page and not printed with the rest."""
    layers = layers_of(_part(raster, piece.box.scaled(scale))[0])
    if layers is None:
        return False
    strokes = as_pixels(layers.strokes)
    coloured = cv2.countNonZero(strokes)
    solid = cv2.morphologyEx(strokes, cv2.MORPH_OPEN, _brush(BROADEST_STROKE / 2 / raster.points_per_pixel))
    if cv2.countNonZero(solid) > MOST_SOLID * coloured:
        return False
    dark = as_pixels(layers.darkness >= BLACK)
    near = cv2.dilate(strokes, _brush(2 * RIM / raster.points_per_pixel))
    crossed = cv2.countNonZero(cv2.bitwise_and(dark, near))
    if crossed * raster.points_per_pixel**2 < LEAST_CROSSED or crossed < LEAST_CROSSING * coloured:
        return piece.framed and abs(_tilt(piece.outline)) >= LEAST_TILT and dark.mean() <= MOST_DARK_BESIDE
    beside = cv2.dilate(dark, _brush(APART / raster.points_per_pixel))
    apart = cv2.countNonZero(cv2.subtract(strokes, beside))
    return apart >= LEAST_APART * coloured


def _brush(reach: float) -> Pixels:
    side = 2 * max(round(reach), 1) + 1
    return np.ones((side, side), np.uint8)


def _grouped(crossed: Sequence[_Piece], pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """The pieces that make a stamp each: those in its frame, and letters beside letters."""
    groups: list[list[_Piece]] = []
    left = list(pieces)
    for start in crossed:
        if start not in left:
            continue
        left.remove(start)
        group = [start]
        for member in group:  # grows as it goes
            near = [other for other in left if _belong(member, other)]
            group += near
            left = [other for other in left if other not in near]
        groups.append(group)
    return groups


def _belong(piece: _Piece, other: _Piece) -> bool:
    box, its = piece.box, other.box
    common = box.common(its)
    if common is not None and common.area >= INSIDE * min(box.area, its.area):
        return True
    if piece.framed or other.framed:
        return False
    sides = sorted((max(box.width, box.height), max(its.width, its.height)))
    gap = max(max(box.x0, its.x0) - min(box.x1, its.x1), max(box.y0, its.y0) - min(box.y1, its.y1))
    return gap <= NEIGHBOUR * sides[0] and sides[0] >= LIKE * sides[1]


def _is_framed(ink: Pixels, outline: NDArray[np.int32]) -> bool:
    """Whether most of the hull of the outline runs along ink, 1 in `ink`."""
    left, top, width, height = cv2.boundingRect(outline)
    hull = cv2.convexHull(outline) - (left, top)
    around = np.zeros((height, width), np.uint8)
    cv2.polylines(around, [hull], isClosed=True, color=1)
    part = np.ascontiguousarray(ink[top : top + height, left : left + width])
    inked = cv2.bitwise_and(around, cv2.dilate(part, np.ones((3, 3), np.uint8)))
    return cv2.countNonZero(inked) >= LEAST_FRAMED * cv2.countNonZero(around)


def _tilt(outline: NDArray[np.int32]) -> float:
    """Degrees (within ±45) by which the sides of a frame or a row of letters are turned clockwise."""
    rectangle = cv2.minAreaRect(outline)
    width, height = rectangle[1]
    framed = cv2.contourArea(cv2.convexHull(outline)) >= FRAMED * width * height
    if not (framed or is_oblong(rectangle[1])):
        return 0.0
    corners = cv2.boxPoints(rectangle)
    x, y = corners[1] - corners[0]
    return (degrees(atan2(float(y), float(x))) + 45) % 90 - 45
