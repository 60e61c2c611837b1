"""Ink counts where no character explains it: on typed pages it is read, on scanned pages it is told."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.document import Box, Document, Page, SourceReason, TextSource
from ocr.engines.engine import Engine
from ocr.ink.page_ink import PageInk
from ocr.ink.unexplained import Unexplained, unexplained_ink
from ocr.limits import Limits
from ocr.pdfs.pdf import PdfSource
from ocr.proofreading.calibrated_confidence import with_ink
from ocr.raster import Pixels, Raster
from ocr.reading.reader import read
from ocr.reading.scanned_page import recognized
from tests.support.ocr.outlines import outlined
from tests.support.ocr.pdfs import page_of
from tests.support.ocr.samples import without_space

pytestmark = pytest.mark.slow

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
TITLE = "DAILY REPORT 2024-05-08 SATO"
BODY = [b"On visit %d the delivery date was confirmed, the price is open." % n for n in range(1, 13)]


def typed(content: bytes, *, body: list[bytes] = BODY) -> bytes:
    lines = b"\n".join(b"1 0 0 1 60 %d Tm (%b) Tj" % (700 - 20 * n, line) for n, line in enumerate(body))
    return page_of(b"%b\nBT /F 11 Tf %b ET" % (content, lines), FONT, resources=b"/Font << /F 5 0 R >>")


class NoEngine:
    """An engine for pages that need none."""

    name = fingerprint = "none"

    def recognize(self, image: Pixels) -> tuple[()]:
        raise AssertionError("nothing on this page is to be read from its pixels")


def read_typed(content: bytes, engine: Engine, *, body: list[bytes] = BODY) -> Document:
    return read(typed(content, body=body), engine=engine, limits=Limits())


@pytest.mark.parametrize(
    "drawing",
    [
        outlined(TITLE, 60, 760, 15),
        b"0 0 .6 rg " + outlined(TITLE, 60, 760, 15),
        b".1 .1 .4 rg 50 745 500 40 re f 1 g " + outlined(TITLE, 60, 760, 15) + b" 0 g",
        b"0 0 0 rg " + outlined(TITLE, 60, 760, 15).replace(b"h\nf", b"h\n") + b"f",
    ],
    ids=["letter by letter", "blue", "white on a dark band", "as one path"],
)
def test_an_outlined_title_is_read_and_the_typed_lines_stay_as_they_are(
    drawing: bytes, ppocr: Engine
) -> None:
    document = read_typed(drawing, ppocr)
    page = document.pages[0]
    assert (page.source, page.reason) == (TextSource.MIXED, SourceReason.DRAWN_WRITING)
    assert without_space(TITLE) in without_space(document.text)
    typed_lines = [line.text for line in page.lines if line.confidence == 1.0]
    assert typed_lines == [line.decode() for line in BODY]


def test_a_page_of_outlines_with_a_typed_page_number_is_read_from_its_pixels(ppocr: Engine) -> None:
    lines = ["QUOTATION", "Hayase Machine Works", "Total 1,250,000 yen", "Delivery 30 days"]
    drawing = b"\n".join(outlined(line, 60, 760 - 30 * n, 14) for n, line in enumerate(lines))
    document = read_typed(drawing, ppocr, body=[b"- 1 / 1 -"])
    page = document.pages[0]
    assert (page.source, page.reason) == (TextSource.OCR, SourceReason.DRAWN_WRITING)
    assert all(without_space(line) in without_space(document.text) for line in lines)


def test_what_is_typed_stays_where_drawings_only_look_like_writing(ppocr: Engine) -> None:
    """Hundreds of squiggles as large as letters, in rows."""
    squiggles = b"".join(
        b"%d %d m %d %d %d %d %d %d c S "
        % (x, y, x + 9, y + 2 + x % 7, x - 3, y + 8, x + 7, y + 3 + (x * y) % 5)
        for y in range(300, 680, 18)
        for x in range(60, 520, 12)
    )
    page = read_typed(squiggles, ppocr, body=[b"Signed for by the warehouse of Hayase Machine Works"]).pages[
        0
    ]
    assert "Hayase Machine Works" in "".join(line.text for line in page.lines)
    assert page.unexplained_ink > 0.5
    assert page.confidence is not None
    assert page.confidence < 0.5


DRAWINGS = {
    "a chart": b"1 0 0 RG 80 200 m 80 350 l 500 350 l S "
    + b"".join(b".2 .4 .8 rg %d 200 28 %d re f " % (100 + 45 * n, 40 + 37 * n % 110) for n in range(8))
    + b"0 0 0 RG 114 230 m 160 300 l 205 260 l 250 320 l 295 310 l 340 250 l 385 290 l S",
    "a round frame": b"60 100 m 60 80 80 80 80 80 c 500 80 l 520 80 520 100 520 100 c 520 300 l 520 320 "
    b"500 320 500 320 c 80 320 l 60 320 60 300 60 300 c h S",
    "a logo": b".8 .1 .1 rg 80 790 m 80 812 112 812 112 790 c 112 768 80 768 80 790 c f 1 g "
    b"90 785 m 95 800 105 800 108 786 c f",
    "ticks": b"".join(
        b"%d 300 10 10 re S %d 305 m %d 302 l %d 309 l S " % (x, x + 2, x + 4, x + 9) for x in (60, 160, 260)
    ),
    "a filled cell": b".9 g 50 690 500 24 re f 0 g",
}


@pytest.mark.parametrize("kind", DRAWINGS)
def test_drawings_that_are_no_writing_are_not_read(kind: str) -> None:
    page = read_typed(DRAWINGS[kind] + b" 0 g 0 G\n", NoEngine()).pages[0]
    assert (page.source, page.confidence) == (TextSource.TEXT_LAYER, 1.0)


def test_a_page_of_type_and_rulings_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(*_: object, **__: object) -> None:
        raise AssertionError("an ordinary page is told by its layer alone")

    monkeypatch.setattr(PdfSource, "coarse", drawn)
    monkeypatch.setattr(PdfSource, "draw", drawn)
    ruled = b".9 g 50 690 500 24 re f 0 g .5 w 50 690 500 24 re S 50 660 m 550 660 l S\n"
    assert read_typed(ruled, NoEngine()).pages[0].unexplained_ink == 0.0


@pytest.fixture(scope="module")
def scanned(printed: Raster, ppocr: Engine) -> tuple[Raster, list[Box], list[Box]]:
    """A scan, the boxes of what is read of it, and those of its rulings."""
    ink = PageInk(printed)
    lines = recognized(ink, ppocr)
    return printed, [line.box for line in lines], [ruling.box for ruling in ink.ruled.rulings]


def test_a_page_that_was_read_explains_its_ink(scanned: tuple[Raster, list[Box], list[Box]]) -> None:
    raster, lines, rulings = scanned
    ink = unexplained_ink(raster.gray, raster.points_per_pixel, [*lines, *rulings])
    assert ink.share < 0.01
    assert ink.written == 0.0


def test_lines_that_vanished_are_told_and_lower_the_confidence(
    scanned: tuple[Raster, list[Box], list[Box]],
) -> None:
    raster, lines, rulings = scanned
    for lost in lines:
        if lost.width < 40:
            continue
        left = [*(line for line in lines if line is not lost), *rulings]
        ink = unexplained_ink(raster.gray, raster.points_per_pixel, left)
        assert any(lost.contains(*box.center) for box in ink.writing), lost
        assert with_ink(_page(0.99), ink).confidence < 0.99


def test_what_is_drawn_is_unexplained_and_is_no_writing() -> None:
    gray = np.full((842, 595), 255, np.uint8)
    cv2.rectangle(gray, (60, 60), (500, 300), 0, 2)
    cv2.circle(gray, (200, 500), 90, 0, 2)
    cv2.line(gray, (300, 420), (520, 640), 0, 2)
    ink = unexplained_ink(gray, 1.0, ())
    assert ink.share == 1.0
    assert ink.writing == ()
    assert with_ink(_page(0.98), ink).confidence == 0.98


@pytest.mark.parametrize("scale", [1.0, 0.72, 0.36, 0.24])
def test_the_share_does_not_depend_on_the_resolution(scale: float) -> None:
    gray = np.full((round(842 / scale), round(595 / scale)), 255, np.uint8)
    for row, text in enumerate(("HELLO WORLD 123", "LOST LINE 456", "LAST ONE 789")):
        place = (round(60 / scale), round((100 + 60 * row) / scale))
        cv2.putText(gray, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.6 / scale, 0, max(round(1.5 / scale), 1))
    ink = unexplained_ink(gray, scale, [Box(50, 80, 400, 110), Box(50, 200, 400, 230)])
    assert 0.25 < ink.share < 0.42
    assert ink.written == pytest.approx(ink.share, abs=0.02)
    assert [box.center[1] for box in ink.writing] == pytest.approx([153] * len(ink.writing), abs=6)


def test_nothing_is_unexplained_on_an_empty_page() -> None:
    assert unexplained_ink(np.full((100, 80), 255, np.uint8), 1.0, ()) == Unexplained()
    assert unexplained_ink(np.full((100, 80), 0, np.uint8), 1.0, ()).written == 0.0


def test_the_small_inputs_that_lost_their_outlines(shared: Path, ppocr: Engine) -> None:
    title = read(
        (shared / "cases" / "outlined_title_over_typed_body.pdf").read_bytes(), engine=ppocr, limits=Limits()
    )
    assert without_space(title.text).startswith("営業日報令和6年5月8日佐藤")
    body = read(
        (shared / "cases" / "outlined_body_with_typed_page_number.pdf").read_bytes(),
        engine=ppocr,
        limits=Limits(),
    )
    assert "1,250,000円" in body.text
    assert "1/1" in without_space(body.text)


def _page(confidence: float) -> Page:
    return Page(
        number=1,
        width=595,
        height=842,
        source=TextSource.OCR,
        engine="ppocr",
        rotation=0,
        skew=0.0,
        confidence=confidence,
        blocks=(),
        tables=(),
        fields=(),
    )
