"""Searchable PDFs, read back by readers that are not ours."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image

from ocr.detection import DetectedLine
from ocr.document import Box, Document, PageFailure, TextSource
from ocr.engines.engine import Engine
from ocr.export.searchable_pdf import needs_picture, picture_page, searchable_pdf
from ocr.limits import Limits
from ocr.media.detect import media_type
from ocr.media.media_type import MediaType
from ocr.processes.supervised_reader import SupervisedReader
from ocr.reading.reader import read
from ocr.sources.pages import open_pages
from tests.support.ocr.paper import HEIGHT, WIDTH, built, column, written
from tests.support.ocr.samples import Sample, samples, without_space

DPI = 150


def converted(data: bytes, document: Document, limits: Limits, passwords: Sequence[str] = ()) -> bytes:
    with open_pages(data, limits, passwords=passwords) as pages:
        pictures = {p.number: picture_page(pages, p) for p in document.pages if needs_picture(data, p)}
    return searchable_pdf(data, document, pictures, passwords=passwords)


def scanned(mode: str = "L", ink: Any = 0, pages: int = 1) -> bytes:
    """Blank A4 pages with one dark bar, as a TIFF."""
    paper = Image.new(mode, (round(WIDTH / 72 * DPI), round(HEIGHT / 72 * DPI)), "white")
    paper.paste(ink, (100, 100, 300, 140))
    buffer = io.BytesIO()
    rest = [paper.copy() for _ in range(pages - 1)]
    paper.save(buffer, "TIFF", dpi=(DPI, DPI), save_all=True, append_images=rest)
    return buffer.getvalue()


def recognised(lines: Sequence[DetectedLine], number: int = 1) -> Document:
    page = built(lines)
    return Document(page.text, (replace(page.page, number=number, source=TextSource.OCR, skew=0.0),))


def plumbed(pdf: bytes, number: int = 0) -> pdfplumber.page.Page:
    return pdfplumber.open(io.BytesIO(pdf)).pages[number]


def copied(pdf: bytes, number: int = 0) -> str:
    """What pdfium, the reader of a browser, copies of a page."""
    return pypdfium2.PdfDocument(pdf)[number].get_textpage().get_text_range()


def images(pdf: bytes, number: int = 0) -> list[pypdfium2.PdfImage]:
    return list(pypdfium2.PdfDocument(pdf)[number].get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))


def test_every_character_comes_out_as_it_went_in_and_lies_on_its_ink(limits: Limits) -> None:
    texts = ["入電記録 𠮷田様・髙橋様", "A&B-12 ☑希望 〜−—①㈱", "ﾊﾝｶｸ (1,250,000円)"]
    lines = [written(50, 100 + 30 * number, text) for number, text in enumerate(texts)]
    pdf = converted(scanned(), recognised(lines), limits)

    characters = plumbed(pdf).chars
    assert "".join(c["text"] for c in characters) == "".join(texts)
    assert copied(pdf).split("\r\n") == [line.text for line in lines]
    for line in lines:
        own = [c for c in characters if abs(c["top"] - line.box.y0) < 1]
        assert min(c["x0"] for c in own) == pytest.approx(line.box.x0, abs=0.5)
        assert max(c["x1"] for c in own) == pytest.approx(line.box.x1, abs=0.5)
        assert max(c["bottom"] for c in own) == pytest.approx(line.box.y1, abs=0.5)


def test_columns_are_copied_from_right_to_left_and_each_downward(limits: Limits) -> None:
    columns = [
        column(400, 100, "拝啓、春の候、"),
        column(380, 100, "ますますご清祥の"),
        column(360, 100, "こととお喜び申し"),
    ]
    pdf = converted(scanned(), recognised(columns), limits)

    assert without_space(copied(pdf)) == "拝啓、春の候、ますますご清祥のこととお喜び申し"
    characters = plumbed(pdf).chars
    first = characters[: len(columns[0].text)]
    assert [c["text"] for c in first] == list(columns[0].text)
    assert all(c["x0"] >= 390 and c["x1"] <= 430 for c in first)
    assert [c["top"] for c in first] == sorted(c["top"] for c in first)


def test_the_text_is_not_seen(limits: Limits) -> None:
    pdf = converted(scanned(), recognised([written(50, 300, "見えない文字")]), limits)

    drawn = np.asarray(pypdfium2.PdfDocument(pdf)[0].render(scale=1, grayscale=True).to_pil())
    assert drawn[280:340, 40:200].min() > 250
    assert drawn[50:66, 60:130].min() < 10


@pytest.mark.parametrize(
    ("mode", "ink", "bands"), [("1", 0, "1"), ("L", 40, "L"), ("RGB", (200, 30, 30), "RGB")]
)
def test_a_scan_is_stored_in_as_many_colors_as_it_has_at_its_own_resolution(
    mode: str, ink: object, bands: str, limits: Limits
) -> None:
    data = scanned(mode, ink)
    pdf = converted(data, recognised([written(50, 300, "受付番号")]), limits)

    [image] = images(pdf)
    assert image.get_bitmap().to_pil().mode in (bands, "L" if bands == "1" else bands)
    assert image.get_filters() == (["CCITTFaxDecode"] if bands == "1" else ["DCTDecode"])
    assert image.get_px_size() == (round(WIDTH / 72 * DPI), round(HEIGHT / 72 * DPI))
    assert len(pdf) < 60_000
    page = plumbed(pdf)
    assert (page.width, page.height) == pytest.approx((WIDTH, HEIGHT), abs=0.5)


def test_pages_of_a_tiff_keep_their_order_and_a_failed_one_is_left_out() -> None:
    first, third = (recognised([written(50, 300, text)], n) for text, n in (("一枚目", 1), ("三枚目", 3)))
    failure = PageFailure(2, "corrupt", False, "壊れています。")
    document = Document("", (*first.pages, *third.pages), (failure,))
    with SupervisedReader("ppocr") as reader:
        pdf = reader.searchable_pdf(scanned(pages=3), document)

    assert [copied(pdf, number) for number in (0, 1)] == ["一枚目", "三枚目"]
    assert len(pypdfium2.PdfDocument(pdf)) == 2


@pytest.mark.slow
def test_a_turned_and_skewed_scan_comes_out_upright(root: Path, limits: Limits, ppocr: Engine) -> None:
    sample = next(s for s in samples(root, source="ocr") if "turned:90" in s.effects)
    document = read(sample.data, engine=ppocr, limits=limits)
    pdf = converted(sample.data, document, limits)

    page = plumbed(pdf)
    assert page.height > page.width
    characters = page.chars
    assert without_space("".join(c["text"] for c in characters)) == without_space(
        "".join(line.text for line in document.pages[0].lines)
    )
    scale = 2
    drawn = pypdfium2.PdfDocument(pdf)[0].render(scale=scale, grayscale=True).to_pil()
    ink = np.asarray(drawn) < 128
    lettered = np.zeros_like(ink)
    for c in characters:
        left, top, right, bottom = (round(c[side] * scale) for side in ("x0", "top", "x1", "bottom"))
        lettered[top:bottom, left:right] = True
    assert ink[lettered].mean() > 5 * ink[~lettered].mean()


def test_a_text_layer_stays_as_it_is(report: Sample, limits: Limits, ppocr: Engine) -> None:
    document = read(report.data, engine=ppocr, limits=limits)
    pdf = converted(report.data, document, limits)

    assert media_type(pdf) is MediaType.PDF
    assert copied(pdf) == copied(report.data)
    assert not images(pdf)
    assert len(pdf) < 1.1 * len(report.data)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_text_of_pictures_in_a_digital_page_is_laid_where_it_was_read_however_the_page_is_turned(
    turn: int, report: Sample, limits: Limits
) -> None:
    with pypdfium2.PdfDocument(report.data) as source:
        source[0].set_rotation(turn)
        source[0].set_cropbox(20, 30, 420, 630)
        buffer = io.BytesIO()
        source.save(buffer)
    typed, seen = written(40, 60, "文字の層", confidence=1.0), written(100, 200, "図の中の文字")
    page = replace(recognised([typed, seen]).pages[0], source=TextSource.MIXED)
    pdf = converted(buffer.getvalue(), Document("", (page,)), limits)

    with open_pages(pdf, limits) as pages:
        layer = pages.layer(1)
    added = [character for character in layer.characters if character.text.strip()][-len(seen.text) :]
    assert "".join(character.text for character in added) == seen.text
    assert {character.turn for character in added} == {0}
    around = Box.around(character.box for character in added)
    assert (around.x0, around.y0, around.x1, around.y1) == pytest.approx(
        (seen.box.x0, seen.box.y0, seen.box.x1, seen.box.y1), abs=0.5
    )
    assert "文字の層" not in copied(pdf)


@pytest.mark.slow
def test_of_a_mixed_pdf_only_the_scanned_page_is_replaced(root: Path, limits: Limits, ppocr: Engine) -> None:
    sample = samples(root, source="mixed")[0]
    document = read(sample.data, engine=ppocr, limits=limits)
    pdf = converted(sample.data, document, limits)

    assert [page.source for page in document.pages] == [TextSource.TEXT_LAYER, TextSource.OCR]
    assert copied(pdf, 0) == copied(sample.data, 0)
    assert copied(sample.data, 1).strip() == ""
    assert "枝葉の処分" in without_space(copied(pdf, 1))
    second = converted(sample.data, replace(document, pages=document.pages[1:]), limits)
    assert len(pypdfium2.PdfDocument(second)) == 1
    assert copied(second) == copied(pdf, 1)
    assert len(second) < len(pdf)
