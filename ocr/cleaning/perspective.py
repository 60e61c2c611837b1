"""The sheet in a photograph, by its outline, and how far it is from a rectangle.

A sheet seen at an angle is a quadrangle: its brightness against the desk gives its outline, and straight
lines along the four sides of that its corners (as in Clark and Mirmehdi, "Rectifying perspective views of
text in 3D scenes using vanishing points", 2003, whose vanishing points are where these sides meet).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.raster import Corners, Pixels, Raster, as_pixels

# Pixels of the longer side of the copy in which the outline is followed.
SIDE = 800
# The rim of the picture (shares of its side), of which so much is so many gray levels darker than the paper.
RIM, LEAST_DARK, DARKER = 0.01, 0.12, 50
RIM_STEP = 3  # every so many pixels are looked at
WHITE_PERCENTILE = 85
DIM = 0.65  # of the level between paper and desk, in the corner farthest from the light
LEAST_SHEET = 0.3  # of the picture
# Of the outline that lies so near (shares of the longer side) to the four sides that were fitted to it.
LEAST_STRAIGHT, NEAR = 0.85, 0.008
# Of each side, at its ends, that rounded or folded corners take.
ENDS = 0.08
# A sheet whose opposite sides are so alike is turned, if anything; one whose are so unlike is no sheet.
LEAST_KEYSTONE, MOST_KEYSTONE = 0.02, 0.45
# Shares of the outline's length that a corner must stick out, tried in turn; points that tell a side.
ROUGHLY = tuple(np.arange(0.01, 0.1, 0.005))
LEAST_POINTS = 10
OUTSIDE = 0.1  # of the picture that a corner may lie beyond its edge
# Beyond the sides it is so many gray levels darker than on the paper, within so many pixels; samples a side.
LEAST_STEP, STEP_WITHIN, STEP_SAMPLES = 15, 6, 60
# Beyond the sides (and a share of them, for the shadow) so much of the picture may be as light as paper, and
# so many spots of so many pixels may stand out by so many gray levels that are no longer (times their other
# side) than parts of letters, as the grain of wood is.
BESIDE, MOST_SLIPS = 0.012, 0.003
MOST_LETTERS, SMALLEST_LETTER, LARGEST_LETTER, LONGEST, LEAST_CLEAR = 5, 3, 11, 4, 60
# So much of the sheet's sides is left out, with the shadow on its edges.
EDGE = 0.004


def find_corners(raster: Raster) -> Corners:
    """The corners of a sheet that is photographed at an angle, as `Page.corners` has them; else none.

    A millisecond for a scan, which has no desk around it, and up to 40 for a photograph.
    """
    if not _has_desk(raster.pixels):
        return ()
    shrink = min(SIDE / max(raster.pixels.shape), 1.0)
    small = cv2.resize(raster.pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    gray = as_pixels(small.min(axis=2))  # wood is bright in its red alone, paper in all
    for level in _levels(gray):
        outline = _outline(gray, level)
        quad = None if outline is None else _fitted(outline, gray.shape)
        if outline is not None and quad is not None and _is_sheet(quad, outline, gray, level):
            inner = quad + (quad.mean(axis=0) - quad) * 2 * EDGE
            shares = inner / (gray.shape[1], gray.shape[0])
            return tuple((round(float(x), 5), round(float(y), 5)) for x, y in shares)
    return ()


def _has_desk(pixels: Pixels) -> bool:
    """Whether much of the picture's rim is darker than paper."""
    height, width = pixels.shape[:2]
    sample = pixels[::8, ::8].max(axis=2)
    dark = float(np.percentile(sample, WHITE_PERCENTILE)) - DARKER
    deep = max(round(RIM * min(height, width)), 2)
    rims = (pixels[:deep], pixels[-deep:], pixels[:, :deep], pixels[:, -deep:])
    levels = np.concatenate([rim[::RIM_STEP, ::RIM_STEP].max(axis=2).ravel() for rim in rims])
    return bool((levels < dark).mean() >= LEAST_DARK)


def _levels(gray: Pixels) -> tuple[float, ...]:
    """From which gray level on a pixel may be paper: as it mostly is, far from the light, on a pale desk."""
    mostly, _ = cv2.threshold(gray, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    white = float(np.percentile(gray, WHITE_PERCENTILE))
    return mostly, DIM * mostly, white - DARKER / 2


def _outline(gray: Pixels, level: float) -> NDArray[np.int32] | None:
    """The points (count, 2) around the largest area from `level` on, its print filled."""
    _, light = cv2.threshold(cv2.GaussianBlur(gray, (5, 5), 0), level, 1, cv2.THRESH_BINARY)
    # A rim of desk around the picture, so that a sheet that reaches its edge has an outline there, too.
    light = cv2.copyMakeBorder(light, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    whole = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    whole = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((15, 15), np.uint8))
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(-1, -1))
    if not outlines:
        return None
    largest = max(outlines, key=cv2.contourArea)
    if cv2.contourArea(largest) < LEAST_SHEET * gray.size:
        return None
    return np.asarray(largest[:, 0, :], np.int32)


def _fitted(outline: NDArray[np.int32], size: tuple[int, ...]) -> NDArray[np.float64] | None:
    """The quadrangle (4, 2) along the outline, clockwise from its top left corner.

    A side that the picture's edge cuts off is taken to run as the one opposite, at the outline's end.
    """
    corners = _rough(outline)
    if corners is None:
        return None
    length = float(np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1).sum())
    near = [
        _points_along(outline, start, end, 2 * NEAR * length / 4)
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    if min(len(points) for points in near) < LEAST_POINTS:
        return None
    cut = [_on_edge(points, size) for points in near]
    if any(cut[side] and cut[side - 2] for side in range(4)):
        return None
    lines = [_line(points) for points in near]
    for side in np.flatnonzero(cut):
        direction = lines[side - 2][:2]
        off = np.abs(_cross(direction, outline - lines[side - 2][2:]))
        lines[side] = np.concatenate([direction, outline[int(off.argmax())]])
    found = [_meeting(before, after) for before, after in zip([lines[-1], *lines[:-1]], lines, strict=True)]
    return None if any(point is None for point in found) else np.array(found, np.float64)


def _rough(outline: NDArray[np.int32]) -> NDArray[np.float64] | None:
    """The four corners of the outline, clockwise from its top left one; None where it has more or fewer."""
    hull = cv2.convexHull(outline)
    length = cv2.arcLength(hull, closed=True)
    for share in ROUGHLY:
        corners = np.asarray(cv2.approxPolyDP(hull, share * length, closed=True))
        if len(corners) <= 4:
            return _clockwise(corners[:, 0, :].astype(np.float64)) if len(corners) == 4 else None
    return None


def _points_along(
    outline: NDArray[np.int32], start: NDArray[np.float64], end: NDArray[np.float64], reach: float
) -> NDArray[np.int32]:
    """The points of the outline within `reach` of the middle part of a side."""
    side = end - start
    length = max(float(np.linalg.norm(side)), 1e-6)
    along = (outline - start) @ side / length**2
    off = np.abs(_cross(side, outline - start)) / length
    return np.asarray(outline[(along > ENDS) & (along < 1 - ENDS) & (off < reach)])


def _line(points: NDArray[np.int32]) -> NDArray[np.float64]:
    """The line along points: its direction (x, y) and a point on it."""
    found = cv2.fitLine(points.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01)
    return np.asarray(found, np.float64).ravel()


def _on_edge(points: NDArray[np.int32], size: tuple[int, ...]) -> bool:
    """Whether most of these points lie on the edge of the picture."""
    return bool(_at_edge(points, size).mean() > 0.5)


def _at_edge(points: NDArray[np.int32], size: tuple[int, ...]) -> NDArray[np.bool_]:
    beyond = np.array([size[1], size[0]]) - 1 - points
    return np.asarray(np.minimum(points, beyond).min(axis=1) <= 1)


def _clockwise(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Clockwise on the page, from the corner nearest to the top left."""
    middle = corners.mean(axis=0)
    around = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    return np.roll(around, -int((around.sum(axis=1)).argmin()), axis=0)


def _cross(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The determinant of two vectors, or of one and each of many."""
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0], np.float64)


def _meeting(line: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Where two lines, each direction and point, meet."""
    directions = np.array([line[:2], -other[:2]]).T
    if abs(np.linalg.det(directions)) < 1e-3:
        return None
    along = np.linalg.solve(directions, other[2:] - line[2:])
    return np.asarray(line[2:] + along[0] * line[:2], np.float64)


def _is_sheet(quad: NDArray[np.float64], outline: NDArray[np.int32], gray: Pixels, level: float) -> bool:
    """Whether this is a sheet seen at an angle, and all that may be read."""
    size = np.array(gray.shape[::-1])
    margin = OUTSIDE * max(gray.shape)
    return (
        bool(((quad >= -margin) & (quad <= size + margin)).all())
        and cv2.isContourConvex(quad.astype(np.float32))
        and LEAST_KEYSTONE <= _keystone(quad) <= MOST_KEYSTONE
        and _runs_along(quad, outline[~_at_edge(outline, gray.shape)], gray)
        and _steps(quad, gray) >= LEAST_STRAIGHT
        and _is_alone(quad, gray, level)
    )


def _keystone(quad: NDArray[np.float64]) -> float:
    """By which share of the longer one opposite sides differ most."""
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    return float((np.abs(sides[:2] - sides[2:]) / np.maximum(sides[:2], sides[2:])).max())


def _runs_along(quad: NDArray[np.float64], outline: NDArray[np.int32], gray: Pixels) -> bool:
    near = NEAR * max(gray.shape)
    lying = [
        abs(cv2.pointPolygonTest(quad.astype(np.float32), (float(x), float(y)), measureDist=True)) <= near
        for x, y in outline[::4]
    ]
    return bool(lying) and float(np.mean(lying)) >= LEAST_STRAIGHT


def _steps(quad: NDArray[np.float64], gray: Pixels) -> float:
    """Where it gets darker at once beyond the sides: the share of them. Light falls off slowly on a sheet."""
    shares = np.linspace(ENDS, 1 - ENDS, STEP_SAMPLES)[:, None]
    darker = []
    for start, end in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        points = start + shares * (end - start)
        inwards = np.array([start[1] - end[1], end[0] - start[0]]) / max(
            float(np.linalg.norm(end - start)), 1e-6
        )
        outer = points - STEP_WITHIN * inwards
        seen = ((outer >= 0) & (outer <= np.array(gray.shape[::-1]) - 1)).all(axis=1)
        inside = np.max([_levels_at(gray, points + (n + 1) * inwards) for n in range(STEP_WITHIN)], axis=0)
        darker.append((inside - _levels_at(gray, outer) >= LEAST_STEP)[seen])
    every = np.concatenate(darker)
    return float(every.mean()) if every.size else 0.0


def _levels_at(gray: Pixels, points: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = np.clip(np.round(points), 0, np.array(gray.shape[::-1]) - 1).astype(np.intp).T
    return np.asarray(gray[y, x], np.float64)


def _is_alone(quad: NDArray[np.float64], gray: Pixels, level: float) -> bool:
    """Whether nothing that may be read lies beyond the sides, where it would be lost: neither another slip,
    as light as paper, nor letters, on a dark band of the sheet or whatever else."""
    middle = quad.mean(axis=0)
    beyond = np.ones_like(gray)
    cv2.fillConvexPoly(beyond, np.round(middle + (quad - middle) * (1 + 2 * BESIDE)).astype(np.int32), 0)
    soft = cv2.GaussianBlur(gray, (3, 3), 0)
    brush = np.ones((LARGEST_LETTER, LARGEST_LETTER), np.uint8)
    letters = 0
    for way in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        clear = as_pixels(cv2.morphologyEx(soft, way, brush) >= LEAST_CLEAR) & beyond
        _, _, stats, _ = cv2.connectedComponentsWithStats(clear, connectivity=8)
        short, long = np.sort(stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]], axis=1).T
        letters += int(((short >= SMALLEST_LETTER) & (long <= LONGEST * short)).sum())
    slips = cv2.countNonZero(as_pixels(soft > level) & beyond)
    return letters <= MOST_LETTERS and slips <= MOST_SLIPS * gray.size
