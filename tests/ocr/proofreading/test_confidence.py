"""What confidences say: of a line, of a page, of a document."""

from __future__ import annotations

import pytest

from fixtures.page_truth import read_pages
from ocr.detection import DetectedLine
from ocr.document import Box, Document
from ocr.engines.engine import Engine
from ocr.limits import Limits
from ocr.proofreading.calibrated_confidence import calibrated, document_confidence, page_confidence
from ocr.proofreading.proofreading import proofread
from ocr.reading.reader import read
from tests.support.ocr.paper import built, written

LONG = "在庫管理ソフトの不具合は、夜間の処理の後に直ることを実機で確認した。"


def line(text: str, confidence: float) -> DetectedLine:
    return DetectedLine(text, Box(0, 0, 100, 10), confidence)


def test_a_surer_line_stays_the_surer_one() -> None:
    worth = [calibrated(line(LONG, told), "ppocr").confidence for told in (0.5, 0.8, 0.95, 0.99, 1.0)]
    assert worth == sorted(worth)
    assert len(set(worth)) == 5
    assert 0 < worth[0] < worth[-1] < 1


def test_few_characters_say_little() -> None:
    assert calibrated(line("印", 0.6), "ppocr").confidence > calibrated(line(LONG, 0.6), "ppocr").confidence


def test_an_engine_that_nobody_measured_is_believed() -> None:
    assert calibrated(line(LONG, 0.77), "other").confidence == 0.77


def test_an_invention_is_marked_and_hardly_believed() -> None:
    invented = proofread(line("ーーーーーーーー", 0.99), "ppocr")
    printed = proofread(line("………………………12", 0.99), "ppocr")
    assert invented.doubtful
    assert invented.confidence <= 0.3
    assert not printed.doubtful
    assert printed.confidence > 0.9


def test_a_page_is_as_sure_as_its_worst_twentieth() -> None:
    assert page_confidence([1.0] * 99 + [0.2]) == 1.0
    assert page_confidence([0.5, *[1.0] * 10]) == pytest.approx(0.75)
    assert page_confidence([]) is None


def test_a_document_is_judged_by_the_lines_of_all_its_pages() -> None:
    good = built([written(50, 50 + 20 * n, "本日の売上を確認した") for n in range(9)])
    bad = built([written(50, 50, "木口の売士を碓認レた", confidence=0.4)])
    document = Document("", (good.page, bad.page))
    assert document_confidence(document) == pytest.approx(0.4 + 0.45 * 0.59)
    assert document_confidence(Document("", ())) is None


@pytest.mark.slow
def test_a_page_past_reading_is_told_from_a_clean_one(ppocr: Engine, limits: Limits) -> None:
    files = {page.file: page.path for page in read_pages("degraded")}
    clean, hard = (
        read(files[name].read_bytes(), engine=ppocr, limits=limits).pages[0]
        for name in ("degraded/letter_200.jpg", "degraded/report_hard_fax.tif")
    )
    assert clean.confidence is not None
    assert hard.confidence is not None
    assert clean.confidence > 0.95
    assert hard.confidence < 0.7
