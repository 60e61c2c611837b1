"""PDF through pdfium: opened with whichever password fits, mended where that loses nothing, drawn.

Boxes are points from the top left of the page as displayed, that is cropped and turned as the file says.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from ocr.document import Box
from ocr.errors import FailureCategory, ReadingError
from ocr.layers.second_reader import ReadCharacter, readings_of, unit_of
from ocr.layers.text_layer import TextLayer
from ocr.layers.trust import finest_dpi
from ocr.layers.widgets import Widget
from ocr.limits import Limits
from ocr.pdfs.pdf_forms import check_xfa, lacks_drawings, widgets_of
from ocr.pdfs.pdf_geometry import IDENTITY, Frame
from ocr.pdfs.pdf_ink import check_drawable, gray_page, is_drawable, set_active
from ocr.pdfs.pdf_layer import read_layer
from ocr.pdfs.pdf_objects import shows_field
from ocr.pdfs.pdf_traits import Traits, traits_of
from ocr.raster import POINTS_PER_INCH, Pixels, Raster, as_pixels

_log = logging.getLogger(__name__)
END_WINDOW = 2048
# A page that is one scan is drawn at that scan's own resolution, within what recognition can use.
COARSEST_DPI = 150.0
# Of a page that is drawn for nobody to look at.
SMALLEST_SCALE = 0.02
FINEST_DPI = 400.0


class PdfSource:
    """An open PDF; pages count from 1."""

    def __init__(self, document: pypdfium2.PdfDocument, data: bytes, password: str | None) -> None:
        self._document = document
        self._data = data
        self._password = password
        self._widgets: dict[int, tuple[Widget, ...]] = {}

    @staticmethod
    @contextmanager
    def open(data: bytes, passwords: Sequence[str] = ()) -> Iterator[PdfSource]:
        """The first of `passwords` that fits opens an encrypted file; one that needs none takes none.

        Raises ReadingError: ENCRYPTED where no password fits, CORRUPT, XFA_FORM.
        """
        document, password = _opened(data, passwords)
        try:
            if b"%%EOF" not in data[-END_WINDOW:] and not _is_complete(data):
                # pdfium mends such a file silently and shows the pages that are left, some of them empty.
                raise ReadingError(
                    FailureCategory.CORRUPT,
                    "PDFが途中で切れています（終端がありません）。転送が終わってから、元のファイルを置き直してください。",
                )
            if len(document) == 0:
                raise _corrupt()
            check_xfa(document)
            if pdfium.FPDF_GetFormType(document.raw) != pdfium.FORMTYPE_NONE:
                _begin_forms(document)
            yield PdfSource(document, data, password)
        finally:
            document.close()

    @property
    def page_count(self) -> int:
        return len(self._document)

    @property
    def attachments(self) -> int:
        """How many files are embedded in this one."""
        return max(int(pdfium.FPDFDoc_GetAttachmentCount(self._document.raw)), 0)

    @cached_property
    def traits(self) -> Traits:
        """What the file says of itself beside its pages."""
        return traits_of(self._data)

    def layer(self, number: int, limits: Limits) -> TextLayer:
        """What page `number` says of itself.

        Raises ReadingError: CORRUPT, TOO_COMPLEX; TOO_MANY_PIXELS, SIDE_TOO_LONG for a page that has to be
        drawn to tell what is seen of its text.
        """
        with self._page(number, limits) as page:
            widgets = self._widgets.get(number, ())
            return read_layer(
                page, limits, unit=self._unit(number), layered=self.traits.layered, widgets=widgets
            )

    def readings(self, number: int) -> tuple[ReadCharacter, ...]:
        """The characters of page `number` as a second reader has them; none where it cannot read it."""
        return readings_of(self._data, number, self._password, self._unit(number))

    def coarse(self, number: int, limits: Limits) -> tuple[Pixels, float]:
        """Page `number` in gray as coarse as it takes to tell what is drawn where, and its points a pixel.

        Raises ReadingError as `draw` does.
        """
        with self._page(number, limits) as page:
            check_drawable(page, limits)
            return gray_page(page, Frame.of(page, self._unit(number)), limits, POINTS_PER_INCH)

    def draw(
        self, number: int, limits: Limits, dpi: float, region: Box | None = None, *, text: bool = True
    ) -> Raster:
        """Page `number`, or its `region` (points), at `dpi`, coarser where it would be over the limits.

        It is drawn without its text objects unless `text`.

        Raises ReadingError: CORRUPT; TOO_MANY_PIXELS, SIDE_TOO_LONG for an embedded picture over the limit.
        """
        with self._page(number, limits) as page:
            check_drawable(page, limits)
            if not text:
                self._put_aside_what_is_typed(page, number)
            unit = self._unit(number)
            width, height = (unit * side for side in page.get_size())
            box = region or Box(0.0, 0.0, width, height)
            scale = min(
                dpi / POINTS_PER_INCH,
                math.sqrt(limits.max_pixels / max(box.area, 1.0)),
                limits.max_side / max(box.width, box.height, 1.0),
            )
            crop = tuple(cut / unit for cut in (box.x0, height - box.y1, width - box.x1, box.y0))
            bitmap = page.render(scale=scale * unit, crop=crop)
            pixels = as_pixels(np.array(bitmap.to_numpy()[:, :, :3]))
            bitmap.close()
        return Raster(pixels, 1 / scale)

    def _put_aside_what_is_typed(self, page: pypdfium2.PdfPage, number: int) -> None:
        """Leaves the text objects of a page out when it is drawn, and what was filled into its form."""
        set_active((item.raw for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT])), False)
        fields = [widget.box for widget in self._widgets.get(number, ())]
        if fields:
            frame = Frame.of(page, self._unit(number))
            forms = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_FORM], max_depth=1)
            set_active((item.raw for item in forms if shows_field(item.raw, IDENTITY, frame, fields)), False)

    def _unit(self, number: int) -> float:
        """How many points a unit of the page is long; pdfium leaves that to its callers."""
        if not self.traits.scaled:
            return 1.0
        return unit_of(self._data, number, self._password)

    @contextmanager
    def _page(self, number: int, limits: Limits) -> Iterator[pypdfium2.PdfPage]:
        try:
            page = self._opened_page(number, limits)
        except pypdfium2.PdfiumError as error:
            raise ReadingError(
                FailureCategory.CORRUPT,
                f"PDFの{number}ページ目が壊れていて開けません。元の文書からPDFを作り直してください。",
            ) from error
        try:
            yield page
        except (pypdfium2.PdfiumError, ValueError) as error:
            # A page of no size at all ends as a ValueError.
            raise ReadingError(
                FailureCategory.CORRUPT,
                f"PDFの{number}ページ目の内容が壊れています。元の文書からPDFを作り直してください。",
            ) from error
        finally:
            page.close()

    def _opened_page(self, number: int, limits: Limits) -> pypdfium2.PdfPage:
        """The page with what was filled into its form, and its notes and stamps, made part of its content.

        A note that is only an icon until somebody opens it (a comment) says nothing on the page.
        """
        page = self._document[number - 1]
        if pdfium.FPDFPage_GetAnnotCount(page.raw) <= 0:
            return page
        if number not in self._widgets:
            self._widgets[number] = widgets_of(page, Frame.of(page, self._unit(number)), limits)
            if lacks_drawings(page) and is_drawable(page, limits):
                # pdfium makes up the drawings of boxes, marks and strokes when it first draws the page.
                page.render(scale=SMALLEST_SCALE).close()
        pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
        page.close()
        return self._document[number - 1]


def _begin_forms(document: pypdfium2.PdfDocument) -> None:
    """Lets pdfium fill in the forms of a document; a form that it cannot make sense of is not filled in."""
    try:
        document.init_forms()
    except pypdfium2.PdfiumError:
        _log.info("the form of a document could not be read")


def scan_dpi(layer: TextLayer | None, fallback: float) -> float:
    """The resolution to draw a page at: that of its largest picture, else `fallback`."""
    if layer is None or not layer.pictures:
        return fallback
    largest = max(layer.pictures, key=lambda picture: picture.box.area)
    return min(max(largest.dpi, COARSEST_DPI), FINEST_DPI)


def region_dpi(layer: TextLayer, region: Box) -> float:
    """The resolution to draw a part of a page at: that of the finest picture in it."""
    return min(max(finest_dpi(layer.pictures, region, COARSEST_DPI), COARSEST_DPI), FINEST_DPI)


def open_document(data: bytes, passwords: Sequence[str]) -> pypdfium2.PdfDocument:
    """Tried without a password first: files that only restrict changes open so.

    Raises ReadingError: ENCRYPTED where no password fits, CORRUPT.
    """
    return _opened(data, passwords)[0]


def _opened(data: bytes, passwords: Sequence[str]) -> tuple[pypdfium2.PdfDocument, str | None]:
    """The document and the password that opened it."""
    for password in (None, *passwords):
        try:
            return pypdfium2.PdfDocument(data, password=password), password
        except pypdfium2.PdfiumError as error:
            # pdfium sometimes fails without setting its error code and gives that of an earlier file.
            if error.err_code != pdfium.FPDF_ERR_PASSWORD or b"/Encrypt" not in data:
                raise _corrupt() from error
    if not passwords:
        raise ReadingError(
            FailureCategory.ENCRYPTED,
            "PDFに閲覧パスワードがかかっています。パスワードを外して保存し直すか、"
            "--password-file でパスワードを渡してください。",
        )
    raise ReadingError(
        FailureCategory.ENCRYPTED,
        f"PDFの閲覧パスワードが違います（{len(passwords)}個を試しました）。"
        "正しいパスワードを --password-file のファイルに加えてください。",
    )


def _is_complete(data: bytes) -> bool:
    """Whether the table of contents at the file's end follows its last object: nothing was cut off."""
    return data.rfind(b"startxref") > data.rfind(b"endobj") or data.rfind(b"trailer") > data.rfind(b"endobj")


def _corrupt() -> ReadingError:
    return ReadingError(
        FailureCategory.CORRUPT,
        "PDFが壊れていて開けません。元のファイルを置き直すか、元の文書からPDFを作り直してください。",
    )
