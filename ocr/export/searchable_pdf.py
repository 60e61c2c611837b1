"""A document as a PDF that can be searched: pages look as they were scanned, upright, over invisible text.

A page that was read by OCR, or whose text layer holds what nobody sees, becomes its picture with the text
that was read; any other page of a PDF with a text layer of its own stays what it is. Two steps, so that each
page can be drawn in a process of its own: `picture_page` for each page that needs one, then `searchable_pdf`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from ocr.document import Document, Page, TextSource
from ocr.errors import FailureCategory, ReadingError
from ocr.export.invisible_text import add_invisible_text
from ocr.layers.second_reader import unit_of
from ocr.media.detect import is_pdf
from ocr.pdfs.pdf import open_document
from ocr.pdfs.pdf_traits import traits_of
from ocr.raster import POINTS_PER_INCH, Raster, as_pixels, upright
from ocr.sources.pages import Pages

PICTURE_QUALITY = 75
# A color cast this weak (of 255) is the scanner's; the page is stored in gray.
FAINTEST_COLOR = 24
COLORED_SHARE = 1e-4


def needs_picture(data: bytes, page: Page) -> bool:
    """Whether `page` of the source `data` is replaced by its picture: where its own text is not what was
    read, or holds what nobody sees."""
    return page.source is TextSource.OCR or page.hidden_characters > 0 or not is_pdf(data)


def picture_page(pages: Pages, page: Page) -> bytes:
    """A PDF of one page: the picture of `page` as its boxes lie on it, and its lines as invisible text.

    A black and white scan is kept as one (CCITT group 4), others become JPEG, gray where they hold no
    color; the resolution is the scan's. Raises ReadingError as reading does.
    """
    drawn = pages.raster(page.number, pages.layer(page.number))
    gray = drawn.gray
    black_and_white = bool(np.all((gray == 0) | (gray == 255)))
    image = _image(upright(drawn, page.rotation, page.skew, page.corners), black_and_white)
    buffer = io.BytesIO()
    quality = {} if black_and_white else {"quality": PICTURE_QUALITY}
    image.save(buffer, "PDF", resolution=POINTS_PER_INCH * image.width / page.width, **quality)
    with pypdfium2.PdfDocument(buffer.getvalue()) as document:
        made = document[0]
        _, height = made.get_size()
        add_invisible_text(document, made, page.lines, pdfium.FS_MATRIX(1, 0, 0, 1, 0, height))
        return _saved(document)


def searchable_pdf(
    data: bytes, document: Document, pictures: Mapping[int, bytes], *, passwords: Sequence[str] = ()
) -> bytes:
    """The PDF of `document`, read from `data`; `pictures` are its pages that `needs_picture` names.

    Of a PDF, everything but the replaced pages stays: its own text, links, outline; a page that could not
    be read stays as it was; its password is taken off. Raises ReadingError.
    """
    numbers = sorted({*(page.number for page in document.pages), *(f.page for f in document.failures)})
    if is_pdf(data):
        with open_document(data, passwords) as source:
            stay = [page for page in document.pages if page.number not in pictures]
            _complete(source, stay, _units(data, stay, passwords))
            for number, picture in pictures.items():
                _replace(source, number - 1, picture)
            for index in reversed(range(len(source))):
                if index + 1 not in numbers:
                    del source[index]
            return _saved(source)
    with pypdfium2.PdfDocument.new() as joined:
        for number in numbers:
            if number in pictures:
                with pypdfium2.PdfDocument(pictures[number]) as picture:
                    joined.import_pages(picture)
        return _saved(joined)


def _image(raster: Raster, black_and_white: bool) -> Image.Image:
    pixels = raster.pixels
    if black_and_white:
        return Image.fromarray(raster.gray >= 128)
    color = pixels.max(axis=2) - pixels.min(axis=2)
    if np.mean(color > FAINTEST_COLOR) < COLORED_SHARE:
        return Image.fromarray(raster.gray)
    return Image.fromarray(as_pixels(pixels[:, :, ::-1]))


def _units(data: bytes, pages: Sequence[Page], passwords: Sequence[str]) -> dict[int, float]:
    """How many points a unit of each page is long, by its number, where that is not one."""
    if not traits_of(data).scaled:
        return {}
    told = {page.number: [unit_of(data, page.number, word) for word in (None, *passwords)] for page in pages}
    return {number: next((unit for unit in units if unit != 1.0), 1.0) for number, units in told.items()}


def _complete(source: pypdfium2.PdfDocument, pages: Sequence[Page], units: Mapping[int, float]) -> None:
    """Turns the pages that stay as they are read, and adds what was recognised in their pictures."""
    for page in pages:
        kept = source[page.number - 1]
        kept.set_rotation((kept.get_rotation() + page.rotation) % 360)
        recognised = [line for line in page.lines if line.confidence < 1]
        if page.source is TextSource.MIXED:
            add_invisible_text(source, kept, recognised, _placing(kept, 1 / units.get(page.number, 1.0)))
        kept.close()


def _placing(page: pypdfium2.PdfPage, k: float) -> pdfium.FS_MATRIX:
    """From the page as displayed (points, origin top left, y upward, so negative) to its own coordinates; a
    point is `k` of its units."""
    left, bottom, right, top = page.get_cropbox()
    match page.get_rotation():
        case 90:
            return pdfium.FS_MATRIX(0, k, -k, 0, left, bottom)
        case 180:
            return pdfium.FS_MATRIX(-k, 0, 0, -k, right, bottom)
        case 270:
            return pdfium.FS_MATRIX(0, -k, k, 0, right, top)
        case _:
            return pdfium.FS_MATRIX(k, 0, 0, k, left, top)


def _replace(document: pypdfium2.PdfDocument, index: int, picture: bytes) -> None:
    with pypdfium2.PdfDocument(picture) as replacement:
        document.import_pages(replacement, index=index)
    del document[index + 1]


def _saved(document: pypdfium2.PdfDocument) -> bytes:
    buffer = io.BytesIO()
    try:
        document.save(buffer, flags=pdfium.FPDF_REMOVE_SECURITY)
    except pypdfium2.PdfiumError as error:
        raise ReadingError(
            FailureCategory.CORRUPT,
            "検索できるPDFを書き出せませんでした。"
            "元のPDFを作り直すか、--format text などほかの形式を選んでください。",
        ) from error
    return buffer.getvalue()
