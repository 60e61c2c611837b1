"""What a document counts through its pages: 第3条, 問5, 4. 今後の予定."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ocr.document import BlockKind
from ocr.parting.printed import Printed
from ocr.values.numerals import number_of

_ARTICLE = re.compile(r"^第(?P<number>[0-9一二三四五六七八九十百]{1,4})(?P<unit>条|章|節|編|項|部)")
_QUESTION = re.compile(r"^(?P<unit>問|設問|質問|Q)[.:]?(?P<number>\d{1,3})(?!\d)")
_HEADING = re.compile(
    r"^(?P<number>\d{1,2})(?:[.．、](?!\d)|(?=[^\W\d_])(?![年月日時分号枚頁件名人回円個歳点本台階丁番条]|か月|ページ))"
)
Counted = dict[str, tuple[int, int]]
"""By the word that is counted with ("" for bare numbers before headings): the first number and the last."""


def counted(lines: Iterable[Printed]) -> Counted:
    """What the lines of a page, in reading order, are counted with."""
    found: Counted = {}
    for line in lines:
        if line.kind is BlockKind.TABLE:
            continue
        match = _ARTICLE.match(line.text) or _QUESTION.match(line.text)
        if match is None and line.kind in (BlockKind.HEADING, BlockKind.LIST_ITEM, BlockKind.PARAGRAPH):
            match = _HEADING.match(line.text)
        number = number_of(match["number"]) if match else None
        if match is None or number is None:
            continue
        unit = match.groupdict().get("unit") or ""
        first, _ = found.get(unit, (int(number), 0))
        found[unit] = (first, int(number))
    return found


def counts_on(before: Counted, now: Counted) -> bool:
    """Whether `now` goes on where `before` ended: 第4条 behind 第3条, 問6 behind 問5."""
    return any(_goes_on(unit, before, now) for unit in before if unit)


def counts_anew(before: Counted, now: Counted) -> bool:
    """Whether `now` begins anew what has been counted up before: 第1条 behind 第9条."""
    return any(unit and last > 1 and unit in now and now[unit][0] == 1 for unit, (_, last) in before.items())


def headings_count_on(before: Counted, now: Counted) -> bool:
    """Whether headings with a bare number go on: 3. behind 2. Forms have such headings, too."""
    return "" in before and _goes_on("", before, now)


def _goes_on(unit: str, before: Counted, now: Counted) -> bool:
    return unit in now and now[unit][0] == before[unit][1] + 1
