"""The objects of a PDF page in their drawing order: rulings, pictures, panels, pieces of text.

What is drawn later lies above what was drawn before; that, the clips and the colours tell which pieces of
text may be hidden (`ocr.pdfs.visibility`), and what is drawn that no character may explain.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field

import pypdfium2.raw as pdfium
from pypdfium2 import PdfPage

from ocr.detection import Ruling
from ocr.document import Box
from ocr.errors import FailureCategory, ReadingError
from ocr.layers.layer_parts import Picture
from ocr.limits import Limits
from ocr.pdfs.pdf_geometry import (
    IDENTITY,
    Frame,
    Matrix,
    bounds,
    clip_of,
    meet,
    moved,
    placed,
    tone_of_fill,
    tone_of_stroke,
)
from ocr.pdfs.pdf_paths import path_of

# A smaller picture (points) hides no text worth asking about without looking.
SMALLEST_COVER = 72.0
# A drawing with the size (points) of a letter or of a line of writing may be one.
SMALLEST_LETTER, LARGEST_LETTER = 2.0, 120.0
# Of a drawing's box that lies in the field that it shows.
LEAST_WITHIN = 0.9
_NAME_BYTES = 64
_OPTIONAL = "OC"  # the tag of marked content in a layer that can be switched off (ISO 32000-1, 8.11.3.2)
_STROKED = (pdfium.FPDF_TEXTRENDERMODE_STROKE, pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP)
_FILLED_AND_STROKED = (pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE, pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE_CLIP)


@dataclass(frozen=True, slots=True)
class Panel:
    """Something that may hide what it is drawn over: a filled area, a thick stroke, a picture, a shading.

    `tone` is its gray level (0–255) where it is opaque and of one colour, else None; `order` counts what is
    drawn later higher.
    """

    order: int
    box: Box
    tone: int | None


@dataclass(frozen=True, slots=True)
class TextObject:
    """A text object: what its characters share in being seen.

    `clip` is the box that they are cut at, `tone` the gray level (0–255) of their ink, None where that is no
    plain colour. `optional` where it may be in a layer that is switched off, `odd` where only pixels tell
    whether it shows: that, or it is transparent, or cut to a shape that is no box.
    """

    item: pdfium.FPDF_PAGEOBJECT
    order: int
    clip: Box | None
    tone: int | None
    odd: bool
    optional: bool


@dataclass(slots=True)
class Drawn:
    """What is drawn on a page; `texts` by the address of the object, `sketches` the boxes of drawings that
    may be letters, `opaque` the pictures that hide what they are drawn over."""

    rulings: list[Ruling] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    opaque: list[tuple[int, Box]] = field(default_factory=list)
    texts: dict[int, TextObject] = field(default_factory=dict)
    panels: list[Panel] = field(default_factory=list)
    sketches: list[Box] = field(default_factory=list)
    lost: int = 0
    order: int = 0


def objects_of(
    page: PdfPage, frame: Frame, limits: Limits, *, layered: bool = True, fields: Sequence[Box] = ()
) -> Drawn:
    """Everything that is drawn on `page`; `layered` where its file has layers that can be switched off.

    What frames one of the `fields` of its form, and the tick in it, is no ruling and no drawing of the page.
    Raises ReadingError(TOO_COMPLEX) for a page over `limits.max_objects` or `limits.max_nesting`.
    """
    drawn = Drawn()
    _ObjectWalk(page.raw, frame, drawn, limits, layered, tuple(fields)).through(None, _ObjectPlace(IDENTITY))
    return drawn


def address_of(item: pdfium.FPDF_PAGEOBJECT) -> int:
    """What tells the object from the others of its page, as long as that is open."""
    return ctypes.addressof(item.contents)


def shows_field(form: pdfium.FPDF_PAGEOBJECT, outer: Matrix, frame: Frame, fields: Sequence[Box]) -> bool:
    """Whether a drawing inside the drawing placed by `outer` is how one of the `fields` looks: it lies
    there."""
    box = bounds(form, outer, frame) if fields else None
    if box is None:
        return False
    shared = (box.common(field) for field in fields)
    return any(common is not None and common.area >= LEAST_WITHIN * box.area for common in shared)


@dataclass(frozen=True, slots=True)
class _ObjectPlace:
    """Where the objects of a drawing inside a drawing stand, and what those around them make of them."""

    matrix: Matrix
    clip: Box | None = None
    odd: bool = False
    optional: bool = False
    level: int = 0
    field: bool = False


@dataclass(frozen=True, slots=True)
class _ObjectWalk:
    page: pdfium.FPDF_PAGE
    frame: Frame
    drawn: Drawn
    limits: Limits
    layered: bool
    fields: tuple[Box, ...] = ()

    def through(self, form: pdfium.FPDF_PAGEOBJECT | None, place: _ObjectPlace) -> None:
        """Collects the objects of the page, or of a form (a drawing inside a drawing)."""
        limits, drawn = self.limits, self.drawn
        if place.level > limits.max_nesting:
            raise _too_complex(f"図形の入れ子が{limits.max_nesting}段を超えています")
        if form is None:
            count = pdfium.FPDFPage_CountObjects(self.page)
        else:
            count = pdfium.FPDFFormObj_CountObjects(form)
        for index in range(count):
            drawn.order += 1
            if drawn.order > limits.max_objects:
                raise _too_complex(f"図形が{limits.max_objects:,}個を超えています")
            if form is None:
                item = pdfium.FPDFPage_GetObject(self.page, index)
            else:
                item = pdfium.FPDFFormObj_GetObject(form, index)
            self._take(item, place)

    def _take(self, item: pdfium.FPDF_PAGEOBJECT, place: _ObjectPlace) -> None:
        match pdfium.FPDFPageObj_GetType(item):
            case pdfium.FPDF_PAGEOBJ_TEXT:
                self.drawn.texts[address_of(item)] = self._piece(item, place)
                self.drawn.lost += _is_lost(item)
            case pdfium.FPDF_PAGEOBJ_PATH:
                self._add_path(item, place)
            case pdfium.FPDF_PAGEOBJ_IMAGE:
                self._add_picture(item, place)
            case pdfium.FPDF_PAGEOBJ_SHADING:
                box = bounds(item, place.matrix, self.frame)
                if box is not None:
                    self.drawn.panels.append(Panel(self.drawn.order, box, None))
            case pdfium.FPDF_PAGEOBJ_FORM:
                self.through(item, self._inside(item, place))

    def _inside(self, form: pdfium.FPDF_PAGEOBJECT, place: _ObjectPlace) -> _ObjectPlace:
        clip, shaped = clip_of(form, place.matrix, self.frame, self.limits.max_nesting)
        return _ObjectPlace(
            matrix=placed(form, place.matrix),
            clip=meet(place.clip, clip),
            # pdfium does not tell whether a form is in a layer.
            odd=place.odd or shaped or self.layered or _is_transparent(form),
            optional=place.optional or self.layered,
            level=place.level + 1,
            field=place.field or shows_field(form, place.matrix, self.frame, self.fields),
        )

    def _piece(self, item: pdfium.FPDF_PAGEOBJECT, place: _ObjectPlace) -> TextObject:
        clip, shaped = clip_of(item, place.matrix, self.frame, self.limits.max_nesting)
        optional = place.optional or (self.layered and _is_optional(item))
        return TextObject(
            item=item,
            order=self.drawn.order,
            clip=meet(place.clip, clip),
            tone=_tone_of_text(item),
            odd=place.odd or shaped or optional or _is_transparent(item),
            optional=optional,
        )

    def _add_path(self, item: pdfium.FPDF_PAGEOBJECT, place: _ObjectPlace) -> None:
        path = path_of(item, place.matrix, self.frame)
        if not place.field:
            self.drawn.rulings.extend(path.rulings)
        if not place.field and path.drawing is not None and _may_be_letters(path.drawing):
            self.drawn.sketches.append(path.drawing)
        if path.areas:
            clip, _ = clip_of(item, place.matrix, self.frame, self.limits.max_nesting)
            clip = meet(place.clip, clip)
            shown = path.areas if clip is None else [meet(clip, area) for area in path.areas]
            tone = None
            if not (place.odd or _is_transparent(item)):
                tone = tone_of_fill(item) if path.filled else tone_of_stroke(item)
            self.drawn.panels.extend(Panel(self.drawn.order, area, tone) for area in shown if area)

    def _add_picture(self, item: pdfium.FPDF_PAGEOBJECT, place: _ObjectPlace) -> None:
        matrix = placed(item, place.matrix)
        box = self.frame.around([moved(matrix, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))])
        across, down = ctypes.c_uint(), ctypes.c_uint()
        if not pdfium.FPDFImageObj_GetImagePixelSize(item, across, down):
            return
        drawn = self.drawn
        drawn.pictures.append(Picture(box, across.value, down.value))
        if min(box.width, box.height) >= SMALLEST_COVER and not _is_transparent(item):
            drawn.opaque.append((drawn.order, box))
        drawn.panels.append(Panel(drawn.order, box, None))


def _may_be_letters(box: Box) -> bool:
    return max(box.width, box.height) >= SMALLEST_LETTER and min(box.width, box.height) <= LARGEST_LETTER


def _is_lost(item: pdfium.FPDF_PAGEOBJECT) -> bool:
    """Whether a text runs down the page without any width, in a font that the PDF does not carry: pdfium
    found no typeface that could stand in for it."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return False
    font = pdfium.FPDFTextObj_GetFont(item)
    return left.value == right.value and bottom.value < top.value and not pdfium.FPDFFont_GetIsEmbedded(font)


def _is_transparent(item: pdfium.FPDF_PAGEOBJECT) -> bool:
    """Whether what lies below shines through: an alpha, a mask, a blend mode."""
    return bool(pdfium.FPDFPageObj_HasTransparency(item))


def _is_optional(item: pdfium.FPDF_PAGEOBJECT) -> bool:
    """Whether the object is marked as part of a layer that can be switched off."""
    size, name = ctypes.c_ulong(), ctypes.create_string_buffer(_NAME_BYTES)
    for number in range(max(pdfium.FPDFPageObj_CountMarks(item), 0)):
        mark = pdfium.FPDFPageObj_GetMark(item, number)
        characters = ctypes.cast(name, ctypes.POINTER(ctypes.c_ushort))
        if not pdfium.FPDFPageObjMark_GetName(mark, characters, _NAME_BYTES, size):
            continue
        if name.raw[: size.value].decode("utf-16-le", "replace").rstrip("\0") == _OPTIONAL:
            return True
    return False


def _tone_of_text(item: pdfium.FPDF_PAGEOBJECT) -> int | None:
    mode = pdfium.FPDFTextObj_GetTextRenderMode(item)
    if mode in _STROKED:
        return tone_of_stroke(item)
    filled = tone_of_fill(item)
    if mode not in _FILLED_AND_STROKED:
        return filled
    stroked = tone_of_stroke(item)
    return filled if stroked is None else stroked if filled is None else min(filled, stroked)


def _too_complex(what: str) -> ReadingError:
    return ReadingError(
        FailureCategory.TOO_COMPLEX,
        f"ページの内容が複雑すぎます（{what}）。画像としてPDFに印刷し直すか、スキャンしたものを置いてください。",
    )
