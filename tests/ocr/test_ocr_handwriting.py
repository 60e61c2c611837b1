"""Pages written by hand told from printed ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.page_truth import read_pages
from ocr.engines import Engine
from ocr.handwriting import handwriting
from ocr.limits import Limits
from ocr.raster import Raster
from ocr.reader import read


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
