"""How the cells of a workbook look: the formats of their numbers, their borders, the size of their type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ocr.media.package_names import S
from ocr.office.number_formats import BUILTIN, GENERAL
from ocr.written.content_model import Align

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_Found = TypeVar("_Found")
USUAL_SIZE = 11.0  # points
_ALIGNED = {"center": Align.CENTER, "centerContinuous": Align.CENTER, "right": Align.RIGHT}


@dataclass(frozen=True, slots=True)
class CellStyle:
    """`code` is the format of numbers; the four sides are whether a border is drawn there."""

    code: str = GENERAL
    size: float = USUAL_SIZE
    bold: bool = False
    align: Align | None = None
    left: bool = False
    right: bool = False
    top: bool = False
    bottom: bool = False

    @property
    def is_bordered(self) -> bool:
        return self.left or self.right or self.top or self.bottom


def styles_of(root: Element) -> tuple[CellStyle, ...]:
    """The styles that cells refer to by number."""
    codes = dict(BUILTIN)
    for one in root.iterfind(f"{S}numFmts/{S}numFmt"):
        codes[_whole(one.get("numFmtId"))] = one.get("formatCode", GENERAL)
    fonts = [_font(font) for font in root.iterfind(f"{S}fonts/{S}font")]
    borders = [_border(border) for border in root.iterfind(f"{S}borders/{S}border")]
    found = []
    for one in root.iterfind(f"{S}cellXfs/{S}xf"):
        size, bold = _at(fonts, one.get("fontId"), (USUAL_SIZE, False))
        alignment = one.find(f"{S}alignment")
        align = None if alignment is None else _ALIGNED.get(alignment.get("horizontal", ""))
        left, right, top, bottom = _at(borders, one.get("borderId"), (False,) * 4)
        code = codes.get(_whole(one.get("numFmtId")), GENERAL)
        found.append(CellStyle(code, size, bold, align, left, right, top, bottom))
    return tuple(found)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _at(found: Sequence[_Found], place: str | None, otherwise: _Found) -> _Found:
    at = _whole(place)
    return found[at] if at < len(found) else otherwise


def _font(font: Element) -> tuple[float, bool]:
    size, bold = font.find(f"{S}sz"), font.find(f"{S}b")
    try:
        points = float(size.get("val", USUAL_SIZE)) if size is not None else USUAL_SIZE
    except ValueError:
        points = USUAL_SIZE
    return points, bold is not None and bold.get("val", "1") not in ("0", "false")


def _border(border: Element) -> tuple[bool, bool, bool, bool]:
    def drawn(*names: str) -> bool:
        sides = (border.find(f"{S}{name}") for name in names)
        return any(side is not None and side.get("style", "none") != "none" for side in sides)

    return drawn("left", "start"), drawn("right", "end"), drawn("top"), drawn("bottom")
