"""Whole documents: text layers, scans and both; pages that fail; boxes that lie on their ink."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from fixtures.drawing.typefaces import missing_packages, register
from ocr.document import BlockKind, Document, SourceReason, TextSource
from ocr.engines.engine import Engine
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.raster import Raster, turned
from ocr.reading.reader import read
from ocr.serialization import from_json, to_json
from ocr.sources.pages import render_upright
from tests.support.ocr.samples import Sample, error_rate, samples, without_space

MOST_ERRORS = 0.01
# Gray level under which a pixel is ink.
INK = 140


def scan(raster: Raster, lies: int = 0) -> Image.Image:
    return Image.fromarray(turned(raster.pixels, lies)[:, :, ::-1])


def as_tiff(*pages: Image.Image) -> bytes:
    buffer = io.BytesIO()
    pages[0].save(
        buffer, "TIFF", save_all=True, append_images=pages[1:], dpi=(200, 200), compression="tiff_lzw"
    )
    return buffer.getvalue()


@pytest.fixture(scope="module")
def sideways(printed: Raster, ppocr: Engine, limits: Limits) -> tuple[bytes, Document]:
    """A TIFF of the report lying on its side and an empty page, and what was read."""
    data = as_tiff(scan(printed, 90), Image.new("RGB", (1654, 2339), "white"))
    return data, read(data, engine=ppocr, limits=limits)


def test_a_text_layer_is_taken_as_it_is(report: Sample, ppocr: Engine, limits: Limits) -> None:
    document = read(report.data, engine=ppocr, limits=limits)
    assert error_rate(document.text, report.text) == 0.0
    page = document.pages[0]
    assert (page.source, page.reason) == (TextSource.TEXT_LAYER, SourceReason.GOOD_LAYER)
    assert page.confidence == 1.0
    assert page.fields


def test_a_scan_lying_on_its_side_is_read_upright(
    sideways: tuple[bytes, Document], report: Sample, printed: Raster
) -> None:
    document = sideways[1]
    page = document.pages[0]
    assert (page.source, page.engine, page.rotation, page.skew) == (TextSource.OCR, "ppocr", 270, 0.0)
    assert (page.width, page.height) == pytest.approx((printed.width, printed.height), abs=1)
    assert error_rate(document.text, report.text) <= MOST_ERRORS
    assert page.seconds > 0


def test_boxes_lie_on_ink_of_the_upright_page(sideways: tuple[bytes, Document], limits: Limits) -> None:
    data, document = sideways
    page = document.pages[0]
    picture = np.asarray(render_upright(data, page, limits).convert("L"))
    scale = picture.shape[1] / page.width
    assert picture.shape[0] / page.height == pytest.approx(scale, rel=0.01)
    for line in page.lines:
        box = line.box.scaled(scale)
        inside = picture[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1]
        assert (inside < INK).mean() > 0.02, line.text


def test_boxes_from_pixels_and_from_the_layer_agree(
    sideways: tuple[bytes, Document], report: Sample, ppocr: Engine, limits: Limits
) -> None:
    seen = [line.box for line in sideways[1].pages[0].lines]
    typed = read(report.data, engine=ppocr, limits=limits).pages[0].lines
    assert all(any(box.contains(*line.box.center) for box in seen) for line in typed)


def test_an_empty_page_is_blank(sideways: tuple[bytes, Document]) -> None:
    page = sideways[1].pages[1]
    assert (page.source, page.reason) == (TextSource.BLANK, SourceReason.BLANK_PAGE)
    assert page.blocks == ()
    assert page.confidence is None


def test_what_was_read_survives_json(sideways: tuple[bytes, Document]) -> None:
    assert from_json(to_json(sideways[1])) == sideways[1]


def test_a_range_of_pages_keeps_its_numbers(
    sideways: tuple[bytes, Document], ppocr: Engine, limits: Limits
) -> None:
    document = read(sideways[0], first=2, last=2, engine=ppocr, limits=limits)
    assert [page.number for page in document.pages] == [2]


@pytest.mark.slow
@pytest.mark.parametrize("effect", ["turned:90", "turned:180", "copied", "grain:6"])
def test_samples_scanned_badly_are_read(effect: str, root: Path, ppocr: Engine, limits: Limits) -> None:
    made_so = [s for s in samples(root, source="ocr", printed=True) if effect in s.effects]
    sample = min(made_so, key=lambda sample: len(sample.text))
    document = read(sample.data, engine=ppocr, limits=limits)
    assert not document.failures
    assert error_rate(document.text, sample.text) <= MOST_ERRORS


def test_vertical_writing_keeps_its_marks(root: Path, ppocr: Engine, limits: Limits) -> None:
    (letter,) = samples(root, file="総務/礼状（社長就任祝い）.jpg")
    document = read(letter.data, engine=ppocr, limits=limits)
    assert error_rate(document.text, letter.text) <= MOST_ERRORS
    assert document.text.count("。") == letter.text.count("。")
    assert all(line.vertical for line in document.pages[0].lines)


def test_the_bad_samples_end_as_they_should(root: Path, ppocr: Engine, limits: Limits) -> None:
    bad = [sample for sample in samples(root, kind="broken") if sample.failure]
    assert len(bad) >= 5
    for sample in bad:
        try:
            ended = {failure.category for failure in read(sample.data, engine=ppocr, limits=limits).failures}
        except ReadingError as error:
            ended = {error.category.value}
        assert ended == {sample.failure}


def test_a_broken_page_leaves_the_others(ppocr: Engine, limits: Limits) -> None:
    small, huge = Image.new("RGB", (500, 700), "white"), Image.new("RGB", (4000, 700), "white")
    document = read(as_tiff(small, huge, small), engine=ppocr, limits=Limits(max_pixels=1_000_000))
    assert [page.number for page in document.pages] == [1, 3]
    failure = document.failures[0]
    assert (failure.page, failure.category) == (2, FailureCategory.TOO_MANY_PIXELS)
    assert not failure.retryable
    assert "ください" in failure.message


@pytest.fixture(scope="module")
def mixed(printed: Raster, ppocr: Engine, limits: Limits) -> Document:
    """A PDF: type above a picture of half the report, and a scan of the report under hidden text."""
    registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    half = scan(printed).crop((0, 0, printed.pixels.shape[1], printed.pixels.shape[0] // 2))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    canvas.setFont("HeiseiKakuGo-W5", 11)
    canvas.drawString(60, 780, "以下の報告を転記します。")
    canvas.drawImage(ImageReader(half), 0, 300, width=595, height=421)
    canvas.showPage()
    canvas.drawImage(ImageReader(scan(printed)), 0, 0, width=595, height=842)
    hidden = canvas.beginText(60, 700)
    hidden.setTextRenderMode(3)
    hidden.setFont("HeiseiKakuGo-W5", 11)
    hidden.textLine("誤認識された文字")
    canvas.drawText(hidden)
    canvas.save()
    return read(buffer.getvalue(), engine=ppocr, limits=limits)


def test_a_page_of_type_and_picture_is_read_from_both(mixed: Document) -> None:
    page = mixed.pages[0]
    assert (page.source, page.reason) == (TextSource.MIXED, SourceReason.PICTURE_REGIONS)
    typed = [line for line in page.lines if line.confidence == 1.0]
    assert "以下の報告を転記します。" in "".join(line.text for line in typed)
    assert any("日報" in without_space(line.text) for line in page.lines if line not in typed)


def test_another_programs_hidden_text_is_not_trusted(mixed: Document, report: Sample) -> None:
    page = mixed.pages[1]
    assert (page.source, page.reason) == (TextSource.OCR, SourceReason.HIDDEN_TEXT)
    text = "".join(mixed.text[block.start : block.end] for block in page.blocks)
    assert error_rate(text, report.text) <= MOST_ERRORS


def test_what_was_filled_into_a_form_is_read(ppocr: Engine, limits: Limits) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    canvas.setFont("HeiseiKakuGo-W5", 11)
    canvas.drawString(60, 780, "契約番号")
    canvas.acroForm.textfield(name="number", value="TZ-20417", x=120, y=772, width=120, height=22)
    canvas.save()
    document = read(buffer.getvalue(), engine=ppocr, limits=limits)
    assert [line.text for line in document.pages[0].lines] == ["契約番号", "TZ-20417"]
    assert document.pages[0].source is TextSource.TEXT_LAYER


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pdfjs_noembed-eucjp.pdf", "あいうえお"),
        ("pdfjs_noembed-sjis.pdf", "あいうえお"),
        ("pdfjs_noembed-jis7.pdf", "ABCあいうえお1231"),
        ("pdfjs_noembed-identity.pdf", "ABCあいうえお1231"),
        ("pdfjs_noembed-identity-2.pdf", "あAbstract012"),
        ("pdfjs_90ms_rksj_h_sample.pdf", "HelloASCII日本語テスト"),
        ("pdfjs_vertical.pdf", "あいうえお日本語"),
    ],
)
def test_japanese_layers_without_embedded_fonts(
    name: str, text: str, scans: Path, ppocr: Engine, limits: Limits
) -> None:
    document = read((scans / name).read_bytes(), engine=ppocr, limits=limits)
    assert without_space(document.text) == text
    lines = document.pages[0].lines
    assert all(line.vertical for line in lines) is (name == "pdfjs_vertical.pdf")


def test_broken_and_foreign_files_end_in_a_result_or_a_reason(
    scans: Path, ppocr: Engine, limits: Limits
) -> None:
    for name in ("pdfjs_GHOSTSCRIPT-698804-1-fuzzed.pdf", "pdfjs_cidfont_cmap_overflow.pdf"):
        assert len(read((scans / name).read_bytes(), engine=ppocr, limits=limits).pages) == 1
    with pytest.raises(ReadingError) as caught:
        read((scans / "pdfjs_poppler-742-0-fuzzed.pdf").read_bytes(), engine=ppocr, limits=limits)
    assert caught.value.category is FailureCategory.CORRUPT


def test_the_real_scan_is_read_within_half_a_percent(scans: Path, ppocr: Engine, limits: Limits) -> None:
    document = read((scans / "scaned0.png").read_bytes(), engine=ppocr, limits=limits)
    truth = (scans / "scaned0.txt").read_text(encoding="utf-8")
    assert error_rate(document.text, truth) <= 0.005


def test_a_photograph_in_a_typed_page_is_a_figure(limits: Limits, ppocr: Engine) -> None:
    registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    canvas.setFont("HeiseiKakuGo-W5", 11)
    canvas.drawString(60, 780, "倉庫の写真を添付します。")
    walls = np.random.default_rng(4).integers(40, 220, (3, 4, 3), dtype=np.uint8)
    photograph = Image.fromarray(walls).resize((800, 600), Image.Resampling.BILINEAR)
    canvas.drawImage(ImageReader(photograph), 60, 300, width=400, height=300)
    canvas.save()
    page = read(buffer.getvalue(), engine=ppocr, limits=limits).pages[0]
    assert (page.source, page.reason) == (TextSource.TEXT_LAYER, SourceReason.PICTURE_REGIONS)
    (figure,) = [block for block in page.blocks if block.kind is BlockKind.FIGURE]
    assert (figure.box.x0, figure.box.y0, figure.box.x1, figure.box.y1) == pytest.approx((60, 242, 460, 542))


def test_type_on_a_background_picture_is_not_doubled(ppocr: Engine, limits: Limits) -> None:
    if packages := missing_packages():
        pytest.skip(f"typefaces are missing: {' '.join(packages)}")
    rows = [
        ("訪問先", "有限会社ツキモト製麺所"),
        ("面談者", "月本社長"),
        ("用件", "空調設備の割賦契約の説明"),
        ("次回", "来月の役員会のあとに連絡をいただく"),
        ("担当", "法人第一課 高梨"),
    ]
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    shades = np.linspace(225, 255, 842).astype(np.uint8)[:, None].repeat(595, axis=1)
    canvas.drawImage(ImageReader(Image.fromarray(shades)), 0, 0, width=595, height=842)
    canvas.setFont(register("gothic"), 11)
    for at, (name, value) in enumerate(rows * 3):
        canvas.drawString(60, 780 - 30 * at, name)
        canvas.drawString(125, 780 - 30 * at, value)
    canvas.save()
    document = read(buffer.getvalue(), engine=ppocr, limits=limits)
    assert document.pages[0].reason is SourceReason.PICTURE_REGIONS
    read_back = without_space("".join(line.text for line in document.pages[0].lines))
    assert sorted(read_back) == sorted(without_space("".join(name + value for name, value in rows * 3)))
