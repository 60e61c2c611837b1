"""Sentence ends that the text itself shows: 。！？ outside brackets, closed quotations, counted items.

Full stops of figures (1.5), abbreviations (No.3), addresses and links end nothing, for a dot counts only
after kana.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import accumulate

BRACKETS = dict(zip("「『（(【［[〈《〔｢", "」』）)】］]〉》〕｣", strict=True))
CLOSING = frozenset(BRACKETS.values())
_CLOSERS = re.compile(f"[{re.escape(''.join(BRACKETS.values()))}]+")
_MARK = re.compile(
    r"[。｡！？‼⁉]+[。｡！？!?…]*"
    r"|(?<![A-Za-z0-9!?])[!?]+(?![A-Za-z0-9])"
    r"|[!?]+(?=\s|$)"
    r"|(?<=[ぁ-ん])[.．](?![\d０-９.．])"
)
_CONTEXT = 12
_FULL_STOP = re.compile(r"[。｡.．]")
_REPORTED = re.compile(r"\s*(?:と|って|なんて|など|とか|の)")
_AT_END = re.compile(rf"(?:[。｡！？‼⁉!?]|(?<=[ぁ-ん])[.．])[…{re.escape(''.join(BRACKETS.values()))}]*\s*$")

_BULLET = re.compile(
    r"\s*(?:[・･●◆■□◇▲△▼▽★☆◎※►▶➢✓✔☑•‣⁃][^・･●◆■□◇▲△▼▽★☆◎※]|○(?!○)|[-–—*＊‐]\s|[①-⑳㉑-㉟❶-❿⑴-⒇]"
    r"|[(（](?:\d{1,2}|[０-９]{1,2}|[ア-オａ-ｅa-eイロハニ]|[一二三四五六七八九十])[)）]"
    r"|(?:\d{1,2}|[０-９]{1,2}|[ア-オ])(?:[)）]|[.．](?![\d０-９])|[、．]\s?(?=[^\d０-９]))"
    r"|[【〈＜《■])"
)
_COUNTED = (
    re.compile(r"[①-⑳]"),
    re.compile(r"[(（](?P<number>\d{1,2})[)）]"),
    re.compile(r"(?<![\d.．/:])(?P<number>\d{1,2})[.．)）](?![\d０-９])"),
    re.compile(r"(?<![ァ-ヶー])(?P<number>[アイウエオカキク])[)）]"),
)
_KANA_ORDER = "アイウエオカキク"


def ends_with_mark(line: str) -> bool:
    """Whether the line ends as a sentence does, brackets that close after the mark included."""
    return _AT_END.search(line) is not None


def is_bullet(line: str) -> bool:
    """Whether the line opens an item of a list or a heading: ・ ① (1) 1. ア) – ■ 【."""
    return _BULLET.match(line) is not None


def mark_ends(line: str, reported: Callable[[str, str], bool]) -> list[int]:
    """Where 。！？ end a sentence inside `line`: outside brackets, or before the bracket that closes a
    quotation which another follows. Neither a bracket that never closes nor a pair around the whole line
    counts. `reported` says of what stands before and after a ! or ? whether the one reports the other:
    来たい! と言う."""
    depth = bracket_depths(line)
    whole = 1 if line[:1] in BRACKETS and all(depth[1:-1]) and line[-1:] in CLOSING else 0
    ends: list[int] = []
    for mark in _MARK.finditer(line):
        end = mark.end()
        closing = _CLOSERS.match(line, end)
        after = closing.end() if closing else end
        if not line[after:].strip() and depth[mark.start()] == whole:
            ends.append(after)
        elif depth[mark.start()] == whole:
            doubtful = not _FULL_STOP.search(mark.group()) and _REPORTED.match(line, end)
            if not (doubtful and reported(line[max(0, end - _CONTEXT) : end], line[end : end + _CONTEXT])):
                ends.append(end)
        elif depth[mark.start()] == whole + 1 and after == end + 1 and line[after : after + 1] in BRACKETS:
            ends.append(after)
    return ends


def item_starts(line: str) -> list[int]:
    """Where later items of a list start inside `line`, if they count up from the first: ①…②…, (1)…(2)…"""
    for pattern in _COUNTED:
        marks = list(pattern.finditer(line))
        if len(marks) > 1 and [_value(mark) for mark in marks] == list(range(1, len(marks) + 1)):
            return [mark.start() for mark in marks if line[: mark.start()].strip()]
    return []


def bracket_depths(line: str) -> list[int]:
    """How many pairs of brackets surround each character."""
    steps = [0] * (len(line) + 1)
    open_at: list[int] = []
    for place, character in enumerate(line):
        if character in BRACKETS:
            open_at.append(place)
        elif character in CLOSING:
            while open_at and BRACKETS[line[open_at[-1]]] != character:
                open_at.pop()
            if open_at:
                steps[open_at.pop() + 1] += 1
                steps[place] -= 1
    return list(accumulate(steps))[: len(line)]


def open_bracket(line: str) -> str:
    """The bracket that would close the innermost pair still open at the end of `line`, "" where none is."""
    open_: list[str] = []
    for character in line:
        if character in BRACKETS:
            open_.append(BRACKETS[character])
        elif character in open_:
            while open_.pop() != character:
                pass
    return open_[-1] if open_ else ""


def _value(mark: re.Match[str]) -> int:
    number = mark.groupdict().get("number")
    if number is None:
        return ord(mark.group()) - ord("①") + 1
    return _KANA_ORDER.index(number) + 1 if number in _KANA_ORDER else int(number)
