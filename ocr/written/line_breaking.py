"""Breaking text into lines that read as the same text again when they are joined as Japanese is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ocr.script.widths import character_width, glue

_NOT_FIRST = frozenset(
    "、。，．,.・：；！？!?)）」』】〕〉》］｝ー々ゝゞ%％ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_NOT_LAST = frozenset("(（「『【〔〈《［｛￥¥$＄")
# How far back from the end of the room (characters) a place to break is looked for.
FURTHEST_BACK = 40


def wrapped(text: str, ems: float) -> list[str]:
    """`text`, one line of tidy blanks, in lines of at most `ems` where it can be broken at all.

    It is broken only where `glue` puts back what stood there: never inside of a Latin word or a number.
    """
    return list(_lines(text, ems))


def _lines(text: str, ems: float) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = _end_of_line(text, start, ems)
        yield text[start:end].rstrip()
        start = end
        while start < len(text) and text[start].isspace():
            start += 1


def _end_of_line(text: str, start: int, ems: float) -> int:
    width, end = 0.0, start
    while end < len(text) and width + character_width(text[end]) <= ems:
        width += character_width(text[end])
        end += 1
    if end == len(text):
        return end
    back = range(end, max(start, end - FURTHEST_BACK), -1)
    for at in back:
        if _is_good(text, at) and _may_break(text, at):
            return at
    return next((at for at in chain(back, range(end + 1, len(text))) if _may_break(text, at)), len(text))


def _is_good(text: str, at: int) -> bool:
    """Whether no mark that belongs to the other line ends or begins one."""
    return text[at] not in _NOT_FIRST and text[at - 1] not in _NOT_LAST


def _may_break(text: str, at: int) -> bool:
    """Whether the lines before and after are joined to what the text is there."""
    first = at
    while first > 0 and text[first - 1].isspace():
        first -= 1
    last = at
    while last < len(text) and text[last].isspace():
        last += 1
    if first == 0 or last == len(text):
        return False
    return glue(text[max(first - 2, 0) : first], text[last]) == text[first:last]
