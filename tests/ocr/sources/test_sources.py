"""What a file is, what is refused before it is decoded, and how its pages become pixels."""

from __future__ import annotations

import base64
import importlib.util
import io
import re
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption

from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.media.media_type import MediaType
from ocr.sources.inspection import inspect
from ocr.sources.pages import open_pages
from tests.support.ocr.media_files import encoded, pdf, png_bomb, tiff
from tests.support.ocr.samples import Sample

LIMITS = Limits()


def picture(size: tuple[int, int] = (300, 400), mode: str = "RGB") -> Image.Image:
    """White, with a dark square in the top left corner."""
    image = Image.new("RGB", size, "white")
    image.paste("black", (20, 20, 80, 80))
    return image.convert(mode)


# `picture()` as a phone keeps it: no library that the tests may count on writes one.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABewABAAAAAAAAAGwAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA12lw"
    "cnAAAAC4aXBjbwAAAHlodmNDAQNwAAAAkAAAAAAAPPAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAPLoCQGEAAQAsQgEBA3AA"
    "AAMAkAAAAwAAAwA8oAmIBkd+W6kkprm4CGgwIAAAAwMgAAADACFiAAEAB0QBwXKwYkAAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAA"
    "AAABLAAAAZAAAAAQcGl4aQAAAAADCAgIAAAAF2lwbWEAAAAAAAAAAQABBIECAwQAAAB0bWRhdAAAAGgoAa8ZOao4ccYaavGDQy09BBv0ytRo"
    "5Fdv7HU4EeDMWXkeoAmoJHeO4vMlVOnQIBAQZIDmgMm30lx6KUSbEYgbhxCOgJMKokgAADkghwAAAwAAMiAAAAMAAAS0AAADAAA3oAAAAwAJ"
    "aA=="
)


def frames(format: str, count: int) -> bytes:
    """An animation whose frames differ."""
    more = [picture().rotate(10 * number, fillcolor="white") for number in range(1, count)]
    return encoded(picture(), format, save_all=True, append_images=more)


def refused(data: bytes, limits: Limits = LIMITS, passwords: Sequence[str] = ()) -> ReadingError:
    with pytest.raises(ReadingError) as caught:
        inspect(data, limits, passwords=passwords)
    return caught.value


@pytest.mark.parametrize(
    ("data", "media", "pages"),
    [
        (pdf(3), MediaType.PDF, 3),
        (b"\n\n junk before the header\n" + pdf(), MediaType.PDF, 1),
        (encoded(picture(), "JPEG"), MediaType.JPEG, 1),
        (encoded(picture(), "PNG"), MediaType.PNG, 1),
        (tiff([picture(mode="1")] * 3, compression="group4"), MediaType.TIFF, 3),
        (tiff([picture()] * 2, compression="tiff_lzw"), MediaType.TIFF, 2),
        (tiff([picture()] * 2, compression="jpeg"), MediaType.TIFF, 2),
        (encoded(picture(), "WEBP"), MediaType.WEBP, 1),
        (encoded(picture(), "WEBP", lossless=True), MediaType.WEBP, 1),
        (frames("WEBP", 3), MediaType.WEBP, 3),
        (encoded(picture(), "BMP"), MediaType.BMP, 1),
        (encoded(picture(mode="P"), "GIF"), MediaType.GIF, 1),
        (frames("GIF", 3), MediaType.GIF, 3),
        (encoded(picture(), "JPEG2000"), MediaType.JPEG2000, 1),
        (encoded(picture(), "JPEG2000", no_jp2=True), MediaType.JPEG2000, 1),
    ],
    ids=lambda value: value.name if isinstance(value, MediaType) else "",
)
def test_formats_are_known_by_content(data: bytes, media: MediaType, pages: int) -> None:
    info = inspect(data, LIMITS)
    assert (info.media, info.pages) == (media, pages)


@pytest.mark.parametrize("data", [frames("GIF", 2), frames("WEBP", 2), encoded(picture(), "BMP")])
def test_every_frame_is_drawn_as_the_page_it_is(data: bytes) -> None:
    with open_pages(data, LIMITS) as pages:
        for number in range(1, pages.info.pages + 1):
            pixels = pages.raster(number, None).pixels
            assert pixels.shape == (400, 300, 3)
            assert (pixels < 60).all(axis=2).sum() == pytest.approx(60 * 60, rel=0.1)


def test_a_photograph_of_a_phone_needs_its_library_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    if any(map(importlib.util.find_spec, ("pi_heif", "pillow_heif"))):
        with open_pages(HEIC, LIMITS) as pages:
            assert (pages.info.media, pages.info.pages) == (MediaType.HEIC, 1)
            pixels = pages.raster(1, None).pixels
        assert pixels.shape == (400, 300, 3)
        assert pixels[50, 50].max() < 60 < 200 < pixels[200, 200].min()
    for name in ("pi_heif", "pillow_heif"):
        monkeypatch.setitem(sys.modules, name, None)
    error = refused(HEIC)
    assert error.category is FailureCategory.DECODER_MISSING
    assert error.retryable
    assert "yomitori[heic]" in error.message


def test_a_word_that_begins_like_a_bitmap_is_text() -> None:
    assert "テキストファイル" in refused("BMW の見積です。\n".encode() * 9).message


def webp_bomb(width: int, height: int) -> bytes:
    """A WebP that claims a canvas and holds nothing."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    content = b"WEBPVP8X" + struct.pack("<IBxxx", 10, 2) + sides
    return b"RIFF" + struct.pack("<I", len(content)) + content


@pytest.mark.parametrize(
    ("data", "category"),
    [
        (b"", FailureCategory.EMPTY_FILE),
        ("本日の入電メモです。".encode("cp932"), FailureCategory.UNSUPPORTED_FORMAT),
        (b"PK\x03\x04" + bytes(100), FailureCategory.UNSUPPORTED_FORMAT),
        (pdf(3)[:900], FailureCategory.CORRUPT),
        (b"%PDF-1.4\n" + bytes(500), FailureCategory.CORRUPT),
        (b"\xff\xd8\xff\xe0" + bytes(30), FailureCategory.CORRUPT),
        (b"II*\x00\xff\xff\xff\x00", FailureCategory.CORRUPT),
        (png_bomb(60_000, 60_000), FailureCategory.TOO_MANY_PIXELS),
        (webp_bomb(16_000, 16_000), FailureCategory.TOO_MANY_PIXELS),
        (b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b";", FailureCategory.CORRUPT),
        (encoded(picture(), "JPEG2000")[:60], FailureCategory.CORRUPT),
        (encoded(picture(), "WEBP")[:40], FailureCategory.CORRUPT),
        (pdf(1, StandardEncryption("himitsu")), FailureCategory.ENCRYPTED),
    ],
    ids=[
        "empty",
        "text",
        "zip",
        "cut-pdf",
        "no-pdf",
        "no-jpeg",
        "no-tiff",
        "bomb",
        "webp-bomb",
        "gif",
        "jpeg2000",
        "webp",
        "encrypted",
    ],
)
def test_a_bad_file_has_its_category_and_a_japanese_sentence_to_act_on(
    data: bytes, category: FailureCategory
) -> None:
    error = refused(data)
    assert error.category is category
    assert not error.retryable
    assert re.search(r"(ください。)$", error.message)


def test_a_text_file_is_called_one() -> None:
    assert "テキストファイル" in refused("日報を送ります\n".encode() * 600).message


def test_limits_hold_before_decoding() -> None:
    assert refused(pdf(5), Limits(max_pages=4)).category is FailureCategory.TOO_MANY_PAGES
    assert refused(tiff([picture()] * 5), Limits(max_pages=4)).category is FailureCategory.TOO_MANY_PAGES
    assert refused(pdf(), Limits(max_bytes=100)).category is FailureCategory.TOO_LARGE
    assert refused(encoded(picture(), "PNG"), Limits(max_pixels=1000)).category is (
        FailureCategory.TOO_MANY_PIXELS
    )


def test_a_huge_page_among_others_is_refused_alone() -> None:
    limits = Limits(max_pixels=200_000)
    data = tiff([picture(), picture((3000, 400)), picture()], compression="tiff_lzw")
    with open_pages(data, limits) as pages:
        assert pages.raster(1, None).pixels.shape == (400, 300, 3)
        with pytest.raises(ReadingError) as caught:
            pages.raster(2, None)
        assert caught.value.category is FailureCategory.TOO_MANY_PIXELS
        assert pages.raster(3, None).pixels.shape == (400, 300, 3)


def test_passwords() -> None:
    locked = pdf(2, StandardEncryption("himitsu"))
    assert "パスワードが違います（2個を試しました）" in refused(locked, passwords=("no", "ちがう")).message
    assert inspect(locked, LIMITS, passwords=("chigau", "himitsu")).pages == 2
    with open_pages(locked, LIMITS, passwords=("chigau", "himitsu")) as pages:
        layer = pages.layer(2)
        assert layer is not None
        assert "".join(character.text for character in layer.characters) == "Page 2"


def test_a_pdf_that_only_its_owner_may_change_opens_without_a_password() -> None:
    assert inspect(pdf(1, StandardEncryption("", ownerPassword="kanri")), LIMITS).pages == 1


def test_exif_orientation_is_honoured() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held sideways: to be turned a quarter clockwise
    with open_pages(encoded(picture(), "JPEG", exif=exif), LIMITS) as pages:
        pixels = pages.raster(1, None).pixels
    assert pixels.shape == (300, 400, 3)
    assert pixels[50, 350].max() < 60
    assert pixels[50, 50].min() > 200


def test_fax_pages_get_square_pixels() -> None:
    data = tiff([picture((1728, 1100), "1")], compression="group4", dpi=(204, 98))
    with open_pages(data, LIMITS) as pages:
        raster = pages.raster(1, None)
    assert raster.pixels.shape[:2] == (2290, 1728)
    assert raster.width == pytest.approx(8.47 * 72, rel=0.01)
    assert raster.height == pytest.approx(11.2 * 72, rel=0.01)


def test_transparency_is_paper() -> None:
    image = Image.new("RGBA", (300, 400), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (20, 20, 80, 80))
    with open_pages(encoded(image, "PNG"), LIMITS) as pages:
        pixels = pages.raster(1, None).pixels
    assert (pixels[200, 200] == 255).all()
    assert (pixels[50, 50] == 0).all()


def test_sixteen_bit_gray_is_scaled() -> None:
    image = Image.fromarray(np.full((100, 100), 0x8000, dtype=np.uint16))
    with open_pages(encoded(image, "PNG"), LIMITS) as pages:
        assert pages.raster(1, None).pixels[50, 50].tolist() == [128, 128, 128]


def test_a_scan_in_a_pdf_is_drawn_at_its_own_resolution() -> None:
    image = picture((1250, 1667))
    buffer = io.BytesIO()
    image.save(buffer, format="PDF", resolution=300)
    with open_pages(buffer.getvalue(), LIMITS) as pages:
        raster = pages.raster(1, pages.layer(1))
    assert raster.pixels.shape[:2] == pytest.approx((1667, 1250), abs=2)
    assert raster.width == pytest.approx(300, abs=1)


def test_a_broken_pdf_after_an_encrypted_one_is_not_called_encrypted() -> None:
    assert refused(pdf(1, StandardEncryption("himitsu"))).category is FailureCategory.ENCRYPTED
    assert refused(pdf(pages=0)).category is FailureCategory.CORRUPT


def test_a_poster_is_drawn_as_finely_as_the_pixels_allow() -> None:
    limits = Limits(max_pixels=1_000_000)
    with open_pages(pdf(size=(14_400, 14_400)), limits) as pages:
        raster = pages.raster(1, pages.layer(1))
    assert raster.pixels.shape[0] * raster.pixels.shape[1] <= 1_010_000
    assert raster.width == pytest.approx(14_400, rel=0.01)


def test_every_awkward_file_opens_or_says_why_not(scans: Path) -> None:
    categories = {}
    for path in sorted(scans.iterdir()):
        if path.suffix not in (".md", ".txt"):
            try:
                inspect(path.read_bytes(), LIMITS)
            except ReadingError as error:
                categories[path.name] = error.category
    assert categories == {"pdfjs_poppler-742-0-fuzzed.pdf": FailureCategory.CORRUPT}


def test_samples_are_what_the_other_tests_take_them_for(report: Sample) -> None:
    assert inspect(report.data, LIMITS).media is MediaType.PDF
    assert "営業" in report.text.replace(" ", "").replace("\u3000", "")
