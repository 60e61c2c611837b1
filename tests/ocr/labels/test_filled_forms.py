"""Fillable PDF forms: values without a drawing, ticks, labels by their place, forms that only Adobe shows."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from ocr.detection import DetectedLine
from ocr.document import BlockKind, Box, Page, TextSource
from ocr.engines.engine import Engine
from ocr.errors import FailureCategory, ReadingError
from ocr.labels.form_answers import Slot, find_answers
from ocr.limits import Limits
from ocr.raster import Pixels
from ocr.reading.reader import read
from ocr.sources.pages import open_pages
from tests.support.ocr.pdfs import pdf_of, stream

LIMITS = Limits()
HELVETICA = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
TICK = stream(b"0 0 1 RG 2 5 m 4 2 l 9 9 l S", b"/Type /XObject /Subtype /Form /BBox [0 0 10 10]")


class NoEngine:
    """An engine for pages that need none."""

    name = fingerprint = "none"

    def recognize(self, image: Pixels) -> tuple[()]:
        raise AssertionError("nothing on this page is to be read from its pixels")


@dataclass(frozen=True)
class Drawn:
    """A word printed at (`x`, `y`), or a widget there: what follows /Subtype in its dictionary."""

    x: float
    y: float
    text: str = ""
    widget: bytes = b""
    width: float = 120
    height: float = 16
    flags: int = 4


def utf16(text: str) -> bytes:
    return b"<FEFF%b>" % text.encode("utf-16-be").hex().encode()


def typed(x: float, y: float, value: str, *, more: bytes = b"", **size: int) -> Drawn:
    """A text field without any appearance."""
    return Drawn(x, y, "", b"/Widget /FT /Tx /V %b /DA (/Helv 10 Tf 0 g) %b" % (utf16(value), more), **size)


def tick(x: float, y: float, on: bool) -> Drawn:
    state = b"/Yes" if on else b"/Off"
    widget = b"/Widget /FT /Btn /V %b /AS %b /AP << /N << /Yes 6 0 R >> >>" % (state, state)
    return Drawn(x, y, "", widget, 10, 10)


def form(
    *things: Drawn,
    page: bytes = b"",
    catalog: bytes = b"",
    acro_form: bytes = b"",
    scan: bytes = b"",
    drawing: bytes = b"",
) -> bytes:
    words = [t for t in things if t.text]
    widgets = [t for t in things if t.widget]
    content = drawing + (b" q 595 0 0 842 0 0 cm /I Do Q " if scan else b" ")
    content += b" ".join(b"BT /F 11 Tf %d %d Td (%b) Tj ET" % (t.x, t.y, t.text.encode()) for t in words)
    numbers = range(8, 8 + len(widgets))
    annotations = [
        b"<< /Type /Annot /T (f%d) /F %d /Rect [%d %d %d %d] /Subtype %b >>"
        % (number, w.flags, w.x, w.y - 3, w.x + w.width, w.y - 3 + w.height, w.widget)
        for number, w in zip(numbers, widgets, strict=True)
    ]
    fields = b" ".join(b"%d 0 R" % number for number in numbers)
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [%b] /DR << /Font << /Helv 5 0 R >> >> "
            b"%b >> %b >>" % (fields, acro_form, catalog),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %b /Contents 4 0 R /Annots [%b] "
            b"/Resources << /Font << /F 5 0 R >> /XObject << /I 7 0 R >> >> >>" % (page, fields),
            stream(content),
            HELVETICA,
            TICK,
            scan or stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 1 1]"),
            *annotations,
        ]
    )


def page_of(data: bytes, engine: Engine | None = None) -> Page:
    return read(data, engine=engine or NoEngine(), limits=LIMITS).pages[0]


def fields_of(page: Page) -> dict[str, str]:
    return {field.name: field.normalized if field.kind == "choice" else field.value for field in page.fields}


@pytest.mark.parametrize("page", [b"", b"/Rotate 90", b"/CropBox [30 400 560 820]", b"/UserUnit 2"])
def test_values_without_an_appearance_are_fields_with_the_labels_beside_them(page: bytes) -> None:
    data = form(
        Drawn(60, 780, "Contract"), typed(130, 780, "TZ-20417"),
        Drawn(60, 750, "Company:"), typed(130, 750, "早瀬機械工業株式会社"),
        Drawn(300, 750, "Phone"), typed(350, 750, "03-1234-5678"),
        Drawn(60, 720, "Remarks"), typed(130, 720, ""),
        page=page,
    )  # fmt: skip
    found = page_of(data)
    assert fields_of(found) == {
        "Contract": "TZ-20417",
        "Company": "早瀬機械工業株式会社",
        "Phone": "03-1234-5678",
        "Remarks": "",
    }
    assert (found.source, found.confidence) == (TextSource.TEXT_LAYER, 1.0)


def test_offsets_and_boxes_of_a_field_lead_back_to_its_place() -> None:
    data = form(Drawn(60, 780, "Company"), typed(130, 780, "早瀬機械"))
    document = read(data, engine=NoEngine(), limits=LIMITS)
    (field,) = document.pages[0].fields
    assert document.text[field.start : field.end] == field.value == "早瀬機械"
    assert Box(129, 45, 251, 66).contains(*field.value_box.center)
    assert [block.kind for block in document.pages[0].blocks] == [BlockKind.FIELD]


@pytest.mark.parametrize("need", [b"", b"/NeedAppearances true"])
def test_a_label_above_and_the_forms_own_name_serve_where_nothing_stands_beside(need: bytes) -> None:
    data = form(
        Drawn(60, 780, "Company"), typed(60, 762, "Hayase"),
        typed(60, 600, "Osaka", more=b"/TU %b" % utf16("住所")),
        acro_form=need,
    )  # fmt: skip
    assert fields_of(page_of(data)) == {"Company": "Hayase", "住所": "Osaka"}


@pytest.mark.parametrize(
    ("things", "chosen"),
    [
        (
            [tick(130, 780, True), Drawn(145, 780, "Phone"), tick(190, 780, False), Drawn(205, 780, "Mail")],
            "Phone",
        ),
        (
            [tick(130, 780, True), Drawn(155, 780, "Phone"), tick(290, 780, True), Drawn(318, 780, "Mail")],
            "Phone、Mail",
        ),
        (
            [Drawn(130, 780, "Phone"), tick(166, 780, False), Drawn(200, 780, "Mail"), tick(228, 780, True)],
            "Mail",
        ),
        (
            [tick(130, 780, False), Drawn(145, 780, "Phone"), tick(130, 764, True), Drawn(145, 764, "Mail")],
            "Mail",
        ),
        (
            [tick(130, 780, False), Drawn(145, 780, "Phone"), tick(190, 780, False), Drawn(205, 780, "Mail")],
            "",
        ),
    ],
    ids=["close", "wide", "behind their words", "one below the other", "none"],
)
def test_ticks_make_a_choice_of_the_words_beside_them(things: list[Drawn], chosen: str) -> None:
    page = page_of(form(Drawn(60, 780, "Contact"), *things))
    (field,) = page.fields
    assert (field.name, field.kind, field.normalized) == ("Contact", "choice", chosen)


def test_parts_of_one_answer_are_one_value() -> None:
    data = form(
        Drawn(60, 780, "Phone"), typed(125, 780, "03", width=35), Drawn(163, 780, "-"),
        typed(172, 780, "1234", width=38), Drawn(213, 780, "-"), typed(222, 780, "5678", width=38),
    )  # fmt: skip
    assert fields_of(page_of(data)) == {"Phone": "03-1234-5678"}


def test_fields_in_a_ruled_form_are_left_to_its_rulings() -> None:
    ruled = b"60 730 400 60 re S 60 760 m 460 760 l S 160 730 m 160 790 l S"
    data = form(
        Drawn(66, 770, "Name"), typed(161, 766, "Sato", width=298, height=26),
        Drawn(66, 740, "Contact"), tick(170, 740, True), Drawn(184, 740, "Phone"),
        drawing=ruled,
    )  # fmt: skip
    page = page_of(data)
    assert [cell.text for cell in page.tables[0].cells] == ["Name", "Sato", "Contact", "☑Phone"]


def test_what_is_not_to_be_seen_is_not_read() -> None:
    password = typed(130, 780, "4711", more=b"/Ff 8192")
    hidden = typed(130, 750, "invisible", flags=2)
    data = form(Drawn(60, 780, "PIN"), password, Drawn(60, 750, "Name"), hidden)
    document = read(data, engine=NoEngine(), limits=LIMITS)
    assert "4711" not in document.text
    assert "invisible" not in document.text


def test_a_text_box_is_read_and_a_comment_is_not() -> None:
    data = form(
        Drawn(60, 780, "Quotation"),
        Drawn(300, 700, "", b"/FreeText /Contents %b /DA (/Helv 10 Tf 0 g)" % utf16("社長確認済み")),
        Drawn(500, 700, "", b"/Text /Contents %b" % utf16("付箋のメモ"), 20, 20),
    )
    document = read(data, engine=NoEngine(), limits=LIMITS)
    assert "社長確認済み" in document.text
    assert "付箋" not in document.text


def test_a_scanned_form_has_the_values_that_its_file_knows(ppocr: Engine) -> None:
    printed = pypdfium2.PdfDocument(
        form(
            Drawn(60, 780, "Company"),
            Drawn(60, 740, "Contact"),
            Drawn(150, 740, "Phone"),
            Drawn(220, 740, "Mail"),
        )
    )
    gray = printed[0].render(scale=200 / 72, grayscale=True).to_numpy()
    scan = stream(
        zlib.compress(np.ascontiguousarray(gray).tobytes()),
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceGray "
        b"/Filter /FlateDecode" % (gray.shape[1], gray.shape[0]),
    )
    data = form(typed(130, 780, "早瀬機械工業"), tick(135, 740, True), tick(205, 740, False), scan=scan)
    page = page_of(data, ppocr)
    assert page.source is TextSource.MIXED
    assert fields_of(page) == {"Company": "早瀬機械工業", "Contact": "Phone"}


@pytest.mark.parametrize(
    ("catalog", "said"),
    [
        (b"/NeedsRendering true", "Loading"),
        (b"", "Please wait... Your PDF viewer may not be able to display this document. Get Adobe Reader"),
    ],
    ids=["dynamic", "a shell"],
)
def test_a_form_that_only_adobe_shows_is_a_failure_with_advice(catalog: bytes, said: str) -> None:
    data = form(Drawn(60, 780, said), catalog=catalog, acro_form=b"/XFA 4 0 R")
    with pytest.raises(ReadingError) as caught, open_pages(data, LIMITS):
        pass
    assert caught.value.category is FailureCategory.XFA_FORM
    assert not caught.value.retryable
    assert "印刷" in caught.value.message


def test_a_static_xfa_form_is_read_by_its_fields() -> None:
    data = form(Drawn(60, 780, "Company"), typed(130, 780, "Hayase"), acro_form=b"/XFA 4 0 R")
    assert fields_of(page_of(data)) == {"Company": "Hayase"}


def line(text: str, x: float, y: float, width: float) -> DetectedLine:
    return DetectedLine(text, Box(x, y, x + width, y + 10), 1.0)


def slot(text: str, x: float, y: float, *, option: bool = False, tooltip: str = "") -> Slot:
    return Slot(Box(x, y - 2, x + 80, y + 12), (line(text, x, y, 40),), tooltip, option)


def test_labels_are_found_by_their_place() -> None:
    printed = [
        line("氏名", 40, 100, 20),
        line("数量", 40, 130, 20),
        line("個", 152, 130, 10),
        line("以上", 40, 200, 20),
    ]
    slots = [
        slot("佐藤", 70, 100),
        slot("12", 70, 130),
        slot("無名", 300, 400),
        slot("x", 300, 500, tooltip="備考"),
    ]
    answers, free = find_answers(slots, printed)
    named: Sequence[tuple[str, list[str]]] = [(a.name.text, [v.text for v in a.value]) for a in answers]
    assert named == [("氏名", ["佐藤"]), ("数量", ["12個"]), ("備考", ["x"])]
    assert {free_line.text for free_line in free} == {"以上", "無名"}


@pytest.mark.parametrize(
    ("case", "fields"),
    [
        (
            "form_values_without_appearance",
            {
                "契約番号": "TZ-20417",
                "会社名": "早瀬機械工業株式会社",
                "電話番号": "03-1234-5678",
                "備考": "納期は5月末を希望",
            },
        ),
        (
            "form_check_boxes_state_lost",
            {"対応区分": "電話、メール", "緊急度": "中", "担当": "Sato", "製品": "XJ-204"},
        ),
    ],
)
def test_the_small_inputs_with_forms(case: str, fields: dict[str, str], shared: Path) -> None:
    data = (shared / "cases" / f"{case}.pdf").read_bytes()
    assert fields_of(page_of(data)) == fields
