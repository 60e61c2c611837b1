"""PDF: pages drawn by pdfium, text layers read by pdfplumber.

Boxes are points from the top left of the page as displayed, that is cropped and turned as the file says.
"""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from typing import Any

import numpy as np
import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import PdfminerException

from ocr.detection import Ruling
from ocr.document import Box
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.pictures import check_pixels
from ocr.raster import POINTS_PER_INCH, Raster, as_pixels
from ocr.text_layer import Character, Picture, TextLayer

END_WINDOW = 2048
# A page that is one scan is drawn at that scan's own resolution, within what recognition can use.
COARSEST_DPI = 150.0
FINEST_DPI = 400.0
# A filled rectangle this thin (points) is a ruled line to the eye.
RULE_THICKNESS = 2.5
# Shorter strokes (points) are underlines of one letter, ticks, parts of a drawing.
SHORTEST_RULE = 4.0
_INVISIBLE = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
# What pdfminer raises on broken content, beside its own errors, when a value has an unexpected type.
_BROKEN_CONTENT = (
    PdfminerException, PDFException, PSException, ValueError, TypeError, KeyError, IndexError, AttributeError,
    AssertionError, ArithmeticError, RecursionError,
)  # fmt: skip

# It warns of every font without a bounding box; what matters is whether a page can be read.
logging.getLogger("pdfminer").setLevel(logging.ERROR)


class PdfSource:
    """An open PDF; pages count from 1."""

    def __init__(
        self, document: pypdfium2.PdfDocument, open_layers: Callable[[], pdfplumber.PDF | None]
    ) -> None:
        self._document = document
        self._open_layers = open_layers

    @staticmethod
    @contextmanager
    def open(data: bytes, password: str | None = None) -> Iterator[PdfSource]:
        """Raises ReadingError: ENCRYPTED where a password is needed, CORRUPT."""
        try:
            document = pypdfium2.PdfDocument(data, password=password)
        except pypdfium2.PdfiumError as error:
            raise _opening_error(error, data, password) from error
        with ExitStack() as stack:
            stack.callback(document.close)
            if b"%%EOF" not in data[-END_WINDOW:]:
                # pdfium mends such a file silently and shows the pages that are left, some of them empty.
                raise ReadingError(
                    FailureCategory.CORRUPT,
                    "PDFが途中で切れています（終端がありません）。転送が終わってから、元のファイルを置き直してください。",
                )
            if len(document) == 0:
                raise _corrupt()
            yield PdfSource(document, partial(_open_layers, stack, data, password))

    @property
    def page_count(self) -> int:
        return len(self._document)

    @cached_property
    def _layers(self) -> pdfplumber.PDF | None:
        return self._open_layers()

    def layer(self, number: int) -> TextLayer | None:
        """What page `number` says of itself; None where its content cannot be parsed."""
        if self._layers is None or number > len(self._layers.pages):
            return None
        page = self._layers.pages[number - 1]
        try:
            return _text_layer(page, self._invisible_share(number))
        except _BROKEN_CONTENT:
            return None
        finally:
            page.close()

    def draw(self, number: int, limits: Limits, dpi: float) -> Raster:
        """Page `number` drawn at `dpi`, coarser where it would be over `limits.max_pixels`.

        Raises ReadingError: CORRUPT, TOO_MANY_PIXELS for an embedded picture over the limit.
        """
        with self._page(number) as page:
            for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
                across, down = item.get_px_size()
                check_pixels(across, down, limits)
            width, height = page.get_size()
            scale = dpi / POINTS_PER_INCH
            scale = min(scale, math.sqrt(limits.max_pixels / max(width * height, 1.0)))
            bitmap = page.render(scale=scale)
            pixels = as_pixels(np.array(bitmap.to_numpy()[:, :, :3]))
            bitmap.close()
        return Raster(pixels, 1 / scale)

    def _invisible_share(self, number: int) -> float:
        with self._page(number) as page:
            modes = [
                pdfium.FPDFTextObj_GetTextRenderMode(item)
                for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT])
            ]
        return sum(mode in _INVISIBLE for mode in modes) / max(len(modes), 1)

    @contextmanager
    def _page(self, number: int) -> Iterator[pypdfium2.PdfPage]:
        try:
            page = self._document[number - 1]
        except pypdfium2.PdfiumError as error:
            raise ReadingError(
                FailureCategory.CORRUPT,
                f"PDFの{number}ページ目が壊れていて開けません。元の文書からPDFを作り直してください。",
            ) from error
        try:
            yield page
        except pypdfium2.PdfiumError as error:
            raise ReadingError(
                FailureCategory.CORRUPT,
                f"PDFの{number}ページ目の内容が壊れています。元の文書からPDFを作り直してください。",
            ) from error
        finally:
            page.close()


def scan_dpi(layer: TextLayer | None, fallback: float) -> float:
    """The resolution to draw a page at: that of its largest picture, else `fallback`."""
    if layer is None or not layer.pictures:
        return fallback
    largest = max(layer.pictures, key=lambda picture: picture.box.width * picture.box.height)
    return min(max(largest.dpi, COARSEST_DPI), FINEST_DPI)


def _open_layers(stack: ExitStack, data: bytes, password: str | None) -> pdfplumber.PDF | None:
    try:
        layers = stack.enter_context(pdfplumber.open(io.BytesIO(data), password=password))
        return layers if layers.pages else None
    except _BROKEN_CONTENT:
        # pdfium opened the file, so its pages can still be drawn and recognised.
        return None


def _text_layer(page: Any, invisible_share: float) -> TextLayer:
    left, top, right, bottom = page.cropbox
    page = page.dedupe_chars(tolerance=0.5)
    move = (left, top)
    return TextLayer(
        width=float(right - left),
        height=float(bottom - top),
        characters=tuple(_character(char, move) for char in page.chars),
        rulings=tuple(_rulings(page, move)),
        pictures=tuple(
            Picture(_box(image, move), *(int(side) for side in image["srcsize"])) for image in page.images
        ),
        invisible_share=invisible_share,
    )


def _character(char: dict[str, Any], move: tuple[float, float]) -> Character:
    a, b, _, _, origin_x, _ = char["matrix"]
    turn = round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360
    size = float(char["size"])
    # A vertical font hangs its glyphs from the middle of their top edge, others start at the left.
    hangs = turn == 0 and abs(origin_x - char["x0"] - size / 2) < 0.15 * size
    return Character(char["text"], _box(char, move), size, turn, hangs)


def _box(item: dict[str, Any], move: tuple[float, float]) -> Box:
    left, top = move
    return Box(
        float(item["x0"] - left),
        float(item["top"] - top),
        float(item["x1"] - left),
        float(item["bottom"] - top),
    )


def _rulings(page: Any, move: tuple[float, float]) -> Iterator[Ruling]:
    for line in page.lines:
        yield from _straight(_box(line, move))
    for rect in page.rects:
        box = _box(rect, move)
        if min(box.width, box.height) <= RULE_THICKNESS:
            yield from _straight(box)
        elif rect["stroke"]:
            yield from _straight(Box(box.x0, box.y0, box.x1, box.y0))
            yield from _straight(Box(box.x0, box.y1, box.x1, box.y1))
            yield from _straight(Box(box.x0, box.y0, box.x0, box.y1))
            yield from _straight(Box(box.x1, box.y0, box.x1, box.y1))


def _straight(box: Box) -> Iterator[Ruling]:
    """The box as a ruled line along its middle, where it is thin and long enough to be one."""
    x, y = box.center
    if box.height <= RULE_THICKNESS and box.width >= SHORTEST_RULE:
        yield Ruling(box.x0, y, box.x1, y)
    elif box.width <= RULE_THICKNESS and box.height >= SHORTEST_RULE:
        yield Ruling(x, box.y0, x, box.y1)


def _opening_error(error: pypdfium2.PdfiumError, data: bytes, password: str | None) -> ReadingError:
    # pdfium sometimes fails without setting its error code and gives that of an earlier file.
    if error.err_code != pdfium.FPDF_ERR_PASSWORD or b"/Encrypt" not in data:
        return _corrupt()
    if password is None:
        return ReadingError(
            FailureCategory.ENCRYPTED,
            "PDFに閲覧パスワードがかかっています。パスワードを外して保存し直すか、"
            "yomitori ocr --password-file でパスワードを渡してください。",
        )
    return ReadingError(
        FailureCategory.ENCRYPTED,
        "PDFの閲覧パスワードが違います。正しいパスワードを確かめて、もう一度渡してください。",
    )


def _corrupt() -> ReadingError:
    return ReadingError(
        FailureCategory.CORRUPT,
        "PDFが壊れていて開けません。元のファイルを置き直すか、元の文書からPDFを作り直してください。",
    )
