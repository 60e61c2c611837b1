"""HTML of mails as what their reader sees: headings, lines, items, and those tables that are tables.

Mails are laid out by tables; one is a table to its reader where it holds no other and has several short cells
in several rows. Nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from ocr.document import BlockKind
from ocr.errors import FailureCategory, ReadingError
from ocr.office.word.word_numbering import BULLET
from ocr.written.content_model import BODY_SIZE, CellContent, Content, Paragraph, TableContent

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_UNSEEN = frozenset(("head", "style", "script", "title", "template", "noscript", "select", "object", "svg"))
_BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div",
        "dl", "dt", "fieldset", "figure", "footer", "form", "header", "h1", "h2", "h3", "h4", "h5", "h6",
        "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot",
        "th", "thead", "tr", "ul",
    )
)  # fmt: skip
_HEADINGS = {"h1": 20.0, "h2": 16.0, "h3": 14.0, "h4": 13.0, "h5": 13.0, "h6": 13.0}  # points
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)"
    r"|max-height\s*:\s*0",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
LONGEST_CELL = 120.0  # characters, on average: cells of more are columns of text
MOST_CONTENTS = 100_000  # lines and tables
MOST_SPAN, MOST_COLUMNS, MOST_ROWS = 100, 100, 3000
CELL_WIDTH = 6.0  # points a half-width character
_WIDEST_CELL = 40


def html_contents(html: str) -> list[Content]:
    """What can be seen of a mail in HTML, in order. Raises ReadingError(TOO_COMPLEX)."""
    root = _parsed(html)
    found = [] if root is None else list(islice(_HtmlWalk(root).contents(), MOST_CONTENTS + 1))
    if len(found) > MOST_CONTENTS:
        raise ReadingError(
            FailureCategory.TOO_COMPLEX,
            f"メールのHTMLが長すぎます（上限{MOST_CONTENTS:,}行）。必要な部分をPDFで保存し直してください。",
        )
    return found


def html_text(html: str) -> str:
    """All words of it."""
    return " ".join(
        one.text if isinstance(one, Paragraph) else _table_text(one)
        for one in html_contents(html)
        if isinstance(one, Paragraph | TableContent)
    )


def _table_text(table: TableContent) -> str:
    return " ".join(paragraph.text for cell in table.cells for paragraph in cell.paragraphs)


def _parsed(html: str) -> Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, recover=True, huge_tree=True
    )
    plain = _DECLARATION.sub("", html).replace("\x00", "")
    try:
        return etree.fromstring(plain.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None  # nothing but blanks


class _HtmlWalk:
    """Goes over the elements in order without recursion: some mails are nested a thousand deep."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._text = ""
        self._heading = 0.0
        self._item = ""
        self._counts: list[int] = []  # of the lists around, 0 for one without numbers

    def contents(self) -> Iterator[Content]:
        walker = etree.iterwalk(self._root, events=("start", "end"))
        for event, element in walker:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "end":
                yield from self._end(tag)
                self._say(element.tail)
            elif tag in _UNSEEN or _is_hidden(element):
                walker.skip_subtree()
            elif tag == "table" and (table := _table(element)) is not None:
                yield from self._flush()
                yield table
                walker.skip_subtree()
            else:
                yield from self._begin(tag, element)
                self._say(element.text)
        yield from self._flush()

    def _begin(self, tag: str, element: Element) -> Iterator[Content]:
        if tag in _BLOCKS:
            yield from self._flush()
        if tag == "br":
            yield from self._flush()
        elif tag in _HEADINGS:
            self._heading = _HEADINGS[tag]
        elif tag in ("ul", "ol"):
            self._counts.append(1 if tag == "ol" else 0)
        elif tag == "li":
            count = self._counts[-1] if self._counts else 0
            self._item = f"{count}. " if count else BULLET
            if count:
                self._counts[-1] += 1
        elif tag == "img":
            self._text += f" {element.get('alt') or ''} "

    def _end(self, tag: str) -> Iterator[Content]:
        if tag in _BLOCKS:
            yield from self._flush()
        if tag in _HEADINGS:
            self._heading = 0.0
        elif tag in ("ul", "ol") and self._counts:
            self._counts.pop()
        elif tag == "li":
            self._item = ""

    def _say(self, text: str | None) -> None:
        self._text += _BLANKS.sub(" ", text or "")

    def _flush(self) -> Iterator[Content]:
        text, self._text = self._text.strip(" \xa0"), ""
        if not text:
            return
        kind = BlockKind.HEADING if self._heading else BlockKind.LIST_ITEM if self._item else None
        yield Paragraph(self._item + text, kind, self._heading or BODY_SIZE)
        self._item = ""


def _is_hidden(element: Element) -> bool:
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style") or ""))


def _table(table: Element) -> TableContent | None:
    """The table, where it is one to its reader."""
    if table.get("role") == "presentation" or next(table.iterdescendants("table"), None) is not None:
        return None
    rows = [row for row in table.iterdescendants("tr") if not _is_hidden(row)]
    if not 2 <= len(rows) <= MOST_ROWS:
        return None
    cells, columns = _cells(rows)
    texts = [text for cell in cells if (text := "".join(p.text for p in cell.paragraphs))]
    filled = {cell.column for cell in cells if cell.paragraphs}
    if columns < 2 or len(filled) < 2 or len(texts) < 3 or sum(map(len, texts)) > LONGEST_CELL * len(texts):
        return None
    widths = [1] * columns
    for cell in cells:
        if cell.column_span == 1:
            longest = max((len(p.text) for p in cell.paragraphs), default=1)
            widths[cell.column] = max(widths[cell.column], min(2 * longest, _WIDEST_CELL))
    return TableContent(
        tuple(CELL_WIDTH * width + 2 * CELL_WIDTH for width in widths), (0.0,) * len(rows), cells
    )


def _cells(rows: list[Element]) -> tuple[tuple[CellContent, ...], int]:
    """The cells with their spans, and the number of columns; places that none covers get empty ones."""
    taken: dict[tuple[int, int], bool] = {}
    found: list[CellContent] = []
    columns = 0
    for number, row in enumerate(rows):
        column = 0
        for cell in (one for one in row if one.tag in ("td", "th") and not _is_hidden(one)):
            while (number, column) in taken:
                column += 1
            if column >= MOST_COLUMNS:
                break
            down = min(_span(cell.get("rowspan")), len(rows) - number)
            across = min(_span(cell.get("colspan")), MOST_COLUMNS - column)
            taken |= dict.fromkeys(
                ((r, c) for r in range(number, number + down) for c in range(column, column + across)), True
            )
            found.append(CellContent(number, column, down, across, tuple(_cell_paragraphs(cell))))
            column += across
        columns = max(columns, column)
    free = ((r, c) for r in range(len(rows)) for c in range(columns) if (r, c) not in taken)
    found += [CellContent(row, column, 1, 1, ()) for row, column in free]
    return tuple(sorted(found, key=lambda cell: (cell.row, cell.column))), columns


def _cell_paragraphs(cell: Element) -> Iterator[Paragraph]:
    for one in _HtmlWalk(cell).contents():
        if isinstance(one, Paragraph):
            yield Paragraph(one.text)


def _span(text: str | None) -> int:
    return min(max(int(text), 1), MOST_SPAN) if text and text.strip().isdecimal() else 1
