"""The paths of a PDF page: which of their strokes are ruled lines, and which cover what lies below them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2.raw as pdfium

from ocr.detection import Ruling
from ocr.document import Box
from ocr.pdfs.pdf_geometry import POINTS_OF_A_PANEL, Frame, Matrix, Point, bounds, placed

# A filled rectangle this thin (points) is a ruled line to the eye; a thicker stroke covers what is under it.
RULE_THICKNESS = 2.5
THICKEST_STROKE = 5.0
# Shorter strokes (points) are underlines of one letter, ticks, parts of a drawing.
SHORTEST_RULE = 4.0
# A path of many strokes that is no larger (points) rules nothing.
LARGEST_LETTER = 30.0
Polygon = list[Point]


@dataclass(frozen=True, slots=True)
class Path:
    """What a path draws: ruled lines, areas that hide what they are drawn over, and, where it is more than
    straight lines and rectangles, the box of the drawing that it is. `filled` tells whose colour the areas
    have."""

    rulings: tuple[Ruling, ...] = ()
    areas: tuple[Box, ...] = ()
    drawing: Box | None = None
    filled: bool = False


def path_of(item: pdfium.FPDF_PAGEOBJECT, outer: Matrix, frame: Frame) -> Path:
    """What the path object `item` draws; `outer` places the drawing that it is part of."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
    filled, stroked = bool(fill.value), bool(stroke.value)
    if not (filled or stroked):
        return Path()
    matrix = placed(item, outer)
    width = _stroke_width(item, matrix, frame.unit) if stroked else 0.0
    corners = pdfium.FPDFPath_CountSegments(item)
    if filled and corners > POINTS_OF_A_PANEL and _begins_curved(item):
        polygons: list[Polygon] = []
        curved = True  # the outline of a letter; to go through thousands takes its time
    else:
        polygons, curved = _outlines(item, matrix)
    rulings: list[Ruling] = []
    areas: list[Box] = []
    for points in polygons:
        whole = frame.around(points)
        thin = min(whole.width, whole.height) <= RULE_THICKNESS
        if width <= THICKEST_STROKE and (thin or stroked):
            rulings.extend(_straight(whole) if thin else _sides(points, frame))
        if filled and not thin:
            areas.append(whole)
    around = None
    if curved or corners > POINTS_OF_A_PANEL or width > RULE_THICKNESS:
        around = bounds(item, outer, frame)
    if around is not None and ((filled and curved) or width > RULE_THICKNESS):
        areas.append(around)
    drawing = around if curved or corners > POINTS_OF_A_PANEL else None
    if drawing is not None and max(drawing.width, drawing.height) <= LARGEST_LETTER:
        rulings = []  # the strokes of a letter
    return Path(tuple(rulings), tuple(areas), drawing, filled)


def _stroke_width(item: pdfium.FPDF_PAGEOBJECT, matrix: Matrix, unit: float) -> float:
    """In points."""
    width = ctypes.c_float()
    if not pdfium.FPDFPageObj_GetStrokeWidth(item, width):
        return 0.0
    a, b, c, d, _, _ = matrix
    return float(width.value * unit * abs(a * d - b * c) ** 0.5)


def _begins_curved(item: pdfium.FPDF_PAGEOBJECT) -> bool:
    """Whether one of the first points of a path is on a curve."""
    return any(
        pdfium.FPDFPathSegment_GetType(pdfium.FPDFPath_GetPathSegment(item, index))
        == pdfium.FPDF_SEGMENT_BEZIERTO
        for index in range(1, POINTS_OF_A_PANEL)
    )


def _outlines(item: pdfium.FPDF_PAGEOBJECT, matrix: Matrix) -> tuple[list[Polygon], bool]:
    """The polygons of a path, and whether any had a curve in it: that is no ruled line and is left out."""
    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    found: list[Polygon] = []
    points: Polygon = []
    curved = any_curved = False
    for index in range(pdfium.FPDFPath_CountSegments(item)):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if len(points) > 1 and not curved:
                found.append(points)
            points, curved = [], False
        elif kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            curved = any_curved = True
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        points.append((a * x.value + c * y.value + e, b * x.value + d * y.value + f))
        if pdfium.FPDFPathSegment_GetClose(segment) and points[0] != points[-1]:
            points.append(points[0])
    if len(points) > 1 and not curved:
        found.append(points)
    return found, any_curved


def _sides(points: Sequence[Point], frame: Frame) -> Iterator[Ruling]:
    for (x0, y0), (x1, y1) in pairwise(points):
        yield from _straight(frame.box((x0, x1), (y0, y1)))


def _straight(box: Box) -> Iterator[Ruling]:
    """The box as a ruled line along its middle, where it is thin and long enough to be one."""
    x, y = box.center
    if box.height <= RULE_THICKNESS and box.width >= SHORTEST_RULE:
        yield Ruling(box.x0, y, box.x1, y)
    elif box.width <= RULE_THICKNESS and box.height >= SHORTEST_RULE:
        yield Ruling(x, box.y0, x, box.y1)
