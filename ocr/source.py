"""What a file is, by its content and never by its name, and how many pages it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits

PDF_HEADER_WINDOW = 1024


class MediaType(StrEnum):
    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"


_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"II+\x00", MediaType.TIFF),
    (b"MM\x00+", MediaType.TIFF),
)


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """`attachments` counts the files embedded in a PDF; they are not read."""

    media: MediaType
    pages: int
    attachments: int = 0


def media_type(data: bytes) -> MediaType:
    """The format that the first bytes of `data` show.

    Raises ReadingError: EMPTY_FILE, or UNSUPPORTED_FORMAT for anything that is neither PDF nor picture.
    """
    if not data:
        raise ReadingError(
            FailureCategory.EMPTY_FILE,
            "ファイルの中身が空です（0バイト）。転送が途中で失敗した可能性があります。元のファイルを置き直してください。",
        )
    for signature, media in _SIGNATURES:
        if data.startswith(signature):
            return media
    # The PDF specification lets a reader accept a header that other bytes precede.
    if b"%PDF-" in data[:PDF_HEADER_WINDOW]:
        return MediaType.PDF
    kind = "テキストファイル" if _looks_like_text(data) else "対応していない形式"
    raise ReadingError(
        FailureCategory.UNSUPPORTED_FORMAT,
        f"ファイルの中身は{kind}です（名前の拡張子では判断しません）。PDF、TIFF、JPEG、PNGのいずれかで保存し直してください。",
    )


def inspect(data: bytes, limits: Limits, *, passwords: Sequence[str] = ()) -> SourceInfo:
    """The format of `data` and its number of pages, without decoding a page.

    Raises ReadingError for a file that cannot be opened or is over `limits`: EMPTY_FILE,
    UNSUPPORTED_FORMAT, CORRUPT, ENCRYPTED, TOO_LARGE, TOO_MANY_PAGES, TOO_MANY_PIXELS, SIDE_TOO_LONG,
    TOO_COMPLEX, DECOMPRESSION_BOMB, EMBEDDED_FILES.
    """
    media = media_type(data)
    if len(data) > limits.max_bytes:
        raise ReadingError(
            FailureCategory.TOO_LARGE,
            f"ファイルが大きすぎます（{_megabytes(len(data))}、上限{_megabytes(limits.max_bytes)}）。"
            "文書を分割するか、解像度を下げて保存し直してください。",
        )
    info = _inspected(data, media, limits, passwords)
    if info.pages > limits.max_pages:
        raise ReadingError(
            FailureCategory.TOO_MANY_PAGES,
            f"ページ数が多すぎます（上限{limits.max_pages:,}ページ）。文書を分割してください。",
        )
    return info


def _inspected(data: bytes, media: MediaType, limits: Limits, passwords: Sequence[str]) -> SourceInfo:
    if media is MediaType.PDF:
        from ocr.pdf import PdfSource
        from ocr.pdf_hazards import check_attachments, check_hazards

        check_hazards(data, limits)
        with PdfSource.open(data, passwords) as pdf:
            info = SourceInfo(media, pdf.page_count, pdf.attachments)
            check_attachments(info.attachments, limits, portfolio=pdf.traits.portfolio)
        return info
    from ocr.pictures import count_pages

    return SourceInfo(media, count_pages(data, media, limits))


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


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f}MB"
