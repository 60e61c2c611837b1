"""Pages written by hand told from printed ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.page_truth import read_pages
from ocr.cleaning.handwriting import handwriting
from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.engines.engine import Engine
from ocr.limits import Limits
from ocr.raster import Raster
from ocr.reading.reader import read
from ocr.sources.pages import open_pages
from tests.support.ocr.pdfs import page_of

pytestmark = pytest.mark.slow

ENGLISH = (
    "Thank you for your inquiry regarding the service agreement.",
    "Please find attached the revised quotation for the pump.",
    "1. Replace the filter and check the oil level (0.4 MPa)",
    "- Spare parts: XJ-204, gasket kit, flashlight",
    "We would appreciate your prompt reply on this matter.",
)


def test_a_page_written_by_hand_is_told(scans: Path, ppocr: Engine, limits: Limits) -> None:
    data = (scans / "handwriting_yokogaki.png").read_bytes()
    [page] = read(data, engine=ppocr, limits=limits).pages
    assert page.handwriting > 0.8


@pytest.mark.parametrize("name", ["letter_200.jpg", "memo_copied_thin.jpg", "letter_hard_blur.jpg"])
def test_print_is_not_handwriting_however_worn(name: str, ppocr: Engine, limits: Limits) -> None:
    [truth] = [page for page in read_pages("degraded") if page.file == f"degraded/{name}"]
    [page] = read(truth.path.read_bytes(), engine=ppocr, limits=limits).pages
    assert page.handwriting < 0.1


def test_nothing_is_said_of_a_page_without_lines(printed: Raster) -> None:
    assert handwriting(printed, ()) == 0.0


@pytest.mark.parametrize("typeface", ["Times-Italic", "Helvetica", "Courier", "Times-Bold"])
def test_printed_english_is_not_handwriting(typeface: str, limits: Limits) -> None:
    rows = "\n".join(
        f"1 0 0 1 60 {760 - 20 * row} Tm ({text}) Tj"
        for row, text in enumerate(text.replace("(", r"\(").replace(")", r"\)") for text in ENGLISH)
    )
    font = f"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /{typeface} >> >>"
    data = page_of(f"BT /F 10 Tf {rows} ET".encode(), resources=font.encode())
    written = [
        DetectedLine(text, Box(58, 72 + 20 * row, 540, 86 + 20 * row), 1.0)
        for row, text in enumerate(ENGLISH)
    ]
    with open_pages(data, limits) as pages:
        assert handwriting(pages.raster(1, None), written) < 0.1
