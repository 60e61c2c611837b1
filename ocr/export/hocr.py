"""A document as hOCR 1.2 (Breuel, "The hOCR microformat for OCR workflow and results")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from ocr.document import Block, BlockKind, Box, Document, Line, Page

HOCR_DPI = 300  # boxes are whole pixels of a page drawn this fine
POINTS_PER_INCH = 72
# Careas in the paragraphs' sense; what a seal or a drawing says stands apart from the text of the page.
_AREAS: dict[BlockKind, str] = {
    BlockKind.TABLE: "ocr_table",
    BlockKind.HEADER: "ocr_header",
    BlockKind.FOOTER: "ocr_footer",
    BlockKind.STAMP: "ocr_float",
    BlockKind.FIGURE: "ocr_photo",
}
_TEXT_AREA = "ocr_carea"
_CAPABILITIES = (
    "ocr_page",
    _TEXT_AREA,
    *sorted(_AREAS.values()),
    "ocr_par",
    "ocr_line",
    "ocrx_word",
    "ocrp_wconf",
)
_XHTML = "http://www.w3.org/1999/xhtml"
_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_hocr(document: Document) -> str:
    """XHTML: an area and a paragraph for each block, a line and a word for each line.

    Boxes are pixels at `scan_res`, HOCR_DPI, and lie within their parents'. Japanese has no blanks to part
    words at, so that a whole line is one `ocrx_word`; its `x_wconf` is the line's confidence, 0 to 100.
    """
    html = ElementTree.Element("html", {"xmlns": _XHTML, "lang": "ja", "xml:lang": "ja"})
    head = ElementTree.SubElement(html, "head")
    ElementTree.SubElement(head, "title").text = "Yomitori"
    for name, content in (
        ("ocr-system", "yomitori"),
        ("ocr-capabilities", " ".join(_CAPABILITIES)),
        ("ocr-number-of-pages", str(len(document.pages))),
        ("ocr-langs", "ja"),
        ("ocr-scripts", "Jpan"),
    ):
        ElementTree.SubElement(head, "meta", {"name": name, "content": content})
    body = ElementTree.SubElement(html, "body")
    for page in document.pages:
        _add_page(body, page)
    return _DOCTYPE + ElementTree.tostring(html, encoding="unicode") + "\n"


def _add_page(body: ElementTree.Element, page: Page) -> None:
    whole = Box(0.0, 0.0, page.width, page.height)
    properties = f"{_bbox(whole)}; ppageno {page.number - 1}; scan_res {HOCR_DPI} {HOCR_DPI}"
    drawn = _add(body, "div", "ocr_page", f"page_{page.number}", properties)
    for number, block in enumerate(page.blocks, 1):
        name = f"{page.number}_{number}"
        around = _around(block, whole)
        area = _add(drawn, "div", _AREAS.get(block.kind, _TEXT_AREA), f"block_{name}", _bbox(around))
        if block.lines:
            _add_paragraph(area, block.lines, around, name)


def _around(block: Block, page: Box) -> Box:
    """The block with all its lines, as far as it lies on the page."""
    return _within(Box.around([block.box, *(line.box for line in block.lines)]), page)


def _within(box: Box, outer: Box) -> Box:
    def clamp(value: float, least: float, most: float) -> float:
        return min(max(value, least), most)

    return Box(
        clamp(box.x0, outer.x0, outer.x1),
        clamp(box.y0, outer.y0, outer.y1),
        clamp(box.x1, outer.x0, outer.x1),
        clamp(box.y1, outer.y0, outer.y1),
    )


def _add_paragraph(area: ElementTree.Element, lines: Sequence[Line], around: Box, name: str) -> None:
    paragraph = _add(area, "p", "ocr_par", f"par_{name}", _bbox(around))
    for position, line in enumerate(lines, 1):
        place = _bbox(_within(line.box, around))
        drawn = _add(paragraph, "span", "ocr_line", f"line_{name}_{position}", place)
        if line.vertical:
            drawn.set("style", "writing-mode: vertical-rl")
        properties = f"{place}; x_wconf {round(100 * line.confidence)}"
        word = _add(drawn, "span", "ocrx_word", f"word_{name}_{position}", properties)
        word.text = _NOT_XML.sub("\ufffd", line.text)


def _add(
    parent: ElementTree.Element, element: str, kind: str, identity: str, properties: str
) -> ElementTree.Element:
    attributes = {"class": kind, "id": identity, "title": properties}
    return ElementTree.SubElement(parent, element, attributes)


def _bbox(box: Box) -> str:
    pixels = box.scaled(HOCR_DPI / POINTS_PER_INCH)
    return f"bbox {round(pixels.x0)} {round(pixels.y0)} {round(pixels.x1)} {round(pixels.y1)}"
