"""The picture of a page's text layer, and why it was believed."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ocr.document import Box, Page, SourceReason, TextSource
from ocr.export.layer_overlay import DRAWN, HIDDEN, KEPT, REGION, RULING, UNKNOWN, UNLIKELY, draw_layer
from ocr.export.layer_report import LayerReport, State, report_on
from ocr.layers.layer_parts import Unseen
from ocr.layers.trust import Trust
from ocr.limits import Limits
from ocr.processes.supervised_reader import SupervisedReader
from ocr.sources.pages import open_pages
from tests.support.ocr.fonts import typed
from tests.support.ocr.pdfs import page_of, stream

LIMITS = Limits()
SCALE = 2
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def page(reason: SourceReason = SourceReason.GOOD_LAYER) -> Page:
    return Page(
        number=1,
        width=595,
        height=842,
        source=TextSource.TEXT_LAYER,
        engine="pdfium",
        rotation=0,
        skew=0.0,
        confidence=1.0,
        blocks=(),
        tables=(),
        fields=(),
        reason=reason,
    )


def report_of(data: bytes) -> LayerReport:
    with open_pages(data, LIMITS) as pages:
        report = report_on(pages, 1)
    assert report is not None
    return report


def colours(image: Image.Image, box: Box) -> set[tuple[int, int, int]]:
    part = image.crop(tuple(round(v * SCALE) for v in (box.x0, box.y0, box.x1, box.y1)))  # type: ignore[arg-type]
    return {colour for _, colour in part.getcolors(1 << 20)}  # type: ignore[misc]


def test_characters_are_outlined_by_what_is_held_of_them() -> None:
    content = (
        b"BT /F 14 Tf 60 780 Td (SEEN) Tj ET 1 g BT /F 14 Tf 60 740 Td (WHITE) Tj ET 0 g "
        b"BT /F 14 Tf 60 700 Td (UNDER) Tj ET 50 690 100 24 re f 60 650 200 0.8 re f"
    )
    report = report_of(page_of(content, FONT, resources=b"/Font << /F 5 0 R >>"))
    drawn = draw_layer(report, page(), Image.new("RGB", (595 * SCALE, 842 * SCALE), "white"))
    assert colours(drawn, Box(55, 45, 120, 70)) == {(255, 255, 255), KEPT}
    assert HIDDEN[Unseen.FAINT] in colours(drawn, Box(55, 85, 120, 110))
    assert HIDDEN[Unseen.COVERED] in colours(drawn, Box(55, 125, 120, 150))
    assert RULING in colours(drawn, Box(55, 185, 270, 196))
    assert drawn.height > 842 * SCALE + 4 * 8 * SCALE  # a legend of four lines and more


def test_fonts_are_told_with_what_two_readers_make_of_them() -> None:
    lines = [[("Order ", "T"), ("2024", "D")], [("Total ", "T"), ("1250", "D"), (" yen", "T")]]
    report = report_of(typed(lines, {"T": str, "D": lambda c: chr(0xE000 + ord(c))}))
    sound, broken = report.fonts
    assert (sound.font.embedded, sound.states[State.KEPT], sound.agreed) == (True, 13, 1.0)
    assert broken.states == {State.MEANINGLESS: 8}
    drawn = draw_layer(
        report, page(SourceReason.BROKEN_FONT), Image.new("L", (595 * SCALE, 842 * SCALE), 255)
    )
    assert UNKNOWN in colours(drawn, Box(50, 60, 200, 90))
    assert UNLIKELY not in colours(drawn, Box(50, 60, 200, 120))


def test_parts_that_are_read_by_ocr_are_marked() -> None:
    unreadable = report_of(typed([[("Nobody can tell what this says", "T")]], {"T": lambda _: "\ufffd"}))
    assert unreadable.verdict.trust is Trust.PIXELS
    drawn = draw_layer(unreadable, page(), Image.new("RGB", (595 * SCALE, 842 * SCALE), "white"))
    marked = colours(drawn, Box(0, 0, 595, 842))
    assert REGION in marked
    assert DRAWN not in marked


def test_a_scan_and_a_page_without_characters_say_that_there_is_no_layer() -> None:
    with open_pages(page_of(b"60 60 100 100 re S"), LIMITS) as pages:
        assert report_on(pages, 1) is None
    drawn = draw_layer(None, page(SourceReason.NO_LAYER), Image.new("RGB", (595, 842), "white"))
    assert drawn.height > 842


@pytest.mark.parametrize("turn", [0, 90])
def test_the_command_gives_a_picture_of_any_page(turn: int) -> None:
    content = b"BT /F 14 Tf 60 780 Td (SEEN) Tj ET"
    form = stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 1 1]")
    typed_page = page_of(content, FONT, form, resources=b"/Font << /F 5 0 R >>").replace(
        b"/Type /Page /Parent", b"/Type /Page /Rotate %d /Parent" % turn
    )
    scan = io.BytesIO()
    Image.new("L", (300, 400), 255).save(scan, "PNG")
    with SupervisedReader("ppocr") as reader:
        for data in (typed_page, scan.getvalue()):
            picture = Image.open(io.BytesIO(reader.layer_picture(data, page())))
            assert picture.format == "PNG"
