"""Which characters of a PDF page show: the page drawn with them and without them.

Where the two pictures differ, there is ink of theirs. Colours, clips, layers, masks, blends and whatever lies
above are pdfium's own business then, as they are when the page is drawn for reading.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray
from pypdfium2 import PdfPage

from ocr.document import Box
from ocr.errors import ReadingError
from ocr.layers.layer_parts import Picture
from ocr.limits import Limits
from ocr.media.picture_decoding import check_pixels
from ocr.pdfs.pdf_geometry import Frame
from ocr.raster import POINTS_PER_INCH, Pixels

DPI = 100.0
# Gray levels (of 255) by which ink must stand out to be seen at this resolution: #EEE on white does not.
LEAST_CONTRAST = 16
# Of a character's height and width that shows where it is seen, and of one whose middle is covered by what
# may have a hole there.
LEAST_SHOWN = 0.5
ALL_SHOWN = 0.9
# Pieces that lie on one another are looked at in turns; what lies deeper goes with the last.
MOST_TURNS = 6
# More pieces than this that show are not asked for those that they lie on.
MOST_SORTED = 4000


def gray_page(page: PdfPage, frame: Frame, limits: Limits, dpi: float = DPI) -> tuple[Pixels, float]:
    """The page in gray, coarser than `dpi` where it would be over the limits, and its points a pixel."""
    width, height = frame.displayed
    scale = min(
        dpi / POINTS_PER_INCH,
        math.sqrt(limits.max_pixels / max(width * height, 1.0)),
        limits.max_side / max(width, height, 1.0),
    )
    bitmap = page.render(scale=scale * frame.unit, grayscale=True)
    pixels = np.array(bitmap.to_numpy(), dtype=np.uint8)
    bitmap.close()
    return pixels.reshape(pixels.shape[0], pixels.shape[1]), 1 / scale


def check_pictures(pictures: Iterable[Picture], limits: Limits) -> None:
    """Raises ReadingError(TOO_MANY_PIXELS, SIDE_TOO_LONG) for a picture too large to be drawn."""
    for picture in pictures:
        check_pixels(picture.width, picture.height, limits)


def check_drawable(page: PdfPage, limits: Limits) -> None:
    """As `check_pictures`, for all pictures of the page."""
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        across, down = item.get_px_size()
        check_pixels(across, down, limits)


def is_drawable(page: PdfPage, limits: Limits) -> bool:
    """Whether no picture of the page is too large to be drawn."""
    try:
        check_drawable(page, limits)
    except ReadingError:
        return False
    return True


def set_active(items: Iterable[pdfium.FPDF_PAGEOBJECT], active: bool) -> None:
    """Whether the objects are drawn."""
    for item in items:
        pdfium.FPDFPageObj_SetIsActive(item, active)


@dataclass(frozen=True, slots=True)
class Doubted:
    """A text object that may be hidden, with the boxes of the ink of its characters, in their order, and
    whether the middle of each is covered by a panel."""

    item: pdfium.FPDF_PAGEOBJECT
    text: str
    boxes: tuple[Box, ...]
    covered: tuple[bool, ...]

    @property
    def box(self) -> Box:
        return Box.around(self.boxes)


def hidden_of(
    page: PdfPage,
    frame: Frame,
    limits: Limits,
    doubted: Sequence[Doubted],
    silent: Iterable[pdfium.FPDF_PAGEOBJECT] = (),
) -> list[list[bool]]:
    """For the characters of each of `doubted` whether they are hidden.

    All are taken away at once first; what lies on one another and shows so is then looked at in turns. The
    `silent`, text objects that say nothing new because they are drawn twice, are never drawn: the other one
    would not change anything where they stay.
    """
    whole, scale = gray_page(page, frame, limits)
    always = list(silent)

    def shown(turn: Sequence[int]) -> list[list[bool]]:
        items = [*always, *(doubted[at].item for at in turn)]
        set_active(items, False)
        try:
            without, _ = gray_page(page, frame, limits)
        finally:
            set_active(items, True)
        changed = np.abs(whole.astype(np.int16) - without) >= LEAST_CONTRAST
        return [
            [
                _shows(changed, box.scaled(1 / scale), ALL_SHOWN if covered else LEAST_SHOWN)
                for box, covered in zip(doubted[at].boxes, doubted[at].covered, strict=True)
            ]
            for at in turn
        ]

    found = shown(range(len(doubted)))
    left = [at for at, of_piece in enumerate(found) if any(of_piece)]
    meeting = _meeting([doubted[at].box for at in left])
    alone = {at for at, others in zip(left, meeting, strict=True) if not others}
    twins = {
        at
        for at, others in zip(left, meeting, strict=True)
        if any(doubted[left[other]].text == doubted[at].text for other in others)
    }
    for turn in _turns(meeting):
        asked = [left[at] for at in turn if left[at] not in alone]
        for at, of_piece in zip(asked, shown(asked) if asked else (), strict=True):
            if at not in twins:
                found[at] = [a and b for a, b in zip(found[at], of_piece, strict=True)]
    return [[not seen for seen in of_piece] for of_piece in found]


def has_glyph(item: pdfium.FPDF_PAGEOBJECT, character: str) -> bool:
    """Whether this machine can draw the character in the font of the text object, which the PDF need not
    carry."""
    glyph = pdfium.FPDFFont_GetGlyphPath(pdfium.FPDFTextObj_GetFont(item), ord(character[0]), 1.0)
    return bool(glyph) and pdfium.FPDFGlyphPath_CountGlyphSegments(glyph) > 0


def _shows(changed: NDArray[np.bool_], box: Box, least: float) -> bool:
    """Whether at least that share of the character's height and width is reached by its ink; the box is
    pixels."""
    left, top = max(math.floor(box.x0), 0), max(math.floor(box.y0), 0)
    ink = changed[top : math.ceil(box.y1), left : math.ceil(box.x1)]
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if rows.size == 0:
        return False
    high, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    # A pixel at the edge may be too faint to count.
    return bool(high + 1 >= least * box.height and wide + 1 >= least * box.width)


def _meeting(boxes: Sequence[Box]) -> list[list[int]]:
    """For each box the numbers of the others that lie on it."""
    if len(boxes) > MOST_SORTED or not boxes:
        return [[] for _ in boxes]
    edges = np.array([(box.x0, box.y0, box.x1, box.y1) for box in boxes], dtype=np.float64)
    x0, y0, x1, y1 = edges.T
    found = []
    for at, box in enumerate(boxes):
        met = (x0 < box.x1) & (box.x0 < x1) & (y0 < box.y1) & (box.y0 < y1)
        met[at] = False
        found.append([int(other) for other in np.flatnonzero(met)])
    return found


def _turns(meeting: Sequence[Sequence[int]]) -> list[list[int]]:
    """The numbers in as few turns as it takes for no two that meet to be of the same, MOST_TURNS at most."""
    turn_of: list[int] = []
    for at, others in enumerate(meeting):
        taken = {turn_of[other] for other in others if other < at}
        free = (turn for turn in range(MOST_TURNS) if turn not in taken)
        turn_of.append(next(free, MOST_TURNS - 1))
    turns: list[list[int]] = [[] for _ in range(max(turn_of, default=-1) + 1)]
    for at, turn in enumerate(turn_of):
        turns[turn].append(at)
    return turns


def tight_box(text: pdfium.FPDF_TEXTPAGE, index: int, frame: Frame) -> Box:
    """The box of the ink of a character, as displayed."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(text, index, left, right, bottom, top)
    return frame.box((left.value, right.value), (bottom.value, top.value))
