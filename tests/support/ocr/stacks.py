"""Stacks of papers written by hand, page by page, without any OCR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random

from ocr.detection import DetectedLine
from ocr.document import Code, Document, PageFailure, TextSource
from ocr.joining import join
from tests.support.ocr.paper import HEIGHT, WIDTH, built, written

TYPE, TITLE = 10.0, 18.0
BODY = "部品の在庫が少ないため、来週までに発注し、納期を先方に伝えることとした。"
_WORDS = ("配線", "納期", "在庫", "照明", "請求", "研修", "梱包", "倉庫", "写真", "工程", "点検", "人員")


def running_text(of: str, lines: int) -> list[str]:
    """Lines that no other page has: those that come again at one place are taken for print."""
    chance = Random(of)
    return [
        f"{chance.choice(_WORDS)}の{chance.choice(_WORDS)}と{chance.choice(_WORDS)}の{chance.choice(_WORDS)}について、"
        f"{chance.choice(_WORDS)}の担当が{chance.randint(2, 99)}件を確かめた。"
        for _ in range(lines)
    ]


def middle(y: float, text: str, size: float = TYPE) -> DetectedLine:
    """A centred line."""
    line = written(0, y, text, size=size)
    return written((WIDTH - line.box.width) / 2, y, text, size=size)


def right(y: float, text: str) -> DetectedLine:
    """A line that ends at the right margin."""
    return written(WIDTH - 60 - written(0, y, text).box.width, y, text)


def sheet(
    title: str = "",
    fields: Mapping[str, str] | None = None,
    *,
    body: Sequence[str] = (),
    top: str = "",
    foot: str = "",
    more: Iterable[DetectedLine] = (),
) -> Document:
    """A page: a line at the top right, a large title, fields as label：value, a body, a line at the foot."""
    lines = [*more]
    if top:
        lines.append(right(30, top))
    if title:
        lines.append(middle(60, title, TITLE))
    y = 110.0
    for label, value in (fields or {}).items():
        lines.append(written(60, y, f"{label}：{value}"))
        y += 24
    for text in body:
        lines.append(written(60, y + 20, text))
        y += 18
    if foot:
        lines.append(middle(HEIGHT - 40, foot, 9))
    page = built(lines)
    return Document(page.text, (page.page,))


def blank(*codes: Code) -> Document:
    """A page on which nothing was read, but for codes."""
    page = replace(built(()).page, source=TextSource.BLANK, codes=codes)
    return Document("", (page,))


FAILED = Document("", (), (PageFailure(0, "corrupt", False, "壊れています。"),))


def stack(*pages: Document) -> Document:
    """The file of these pages, numbered from 1."""
    return join(
        [
            replace(
                one,
                pages=tuple(replace(page, number=number) for page in one.pages),
                failures=tuple(replace(failure, page=number) for failure in one.failures),
            )
            for number, one in enumerate(pages, start=1)
        ]
    )
