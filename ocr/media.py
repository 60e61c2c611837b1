"""What a file is, by its content and never by its name."""

from __future__ import annotations

from enum import StrEnum

from ocr.errors import FailureCategory, ReadingError

PDF_HEADER_WINDOW = 1024
READ_FORMATS = "PDF、画像（TIFF、JPEG、PNG、WebP、BMP、GIF、JPEG 2000、HEIC）"


class MediaType(StrEnum):
    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    BMP = "image/bmp"
    GIF = "image/gif"
    JPEG2000 = "image/jp2"
    HEIC = "image/heic"


_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"II+\x00", MediaType.TIFF),
    (b"MM\x00+", MediaType.TIFF),
    (b"GIF87a", MediaType.GIF),
    (b"GIF89a", MediaType.GIF),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", MediaType.JPEG2000),
    (b"\xff\x4f\xff\x51", MediaType.JPEG2000),
)
# The sizes of the headers that came to stand behind the two letters of a bitmap: words begin with BM, too.
_BITMAP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
# ISO/IEC 23008-12: stills, collections and sequences coded by HEVC, and the brands that only say HEIF.
_HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))


def media_type(data: bytes) -> MediaType:
    """The format that the first bytes of `data` show.

    Raises ReadingError: EMPTY_FILE, or UNSUPPORTED_FORMAT for what is none of MediaType.
    """
    if not data:
        raise ReadingError(
            FailureCategory.EMPTY_FILE,
            "ファイルの中身が空です（0バイト）。転送が途中で失敗した可能性があります。元のファイルを置き直してください。",
        )
    found = _picture_type(data)
    if found is not None:
        return found
    # The PDF specification lets a reader accept a header that other bytes precede.
    if b"%PDF-" in data[:PDF_HEADER_WINDOW]:
        return MediaType.PDF
    kind = "テキストファイル" if _looks_like_text(data) else "対応していない形式"
    raise ReadingError(
        FailureCategory.UNSUPPORTED_FORMAT,
        f"ファイルの中身は{kind}です（名前の拡張子では判断しません）。{READ_FORMATS}のいずれかで保存し直してください。",
    )


def _picture_type(data: bytes) -> MediaType | None:
    for signature, media in _SIGNATURES:
        if data.startswith(signature):
            return media
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return MediaType.WEBP
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BITMAP_HEADERS:
        return MediaType.BMP
    if data[4:8] == b"ftyp" and not _HEIF_BRANDS.isdisjoint(_brands(data)):
        return MediaType.HEIC
    return None


def _brands(data: bytes) -> set[bytes]:
    """The brand of a file in the ISO base media format, and those that it is compatible with."""
    size = min(int.from_bytes(data[:4], "big"), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, size - 3, 4))}


def _looks_like_text(data: bytes) -> bool:
    # A multi-byte character may be cut at the end of the sample, hence the tolerance of the last bytes.
    sample = data[:4096]
    if b"\x00" in sample:
        return False
    for encoding in ("utf-8", "cp932", "euc_jp"):
        try:
            sample.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(sample) - 4:
                continue
        return True
    return False
