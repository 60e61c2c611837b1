"""What a PDF page says of itself, asked of pdfium: its characters, its ruled lines, its pictures.

pdfium carries the predefined CJK character maps, so that Shift_JIS, EUC-JP and JIS fonts that are not
embedded are understood; it leaves out text that is drawn twice for a bold look.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pypdfium2.raw as pdfium
from pypdfium2 import PdfMatrix, PdfPage

from ocr.detection import Ruling
from ocr.distinct import distinct
from ocr.document import Box
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.stacked import with_columns
from ocr.text_layer import Character, Picture, TextLayer, turned_box

# A filled rectangle this thin (points) is a ruled line to the eye.
RULE_THICKNESS = 2.5
# Shorter strokes (points) are underlines of one letter, ticks, parts of a drawing.
SHORTEST_RULE = 4.0
# The em box of Japanese type reaches this far below the base line; fonts' own figures vary wildly.
DESCENT = 0.12
# A smaller picture (points) hides no text worth asking about.
SMALLEST_COVER = 72.0
_INVISIBLE = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_LAST_CODE_POINT = 0x10FFFF
_LINE_END_HYPHEN = 0x02  # what pdfium calls a hyphen that it takes for the break of a word


@dataclass(frozen=True, slots=True)
class _Frame:
    """From a page's own coordinates (origin bottom left, not turned) to the page as displayed."""

    left: float
    top: float
    width: float
    height: float
    turn: int

    @staticmethod
    def of(page: PdfPage) -> _Frame:
        left, bottom, right, top = page.get_bbox()
        return _Frame(left, top, right - left, top - bottom, page.get_rotation() % 360)

    def box(self, xs: Sequence[float], ys: Sequence[float]) -> Box:
        """The box around points, as displayed."""
        upright = Box(min(xs) - self.left, self.top - max(ys), max(xs) - self.left, self.top - min(ys))
        return turned_box(upright, self.turn, self.width, self.height)


@dataclass(slots=True)
class _Drawn:
    """What is drawn on a page apart from letters; `order` counts what is drawn later higher."""

    rulings: list[Ruling] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    opaque: list[tuple[int, Box]] = field(default_factory=list)
    texts: dict[int, int] = field(default_factory=dict)
    lost: int = 0
    order: int = 0


def read_layer(page: PdfPage, limits: Limits) -> TextLayer:
    """The text layer of `page`, boxes in points from the top left of the page as displayed.

    Raises ReadingError(TOO_COMPLEX) for a page over `limits.max_objects` or `limits.max_nesting`.
    """
    frame = _Frame.of(page)
    drawn = _Drawn()
    _walk(page.raw, None, PdfMatrix(), 0, frame, drawn, limits)
    sideways = frame.turn % 180 == 90
    width, height = (frame.height, frame.width) if sideways else (frame.width, frame.height)
    paper = Box(0.0, 0.0, width, height)
    drawn_characters = [c for c in _characters(page, frame, drawn) if paper.contains(*c.box.center)]
    return TextLayer(
        width=width,
        height=height,
        characters=with_columns(distinct(drawn_characters), drawn.rulings),
        rulings=tuple(drawn.rulings),
        pictures=tuple(drawn.pictures),
        lost=drawn.lost,
    )


def _walk(
    page: pdfium.FPDF_PAGE,
    form: pdfium.FPDF_PAGEOBJECT | None,
    matrix: PdfMatrix,
    level: int,
    frame: _Frame,
    drawn: _Drawn,
    limits: Limits,
) -> None:
    """Collects the objects of a page, or of a form (a drawing inside a drawing) placed by `matrix`."""
    if level > limits.max_nesting:
        raise _too_complex(f"図形の入れ子が{limits.max_nesting}段を超えています")
    count = pdfium.FPDFPage_CountObjects(page) if form is None else pdfium.FPDFFormObj_CountObjects(form)
    for index in range(count):
        drawn.order += 1
        if drawn.order > limits.max_objects:
            raise _too_complex(f"図形が{limits.max_objects:,}個を超えています")
        if form is None:
            item = pdfium.FPDFPage_GetObject(page, index)
        else:
            item = pdfium.FPDFFormObj_GetObject(form, index)
        match pdfium.FPDFPageObj_GetType(item):
            case pdfium.FPDF_PAGEOBJ_TEXT:
                drawn.texts[_address(item)] = drawn.order
                drawn.lost += _is_lost(item)
            case pdfium.FPDF_PAGEOBJ_PATH:
                drawn.rulings.extend(_rulings(item, _placed(item, matrix), frame))
            case pdfium.FPDF_PAGEOBJ_IMAGE:
                _add_picture(item, _placed(item, matrix), frame, drawn)
            case pdfium.FPDF_PAGEOBJ_FORM:
                _walk(page, item, _placed(item, matrix), level + 1, frame, drawn, limits)


def _is_lost(item: pdfium.FPDF_PAGEOBJECT) -> bool:
    """Whether a text runs down the page without any width, in a font that the PDF does not carry: pdfium
    found no typeface that could stand in for it."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return False
    font = pdfium.FPDFTextObj_GetFont(item)
    return left.value == right.value and bottom.value < top.value and not pdfium.FPDFFont_GetIsEmbedded(font)


def _placed(item: pdfium.FPDF_PAGEOBJECT, outer: PdfMatrix) -> PdfMatrix:
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(item, own)
    return PdfMatrix.from_raw(own).multiply(outer)


def _add_picture(item: pdfium.FPDF_PAGEOBJECT, matrix: PdfMatrix, frame: _Frame, drawn: _Drawn) -> None:
    corners = [matrix.on_point(x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
    box = frame.box([x for x, _ in corners], [y for _, y in corners])
    across, down = ctypes.c_uint(), ctypes.c_uint()
    if not pdfium.FPDFImageObj_GetImagePixelSize(item, across, down):
        return
    drawn.pictures.append(Picture(box, across.value, down.value))
    if min(box.width, box.height) >= SMALLEST_COVER and not pdfium.FPDFPageObj_HasTransparency(item):
        drawn.opaque.append((drawn.order, box))


def _rulings(item: pdfium.FPDF_PAGEOBJECT, matrix: PdfMatrix, frame: _Frame) -> Iterator[Ruling]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
    for points in _outlines(item, matrix):
        whole = frame.box([x for x, _ in points], [y for _, y in points])
        if min(whole.width, whole.height) <= RULE_THICKNESS:
            if fill.value or stroke.value:
                yield from _straight(whole)
        elif stroke.value:
            for (x0, y0), (x1, y1) in pairwise(points):
                yield from _straight(frame.box((x0, x1), (y0, y1)))


def _outlines(item: pdfium.FPDF_PAGEOBJECT, matrix: PdfMatrix) -> Iterator[list[tuple[float, float]]]:
    """The polygons of a path; one with a curve in it is no ruled line and is left out."""
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[float, float]] = []
    curved = False
    for index in range(pdfium.FPDFPath_CountSegments(item)):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if len(points) > 1 and not curved:
                yield points
            points, curved = [], False
        curved = curved or kind == pdfium.FPDF_SEGMENT_BEZIERTO
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        points.append(matrix.on_point(x.value, y.value))
        if pdfium.FPDFPathSegment_GetClose(segment) and points[0] != points[-1]:
            points.append(points[0])
    if len(points) > 1 and not curved:
        yield points


def _straight(box: Box) -> Iterator[Ruling]:
    """The box as a ruled line along its middle, where it is thin and long enough to be one."""
    x, y = box.center
    if box.height <= RULE_THICKNESS and box.width >= SHORTEST_RULE:
        yield Ruling(box.x0, y, box.x1, y)
    elif box.width <= RULE_THICKNESS and box.height >= SHORTEST_RULE:
        yield Ruling(x, box.y0, x, box.y1)


@dataclass(frozen=True, slots=True)
class _Run:
    """What the characters of one text object share: `x`, `y` where it starts, in the page's own points."""

    size: float
    turn: int
    x: float
    y: float
    invisible: bool
    order: int


def _characters(page: PdfPage, frame: _Frame, drawn: _Drawn) -> Iterator[Character]:
    text = pdfium.FPDFText_LoadPage(page.raw)
    if not text:
        return
    try:
        runs: dict[int, _Run] = {}
        rect = pdfium.FS_RECTF()
        x, y = ctypes.c_double(), ctypes.c_double()
        code = 0
        for index in range(pdfium.FPDFText_CountChars(text)):
            item = pdfium.FPDFText_GetTextObject(text, index)
            if not item:
                continue  # a space or line end that pdfium made up
            address = _address(item)
            if address not in runs:
                runs[address] = _run(text, index, item, drawn.texts.get(address, 0))
            run = runs[address]
            pdfium.FPDFText_GetLooseCharBox(text, index, rect)
            pdfium.FPDFText_GetCharOrigin(text, index, x, y)
            hangs = _hangs(rect, run)
            box = _em_box(rect, x.value, y.value, run, hangs, frame)
            if not all(map(math.isfinite, (box.x0, box.y0, box.x1, box.y1))):
                continue
            half, code = code, pdfium.FPDFText_GetUnicode(text, index)
            if code == _LINE_END_HYPHEN and pdfium.FPDFText_IsHyphen(text, index) == 1:
                code = ord("-")
            if _is_first_half(code):
                continue  # the other half has the same box
            yield Character(
                text=_character(half, code),
                box=box,
                size=run.size,
                turn=(run.turn - frame.turn) % 360,
                hangs=hangs,
                unmapped=pdfium.FPDFText_HasUnicodeMapError(text, index) == 1,
                hidden=run.invisible or _covered(box, run.order, drawn.opaque),
                piece=address,
            )
    finally:
        pdfium.FPDFText_ClosePage(text)


def _is_first_half(code: int) -> bool:
    """Characters beyond the first 65,536 come as two halves (UTF-16)."""
    return 0xD800 <= code < 0xDC00


def _character(before: int, code: int) -> str:
    if 0xDC00 <= code < 0xE000:
        return (
            chr(0x10000 + ((before - 0xD800) << 10) + code - 0xDC00) if _is_first_half(before) else "\ufffd"
        )
    return chr(code) if 0 < code <= _LAST_CODE_POINT else "\ufffd"


def _run(text: pdfium.FPDF_TEXTPAGE, index: int, item: pdfium.FPDF_PAGEOBJECT, order: int) -> _Run:
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    turn = round(math.degrees(math.atan2(matrix.b, matrix.a)) / 90) * 90 % 360
    size = pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
    invisible = pdfium.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE
    return _Run(size, turn, matrix.e, matrix.f, invisible, order)


def _hangs(rect: pdfium.FS_RECTF, run: _Run) -> bool:
    """A vertical font hangs its glyphs below the starting point, from the middle of their top edge."""
    middle = (rect.left + rect.right) / 2
    near = 0.15 * run.size
    return run.turn == 0 and abs(run.x - middle) < near and rect.top < run.y + near


def _em_box(rect: pdfium.FS_RECTF, x: float, y: float, run: _Run, hangs: bool, frame: _Frame) -> Box:
    """As wide as pdfium says the glyph advances, as high as its em: `x`, `y` is on the base line."""
    if hangs:
        return frame.box((rect.left, rect.right), (rect.bottom, rect.top))
    below, above = DESCENT * run.size, (1 - DESCENT) * run.size
    match run.turn:
        case 90:
            return frame.box((x - above, x + below), (rect.bottom, rect.top))
        case 180:
            return frame.box((rect.left, rect.right), (y - above, y + below))
        case 270:
            return frame.box((x - below, x + above), (rect.bottom, rect.top))
        case _:
            return frame.box((rect.left, rect.right), (y - below, y + above))


def _covered(box: Box, order: int, opaque: Sequence[tuple[int, Box]]) -> bool:
    return any(later > order and cover.contains(*box.center) for later, cover in opaque)


def _address(item: pdfium.FPDF_PAGEOBJECT) -> int:
    return ctypes.addressof(item.contents)


def _too_complex(what: str) -> ReadingError:
    return ReadingError(
        FailureCategory.TOO_COMPLEX,
        f"ページの内容が複雑すぎます（{what}）。画像としてPDFに印刷し直すか、スキャンしたものを置いてください。",
    )
