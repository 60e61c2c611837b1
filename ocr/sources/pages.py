"""One way to the pages of any supported file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.document import Page
from ocr.limits import Limits
from ocr.raster import as_pixels, upright

if TYPE_CHECKING:
    from PIL.Image import Image

from collections.abc import Iterator
from contextlib import contextmanager

from ocr.document import Box
from ocr.layers.second_reader import ReadCharacter
from ocr.layers.text_layer import TextLayer
from ocr.media import picture_decoding as pictures
from ocr.media.detect import WRITTEN, media_type
from ocr.media.media_type import MediaType
from ocr.pdfs.pdf import PdfSource, region_dpi, scan_dpi
from ocr.raster import Pixels, Raster
from ocr.sources.inspection import SourceInfo, check_pages, check_size, inspect
from ocr.sources.written import open_written
from ocr.written.written_source import WrittenSource


@dataclass(frozen=True, slots=True)
class Pages:
    """An open file: its pages as pixels and, for a PDF, as their text layers. Pages count from 1.

    `written` is there for a file of text that was never on paper.
    """

    info: SourceInfo
    limits: Limits
    _data: bytes
    _pdf: PdfSource | None = None
    written: WrittenSource | None = None

    def layer(self, number: int) -> TextLayer | None:
        """The text layer of a PDF page; None for a picture. Raises ReadingError: CORRUPT, TOO_COMPLEX."""
        return None if self._pdf is None else self._pdf.layer(number, self.limits)

    def raster(self, number: int, layer: TextLayer | None) -> Raster:
        """The page drawn as finely as the scan that `layer` (that of the page) places on it.

        Raises ReadingError: CORRUPT, TOO_MANY_PIXELS, SIDE_TOO_LONG.
        """
        if self.written is not None:
            from ocr.written.rendering import rendered

            return rendered(self.written.page(number), self.limits)
        if self._pdf is None:
            return pictures.load(self._data, self.info.media, number, self.limits)
        return self._pdf.draw(number, self.limits, scan_dpi(layer, self.limits.dpi))

    def readings(self, number: int) -> tuple[ReadCharacter, ...]:
        """The characters of a PDF page as a second reader has them; none where it cannot read it."""
        return () if self._pdf is None else self._pdf.readings(number)

    def coarse(self, number: int) -> tuple[Pixels, float]:
        """A PDF page in gray, as coarse as it takes to tell what is drawn where, and its points a pixel."""
        if self._pdf is None:
            raise ValueError("a picture is drawn as it is")
        return self._pdf.coarse(number, self.limits)

    def drawing(self, number: int, layer: TextLayer, region: Box) -> Raster:
        """A part of a PDF page (points, page as displayed) without its text objects, as fine as the pictures
        in it where there are any."""
        if self._pdf is None:
            raise ValueError("a picture has no text objects")
        dpi = region_dpi(layer, region) if layer.pictures else self.limits.dpi
        return self._pdf.draw(number, self.limits, max(dpi, self.limits.dpi), region, text=False)

    def region(self, number: int, layer: TextLayer, region: Box) -> Raster:
        """A part of a PDF page (points, page as displayed), as fine as the pictures in it."""
        if self._pdf is None:
            raise ValueError("a picture has no regions")
        return self._pdf.draw(number, self.limits, region_dpi(layer, region), region)


@contextmanager
def open_pages(data: bytes, limits: Limits, *, passwords: Sequence[str] = ()) -> Iterator[Pages]:
    """The pages of `data`. Raises ReadingError as `inspect` does."""
    media = media_type(data)
    if media in WRITTEN:
        check_size(data, limits)
        with open_written(data, media, limits) as written:
            info = SourceInfo(media, written.page_count, written.attachments)
            check_pages(info, limits)
            yield Pages(info, limits, data, written=written)
        return
    info = inspect(data, limits, passwords=passwords)
    if info.media is MediaType.PDF:
        with PdfSource.open(data, passwords) as pdf:
            yield Pages(info, limits, data, pdf)
    else:
        yield Pages(info, limits, data)


def render_upright(data: bytes, page: Page, limits: Limits, *, passwords: Sequence[str] = ()) -> Image:
    """The picture of `page` that the boxes in `page` belong to: RGB, `page.width` points wide.

    The pixels are the original's, straightened, turned and levelled but not cleaned. Raises ReadingError as
    `read` does.
    """
    from PIL import Image

    from ocr.sources.pages import open_pages

    with open_pages(data, limits, passwords=passwords) as pages:
        drawn = pages.raster(page.number, pages.layer(page.number))
        raster = upright(drawn, page.rotation, page.skew, page.corners)
    return Image.fromarray(as_pixels(raster.pixels[:, :, ::-1]))
