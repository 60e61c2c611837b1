"""A second reader of PDF pages, pdfminer by way of pdfplumber: slow, and asked only where pdfium is in doubt.

It shares no code with pdfium, so that the two seldom err alike about what the codes of a font mean.
"""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ocr.document import Box
from ocr.layers.text_layer import turned_box
from ocr.traces import without_words

# The PDF specification allows 0.01 to 75,000; what is larger than this would make a page of kilometres.
SMALLEST_UNIT, LARGEST_UNIT = 0.01, 1000.0
_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class ReadCharacter:
    """A character as the second reader has it; `code` tells the glyphs of a font apart where `text` does not:
    empty where the font's map has no character for it."""

    text: str
    box: Box
    code: str = ""


def unit_of(data: bytes, number: int, password: str | None) -> float:
    """How many points a unit of page `number` (from 1) is long: its UserUnit, 1 where it has none."""
    unit = _asked(data, number, password, lambda page: page.page_obj.attrs.get("UserUnit"))
    if isinstance(unit, int | float) and SMALLEST_UNIT <= unit <= LARGEST_UNIT:
        return float(unit)
    return 1.0


def readings_of(
    data: bytes, number: int, password: str | None, unit: float = 1.0
) -> tuple[ReadCharacter, ...]:
    """The characters of page `number`, boxes in points from the top left of the page as displayed; none where
    pdfminer cannot read the page."""
    return _asked(data, number, password, lambda page: _readings(page, unit)) or ()


def _asked(data: bytes, number: int, password: str | None, ask: Callable[[Any], _Answer]) -> _Answer | None:
    import pdfplumber

    # It warns of much that does no harm, in words of the document.
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    try:
        with pdfplumber.open(io.BytesIO(data), pages=[number], password=password or "") as pdf:
            return ask(pdf.pages[0])
    except MemoryError:
        raise
    except Exception:
        # It raises what it likes on bytes that it was not made for; pdfium has read them.
        _log.info("pdfminer could not read a page\n%s", without_words(traceback.format_exc()))
        return None


def _readings(page: Any, unit: float) -> tuple[ReadCharacter, ...]:
    left, bottom, right, top = page.page_obj.mediabox
    crop = page.page_obj.cropbox or page.page_obj.mediabox
    width, height, turn = right - left, top - bottom, page.rotation % 360
    upright = Box(
        max(crop[0], left) - left,
        top - min(crop[3], top),
        min(crop[2], right) - left,
        top - max(crop[1], bottom),
    )
    shown = turned_box(upright, turn, width, height)
    across, down = page.mediabox[:2]
    found = []
    for character in page.chars:
        text = character["text"]
        box = Box(
            character["x0"] - across - shown.x0,
            character["top"] - down - shown.y0,
            character["x1"] - across - shown.x0,
            character["bottom"] - down - shown.y0,
        )
        known = not text.startswith("(cid:")
        found.append(ReadCharacter(text if known else "", box.scaled(unit), "" if known else text))
    return tuple(found)
