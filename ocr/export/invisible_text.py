"""Text of a PDF page that is not seen: what is searched, selected and copied over its picture."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from ocr.document import Box, Line
from ocr.export.blank_font import ASCENT, UNITS_PER_EM, blank_font

FULL, HALF = 1.0, 0.5  # advances in ems
_BASELINE = ASCENT / UNITS_PER_EM
_HALF_WIDE = ("Na", "H", "N")  # classes of Unicode's standard annex 11
# Glyph 0 is by convention the one for what is missing.
_GLYPHS = {HALF: 1, FULL: 2}
_FONT = blank_font([round(UNITS_PER_EM * advance) for advance in (FULL, HALF, FULL)])
_MAPPINGS_PER_BLOCK = 100  # the most that one bfchar section may hold

_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


@dataclass(frozen=True, slots=True)
class _InvisibleRun:
    """Characters set as one piece from the point (`x`, `y`) of the page, origin top left: its top left
    corner, or, where `vertical`, its top right one, from where it reads downward. `length` is along the
    reading direction, `height` across it."""

    text: str
    x: float
    y: float
    length: float
    height: float
    vertical: bool


def add_invisible_text(
    document: pypdfium2.PdfDocument,
    page: pypdfium2.PdfPage,
    lines: Sequence[Line],
    placing: pdfium.FS_MATRIX,
) -> None:
    """Lays the text of `lines` over their ink, in their order.

    `placing` turns points of the upright page (origin top left, y upward, so negative) into those of
    `page`. Each character is a code of its own with its Unicode value (ToUnicode, ISO 32000-1 9.10.3), so
    that any character comes out as it went in; the font holds blank glyphs of half and full width only.
    """
    characters = sorted({character for line in lines for character in line.text})
    if not characters:
        return
    codes = {character: code for code, character in enumerate(characters, 1)}
    font = _load_font(document, characters)
    for run in _runs(lines):
        text = pdfium.FPDFPageObj_CreateTextObj(document.raw, font, 1.0)
        values = [codes[character] for character in run.text]
        pdfium.FPDFText_SetCharcodes(text, (ctypes.c_uint32 * len(values))(*values), len(values))
        pdfium.FPDFTextObj_SetTextRenderMode(text, pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
        pdfium.FPDFPageObj_SetMatrix(text, _matrix(run))
        pdfium.FPDFPageObj_TransformF(text, placing)
        pdfium.FPDFPage_InsertObject(page.raw, text)
    pdfium.FPDFFont_Close(font)
    page.gen_content()


def _runs(lines: Iterable[Line]) -> Iterator[_InvisibleRun]:
    for line in lines:
        box = line.box
        if not line.text or box.width <= 0 or box.height <= 0:
            continue
        if line.vertical:
            yield from _column(line.text, box)
        else:
            yield _InvisibleRun(line.text, box.x0, box.y0, box.width, box.height, vertical=False)


def _column(text: str, box: Box) -> Iterator[_InvisibleRun]:
    """A run for each character: readers sort runs that begin at the same height from left to right, which
    would turn the order of columns around."""
    em = box.height / _ems(text)
    y = box.y0
    for character in text:
        length = em * _ems(character)
        yield _InvisibleRun(character, box.x1, y, length, box.width, vertical=True)
        y += length


def _ems(text: str) -> float:
    return sum(_advance(character) for character in text)


def _advance(character: str) -> float:
    return HALF if unicodedata.east_asian_width(character) in _HALF_WIDE else FULL


def _matrix(run: _InvisibleRun) -> pdfium.FS_MATRIX:
    """From the font's em to the upright page: stretched to the run's length, turned where vertical."""
    along, across = run.length / _ems(run.text), run.height
    if run.vertical:
        return pdfium.FS_MATRIX(0, -along, across, 0, run.x - _BASELINE * across, -run.y)
    return pdfium.FS_MATRIX(along, 0, 0, across, run.x, -run.y - _BASELINE * across)


def _load_font(document: pypdfium2.PdfDocument, characters: Sequence[str]) -> pdfium.FPDF_FONT:
    glyphs = [0, *(_GLYPHS[_advance(character)] for character in characters)]
    glyph_map = b"".join(glyph.to_bytes(2, "big") for glyph in glyphs)
    return pdfium.FPDFText_LoadCidType2Font(
        document.raw,
        (ctypes.c_uint8 * len(_FONT)).from_buffer_copy(_FONT),
        len(_FONT),
        _to_unicode(characters),
        (ctypes.c_uint8 * len(glyph_map)).from_buffer_copy(glyph_map),
        len(glyph_map),
    )


def _to_unicode(characters: Sequence[str]) -> bytes:
    """The CMap that gives code n the n-th character, from 1."""
    mappings = [
        f"<{code:04X}> <{character.encode('utf-16-be', 'replace').hex().upper()}>"
        for code, character in enumerate(characters, 1)
    ]
    blocks = [
        mappings[first : first + _MAPPINGS_PER_BLOCK]
        for first in range(0, len(mappings), _MAPPINGS_PER_BLOCK)
    ]
    sections = "\n".join("\n".join((f"{len(block)} beginbfchar", *block, "endbfchar")) for block in blocks)
    return _CMAP.format(sections).encode("ascii")
