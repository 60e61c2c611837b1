"""Ink that nothing explains: what is drawn on a page and was neither read nor found to be anything else.

On a small gray copy of the page. Ink is what is darker than what lies around it within the width of a stroke,
or lighter within a dark area; fills, shades and shadows are wider than that. What was read, ruled lines,
figures and seals are painted over. What is left is grouped, and a group of many pieces of about the size of
letters looks like writing that was lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.document import Box

POINTS_PER_PIXEL = 1.0  # of the small copy, 72 dots to the inch: the thin strokes of a Mincho are still gray
WIDEST_STROKE = 10.0  # points; the strokes of a headline
LEAST_CONTRAST = 40  # gray levels of 255
DARK = 110  # gray level of an area that light letters stand on
MOSTLY_DARK = 0.55  # of the surroundings of a light letter on a dark area
SURROUNDINGS = 24.0  # points
MARGIN = 1.5  # points around what explains ink
AT_THE_EDGE = 4.0  # points; what touches the edge of the page is its shadow
SPECK = 0.8  # points; ink that is smaller in both directions is dust
REACH = 9.0  # points between the letters of one group: less than an em of body type
SMALLEST_LETTER, LARGEST_LETTER = 3.5, 60.0  # points high or wide
THINNEST = 2.5  # points across a letter; the dashes of a broken or dotted line are thinner
FEWEST_LETTERS = 2
LIKE_SIZED = 0.6  # of a group's ink is in pieces of letter size; a drawing is one large piece
LEAST_FILLED, MOST_FILLED = 0.04, 0.65  # of the box of its pieces that the ink of writing covers
LEAST_LIKE = 0.6  # of the size of the letters around it that a single letter has
LEAST_INK = 15.0  # square points that the strokes of a group cover: two figures of body type
LEAST_COVERED = 5e-4  # of the page that ink covers, some eight letters; shares of less would say nothing


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Ink of a page that nothing explains.

    `share` is how much of the page's ink it is, `written` how much of it looks like writing (both 0–1);
    `boxes` lie around it, `writing` are those of them that look like writing, in points.
    """

    share: float = 0.0
    written: float = 0.0
    boxes: tuple[Box, ...] = ()
    writing: tuple[Box, ...] = ()


def unexplained_ink(
    gray: NDArray[np.uint8], points_per_pixel: float, explained: Iterable[Box]
) -> Unexplained:
    """What of the ink of a page lies in none of the `explained` boxes (points).

    `gray` is height x width, 0 black, upright.
    """
    shrink = min(points_per_pixel / POINTS_PER_PIXEL, 1.0)
    scale = points_per_pixel / shrink
    if shrink < 1.0:
        size = (max(round(gray.shape[1] * shrink), 1), max(round(gray.shape[0] * shrink), 1))
        gray = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    ink = _ink(gray, scale)
    every = max(float(cv2.countNonZero(ink)), LEAST_COVERED * ink.size)
    for box in explained:
        _paint(ink, box, scale)
    if not cv2.countNonZero(ink):
        return Unexplained()
    left = _without_dust(ink, scale)
    groups = _with_neighbours([g for g in _groups(left, scale) if g.ink * scale**2 >= LEAST_INK])
    return Unexplained(
        share=cv2.countNonZero(left) / every,
        written=sum(group.ink for group in groups if group.looks_written) / every,
        boxes=tuple(group.box for group in groups),
        writing=tuple(group.box for group in groups if group.looks_written),
    )


def _ink(gray: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """1 where a stroke is: darker than what it is drawn on, or lighter within a dark area."""
    side = round(WIDEST_STROKE / scale) | 1
    stroke = np.ones((side, side), np.uint8)
    ink = cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, stroke) >= LEAST_CONTRAST
    around = round(SURROUNDINGS / scale) | 1
    dark = cv2.compare(gray, np.array([DARK], dtype=np.float64), cv2.CMP_LT)
    area = cv2.blur(dark, (around, around)) >= MOSTLY_DARK * 255
    if area.any():
        light = cv2.morphologyEx(gray, cv2.MORPH_TOPHAT, stroke) >= LEAST_CONTRAST
        ink = np.where(area, light, ink)
    return np.asarray(ink, dtype=np.uint8)


def _paint(ink: NDArray[np.uint8], box: Box, scale: float) -> None:
    """Takes the ink in the box away, in place."""
    x0, y0 = (max(int((value - MARGIN) / scale), 0) for value in (box.x0, box.y0))
    x1, y1 = (max(round((value + MARGIN) / scale), 0) for value in (box.x1, box.y1))
    ink[y0 : y1 + 1, x0 : x1 + 1] = 0


def _without_dust(ink: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """The ink without specks and without what touches the edge of the page."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    height, width = ink.shape
    edge = AT_THE_EDGE / scale
    x, y, w, h = (stats[:, at] for at in range(4))
    gone = (np.maximum(w, h) * scale < SPECK) | (x < edge) | (y < edge)
    gone |= (x + w > width - edge) | (y + h > height - edge)
    gone[0] = True
    return np.asarray(~gone[labels] if count > 1 else ink, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class _Group:
    """Ink that stands together; `ink` counts its pixels, `letters` its pieces that have the size of letters,
    of which `letter` is the middle one, in points."""

    box: Box
    ink: int
    letters: int
    letter: float
    looks_written: bool


def _with_neighbours(groups: list[_Group]) -> list[_Group]:
    """Where there is writing, a single letter of about its size is writing, too."""
    sizes = [group.letter for group in groups if group.looks_written]
    least, most = LEAST_LIKE * min(sizes, default=0.0), max(sizes, default=0.0) / LEAST_LIKE
    return [
        replace(
            group, looks_written=group.looks_written or (group.letters > 0 and least <= group.letter <= most)
        )
        for group in groups
    ]


def _groups(ink: NDArray[np.uint8], scale: float) -> list[_Group]:
    """The ink in groups, from top to bottom."""
    side = round(REACH / scale) | 1
    grown = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    _, areas = cv2.connectedComponents(grown, connectivity=8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    pieces: dict[int, list[NDArray[np.int32]]] = {}
    for number, piece in enumerate(stats[1:], 1):
        x, y, width = (int(value) for value in piece[:3])
        first = x + int(np.argmax(labels[y, x : x + width] == number))
        pieces.setdefault(int(areas[y, first]), []).append(piece)
    groups = (_group(np.array(found), scale) for found in pieces.values())
    return sorted(groups, key=lambda group: (group.box.y0, group.box.x0))


def _group(pieces: NDArray[np.int32], scale: float) -> _Group:
    x, y, w, h, area = pieces.T
    box = Box(float(x.min()), float(y.min()), float((x + w).max()), float((y + h).max()))
    size = np.maximum(w, h) * scale
    like = (size >= SMALLEST_LETTER) & (size <= LARGEST_LETTER) & (np.minimum(w, h) * scale >= THINNEST)
    looks = (
        int(like.sum()) >= FEWEST_LETTERS
        and area[like].sum() >= LIKE_SIZED * area.sum()
        and LEAST_FILLED <= area.sum() / max(box.area, 1.0) <= MOST_FILLED
    )
    letter = float(np.median(size[like])) if like.any() else 0.0
    return _Group(box.scaled(scale), int(area.sum()), int(like.sum()), letter, bool(looks))
