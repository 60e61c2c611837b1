"""What a file is, by its content and never by its name."""

from __future__ import annotations

import re

from ocr.errors import FailureCategory, ReadingError
from ocr.media.media_type import READ_FORMATS, MediaType

PDF_HEADER_WINDOW = 1024


WRITTEN = frozenset((MediaType.DOCX, MediaType.XLSX, MediaType.PPTX, MediaType.EML, MediaType.MSG))
"""What is read as the text that it holds, and not as pages."""


_ARCHIVE = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIL_HEADER_WINDOW = 64 * 1024
_HEADER = re.compile(rb"([!-9;-~]{1,80})[ \t]*:")
_MAIL_HEADERS = frozenset(
    b"from to cc bcc subject date received message-id mime-version return-path delivered-to reply-to sender "
    b"content-type x-mailer in-reply-to references".split()
)
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
    """The format that the content of `data` shows.

    Raises ReadingError: EMPTY_FILE, or UNSUPPORTED_FORMAT for what is none of MediaType; of an archive or a
    compound file also CORRUPT, ENCRYPTED, TOO_COMPLEX, DECOMPRESSION_BOMB.
    """
    if not data:
        raise ReadingError(
            FailureCategory.EMPTY_FILE,
            "ファイルの中身が空です（0バイト）。転送が途中で失敗した可能性があります。元のファイルを置き直してください。",
        )
    found = _picture_type(data)
    if found is not None:
        return found
    if is_pdf(data):
        return MediaType.PDF
    if data.startswith(_ARCHIVE):
        from ocr.media.office_kinds import archive_media

        return archive_media(data)
    if data.startswith(_COMPOUND):
        from ocr.media.office_kinds import compound_media

        return compound_media(data)
    if looks_like_mail(data):
        return MediaType.EML
    raise ReadingError(
        FailureCategory.UNSUPPORTED_FORMAT,
        f"ファイルの中身は{_told(data)}です（名前の拡張子では判断しません）。{READ_FORMATS}のいずれかで保存し直してください。",
    )


def is_pdf(data: bytes) -> bool:
    """Whether a PDF begins in the first bytes: the specification lets a reader accept what precedes it."""
    return b"%PDF-" in data[:PDF_HEADER_WINDOW] and _picture_type(data) is None


def looks_like_mail(data: bytes) -> bool:
    """Whether the lines up to the first empty one are headers (RFC 5322), two of them those of mails."""
    head = data[:MAIL_HEADER_WINDOW].lstrip(b"\xef\xbb\xbf\r\n \t")
    known: set[bytes] = set()
    for number, line in enumerate(head.splitlines()):
        if not line.strip():
            break
        header = _HEADER.match(line)
        if header is None and not (line[:1] in (b" ", b"\t") or (number == 0 and line.startswith(b"From "))):
            return False
        if header is not None and header[1].lower() in _MAIL_HEADERS:
            known.add(header[1].lower())
    return len(known) > 1


def _told(data: bytes) -> str:
    beginning = data[:1024].lstrip().lower()
    if beginning.startswith(b"{\\rtf"):
        return "リッチテキスト（RTF）"
    if beginning.startswith((b"<!doctype html", b"<html")):
        return "HTML"
    return "テキストファイル" if _looks_like_text(data) else "対応していない形式"


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
