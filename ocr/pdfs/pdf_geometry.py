"""Where the objects of a PDF page lie as it is displayed, and in which gray they are drawn."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pypdfium2.raw as pdfium
from pypdfium2 import PdfPage

from ocr.document import Box
from ocr.layers.text_layer import turned_box

OPAQUE = 255
# A path with more points is no rectangle: a drawing, or the outline of a letter.
POINTS_OF_A_PANEL = 6
Point = tuple[float, float]
# As PDF writes them: x' = a x + c y + e, y' = b x + d y + f.
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """From a page's own coordinates (origin bottom left, not turned) to the page as displayed.

    `unit` is how many points (1/72 inch) a unit of the page is long (UserUnit, ISO 32000-1, table 30).
    """

    left: float
    top: float
    width: float
    height: float
    turn: int
    unit: float = 1.0

    @staticmethod
    def of(page: PdfPage, unit: float = 1.0) -> Frame:
        left, bottom, right, top = page.get_bbox()
        return Frame(left, top, right - left, top - bottom, page.get_rotation() % 360, unit)

    @property
    def displayed(self) -> tuple[float, float]:
        """Width and height of the page as displayed, in points."""
        across, down = self.unit * self.width, self.unit * self.height
        return (down, across) if self.turn % 180 == 90 else (across, down)

    def box(self, xs: Sequence[float], ys: Sequence[float]) -> Box:
        """The box around points, as displayed."""
        upright = Box(min(xs) - self.left, self.top - max(ys), max(xs) - self.left, self.top - min(ys))
        box = turned_box(upright, self.turn, self.width, self.height)
        return box if self.unit == 1.0 else box.scaled(self.unit)

    def around(self, points: Sequence[Point]) -> Box:
        return self.box([x for x, _ in points], [y for _, y in points])


def placed(item: pdfium.FPDF_PAGEOBJECT, outer: Matrix) -> Matrix:
    """From the object's own coordinates to the page's; `outer` is that of the drawing it is part of."""
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(item, own)
    a, b, c, d, e, f = own.a, own.b, own.c, own.d, own.e, own.f
    if outer is IDENTITY:
        return a, b, c, d, e, f
    m, n, o, p, q, r = outer
    return (
        a * m + b * o,
        a * n + b * p,
        c * m + d * o,
        c * n + d * p,
        e * m + f * o + q,
        e * n + f * p + r,
    )


def moved(matrix: Matrix, x: float, y: float) -> Point:
    """Where the matrix takes the point."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def bounds(item: pdfium.FPDF_PAGEOBJECT, outer: Matrix, frame: Frame) -> Box | None:
    """The box around the object as displayed; None where pdfium knows none."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return None
    x0, y0, x1, y1 = left.value, bottom.value, right.value, top.value
    return frame.around([moved(outer, x, y) for x, y in ((x0, y0), (x1, y0), (x0, y1), (x1, y1))])


def clip_of(item: pdfium.FPDF_PAGEOBJECT, outer: Matrix, frame: Frame, most: int) -> tuple[Box | None, bool]:
    """The box that the object's own clip leaves, None without one, and whether that is another shape than a
    box. At most `most` paths and points of it are looked at."""
    path = pdfium.FPDFPageObj_GetClipPath(item)
    count = pdfium.FPDFClipPath_CountPaths(path) if path else 0
    if count <= 0:
        return None, False
    clip: Box | None = None
    shaped = count > most
    x, y = ctypes.c_float(), ctypes.c_float()
    for number in range(min(count, most)):
        corners = pdfium.FPDFClipPath_CountPathSegments(path, number)
        shaped = shaped or not 0 < corners <= POINTS_OF_A_PANEL
        points = []
        for at in range(min(corners, most)):
            pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFClipPath_GetPathSegment(path, number, at), x, y)
            points.append(moved(outer, x.value, y.value))
        if points and corners <= most:
            clip = meet(clip, frame.around(points))
    return clip, shaped


def meet(clip: Box | None, other: Box | None) -> Box | None:
    """What two clips leave together; None clips nothing, a box without area everything."""
    if clip is None or other is None:
        return clip or other
    return clip.common(other) or Box(other.x0, other.y0, other.x0, other.y0)


def tone_of_fill(item: pdfium.FPDF_PAGEOBJECT) -> int | None:
    """The gray level (0–255) of what fills the object; None for a pattern or a transparent colour."""
    return _tone(item, pdfium.FPDFPageObj_GetFillColor)


def tone_of_stroke(item: pdfium.FPDF_PAGEOBJECT) -> int | None:
    """As `tone_of_fill`, of its stroke."""
    return _tone(item, pdfium.FPDFPageObj_GetStrokeColor)


def _tone(item: pdfium.FPDF_PAGEOBJECT, ask: Callable[..., int]) -> int | None:
    """As the eye weighs the colours (ITU-R BT.601)."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not ask(item, red, green, blue, alpha) or alpha.value < OPAQUE:
        return None
    return (299 * red.value + 587 * green.value + 114 * blue.value) // 1000
