"""What is asked of a PDF page lies where it is drawn: turned, cropped, scaled, in nested drawings."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from fixtures.drawing.typefaces import FONT_ROOT, TYPEFACES
from ocr.document import Box
from ocr.layers.text_layer import TextLayer, lines, reading_turn
from ocr.limits import Limits
from ocr.raster import Raster
from ocr.sources.pages import open_pages
from tests.support.ocr.pdfs import page_of, stream

LIMITS = Limits()
INK = 200


def layer_and_raster(data: bytes) -> tuple[TextLayer, Raster]:
    with open_pages(data, LIMITS) as pages:
        layer = pages.layer(1)
        assert layer is not None
        return layer, pages.raster(1, layer)


def ink_in(raster: Raster, box: Box) -> float:
    """The share of dark pixels inside `box` (points)."""
    inside = box.scaled(1 / raster.points_per_pixel)
    piece = raster.gray[int(inside.y0) : int(inside.y1) + 1, int(inside.x0) : int(inside.x1) + 1]
    return float((piece < INK).mean()) if piece.size else 0.0


def drawn(turn: int, cropped: bool) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 595), cropBox=(30, 40, 560, 575) if cropped else None)
    canvas.setPageRotation(turn)
    canvas.setFont("Helvetica", 14)
    canvas.drawString(60, 500, "Tel 045-000-3187")
    canvas.saveState()
    canvas.translate(300, 150)
    canvas.rotate(90)
    canvas.scale(2, 2)
    canvas.setFont("Helvetica", 6)
    canvas.drawString(0, 0, "FAX 0987")
    canvas.restoreState()
    canvas.rect(60, 300, 200, 100)
    canvas.rect(60, 250, 200, 0.8, stroke=0, fill=1)
    canvas.save()
    return buffer.getvalue()


@pytest.mark.parametrize("cropped", [False, True], ids=["whole", "cropped"])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_letters_and_rules_lie_on_their_ink(turn: int, cropped: bool) -> None:
    layer, raster = layer_and_raster(drawn(turn, cropped))
    assert (layer.width, layer.height) == pytest.approx((raster.width, raster.height), abs=1)
    written = [character for character in layer.characters if character.text.strip()]
    assert "".join(character.text for character in written) == "Tel045-000-3187FAX0987"
    for character in written:
        assert ink_in(raster, character.box) > 0.03, character.text
    assert len(layer.rulings) == 5
    for ruling in layer.rulings:
        around = Box(ruling.x0 - 0.7, ruling.y0 - 0.7, ruling.x1 + 0.7, ruling.y1 + 0.7)
        assert ink_in(raster, around) > 0.2
    assert reading_turn(layer) == -turn % 360
    assert {line.text for line in lines(layer, reading_turn(layer))} == {"Tel 045-000-3187", "FAX 0987"}


def test_what_a_drawing_inside_a_drawing_holds_is_found_in_its_place() -> None:
    inner = stream(
        b"0 0 100 40 re S BT /F 12 Tf 10 10 Td (A-17) Tj ET",
        b"/Type /XObject /Subtype /Form /BBox [-1 -1 200 200] /Resources << /Font << /F 7 0 R >> >>",
    )
    outer = stream(
        b"q 1 0 0 1 50 60 cm /Y Do Q",
        b"/Type /XObject /Subtype /Form /BBox [0 0 400 400] /Matrix [1 0 0 1 20 30] "
        b"/Resources << /XObject << /Y 6 0 R >> >>",
    )
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    data = page_of(b"q 2 0 0 2 40 300 cm /X Do Q", outer, inner, font, resources=b"/XObject << /X 5 0 R >>")
    layer, raster = layer_and_raster(data)
    assert "".join(character.text for character in layer.characters) == "A-17"
    assert {character.size for character in layer.characters} == {24.0}
    for character in layer.characters:
        assert ink_in(raster, character.box) > 0.03
    assert len(layer.rulings) == 4
    assert Box.around(Box(r.x0, r.y0, r.x1, r.y1) for r in layer.rulings) == Box(
        180, 842 - 560, 380, 842 - 480
    )


def test_bold_by_drawing_twice_is_read_once() -> None:
    registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(300, 200))
    canvas.setFont("HeiseiKakuGo-W5", 12)
    for shift in (0.0, 0.3):
        canvas.drawString(40 + shift, 100, "見積書")
    canvas.drawString(400, 100, "紙の外")
    canvas.save()
    layer, _ = layer_and_raster(buffer.getvalue())
    assert "".join(character.text for character in layer.characters) == "見積書"


@pytest.mark.skipif(
    not (FONT_ROOT / TYPEFACES["mincho-fixed"].file).exists(),
    reason="a font that the PDF does not carry is asked for: apt-get install fonts-ipafont-mincho",
)
def test_columns_of_a_vertical_font_hang() -> None:
    texts = ("拝啓 初夏の候", "株式会社")
    layer, _ = layer_and_raster(_in_a_vertical_font(texts))
    assert all(character.hangs for character in layer.characters if character.text.strip())
    found = lines(layer, 0)
    assert {line.text for line in found} == set(texts)
    assert all(line.vertical for line in found)
    assert {round(line.box.width) for line in found} == {12}
    assert np.ptp([line.box.y0 for line in found]) < 1
    assert layer.lost == 0


def test_vertical_text_without_a_typeface_is_a_failure_and_no_blank_page(tmp_path: Path) -> None:
    """In a process of its own whose pdfium looks for typefaces in an empty folder."""
    (tmp_path / "typefaces").mkdir()
    for name, texts in (("letter.pdf", ("拝啓 初夏の候", "株式会社")), ("blank.pdf", ())):
        (tmp_path / name).write_bytes(_in_a_vertical_font(texts))
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_TYPEFACES, "typefaces", "letter.pdf", "blank.pdf"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    letter, blank = done.stdout.splitlines()
    assert letter.startswith("[] ('font_missing', True)")
    assert "fonts-ipafont-mincho" in letter
    assert blank == "['blank']"


_WITHOUT_TYPEFACES = """
import ctypes, sys
import pypdfium2.raw as pdfium
from ocr.engines.registry import create
from ocr.limits import Limits
from ocr.sources.pages import open_pages
from ocr.reading.reader import read_page

pdfium.FPDF_DestroyLibrary()
paths = (ctypes.c_char_p * 2)(sys.argv[1].encode(), None)
fonts = ctypes.cast(paths, ctypes.POINTER(ctypes.POINTER(ctypes.c_char)))
pdfium.FPDF_InitLibraryWithConfig(pdfium.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=fonts))
for name in sys.argv[2:]:
    with open_pages(open(name, "rb").read(), Limits()) as pages:
        found = read_page(pages, 1, create("ppocr"))
    print([page.source.value for page in found.pages], *((f.category, f.retryable) for f in found.failures),
          *(f.message for f in found.failures))
"""


def _in_a_vertical_font(texts: Sequence[str]) -> bytes:
    """A page with columns in a font that the PDF does not carry."""
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UTF16-V "
        b"/DescendantFonts [6 0 R] >>"
    )
    face = (
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /FontDescriptor 7 0 R /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>"
    )
    descriptor = (
        b"<< /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 6 /Ascent 709 /Descent -241 /ItalicAngle 0 "
        b"/CapHeight 709 /StemV 69 /FontBBox [-123 -257 1001 910] >>"
    )
    written = b" ".join(
        b"1 0 0 1 %d 700 Tm <%b> Tj" % (400 - 30 * at, text.encode("utf-16-be").hex().encode())
        for at, text in enumerate(texts)
    )
    return page_of(b"BT /F 12 Tf %b ET" % written, font, face, descriptor, resources=b"/Font << /F 5 0 R >>")
