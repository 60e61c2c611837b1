"""The lines and fields of a page as they are compared: plain text, places in shares of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ocr.document import BlockKind, Page
from ocr.parting.words import plain

MOST_LINES = 400  # of a page are looked at; a form has a tenth of them
HEAD_ZONE = 0.25  # of the page height: where a name behind its label stands for the page's own
_INLINE = re.compile(
    r"(?P<label>氏名|お名前|名前|患者名|社員名|担当者名?|社員番号|学籍番号|会員番号):?(?P<value>[^:]{2,14})$"
)

IN_FORM = frozenset({BlockKind.FIELD, BlockKind.TABLE, BlockKind.STAMP})


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
class Labelled:
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


def fields_of(page: Page, lines: Iterable[Printed]) -> tuple[Labelled, ...]:
    """All fields in reading order, and names behind their label in a line: 所属 営業部 氏名 佐藤."""
    return (*_fields(page), *_inline(lines))


def _inline(lines: Iterable[Printed]) -> Iterator[Labelled]:
    for line in lines:
        if line.y <= HEAD_ZONE and line.kind not in IN_FORM and (match := _INLINE.search(line.text)):
            yield Labelled(match["label"], match["value"], line.x, line.y, line.confidence)


def _fields(page: Page) -> Iterator[Labelled]:
    yield from (
        Labelled(
            plain(field.name),
            plain(field.value),
            field.name_box.center[0] / page.width,
            field.name_box.center[1] / page.height,
            field.confidence,
        )
        for field in page.fields
    )
