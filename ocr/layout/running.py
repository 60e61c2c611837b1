"""Running heads and feet: what is printed at the same place of one page after the other."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from statistics import median

from ocr.document import Block, BlockKind, Box, Document, Page

MARGIN = 0.12  # of the page height, at the top and at the bottom
SAME_PLACE = 0.015  # of the page height or width
FEWEST_PAGES = 2
LEAST_SHARE = 0.5  # of the pages
LARGEST_TYPE = 1.15  # times the usual line: the title of the same form on every page is no running head

_PLAIN = frozenset({BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
_Place = tuple[int, int]  # index of the page, index of the block


def with_running_heads(document: Document) -> Document:
    """The document, single lines that stand at the same place of at least half of its pages, and say the
    same but for figures, as headers and footers. Texts and offsets stay as they are.

    A labelled value is one where its figures are the same, too, unless every page is the same form, on which
    the day may repeat.
    """
    if len(document.pages) < FEWEST_PAGES:
        return document
    least = max(FEWEST_PAGES, LEAST_SHARE * len(document.pages))
    one_form = _is_one_form(document, least)
    alike: dict[tuple[str, BlockKind], list[_Place]] = defaultdict(list)
    for number, page in enumerate(document.pages):
        for at, block in enumerate(page.blocks):
            kind = _margin_of(block, page)
            if kind is not None and not (one_form and block.kind is BlockKind.FIELD):
                alike[_said(block), kind].append((number, at))
    found = {
        place: kind
        for (_, kind), places in alike.items()
        for place in places
        if len({other for other, at in places if _same_place(document, place, (other, at))}) >= least
    }
    if not found:
        return document
    pages = (_with_kinds(page, number, found) for number, page in enumerate(document.pages))
    return replace(document, pages=tuple(pages))


def _said(block: Block) -> str:
    text = "".join(line.text for line in block.lines)
    return text if block.kind is BlockKind.FIELD else re.sub(r"\d+", "0", text)


def _with_kinds(page: Page, number: int, kinds: Mapping[_Place, BlockKind]) -> Page:
    """The page with other kinds of some of its blocks; the fields that these were are none."""
    blocks = tuple(
        replace(block, kind=kinds[number, at]) if (number, at) in kinds else block
        for at, block in enumerate(page.blocks)
    )
    gone = [block for at, block in enumerate(page.blocks) if (number, at) in kinds]
    fields = tuple(
        field for field in page.fields if not any(b.start <= field.start and field.end <= b.end for b in gone)
    )
    return replace(page, blocks=blocks, fields=fields)


def _is_one_form(document: Document, least: float) -> bool:
    """Whether so many pages have a label in common between their margins."""
    names = (
        {field.name for field in page.fields if _margin(field.name_box, page) is None}
        for page in document.pages
    )
    return any(pages >= least for pages in Counter(chain.from_iterable(names)).values())


def _margin_of(block: Block, page: Page) -> BlockKind | None:
    """The margin in which the block stands, where it may be a running head."""
    if block.kind not in (*_PLAIN, BlockKind.FIELD) or not block.lines:
        return None
    if any(line.vertical for line in block.lines):
        return None
    if len(block.lines) != 1 and not (block.kind is BlockKind.FIELD and _is_one_row(block)):
        return None
    if block.box.height > LARGEST_TYPE * median(min(line.box.width, line.box.height) for line in page.lines):
        return None
    return _margin(block.box, page)


def _is_one_row(block: Block) -> bool:
    return all(line.box.y0 < block.box.center[1] < line.box.y1 for line in block.lines)


def _margin(box: Box, page: Page) -> BlockKind | None:
    if box.y1 <= MARGIN * page.height:
        return BlockKind.HEADER
    return BlockKind.FOOTER if box.y0 >= (1 - MARGIN) * page.height else None


def _same_place(document: Document, one: _Place, other: _Place) -> bool:
    page = document.pages[one[0]]
    (x, y), (other_x, other_y) = (document.pages[p].blocks[b].box.center for p, b in (one, other))
    return abs(x - other_x) <= SAME_PLACE * page.width and abs(y - other_y) <= SAME_PLACE * page.height
