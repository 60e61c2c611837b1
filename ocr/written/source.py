"""An open file of written text: how many pages it has, and each of them when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.document import SourceReason
from ocr.limits import Limits
from ocr.media import MediaType
from ocr.written.placed import WrittenPage

if TYPE_CHECKING:
    from ocr.office.package import Package


@dataclass(frozen=True, slots=True)
class WrittenSource:
    """Pages count from 1. `attachments` are files in the file, which are not read; `page` raises ReadingError
    for a page that cannot be read."""

    page_count: int
    page: Callable[[int], WrittenPage]
    reason: SourceReason
    attachments: int = 0


@contextmanager
def open_written(data: bytes, media: MediaType, limits: Limits) -> Iterator[WrittenSource]:
    """The source that `media` (one of WRITTEN) says `data` is.

    Raises ReadingError: CORRUPT, ENCRYPTED, UNSUPPORTED_FORMAT, TOO_COMPLEX, DECOMPRESSION_BOMB.
    """
    match media:
        case MediaType.EML:
            from ocr.mail.internet import open_mail

            yield open_mail(data, limits)
        case MediaType.MSG:
            from ocr.mail.outlook import open_message

            yield open_message(data, limits)
        case _:
            from ocr.office.package import Package

            with Package.open(data, limits) as package:
                yield _opener(media)(package, limits)


def _opener(media: MediaType) -> Callable[[Package, Limits], WrittenSource]:
    match media:
        case MediaType.DOCX:
            from ocr.office.word import open_word

            return open_word
        case MediaType.XLSX:
            from ocr.office.workbook import open_workbook

            return open_workbook
        case MediaType.PPTX:
            from ocr.office.slides import open_slides

            return open_slides
        case _:
            raise ValueError(media)
