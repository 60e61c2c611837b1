"""Files that would cost too much or lead a parser in circles: refused with a reason, or read all the same."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from ocr.document import Document
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.reading.reader import read
from ocr.sources.inspection import SourceInfo, inspect
from tests.support.ocr.engines import Unreading
from tests.support.ocr.media_files import pdf, png_bomb, tiff
from tests.support.ocr.pdfs import deflated, layer_of, page_of, pdf_of, stream

LIMITS = Limits()
TEXT = "契約書の件、来月の二十日までに回答します。"


def read_of(data: bytes, limits: Limits = LIMITS) -> Document:
    return read(data, engine=Unreading(), limits=limits)


def refusal(data: bytes, limits: Limits = LIMITS) -> ReadingError:
    with pytest.raises(ReadingError) as caught:
        inspect(data, limits)
    assert caught.value.message.endswith("ください。")
    assert not caught.value.retryable
    return caught.value


def test_a_picture_with_a_long_side_is_refused() -> None:
    assert refusal(png_bomb(40_000, 10)).category is FailureCategory.SIDE_TOO_LONG


def test_a_bomb_in_a_stream_is_refused_before_it_is_unfolded() -> None:
    limits = Limits(max_stream_bytes=2_000_000)
    once = deflated(bytes(4_000_000))
    twice = stream(zlib.compress(zlib.compress(bytes(4_000_000))), b"/Filter [/FlateDecode /FlateDecode]")
    for bomb in (once, twice):
        assert refusal(page_of(b"", bomb), limits).category is FailureCategory.DECOMPRESSION_BOMB
    harmless = deflated(np.random.default_rng(5).bytes(1_500_000))
    assert inspect(page_of(b"", harmless), limits).pages == 1


@pytest.mark.parametrize("opening", [b"[ ", b"<< /A ", b"<</A["])
def test_deep_nesting_is_refused(opening: bytes) -> None:
    assert refusal(page_of(b"", opening * 5000)).category is FailureCategory.TOO_COMPLEX
    assert inspect(page_of(opening * 5000), LIMITS).pages == 1, "in a stream it is only data"


def forms(depth: int, first: int = 5) -> list[bytes]:
    """Drawings, each of which shows the next one, the last one the first."""
    return [
        stream(
            b"/X Do",
            b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X %d 0 R >> >>"
            % (first + 1 + number if number + 1 < depth else first),
        )
        for number in range(depth)
    ]


@pytest.mark.parametrize("depth", [3, 60], ids=["in a circle", "deep"])
def test_drawings_inside_drawings_are_refused_where_some_would_be_lost(depth: int) -> None:
    document = read_of(page_of(b"/X Do", *forms(depth), resources=b"/XObject << /X 5 0 R >>"))
    assert [failure.category for failure in document.failures] == [FailureCategory.TOO_COMPLEX]


def test_a_page_of_too_many_strokes_is_refused_alone() -> None:
    strokes = b" ".join(b"10 %d m 500 %d l S" % (y % 800, y % 800) for y in range(400))
    document = read_of(page_of(strokes), Limits(max_objects=300))
    assert [failure.category for failure in document.failures] == [FailureCategory.TOO_COMPLEX]
    assert not document.failures[0].retryable
    assert not read_of(page_of(strokes)).failures


def with_attachments(count: int, catalog: bytes = b"") -> bytes:
    first = 4
    names = b" ".join(b"(f%d) %d 0 R" % (n, first + 2 * n) for n in range(count))
    files = [
        part
        for n in range(count)
        for part in (
            b"<< /Type /Filespec /F (mitsumori%d.pdf) /EF << /F %d 0 R >> >>" % (n, first + 2 * n + 1),
            stream(b"%PDF-", b"/Type /EmbeddedFile"),
        )
    ]
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [%b] >> >> %b >>"
            % (names, catalog),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
            *files,
        ]
    )


def test_embedded_files_are_counted_and_a_portfolio_says_what_to_do() -> None:
    assert inspect(with_attachments(3), LIMITS) == SourceInfo(inspect(pdf(), LIMITS).media, 1, attachments=3)
    portfolio = refusal(with_attachments(3, b"/Collection << /View /D >>"))
    assert portfolio.category is FailureCategory.EMBEDDED_FILES
    assert "3個のファイル" in portfolio.message
    many = refusal(with_attachments(3), Limits(max_attachments=2))
    assert (many.category, "上限2個" in many.message) == (FailureCategory.EMBEDDED_FILES, True)


def test_a_page_tree_in_circles_ends() -> None:
    circle = pdf_of(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]
    )
    failures = read_of(circle).failures
    assert [failure.category for failure in failures] == [FailureCategory.CORRUPT] * 2


def test_a_table_of_contents_in_circles_ends() -> None:
    data = layer_of(TEXT)
    at = data.rindex(b"xref\n0")
    circle = data.replace(b"/Root 1 0 R >>", b"/Root 1 0 R /Prev %d >>" % at)
    assert read_of(circle).text == TEXT


def test_frames_of_a_tiff_in_circles_end() -> None:
    data = bytearray(tiff([Image.new("1", (300, 400), 1)] * 2))
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)
    assert inspect(bytes(data), LIMITS).pages == 1


@pytest.mark.parametrize(
    "tail",
    [b"\n" * 5000, bytes(5000), b"<!-- " + b"x" * 5000 + b" -->"],
    ids=["line ends", "zeros", "a web page's rest"],
)
def test_what_follows_the_end_of_a_pdf_does_not_matter(tail: bytes) -> None:
    assert read_of(layer_of(TEXT) + tail).text == TEXT


@pytest.mark.parametrize("missing", [b"%%EOF\n", b"startxref"])
def test_a_pdf_without_its_last_lines_is_mended(missing: bytes) -> None:
    data = layer_of(TEXT)
    assert read_of(data[: data.rindex(missing)]).text == TEXT


@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_a_pdf_that_was_cut_off_is_not_mended(share: float) -> None:
    data = pdf(6)
    error = refusal(data[: int(share * data.rindex(b"xref"))])
    assert error.category is FailureCategory.CORRUPT


def test_drawings_and_archives_are_named_unsupported() -> None:
    for data in (b"8BPS\x00\x01" + bytes(60), b"PK\x03\x04" + bytes(60)):
        assert refusal(data).category is FailureCategory.UNSUPPORTED_FORMAT
