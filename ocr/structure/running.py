"""Running heads and feet: what is printed at the same place of one page after the other."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from statistics import median

from ocr.document import Block, BlockKind, Document, Page

MARGIN = 0.12  # of the page height, at the top and at the bottom
SAME_PLACE = 0.015  # of the page height or width
FEWEST_PAGES = 2
LEAST_SHARE = 0.5  # of the pages
LARGEST_TYPE = 1.15  # times the usual line: the title of the same form on every page is no running head

_PLAIN = frozenset({BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
_Place = tuple[int, int]  # index of the page, index of the block


def with_running_heads(document: Document) -> Document:
    """The document, single lines that stand at the same place of at least half of its pages, and say the
    same but for figures, as headers and footers. Texts and offsets stay as they are."""
    if len(document.pages) < FEWEST_PAGES:
        return document
    alike: dict[tuple[str, BlockKind], list[_Place]] = defaultdict(list)
    for number, page in enumerate(document.pages):
        for at, block in enumerate(page.blocks):
            kind = _margin_of(block, page)
            if kind is not None:
                alike[re.sub(r"\d+", "0", block.lines[0].text), kind].append((number, at))
    least = max(FEWEST_PAGES, LEAST_SHARE * len(document.pages))
    found = {
        place: kind
        for (_, kind), places in alike.items()
        for place in places
        if len({other for other, at in places if _same_place(document, place, (other, at))}) >= least
    }
    pages = (
        replace(
            page,
            blocks=tuple(
                replace(block, kind=found[number, at]) if (number, at) in found else block
                for at, block in enumerate(page.blocks)
            ),
        )
        for number, page in enumerate(document.pages)
    )
    return replace(document, pages=tuple(pages))


def _margin_of(block: Block, page: Page) -> BlockKind | None:
    """The margin in which the block stands, where it may be a running head."""
    if block.kind not in _PLAIN or len(block.lines) != 1 or block.lines[0].vertical:
        return None
    if block.box.height > LARGEST_TYPE * median(min(line.box.width, line.box.height) for line in page.lines):
        return None
    if block.box.y1 <= MARGIN * page.height:
        return BlockKind.HEADER
    return BlockKind.FOOTER if block.box.y0 >= (1 - MARGIN) * page.height else None


def _same_place(document: Document, one: _Place, other: _Place) -> bool:
    page = document.pages[one[0]]
    (x, y), (other_x, other_y) = (document.pages[p].blocks[b].box.center for p, b in (one, other))
    return abs(x - other_x) <= SAME_PLACE * page.width and abs(y - other_y) <= SAME_PLACE * page.height
