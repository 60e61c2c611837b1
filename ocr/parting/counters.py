"""Page numbers as papers print them: 2/3, - 2 -, 2ページ, Page 2 of 3, 1枚目."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr.document import BlockKind, Line, Page
from ocr.parting.document_words import plain

MARGIN = 0.12  # of the page height, at the top and at the bottom, in which a page number may stand
FOOT = 0.9  # share of the page height below which a number needs no sign around it
SAME_PLACE = 0.05  # of the page's sides
WIDEST_GAP = 4  # pages between two whose numbers were read

_N, _T = r"(?P<number>\d{1,3})", r"(?P<total>\d{1,3})"
_WORD = r"(?:P(?:AGE|G)?[.:]?|ページ[:.]?|頁[:.]?)"
_UNIT = r"(?:ページ目?|頁目?|枚目?|PAGES?|P)"
_DASH = r"[-‐‑–—―ー一~〜・.]"
_OF_TOTAL = tuple(
    map(
        re.compile,
        (
            rf"[(<\[]?{_WORD}?{_N}{_UNIT}?(?:/|OF)(?:全|総)?{_T}{_UNIT}?(?:中)?[)>\]]?",
            rf"第?{_N}{_UNIT}[(/・]?(?:全|総|計){_T}{_UNIT}(?:中)?[)]?",
            rf"(?:全|総){_T}{_UNIT}(?:中|の内|のうち)?(?:第)?{_N}{_UNIT}",
            rf"{_DASH}{_N}/{_T}{_DASH}",
        ),
    )
)
_ALONE = tuple(
    map(
        re.compile,
        (
            rf"{_DASH}+{_N}{_DASH}+",
            rf"{_WORD}{_N}",
            rf"(?:第)?{_N}(?:ページ目?|頁目?|枚目)",
            rf"[(<]{_N}[)>]",
        ),
    )
)
_BARE = re.compile(_N)
_WORDED = re.compile(rf"{_WORD}\d|\d{_UNIT}|OF|全|総|^{_DASH}")
_LAST_IN_LINE = re.compile(
    r"(?:^|\s)(\S*\d\s*/\s*\d+\S*|[-‐–—]\s*\d{1,3}\s*[-‐–—]|P\.?\s?\d{1,3}|\d{1,3}\s?(?:頁|ページ))\s*$"
)
_LABELS = frozenset({"ページ", "頁", "PAGE", "P", "ページ番号", "頁番号", "ページ数"})


@dataclass(frozen=True, slots=True)
class Counter:
    """The page number that a page bears, and of how many where it says so."""

    number: int
    total: int | None


@dataclass(frozen=True, slots=True)
class _FoundNumber:
    """A number at (x, y), shares of the page; `sure` where nothing else (4/12, a day) is written so."""

    counter: Counter
    x: float
    y: float
    sure: bool


def counters_of(pages: Sequence[Page]) -> tuple[Counter | None, ...]:
    """The page number of each of the pages, which follow each other; None where there is none to be seen.

    2/3 without a word, at the head of a page where dates stand too, is one where a page beside it goes on.
    """
    found = [tuple(_candidates(page)) for page in pages]
    return _filled([_best(found, at) for at in range(len(found))])


def _filled(counters: list[Counter | None]) -> tuple[Counter | None, ...]:
    """The page numbers with those that were not read, between two that they lead from and to."""
    filled = list(counters)
    known = [(at, counter) for at, counter in enumerate(counters) if counter is not None]
    for (at, before), (then, after) in pairwise(known):
        if before.total == after.total and after.number - before.number == then - at <= WIDEST_GAP:
            for between in range(at + 1, then):
                filled[between] = Counter(before.number + between - at, before.total)
    return tuple(filled)


def _best(found: Sequence[Sequence[_FoundNumber]], at: int) -> Counter | None:
    beside = [one for step in (-1, 1) if 0 <= at + step < len(found) for one in found[at + step]]
    believed = [
        one.counter
        for one in found[at]
        if one.sure or one.counter.total == 1 or any(_follows(one, other) for other in beside)
    ]
    return max(believed, key=lambda counter: counter.total is not None, default=None)


def _follows(one: _FoundNumber, other: _FoundNumber) -> bool:
    return (
        one.counter.total == other.counter.total
        and abs(one.counter.number - other.counter.number) == 1
        and abs(one.x - other.x) <= SAME_PLACE
        and abs(one.y - other.y) <= SAME_PLACE
    )


def _candidates(page: Page) -> Iterator[_FoundNumber]:
    for field in page.fields:
        if plain(field.name).upper() in _LABELS and (counter := counter_in(plain(field.value), bare=True)):
            x, y = field.value_box.center
            yield _FoundNumber(counter, x / page.width, y / page.height, True)
    for block in page.blocks:
        if block.kind in (BlockKind.FIELD, BlockKind.STAMP):
            continue
        for line in block.lines:
            y = line.box.center[1] / page.height
            if not line.vertical and (y <= MARGIN or y >= 1 - MARGIN):
                yield from _in_line(line, page, y, block.kind)


def _in_line(line: Line, page: Page, y: float, kind: BlockKind) -> Iterator[_FoundNumber]:
    text = unicodedata.normalize("NFKC", line.text)
    tail = _LAST_IN_LINE.search(text)
    at_foot = y >= FOOT or (kind is BlockKind.FOOTER)
    for piece in (text, *([tail[1]] if tail else ())):
        told = plain(piece)
        counter = counter_in(told, bare=at_foot and kind is not BlockKind.TABLE)
        if counter:
            sure = at_foot or bool(_WORDED.search(told.upper()))
            yield _FoundNumber(counter, line.box.center[0] / page.width, y, sure)
            return


def counter_in(text: str, *, bare: bool = False) -> Counter | None:
    """The page number that is all of a plain text; digits alone are one only where `bare`."""
    text = text.upper()
    for pattern in _OF_TOTAL:
        if match := pattern.fullmatch(text):
            number, total = int(match["number"]), int(match["total"])
            return Counter(number, total) if 1 <= number <= total else None
    for pattern in (*_ALONE, *((_BARE,) if bare else ())):
        if (match := pattern.fullmatch(text)) and int(match["number"]) >= 1:
            return Counter(int(match["number"]), None)
    return None
