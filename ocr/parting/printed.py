"""The lines and fields of a page as they are compared: plain text, places in shares of the page."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ocr.document import BlockKind, Box, Cell, Page
from ocr.parting.document_words import plain
from ocr.parting.label_roles import tells_the_document

MOST_LINES = 400  # of a page are looked at; a form has a tenth of them
HEAD_ZONE = 0.45  # of the page height: where a name behind its label stands for the page's own
IN_FORM = frozenset({BlockKind.FIELD, BlockKind.TABLE, BlockKind.STAMP})

_LABEL_AND_VALUE = re.compile(r"(?P<label>\S{2,10})\s+(?P<value>[^\s、。][^、。]*)$")
_LAST_NAME = re.compile(r"(?P<label>氏名|名前|担当者)\s*:?\s*(?P<value>[^\s:、。][^、。]{1,14})$")


@dataclass(frozen=True, slots=True)
class Printed:
    """A line; `x` and `y` are its middle in shares of the page, `size` its height in points."""

    text: str
    x: float
    y: float
    size: float
    kind: BlockKind
    confidence: float
    vertical: bool


@dataclass(frozen=True, slots=True)
class PrintedField:
    """A field: its value under its label, and where the label stands."""

    label: str
    value: str
    x: float
    y: float
    confidence: float


def lines_of(page: Page) -> tuple[Printed, ...]:
    """The first MOST_LINES lines that say anything, in reading order."""
    return tuple(islice(_lines(page), MOST_LINES))


def _lines(page: Page) -> Iterator[Printed]:
    for block in page.blocks:
        for line in block.lines:
            if text := plain(line.text):
                x, y = line.box.center
                size = line.box.width if line.vertical else line.box.height
                yield Printed(
                    text, x / page.width, y / page.height, size, block.kind, line.confidence, line.vertical
                )


def fields_of(page: Page) -> tuple[PrintedField, ...]:
    """All fields in reading order; and day, number and person behind their labels in a line or beside them in
    a table of two columns, where the page was not read as a form."""
    told = [*_beside(page), *_in_lines(page)]
    labels = {plain(field.name) for field in page.fields}
    return (
        *(_labelled(page, f.name, f.value, f.name_box, f.confidence) for f in page.fields),
        *(field for field in told if tells_the_document(field.label) and field.label not in labels),
    )


def _labelled(page: Page, label: str, value: str, box: Box, confidence: float) -> PrintedField:
    x, y = box.center
    return PrintedField(plain(label), plain(value), x / page.width, y / page.height, confidence)


def _beside(page: Page) -> Iterator[PrintedField]:
    """The rows of tables that have two cells in each."""
    for table in page.tables:
        rows: dict[int, list[Cell]] = defaultdict(list)
        for cell in table.cells:
            rows[cell.row].append(cell)
        if all(len(row) == 2 for row in rows.values()):
            for label, value in (sorted(row, key=lambda cell: cell.column) for row in rows.values()):
                yield _labelled(page, label.text, value.text, label.box, page.confidence or 0.0)


def _in_lines(page: Page) -> Iterator[PrintedField]:
    """The first label and value of each line at the head, and the last: 所属 営業部 氏名 佐藤."""
    for block in page.blocks:
        for line in block.lines:
            if block.kind in IN_FORM or line.box.center[1] > HEAD_ZONE * page.height:
                continue
            text = unicodedata.normalize("NFKC", line.text).strip()
            for match in (_LABEL_AND_VALUE.match(text), _LAST_NAME.search(text)):
                if match:
                    yield _labelled(page, match["label"], match["value"], line.box, line.confidence)
