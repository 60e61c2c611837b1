"""Contents set on pages: one below the other, in the type size that they have.

It is no copy of what Word or Excel would draw; it gives every word a place that evidence can be shown at, and
every cell the shape that tells a form from a table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from ocr.document import BlockKind
from ocr.limits import Limits, too_many_pages
from ocr.written.content_model import (
    BODY_SIZE,
    PAGE,
    PAGES,
    Content,
    PageEnd,
    PageSetup,
    Paragraph,
    Running,
    TableContent,
    TypedText,
)
from ocr.written.placed import Part, PlacedParagraph, WrittenPage
from ocr.written.setting import PITCH, set_content, set_typed, typed_lines

# How long a page may become, in times its paper, before another one begins: as paper is; where a file says
# itself where its pages end, three times that, for our type sets wider than its own; a sheet has no end.
AS_PAPER, AS_TOLD, ENDLESS = 1.0, 3.0, math.inf
MARGIN_LINE = 1.2 * BODY_SIZE  # points between the edge of the paper, what stands in the margin, and the text


def lay_out(
    contents: Iterable[Content], paper: PageSetup, longest: float, limits: Limits
) -> tuple[WrittenPage, ...]:
    """The pages of `contents`, at least one: another begins where a PageEnd stands, and where what follows
    does not fit on `longest` times the paper. Raises ReadingError(TOO_MANY_PAGES) once they are.
    """
    held = list(contents)
    flow = _PageFlow(paper, body_size(held), longest, limits)
    for content in held:
        flow.put(content)
    flow.close(None)
    return tuple(
        _with_margins(page, paper, margin, number, len(flow.pages))
        for number, (page, paper, margin) in enumerate(flow.pages, 1)
    )


def body_size(contents: Iterable[Content]) -> float:
    """The type size that half of the characters of the contents do not exceed."""
    sizes = sorted((p.size, float(len(p.text))) for content in contents for p in _paragraphs(content))
    half, passed = sum(width for _, width in sizes) / 2, 0.0
    for size, width in sizes:
        passed += width
        if width and passed >= half:
            return size
    return BODY_SIZE


def _paragraphs(content: Content) -> Iterable[Paragraph]:
    match content:
        case Paragraph():
            yield content
        case TableContent():
            for cell in content.cells:
                yield from cell.paragraphs
        case TypedText():
            yield Paragraph(content.text)


class _PageFlow:
    """Sets one content below the other and begins a new page where one is due."""

    def __init__(self, paper: PageSetup, size: float, longest: float, limits: Limits) -> None:
        self._limits = limits
        self._size = size
        self._longest = longest
        self._y = 0.0
        self._bottom = 0.0
        self._parts: list[Part] = []
        self.pages: list[tuple[WrittenPage, PageSetup, Running]] = []
        self._begin(paper)

    def put(self, content: Content) -> None:
        if isinstance(content, PageEnd):
            self.close(content.paper)
        elif isinstance(content, TypedText):
            self._put_typed(content)
        elif isinstance(content, Paragraph) and not content.text.strip():
            self._y = min(self._y + PITCH * content.size, max(self._y, self._paper.height))
        else:
            placed, y = set_content(content, self._paper.left, self._y, self._paper.room)
            if self._parts and y > self._bottom:
                self.close(None)
                placed, y = set_content(content, self._paper.left, self._y, self._paper.room)
            self._parts.append(placed)
            self._y = y

    def close(self, paper: PageSetup | None) -> None:
        """Ends the page and begins another one, on the same paper where None."""
        now = self._paper
        height = max(now.height, self._y + now.bottom)
        right = now.left + now.room
        page = WrittenPage(now.width, height, now.left, right, self._size, tuple(self._parts))
        even = now.even if len(self.pages) % 2 else None
        running = (now.first if self._is_first else None) or even or now.odd
        self.pages.append((page, now, running))
        if len(self.pages) > self._limits.max_pages:
            raise too_many_pages(self._limits)
        self._parts = []
        self._begin(paper or now, is_first=paper is not None)

    def _begin(self, paper: PageSetup, *, is_first: bool = True) -> None:
        self._paper = paper
        self._is_first = is_first
        running = (one for one in (paper.odd, paper.even, paper.first) if one is not None)
        heads = [_set_down(one.head, paper, MARGIN_LINE, BlockKind.HEADER)[1] for one in running]
        self._y = max(paper.top, max(heads) + MARGIN_LINE)
        self._bottom = self._longest * paper.height - paper.bottom

    def _put_typed(self, content: TypedText) -> None:
        room = self._paper.room
        lines = typed_lines(content.text, room / BODY_SIZE)
        waiting = next(lines, None)
        while waiting is not None:
            rows = max(int((self._bottom - self._y) / (PITCH * BODY_SIZE)), 0 if self._parts else 1)
            some = [waiting, *islice(lines, rows - 1)] if rows else []
            placed, self._y = set_typed(some, self._paper.left, self._y, room)
            if placed.lines:
                self._parts.append(placed)
            waiting = next(lines, None) if some else waiting
            if waiting is not None:
                self.close(None)


def _with_margins(
    page: WrittenPage, paper: PageSetup, running: Running, number: int, pages: int
) -> WrittenPage:
    def told(paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
        return [
            replace(one, text=one.text.replace(PAGE, str(number)).replace(PAGES, str(pages)))
            for one in paragraphs
        ]

    heads, _ = _set_down(told(running.head), paper, MARGIN_LINE, BlockKind.HEADER)
    at = page.height - paper.bottom + MARGIN_LINE
    feet, foot = _set_down(told(running.foot), paper, at, BlockKind.FOOTER)
    return replace(page, height=max(page.height, foot if feet else 0.0), heads=heads, feet=feet)


def _set_down(
    paragraphs: Iterable[Paragraph], paper: PageSetup, y: float, kind: BlockKind
) -> tuple[tuple[PlacedParagraph, ...], float]:
    found = []
    for paragraph in paragraphs:
        if paragraph.text.strip():
            placed, y = set_content(replace(paragraph, kind=kind), paper.left, y, paper.room)
            if isinstance(placed, PlacedParagraph) and placed.rows:
                found.append(placed)
    return tuple(found), y
