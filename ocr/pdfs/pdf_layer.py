"""What a PDF page says of itself, asked of pdfium: its characters, its ruled lines, its pictures.

pdfium carries the predefined CJK character maps, so that Shift_JIS, EUC-JP and JIS fonts that are not
embedded are understood; it leaves out text that is drawn twice for a bold look.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence

import pypdfium2.raw as pdfium
from pypdfium2 import PdfPage

from ocr.document import Box
from ocr.layers.distinct import distinct
from ocr.layers.layer_parts import Character, Font
from ocr.layers.symbol_fonts import shows_symbols, symbol_of
from ocr.layers.text_layer import TextLayer
from ocr.layers.vertical_characters import with_columns
from ocr.layers.widgets import Widget
from ocr.limits import Limits
from ocr.pdfs.pdf_geometry import Frame
from ocr.pdfs.pdf_objects import Drawn, TextObject, address_of, objects_of
from ocr.pdfs.pdf_seen import UNKNOWN, OpenPage, PageCharacters, TextRun, mark_unseen, surely_unseen

# The em box of Japanese type reaches this far below the base line; fonts' own figures vary wildly.
DESCENT = 0.12
_INVISIBLE = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_LAST_CODE_POINT = 0x10FFFF
_LINE_END_HYPHEN = 0x02  # what pdfium calls a hyphen that it takes for the break of a word
_NAME_BYTES = 128
_SUBSET = 6  # letters and a + before the name of a font that the PDF carries a part of


def read_layer(
    page: PdfPage,
    limits: Limits,
    *,
    unit: float = 1.0,
    layered: bool = True,
    widgets: Sequence[Widget] = (),
) -> TextLayer:
    """The text layer of `page`, boxes in points from the top left of the page as displayed.

    `unit` is how many points a unit of the page is long; `layered` where the file has layers that can be
    switched off; `widgets` are the fields of its form, drawn as a part of it. Raises ReadingError:
    TOO_COMPLEX for a page over `limits.max_objects` or `limits.max_nesting`; TOO_MANY_PIXELS, SIDE_TOO_LONG
    where the page has to be drawn to tell what is seen of its text, and cannot be.
    """
    frame = Frame.of(page, unit)
    drawn = objects_of(page, frame, limits, layered=layered, fields=[widget.box for widget in widgets])
    width, height = frame.displayed
    written = PageCharacters()
    text = pdfium.FPDFText_LoadPage(page.raw)
    if text:
        try:
            _collect(text, frame, drawn, written)
            mark_unseen(written, OpenPage(page, text, frame, drawn, limits))
        finally:
            pdfium.FPDFText_ClosePage(text)
    seen = distinct(character for character in written.characters if not character.hidden)
    hidden = [character for character in written.characters if character.hidden]
    return TextLayer(
        width=width,
        height=height,
        characters=(*with_columns(seen, drawn.rulings), *hidden),
        rulings=tuple(drawn.rulings),
        pictures=tuple(drawn.pictures),
        lost=drawn.lost,
        fonts=tuple(written.fonts.values()),
        sketches=tuple(drawn.sketches),
        widgets=tuple(widgets),
    )


def _collect(text: pdfium.FPDF_TEXTPAGE, frame: Frame, drawn: Drawn, written: PageCharacters) -> None:
    """Adds the characters of a page whose middles lie on it."""
    width, height = frame.displayed
    runs: dict[int, TextRun] = {}
    last, run, watched, numbers = 0, None, False, []
    rect = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    code = 0
    for index in range(pdfium.FPDFText_CountChars(text)):
        item = pdfium.FPDFText_GetTextObject(text, index)
        if not item:
            continue  # a space or line end that pdfium made up
        address = address_of(item)
        if address != last or run is None:
            if address not in runs:
                runs[address] = _run(text, index, item, drawn.texts.get(address), frame, written.fonts)
            last, run = address, runs[address]
            watched = run.may_be_gone or bool(drawn.opaque)
            numbers = written.begin(run)
        pdfium.FPDFText_GetLooseCharBox(text, index, rect)
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        hangs = _hangs(rect, run)
        box = _em_box(rect, x.value, y.value, run, hangs, frame)
        half, code = code, pdfium.FPDFText_GetUnicode(text, index)
        if code == _LINE_END_HYPHEN and pdfium.FPDFText_IsHyphen(text, index) == 1:
            code = ord("-")
        # Of a character in two halves both have the same box. What has no place is on no page.
        across, down = box.x0 + box.x1, box.y0 + box.y1
        if _is_first_half(code) or not (0 <= across <= 2 * width and 0 <= down <= 2 * height):
            continue
        shown = _character(half, code)
        unseen = surely_unseen(box, run, drawn) if watched else None
        numbers.append(len(written.characters))
        written.indices.append(index)
        written.characters.append(
            Character(
                text=symbol_of(run.symbols, shown) if run.symbols else shown,
                box=box,
                size=run.size * frame.unit,
                turn=(run.turn - frame.turn) % 360,
                hangs=hangs,
                unmapped=pdfium.FPDFText_HasUnicodeMapError(text, index) == 1,
                hidden=unseen is not None,
                unseen=unseen,
                font=run.font,
                piece=address,
            )
        )


def _run(
    text: pdfium.FPDF_TEXTPAGE,
    index: int,
    item: pdfium.FPDF_PAGEOBJECT,
    piece: TextObject | None,
    frame: Frame,
    fonts: dict[int, Font],
) -> TextRun:
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    size = pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
    upside_down = 180 if size < 0 else 0  # letters of a negative size, as some programs write them
    turn = round(math.degrees(math.atan2(matrix.b, matrix.a)) / 90 + upside_down / 90) * 90 % 360
    invisible = pdfium.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE
    font = _font(item, fonts)
    name = list(fonts.values())[font].name if font >= 0 else ""
    symbols = name if shows_symbols(name) else ""
    return TextRun(piece, abs(size), turn, matrix.e, matrix.f, invisible, font, symbols)


def _font(item: pdfium.FPDF_PAGEOBJECT, fonts: dict[int, Font]) -> int:
    """The number of the object's font; a font that is new becomes one of `fonts`."""
    font = pdfium.FPDFTextObj_GetFont(item)
    if not font:
        return -1
    address = ctypes.addressof(font.contents)
    if address not in fonts:
        name = ctypes.create_string_buffer(_NAME_BYTES)
        pdfium.FPDFFont_GetBaseFontName(font, name, _NAME_BYTES)
        plain = name.value.decode("utf-8", "replace")
        plain = plain[_SUBSET + 1 :] if plain[_SUBSET : _SUBSET + 1] == "+" else plain
        fonts[address] = Font(plain, pdfium.FPDFFont_GetIsEmbedded(font) == 1)
    return list(fonts).index(address)


def _is_first_half(code: int) -> bool:
    """Characters beyond the first 65,536 come as two halves (UTF-16)."""
    return 0xD800 <= code < 0xDC00


def _character(before: int, code: int) -> str:
    if 0xDC00 <= code < 0xE000:
        return chr(0x10000 + ((before - 0xD800) << 10) + code - 0xDC00) if _is_first_half(before) else UNKNOWN
    return chr(code) if 0 < code <= _LAST_CODE_POINT else UNKNOWN


def _hangs(rect: pdfium.FS_RECTF, run: TextRun) -> bool:
    """A vertical font hangs its glyphs below the starting point, from the middle of their top edge."""
    middle = (rect.left + rect.right) / 2
    near = 0.15 * run.size
    return run.turn == 0 and abs(run.x - middle) < near and rect.top < run.y + near


def _em_box(rect: pdfium.FS_RECTF, x: float, y: float, run: TextRun, hangs: bool, frame: Frame) -> Box:
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
