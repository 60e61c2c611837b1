"""An open file of written text: how many pages it has, and each of them when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ocr.limits import Limits
from ocr.media.media_type import MediaType
from ocr.written.written_source import WrittenSource

if TYPE_CHECKING:
    from ocr.media.package import Package


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
            from ocr.media.package import Package

            with Package.open(data, limits) as package:
                yield _opener(media)(package, limits)


def _opener(media: MediaType) -> Callable[[Package, Limits], WrittenSource]:
    match media:
        case MediaType.DOCX:
            from ocr.office.word.word import open_word

            return open_word
        case MediaType.XLSX:
            from ocr.office.sheets.workbook import open_workbook

            return open_workbook
        case MediaType.PPTX:
            from ocr.office.slides.slides import open_slides

            return open_slides
        case _:
            raise ValueError(media)
