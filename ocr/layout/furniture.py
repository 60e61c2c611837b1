"""Headers and footers: what stands in the margins of a page apart from its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.labels.inline_labels import with_marked_labels
from ocr.labels.pairs import is_labelled, pairs_in
from ocr.order.xy_cut import rows_of
from ocr.script.widths import em

HEADER_ZONE = 0.07  # of the page height
FOOTER_ZONE = 0.07
PAGE_NUMBER_ZONE = 0.11
LEAST_GAP = 1.2  # ems of white between furniture and the text
LARGEST_TYPE = 1.15  # of the body type: a title at the top is no header
IN_LINE = 1.0  # ems between the beginnings of two labels one under the other
FEWEST_THINGS = 3  # a scrap of paper with fewer lines and grids has no margins to speak of

_DASHES = r"[\s\-‐–—―−ー一~〜～・.|]*"
_PAGE_NUMBER = re.compile(
    rf"{_DASHES}(?:(?:p\.?|page|ページ|頁)\s*[：:]?)?\s*\d{{1,4}}(?:\s*[/／]\s*\d{{1,4}})?"
    rf"\s*(?:ページ|頁)?{_DASHES}",
    re.IGNORECASE,
)
_OF_THE_PAGE = re.compile(r"\s*(?:page|p\.?|ページ|頁)\s*[：:]", re.IGNORECASE)
_OF_THE_FAX = re.compile(r"\s*(?:from|to|発信元|送信元)\s*[：:]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Furnished:
    """A page's lines in three lots."""

    headers: tuple[DetectedLine, ...]
    body: tuple[DetectedLine, ...]
    footers: tuple[DetectedLine, ...]


def is_page_number(text: str) -> bool:
    """Whether the whole text is a page number: 3, - 3 -, 3/5, P.3, 3ページ."""
    return bool(_PAGE_NUMBER.fullmatch(text.strip()))


def part_furniture(
    lines: Sequence[DetectedLine], grids: Sequence[Box], height: float, body_em: float
) -> Furnished:
    """The lines outside of the grids of an upright page, `height` points high, by where they belong.

    A labelled value in the top margin is a field, as the number and the date of a letter are; one at the foot
    is, too, where it stands in line with other labels.
    """
    if len(lines) + len(grids) < FEWEST_THINGS:
        return Furnished((), tuple(lines), ())
    boxes = [*grids, *(line.box for line in lines)]
    labelled = _labelled(lines, height)
    headers = tuple(
        line for line in lines if line not in labelled and _is_header(line, boxes, height, body_em)
    )
    footers = tuple(line for line in lines if line not in labelled and _is_footer(line, boxes, height))
    body = tuple(line for line in lines if line not in headers and line not in footers)
    return Furnished(headers, body, footers)


def _labelled(lines: Sequence[DetectedLine], height: float) -> frozenset[DetectedLine]:
    """The lines near the top and the foot that are labels with their values."""
    across = [line for line in lines if not line.vertical]
    top = [line for line in across if line.box.y1 <= HEADER_ZONE * height]
    foot = [line for line in across if line.box.y0 >= (1 - FOOTER_ZONE) * height]
    found = {line for row in rows_of(top) for line in _labelled_part(row)}
    above = [line.box.x0 for line in across if line not in foot and is_labelled(line)] if foot else []
    for row in rows_of(foot):
        part = _labelled_part(row)
        if part and any(abs(part[0].box.x0 - x) <= IN_LINE * em(part[0]) for x in above):
            found.update(part)
    return frozenset(found)


def _labelled_part(row: Sequence[DetectedLine]) -> tuple[DetectedLine, ...]:
    """The row from the first label of it that is followed by nothing but labels and values."""
    written = [line for line in row if not is_page_number(line.text)]
    text = "".join(line.text for line in written)
    if _OF_THE_PAGE.match(text) or (len(written) < len(row) and _OF_THE_FAX.match(text)):
        return ()
    at = next((at for at in range(len(written)) if pairs_in(with_marked_labels(written[at:]))), len(written))
    return tuple(written[at:])


def _is_header(line: DetectedLine, boxes: Sequence[Box], height: float, body_em: float) -> bool:
    if line.box.y1 > HEADER_ZONE * height or line.vertical:
        return False
    if is_page_number(line.text):
        return True
    below = [box.y0 - line.box.y1 for box in boxes if box.center[1] > line.box.y1]
    return em(line) <= LARGEST_TYPE * body_em and min(below, default=0.0) >= LEAST_GAP * body_em


def _is_footer(line: DetectedLine, boxes: Sequence[Box], height: float) -> bool:
    if line.vertical:
        return False
    above = [line.box.y0 - box.y1 for box in boxes if box.center[1] < line.box.y0]
    if line.box.y0 >= (1 - PAGE_NUMBER_ZONE) * height and is_page_number(line.text):
        return min(above, default=0.0) >= 0.0 and all(box.y0 < line.box.y1 for box in boxes)
    return line.box.y0 >= (1 - FOOTER_ZONE) * height and min(above, default=0.0) >= LEAST_GAP * em(line)
