"""Every page with what was found drawn over it, for a person to look at."""

from __future__ import annotations

import logging

from ocr.errors import ReadingError
from pipeline import files
from pipeline.digitize import DigitizedDocument, ReadingDoFn
from pipeline.inbox import ListedFile

_LOG = logging.getLogger(__name__)


def picture_path(folder: str, file: ListedFile, page: int) -> str:
    """Where the picture of a page lies: under the document's own name below the inbox."""
    return files.join(folder, f"{file.name}-{page}.jpg")


class DrawPictures(ReadingDoFn):
    """DigitizedDocument -> nothing; leaves one JPEG a page. A page that cannot be drawn is logged."""

    def process(self, digitized: DigitizedDocument) -> None:
        file = digitized.source.file
        for page in digitized.document.pages:
            try:
                picture = self._reader.picture(files.read(file.uri), page)
                files.write_whole(picture_path(self._settings.picture_folder, file, page.number), picture)
            except (ReadingError, OSError) as error:
                _LOG.warning("no picture of page %d of %s: %s", page.number, file.name, error)
