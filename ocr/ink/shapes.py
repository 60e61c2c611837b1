"""Marks told by their shape: ○ ◎ ● △ ▲ ▽ ▼ □ ■ × ※.

Contours with their holes (Suzuki and Abe, "Topological structural analysis of digitized binary images by
border following", 1985), compared with what circles and polygons cover of their bounding boxes. Measured on
type of 8 to 12 points at 150 to 300 dpi: the hole of a ○ is as wide as high (.96 to 1.03), that of an O in
any typeface narrower (.32 to .86).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
Shades = NDArray[np.float32]
Contour = cv2.typing.MatLike

MARKS = frozenset("○◎●△▲▽▼□■×※")
COMPANY = 3  # so many marks that stand alone make a table of checks: uneven ones among them are marks, too
SEEN = 48  # pixels that a mark is made large for its shape to be told
SPECK = 0.01  # of a mark's area: smaller holes and smaller pieces are noise


@dataclass(frozen=True, slots=True)
class _Strictness:
    """What passes for a circle: its width over its height and its hole's, the share of its box that it
    covers, how far its edge strays (standard deviation, of the radius), how much of it is white inside."""

    aspect: tuple[float, float]
    hole_aspect: tuple[float, float]
    covers: tuple[float, float]
    strays: float
    hole: float


_PRINTED = _Strictness((0.92, 1.12), (0.9, 1.12), (0.7, 0.83), 0.05, 0.42)
# A hand draws eggs, and lines that are thick here and thin there.
_BY_HAND = _Strictness((0.7, 1.45), (0.7, 1.45), (0.66, 0.88), 0.14, 0.3)
OPEN = 0.14  # of its size that a circle drawn by hand may stay open
BROKEN_COVERS = 0.45  # less of its box than this an outline covers that a thin ring broken by the scan has
# Shares of the radius between which an inner ring is dark, and a simple one is white.
RING, MIDDLE = (0.3, 0.62), 0.2
DARK_RING, WHITE_RING = 0.25, 0.2  # mean darkness: measured .31 and more in ◎, .15 and less in ○
WHITE_MIDDLE = 0.65  # of ◎ in small print
SECTORS = 8  # of the inner ring, of which none is far from the mean: the figure in ① leaves some white
EVEN = 0.45
CORE = (0.8, 1.25)  # the width of an inner ring over its height: a figure is narrower, two are wider
SQUARE_COVERS, SQUARE_STRAYS, SQUARE_HOLE = 0.94, 0.115, 0.45
# Of the smallest triangle around it, and how far down the middle of its area lies.
TRIANGLE_COVERS, TRIANGLE_HOLE = 0.93, 0.25
UPWARDS, DOWNWARDS = (0.58, 0.7), (0.3, 0.42)
# A cross is inked all along both diagonals of its box, seen so large, and nowhere far from them.
SIDE = 25
CROSSED = 0.94
BESIDE_THE_DIAGONALS = 6  # of SIDE
MOST_BESIDE = 0.02
DOTTED = (0.35, 0.75)  # what the four dots of ※ cover there
DOTS = 4
# By hand it is two strokes between its tips: how much of them is inked, how thick they may be (of its size),
# how much of the ink may lie elsewhere.
STROKES, THICKEST, ELSEWHERE = 0.9, 0.3, 0.08


@dataclass(frozen=True, slots=True)
class _Hole:
    """The largest hole of a mark: its share of the mark's area, its width over its height, and its core:
    what stands in it, as a share of that area, its width over its height, whether that is one ring."""

    share: float
    aspect: float
    core: float
    core_aspect: float
    core_is_ring: bool


@dataclass(frozen=True, slots=True)
class _Outline:
    """The largest of the `pieces` of a mark, in the measures of the constants above; `middle` is how far down
    the middle of its area lies, `holes` how many it has."""

    aspect: float
    covers: float
    strays: float
    middle: float
    in_triangle: float
    pieces: int
    holes: int
    hole: _Hole | None


def mark_in(gray: NDArray[np.uint8], *, by_hand: bool = False) -> str:
    """The mark that stands alone in `gray`, (height, width), dark on light; empty where there is none.

    Ink is told from paper by Otsu's threshold (1979). `by_hand` as in `mark_of`.
    """
    if not gray.size:
        return ""
    larger = max(SEEN / max(gray.shape), 1.0)
    size = max(round(gray.shape[1] * larger), 1), max(round(gray.shape[0] * larger), 1)
    seen = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_CUBIC) if larger > 1 else gray, np.uint8)
    ink = ink_in(seen)
    left, top, width, height = cv2.boundingRect(ink)
    place = np.s_[top : top + height, left : left + width]
    return mark_of(ink[place], darkness(seen)[place], by_hand=by_hand)


def ink_in(gray: NDArray[np.uint8]) -> Mask:
    """1 where `gray` is nearer to its ink than to its paper, by Otsu's threshold."""
    return np.asarray(cv2.threshold(gray, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1], np.uint8)


def darkness(gray: NDArray[np.uint8]) -> Shades:
    """`gray` from 0, paper, to 1, the darkest ink."""
    paper = float(np.percentile(gray, 90))
    return np.asarray(np.clip((paper - gray) / max(paper - float(gray.min()), 1.0), 0.0, 1.0), np.float32)


def mark_of(ink: Mask, dark: Shades, *, by_hand: bool = False) -> str:
    """The mark that is drawn, empty where it is none.

    `ink`, (height, width), is 1 where there is ink and cut to its box, best at 30 pixels and more; `dark` is
    the same as shades. `by_hand` takes uneven, open and bold circles and crosses, too.
    """
    outline = _outline(ink)
    if outline is not None and not outline.holes and (by_hand or _is_thin(outline)):
        closed = _outline(_closed(ink))
        outline = closed if closed is not None and (by_hand or closed.holes) else outline
    strict = _BY_HAND if by_hand else _PRINTED
    if outline is None or not _lies_in(outline.aspect, strict.aspect):
        return ""
    if outline.pieces == 1:
        mark = _round(outline, dark, strict) or _square(outline) or _triangle(outline)
        if mark or outline.holes:
            return mark
        return "×" if _is_cross(ink) or (by_hand and _is_drawn_cross(ink)) else ""
    along, beside = _diagonals(ink)
    dotted = outline.pieces == 1 + DOTS and along >= CROSSED and _lies_in(beside, DOTTED)
    return "※" if dotted and not outline.holes else ""


def _is_thin(outline: _Outline) -> bool:
    return outline.pieces == 1 and outline.covers < BROKEN_COVERS


def _lies_in(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _round(outline: _Outline, dark: Shades, strict: _Strictness) -> str:
    if not _lies_in(outline.covers, strict.covers) or outline.strays > strict.strays:
        return ""
    middle, ring, even = _profile(dark)
    hole = outline.hole
    if hole is None:
        # In small print nothing is left of the white inside of ◎ but a lighter middle.
        return "●" if min(middle, ring) > WHITE_MIDDLE else "◎" if even and ring >= DARK_RING else ""
    if strict is _BY_HAND and hole.core_is_ring and _lies_in(hole.core_aspect, strict.hole_aspect):
        return "◎"
    if ring >= DARK_RING:
        return "◎" if even and middle <= WHITE_MIDDLE and _lies_in(hole.core_aspect, CORE) else ""
    empty = hole.core <= SPECK and max(ring, middle) <= WHITE_RING
    thin = outline.holes == 1 and hole.share >= strict.hole and _lies_in(hole.aspect, strict.hole_aspect)
    return "○" if empty and thin else ""


def _profile(dark: Shades) -> tuple[float, float, bool]:
    """How dark a round mark is in its middle and where an inner ring would be, and whether it is so all
    around."""
    small = cv2.resize(dark, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    rows, columns = np.mgrid[:SIDE, :SIDE] * 2.0 / (SIDE - 1) - 1
    radius = np.hypot(rows, columns)
    ring = (RING[0] <= radius) & (radius < RING[1])
    sector = (np.arctan2(rows, columns) / (2 * np.pi) * SECTORS).astype(np.int64) % SECTORS
    shares = [float(small[ring & (sector == number)].mean()) for number in range(SECTORS)]
    mean = float(small[ring].mean())
    even = max(abs(share - mean) for share in shares) <= EVEN * mean
    return float(small[radius < MIDDLE].mean()), mean, even


def _square(outline: _Outline) -> str:
    if outline.covers < SQUARE_COVERS or outline.strays > SQUARE_STRAYS:
        return ""
    if outline.hole is None:
        return "■"
    hole = outline.hole
    return "□" if outline.holes == 1 and hole.share >= SQUARE_HOLE and hole.core <= SPECK else ""


def _triangle(outline: _Outline) -> str:
    if outline.in_triangle < TRIANGLE_COVERS or outline.holes > 1:
        return ""
    if outline.hole is not None and outline.hole.share < TRIANGLE_HOLE:
        return ""
    if _lies_in(outline.middle, UPWARDS):
        return "△" if outline.hole else "▲"
    if _lies_in(outline.middle, DOWNWARDS):
        return "▽" if outline.hole else "▼"
    return ""


def _is_cross(ink: Mask) -> bool:
    along, beside = _diagonals(ink)
    return along >= CROSSED and beside <= MOST_BESIDE


def _diagonals(ink: Mask) -> tuple[float, float]:
    """How much of the worse diagonal of the box is inked, and how much of what lies far from both."""
    small = np.asarray(cv2.resize(ink * 255, (SIDE, SIDE), interpolation=cv2.INTER_AREA) > 100, np.uint8)
    near = cv2.dilate(small, np.ones((3, 3), np.uint8))
    at = np.arange(2, SIDE - 2)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    far = np.minimum(abs(columns - rows), abs(columns + rows - SIDE + 1)) > BESIDE_THE_DIAGONALS
    return float(min(near[at, at].mean(), near[at, SIDE - 1 - at].mean())), float(small[far].mean())


def _is_drawn_cross(ink: Mask) -> bool:
    """Whether two strokes, each from one of the four outermost tips to the opposite one, are all there is."""
    rows, columns = np.nonzero(ink)
    x, y = columns / ink.shape[1], rows / ink.shape[0]
    tips = [
        (int(columns[at]), int(rows[at]))
        for at in ((x + y).argmin(), (x + y).argmax(), (x - y).argmax(), (x - y).argmin())
    ]
    falling, rising = np.zeros_like(ink), np.zeros_like(ink)
    cv2.line(falling, tips[0], tips[1], (1,), 1)
    cv2.line(rising, tips[2], tips[3], (1,), 1)
    near = cv2.dilate(ink, np.ones((3, 3), np.uint8))
    drawn = min(float(near[stroke > 0].mean()) for stroke in (falling, rising))
    thick = max(round(THICKEST * max(ink.shape)), 1)
    strokes = cv2.dilate(falling | rising, np.ones((thick, thick), np.uint8))
    return drawn >= STROKES and float(ink[strokes == 0].sum()) <= ELSEWHERE * float(ink.sum())


def _closed(ink: Mask) -> Mask:
    """The ink with the gaps of open circles filled."""
    side = max(round(OPEN * max(ink.shape)), 1)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed = cv2.morphologyEx(np.pad(ink, side), cv2.MORPH_CLOSE, brush)
    return np.asarray(closed[side:-side, side:-side], np.uint8)


def _outline(ink: Mask) -> _Outline | None:
    contours, hierarchy = cv2.findContours(np.pad(ink, 1), cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    parents = [int(parent) for _, _, _, parent in hierarchy[0]]
    outer = [number for number, parent in enumerate(parents) if parent < 0]
    main = max(outer, key=lambda number: cv2.contourArea(contours[number]))
    edge = contours[main]
    left, top, width, height = cv2.boundingRect(edge)
    # A contour runs through the middles of its pixels; half a pixel all around is ink, too.
    area = cv2.contourArea(edge) + cv2.arcLength(edge, True) / 2
    moments = cv2.moments(edge)
    if moments["m00"] <= 0:
        return None
    points = edge[:, 0, :].astype(np.float64) + 0.5
    radii = np.hypot((points[:, 0] - left) / width - 0.5, (points[:, 1] - top) / height - 0.5)
    triangle, _ = cv2.minEnclosingTriangle(edge.astype(np.float32))
    holes = _inside(contours, parents, main, area)
    return _Outline(
        aspect=width / height,
        covers=area / (width * height),
        strays=float(radii.std() / radii.mean()),
        middle=(moments["m01"] / moments["m00"] - top) / height,
        in_triangle=area / max(triangle, 1.0),
        pieces=len(outer),
        holes=len(holes),
        hole=_hole(contours, parents, holes[0], area) if holes else None,
    )


def _inside(contours: Sequence[Contour], parents: Sequence[int], of: int, area: float) -> list[int]:
    """The contours right inside of contour `of`, the largest first, without specks of `area`."""
    inner = [number for number, parent in enumerate(parents) if parent == of]
    sized = [number for number in inner if cv2.contourArea(contours[number]) > SPECK * area]
    return sorted(sized, key=lambda number: -cv2.contourArea(contours[number]))


def _hole(contours: Sequence[Contour], parents: Sequence[int], hole: int, area: float) -> _Hole:
    _, _, width, height = cv2.boundingRect(contours[hole])
    core = _inside(contours, parents, hole, area)
    around = cv2.boundingRect(np.concatenate([contours[number] for number in core])) if core else (0, 0, 1, 1)
    return _Hole(
        share=cv2.contourArea(contours[hole]) / area,
        # A hole's contour runs along the ink around it.
        aspect=max(width - 2, 1) / max(height - 2, 1),
        core=sum(cv2.contourArea(contours[number]) for number in core) / area,
        core_aspect=around[2] / around[3],
        core_is_ring=len(core) == 1 and bool(_inside(contours, parents, core[0], area)),
    )
