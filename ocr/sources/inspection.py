"""How many pages a file holds, whatever it is; what it is is told by `ocr.media.detect`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits, too_many_pages
from ocr.media.detect import WRITTEN, media_type
from ocr.media.media_type import MediaType


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """`attachments` counts the files embedded in a PDF or an Office file, or attached to a mail; they are not
    read."""

    media: MediaType
    pages: int
    attachments: int = 0


def inspect(data: bytes, limits: Limits, *, passwords: Sequence[str] = ()) -> SourceInfo:
    """The format of `data` and its number of pages, without decoding a page.

    Raises ReadingError for a file that cannot be opened or is over `limits`: EMPTY_FILE,
    UNSUPPORTED_FORMAT, DECODER_MISSING, CORRUPT, ENCRYPTED, TOO_LARGE, TOO_MANY_PAGES, TOO_MANY_PIXELS,
    SIDE_TOO_LONG, TOO_COMPLEX, DECOMPRESSION_BOMB, EMBEDDED_FILES.
    """
    media = media_type(data)
    check_size(data, limits)
    info = _inspected(data, media, limits, passwords)
    check_pages(info, limits)
    return info


def check_size(data: bytes, limits: Limits) -> None:
    """Raises ReadingError(TOO_LARGE) for a file over `limits`."""
    if len(data) > limits.max_bytes:
        raise ReadingError(
            FailureCategory.TOO_LARGE,
            f"ファイルが大きすぎます（{_megabytes(len(data))}、上限{_megabytes(limits.max_bytes)}）。"
            "文書を分割するか、解像度を下げて保存し直してください。",
        )


def check_pages(info: SourceInfo, limits: Limits) -> None:
    """Raises ReadingError(TOO_MANY_PAGES) for a file over `limits`."""
    if info.pages > limits.max_pages:
        raise too_many_pages(limits)


def _inspected(data: bytes, media: MediaType, limits: Limits, passwords: Sequence[str]) -> SourceInfo:
    if media is MediaType.PDF:
        from ocr.pdfs.pdf import PdfSource
        from ocr.pdfs.pdf_hazards import check_attachments, check_hazards

        check_hazards(data, limits)
        with PdfSource.open(data, passwords) as pdf:
            info = SourceInfo(media, pdf.page_count, pdf.attachments)
            check_attachments(info.attachments, limits, portfolio=pdf.traits.portfolio)
        return info
    if media in WRITTEN:
        from ocr.sources.written import open_written

        with open_written(data, media, limits) as written:
            return SourceInfo(media, written.page_count, written.attachments)
    from ocr.media.picture_decoding import count_pages

    return SourceInfo(media, count_pages(data, media, limits))


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f}MB"
