"""A character of a text layer counts where its ink shows, whatever hides it."""

from __future__ import annotations

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.document import Document, SourceReason, TextSource
from ocr.engines.engine import Engine
from ocr.export.searchable_pdf import needs_picture, picture_page, searchable_pdf
from ocr.layers.layer_parts import Unseen
from ocr.layers.text_layer import TextLayer
from ocr.limits import Limits
from ocr.reading.reader import read
from ocr.serialization import to_json
from ocr.sources.pages import open_pages
from tests.support.ocr.pdfs import pdf_of, stream

LIMITS = Limits()
KEPT, SECRET = b"NEW 1,250", b"OLD 9,800"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
STATES = b"/FAINT << /ca 0 /CA 0 >> /HALF << /ca 0.4 >> /MULTIPLY << /BM /Multiply >>"


def drawn(
    content: bytes, *further: bytes, resources: bytes = b"", catalog: bytes = b"", page: bytes = b""
) -> bytes:
    """A PDF of one page; `further` are the objects from number 6 on."""
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R %b >>" % catalog,
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %b "
            b"/Resources << /Font << /F 5 0 R >> /ExtGState << %b >> %b >> >>" % (page, STATES, resources),
            stream(content),
            FONT,
            *further,
        ]
    )


def text(said: bytes, y: int, *, x: int = 60, state: bytes = b"0 g") -> bytes:
    return b"q %b BT /F 14 Tf %d %d Td (%b) Tj ET Q\n" % (state, x, y, said)


def layer_of(data: bytes) -> TextLayer:
    with open_pages(data, LIMITS) as pages:
        layer = pages.layer(1)
    assert layer is not None
    return layer


def seen(layer: TextLayer) -> str:
    return "".join(c.text for c in layer.characters if not c.hidden and c.text.strip())


def why(layer: TextLayer) -> set[Unseen | None]:
    return {c.unseen for c in layer.characters if c.hidden and c.text.strip()}


HIDDEN = {
    "white on white": (text(SECRET, 700, state=b"1 g"), Unseen.FAINT),
    "nearly white": (text(SECRET, 700, state=b"0.99 0.99 1 rg"), Unseen.FAINT),
    "black on black": (b"0 g 50 690 150 24 re f\n" + text(SECRET, 700), Unseen.FAINT),
    "in the colour of its cell": (
        b".2 .4 .8 rg 50 690 150 24 re f\n" + text(SECRET, 700, state=b".2 .4 .8 rg"),
        Unseen.FAINT,
    ),
    "transparent": (text(SECRET, 700, state=b"/FAINT gs"), Unseen.FAINT),
    "without ink": (text(SECRET, 700, state=b"3 Tr"), Unseen.NO_INK),
    "under a black box": (text(SECRET, 700) + b"0 g 50 690 150 24 re f\n", Unseen.COVERED),
    "under a white box": (text(SECRET, 700) + b"1 g 50 690 150 24 re f\n", Unseen.COVERED),
    "under a thick stroke": (text(SECRET, 700) + b"0 G 20 w 50 705 m 200 705 l S\n", Unseen.COVERED),
    "under a rounded box": (
        text(SECRET, 700) + b"0 g 50 690 m 45 690 45 715 50 715 c 200 715 l 205 715 205 690 200 690 c h f\n",
        Unseen.COVERED,
    ),
    "under a small picture": (
        text(SECRET, 700) + b"q 150 0 0 24 50 690 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n",
        Unseen.COVERED,
    ),
    "beyond its clip": (
        b"q 300 600 100 20 re W n\n" + text(SECRET, 700) + b"Q\n",
        Unseen.CLIPPED,
    ),
    "beyond a round clip": (
        b"q 300 705 m 300 850 500 850 500 705 c 500 560 300 560 300 705 c h W n\n"
        + text(SECRET, 700)
        + b"Q\n",
        Unseen.CLIPPED,
    ),
}  # fmt: skip
VISIBLE = {
    "plain": text(SECRET, 700),
    "light gray": text(SECRET, 700, state=b".75 g"),
    "white on a dark cell": b".1 .1 .3 rg 50 690 150 24 re f\n" + text(SECRET, 700, state=b"1 g"),
    "white on a dark cell, twice for a bold look": b"0 g 50 690 150 24 re f\n"
    + text(SECRET, 700, state=b"1 g") * 2,
    "white on a rounded dark cell": b"0 .3 0 rg 50 690 m 45 690 45 715 50 715 c 200 715 l 205 715 205 690 "
    b"200 690 c h f\n" + text(SECRET, 700, state=b"1 g"),
    "white outlined in black": text(SECRET, 700, state=b"1 g 0 G .5 w 2 Tr"),
    "highlighted by multiplying": text(SECRET, 700) + b"q /MULTIPLY gs 1 1 0 rg 50 690 150 24 re f Q\n",
    "highlighted transparently": text(SECRET, 700) + b"q /HALF gs 1 1 0 rg 50 690 150 24 re f Q\n",
    "in a frame drawn later": text(SECRET, 700) + b"0 g 40 680 200 50 re 42 682 196 46 re f*\n",
    "struck through": text(SECRET, 700) + b"1 0 0 RG 1 w 50 705 m 200 705 l S\n",
    "within its clip": b"q 50 690 150 24 re W n\n" + text(SECRET, 700) + b"Q\n",
    "under a box that its clip cuts away": text(SECRET, 700)
    + b"q 300 300 9 9 re W n 0 g 50 690 150 24 re f Q\n",
    "on a box on a box": b"0 g 40 680 200 50 re f 1 g 50 690 150 24 re f\n" + text(SECRET, 700),
}


@pytest.mark.parametrize("kind", HIDDEN)
@pytest.mark.parametrize(
    "page", [b"", b"/Rotate 90", b"/CropBox [20 30 560 800] /Rotate 180", b"/UserUnit 2"]
)
def test_what_nobody_sees_is_hidden_and_the_rest_stays(kind: str, page: bytes) -> None:
    content, cause = HIDDEN[kind]
    layer = layer_of(drawn(text(KEPT, 740) + content + text(KEPT, 640), page=page))
    assert seen(layer) == "NEW1,250" * 2
    assert why(layer) == {cause}


@pytest.mark.parametrize("kind", VISIBLE)
def test_what_is_seen_stays(kind: str) -> None:
    layer = layer_of(drawn(text(KEPT, 740) + VISIBLE[kind]))
    assert seen(layer) == "NEW1,250OLD9,800"


@settings(max_examples=30, deadline=None)
@given(edge=st.integers(66, 118))
def test_a_character_is_cut_off_where_its_middle_is(edge: int) -> None:
    content = text(b"ABCDEF", 700)
    clipped = layer_of(drawn(b"q 50 690 %d 24 re W n\n%b Q" % (edge - 50, content)))
    covered = layer_of(drawn(content + b"1 g %d 690 300 24 re f\n" % edge))
    whole = layer_of(drawn(content)).characters
    assert seen(clipped) == "".join(c.text for c in whole if c.box.center[0] <= edge)
    kept = "".join(c.text for c in whole if c.box.center[0] < edge - 1)
    assert seen(covered) in (kept, "ABCDEF"[: len(kept) + 1])


LAYERS = (
    b"<< /Type /OCG /Name (on) >>",
    b"<< /Type /OCG /Name (off) >>",
    b"<< /Type /OCMD /OCGs [7 0 R] /P /AnyOn >>",
)
WITH_LAYERS = b"/OCProperties << /OCGs [6 0 R 7 0 R] /D << /ON [6 0 R] /OFF [7 0 R] >> >>"
NAMES = b"/Properties << /ON 6 0 R /OFF 7 0 R /MAYBE 8 0 R >>"


@pytest.mark.parametrize(
    "content",
    [
        b"/OC /OFF BDC " + text(SECRET, 700) + b" EMC",
        b"/OC /MAYBE BDC " + text(SECRET, 700) + b" EMC",
        b"/OC /OFF BDC /Span BMC " + text(SECRET, 700) + b" EMC EMC",
        b"/OC /OFF BDC " + text(SECRET, 740) + b" EMC",
        b"/X Do",
    ],
    ids=["marked", "by membership", "nested", "over what is on", "a drawing"],
)
def test_what_is_in_a_layer_that_is_off_is_hidden(content: bytes) -> None:
    form = stream(
        text(SECRET, 700),
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /OC 7 0 R /Resources << /Font << /F 5 0 R >> >>",
    )
    shown = b"/OC /ON BDC " + text(KEPT, 740) + b" EMC\n"
    resources = NAMES + b" /XObject << /X 9 0 R >>"
    layer = layer_of(drawn(shown + content, *LAYERS, form, resources=resources, catalog=WITH_LAYERS))
    assert seen(layer) == "NEW1,250"
    assert why(layer) == {Unseen.SWITCHED_OFF}


BOX = b"/Subtype /Square /IC [0 0 0] /C [0 0 0] /Rect [50 690 200 714]"
MARKED = b"/Rect [50 690 200 714] /QuadPoints [50 714 200 714 50 690 200 690] /C [1 1 0]"
DRAWING = stream(b"0 g 0 0 150 24 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 150 24]")


@pytest.mark.parametrize(
    ("note", "seen_of_it"),
    [
        (BOX, ""),
        (BOX + b" /AP << /N 6 0 R >>", ""),
        (b"/Subtype /Ink /C [0 0 0] /BS << /W 20 >> /InkList [[50 705 200 705]] /Rect [40 690 210 720]", ""),
        (b"/Subtype /Stamp /Rect [50 690 200 714] /AP << /N 6 0 R >>", ""),
        (BOX + b" /F 2 /AP << /N 6 0 R >>", "OLD9,800"),
        (b"/Subtype /Highlight " + MARKED, "OLD9,800"),
        (b"/Subtype /Underline " + MARKED, "OLD9,800"),
        (b"/Subtype /Text /Contents (a comment) /Rect [50 690 70 710]", "OLD9,800"),
    ],
    ids=["box", "drawn box", "thick pen", "stamp", "hidden box", "highlight", "underline", "comment"],
)
def test_notes_hide_what_they_are_drawn_over(note: bytes, seen_of_it: str) -> None:
    page = b"/Annots [<< /Type /Annot %b >>]" % note
    layer = layer_of(drawn(text(KEPT, 740) + text(SECRET, 700), DRAWING, page=page))
    assert seen(layer) == "NEW1,250" + seen_of_it


def test_blanks_with_ink_are_unknown_characters() -> None:
    """The figures' font says that they are blanks."""
    to_unicode = stream(
        b"/CMapName /M def 1 begincodespacerange <00> <FF> endcodespacerange\n"
        b"2 beginbfchar\n<31> <0020>\n<32> <3000>\nendbfchar"
    )
    figures = FONT.replace(b">>", b"/ToUnicode 7 0 R >>")
    content = text(b"No.", 700) + b"BT /G 14 Tf 90 700 Td (1212) Tj ET"
    data = drawn(content, figures, to_unicode).replace(b"/F 5 0 R >>", b"/F 5 0 R /G 6 0 R >>")
    layer = layer_of(data)
    assert seen(layer) == "No." + "\ufffd" * 4
    assert sum(c.unmapped for c in layer.characters) == 4


@pytest.fixture(scope="module")
def redacted(ppocr: Engine) -> tuple[bytes, Document]:
    content = (
        text(KEPT, 740) + text(SECRET, 700) + b"0 g 50 690 150 24 re f\n" + text(SECRET, 600, state=b"1 g")
    )
    data = drawn(content)
    return data, read(data, engine=ppocr, limits=LIMITS)


def test_hidden_text_is_in_no_document(redacted: tuple[bytes, Document]) -> None:
    document = redacted[1]
    page = document.pages[0]
    assert document.text == KEPT.decode()
    assert "9,800" not in to_json(document).decode()
    assert (page.source, page.reason) == (TextSource.TEXT_LAYER, SourceReason.GOOD_LAYER)
    assert page.hidden_characters == 2 * len("OLD9,800")


def test_hidden_text_is_in_no_searchable_pdf(redacted: tuple[bytes, Document]) -> None:
    data, document = redacted
    assert needs_picture(data, document.pages[0])
    with open_pages(data, LIMITS) as pages:
        picture = picture_page(pages, document.pages[0])
    made = pypdfium2.PdfDocument(searchable_pdf(data, document, {1: picture}))
    said = made[0].get_textpage().get_text_range()
    assert "1,250" in said
    assert "9,800" not in said


def test_a_page_with_nothing_but_hidden_text_is_blank(ppocr: Engine) -> None:
    document = read(drawn(text(SECRET, 700, state=b"3 Tr")), engine=ppocr, limits=LIMITS)
    assert document.text == ""
    assert (document.pages[0].source, document.pages[0].hidden_characters) == (TextSource.BLANK, 8)
