"""A document as plain text, Markdown and hOCR. JSON is `ocr.document.to_json`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from xml.etree import ElementTree

from ocr.document import Block, BlockKind, Box, Document, Line, Page, Table

PAGE_BREAK = "\f"
HOCR_DPI = 300  # hOCR boxes are whole pixels of a page drawn this fine
POINTS_PER_INCH = 72
_XHTML = "http://www.w3.org/1999/xhtml"
_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile(r"([\\`*_<\[\]])")
_BLOCK_MARKUP = re.compile(r"^(#{1,6} |[-+>] |\d+[.)] )")
_BULLET = re.compile(r"[・･•‣▪▶►●○◎◇◆■□\-–—*＊]\s*")
_FORM_PARTS = (BlockKind.FIELD, BlockKind.STAMP)
_MARGINS = (BlockKind.HEADER, BlockKind.FOOTER)


def to_text(document: Document) -> str:
    """The text in reading order, a block a line; a form feed parts the pages."""
    return PAGE_BREAK.join(_page_text(document, page) + "\n" for page in document.pages)


def to_markdown(document: Document) -> str:
    """GitHub Markdown: headings, lists, tables, each form as a table of two columns.

    The first heading is of level 1, all others of level 2. What stands in the margins of a page, such as
    its number, is left out.
    """
    parts: list[str] = []
    level = "#"
    for page in document.pages:
        body = [block for block in page.blocks if block.kind not in _MARGINS]
        for kind, blocks in groupby(body, key=_markdown_part):
            if kind is BlockKind.HEADING:
                for block in blocks:
                    parts.append(f"{level} {_inline(_block_text(document, block))}")
                    level = "##"
            else:
                parts.extend(_markdown(document, page, kind, list(blocks)))
    return "\n\n".join(parts) + "\n"


def to_hocr(document: Document) -> str:
    """hOCR 1.2 as XHTML: a carea and a paragraph for each block, a line and a word for each line.

    Boxes are pixels at `scan_res`, HOCR_DPI. Japanese has no blanks to part words at, so that a whole
    line is one `ocrx_word`; its `x_wconf` is the line's confidence from 0 to 100.
    """
    html = ElementTree.Element("html", {"xmlns": _XHTML, "lang": "ja", "xml:lang": "ja"})
    head = ElementTree.SubElement(html, "head")
    ElementTree.SubElement(head, "title").text = "Yomitori"
    for name, content in (
        ("ocr-system", "yomitori"),
        ("ocr-capabilities", "ocr_page ocr_carea ocr_par ocr_line ocrx_word"),
    ):
        ElementTree.SubElement(head, "meta", {"name": name, "content": content})
    body = ElementTree.SubElement(html, "body")
    for page in document.pages:
        _add_page(body, document, page)
    return _DOCTYPE + ElementTree.tostring(html, encoding="unicode") + "\n"


def _page_text(document: Document, page: Page) -> str:
    if not page.blocks:
        return ""
    return document.text[page.blocks[0].start : page.blocks[-1].end]


def _block_text(document: Document, block: Block) -> str:
    return document.text[block.start : block.end]


def _markdown_part(block: Block) -> BlockKind:
    """The kind under which neighbouring blocks make one piece of Markdown."""
    return BlockKind.FIELD if block.kind in _FORM_PARTS else block.kind


def _markdown(document: Document, page: Page, kind: BlockKind, blocks: Sequence[Block]) -> Iterator[str]:
    if kind is BlockKind.FIELD:
        fields = [
            (field.name, field.value)
            for block in blocks
            for field in page.fields
            if block.start <= field.start <= block.end
        ]
        yield _markdown_table([("項目", "値"), *fields])
    elif kind is BlockKind.TABLE:
        for block in blocks:
            yield _markdown_table(_table_rows(document, page, block))
    elif kind is BlockKind.LIST_ITEM:
        yield "\n".join(_list_item(_block_text(document, block)) for block in blocks)
    else:
        for block in blocks:
            text = _inline(_block_text(document, block))
            yield _BLOCK_MARKUP.sub(r"\\\1", text).replace("\n", "  \n")


def _list_item(text: str) -> str:
    if re.match(r"\d{1,2}\. ", text):
        return _inline(text)
    return "- " + _inline(_BULLET.sub("", text, count=1) if _BULLET.match(text) else text)


def _inline(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)


def _table_rows(document: Document, page: Page, block: Block) -> list[tuple[str, ...]]:
    """The rows of a table block, each as wide as the table: spanned places are empty."""
    table = next((table for table in page.tables if table.box == block.box), None)
    if table is None:
        return [tuple(row.split("\t")) for row in _block_text(document, block).split("\n")]
    return _matrix(table)


def _matrix(table: Table) -> list[tuple[str, ...]]:
    rows = 1 + max(cell.row for cell in table.cells)
    columns = sorted({cell.column for cell in table.cells})
    texts = {(cell.row, cell.column): cell.text for cell in table.cells}
    return [tuple(texts.get((row, column), "") for column in columns) for row in range(rows)]


def _markdown_table(rows: Sequence[Sequence[str]]) -> str:
    width = max(map(len, rows))
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    lines = [_markdown_row(map(_in_cell, row)) for row in padded]
    return "\n".join((lines[0], _markdown_row(["---"] * width), *lines[1:]))


def _markdown_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _in_cell(text: str) -> str:
    return _inline(text).replace("|", r"\|").replace("\n", "<br>")


def _add_page(body: ElementTree.Element, document: Document, page: Page) -> None:
    whole = Box(0.0, 0.0, page.width, page.height)
    properties = f"{_bbox(whole)}; ppageno {page.number - 1}; scan_res {HOCR_DPI} {HOCR_DPI}"
    drawn = _add(body, "div", "ocr_page", f"page_{page.number}", properties)
    for number, block in enumerate(page.blocks, 1):
        name = f"{page.number}_{number}"
        area = _add(drawn, "div", "ocr_carea", f"block_{name}", _bbox(block.box))
        paragraph = _add(area, "p", "ocr_par", f"par_{name}", _bbox(block.box))
        for position, line in enumerate(block.lines, 1):
            _add_line(paragraph, line, f"{name}_{position}")


def _add_line(paragraph: ElementTree.Element, line: Line, name: str) -> None:
    drawn = _add(paragraph, "span", "ocr_line", f"line_{name}", _bbox(line.box))
    if line.vertical:
        drawn.set("style", "writing-mode: vertical-rl")
    confidence = round(100 * line.confidence)
    word = _add(drawn, "span", "ocrx_word", f"word_{name}", f"{_bbox(line.box)}; x_wconf {confidence}")
    word.text = _NOT_XML.sub("\ufffd", line.text)


def _add(
    parent: ElementTree.Element, element: str, kind: str, identity: str, properties: str
) -> ElementTree.Element:
    attributes = {"class": kind, "id": identity, "title": properties}
    return ElementTree.SubElement(parent, element, attributes)


def _bbox(box: Box) -> str:
    pixels = box.scaled(HOCR_DPI / POINTS_PER_INCH)
    return f"bbox {round(pixels.x0)} {round(pixels.y0)} {round(pixels.x1)} {round(pixels.y1)}"
