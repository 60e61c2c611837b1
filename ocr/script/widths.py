"""What joining, splitting and measuring Japanese text needs to know about its characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from itertools import accumulate

from ocr.detection import DetectedLine
from ocr.document import Box

CHECK_BOXES = "☐☑☒□■"
_BLANKS = re.compile(r"\s+")
_BLANK_AT_PUNCTUATION = re.compile(r" (?=[、。，．」』）】〕：])|(?<=[、。，．「『（【〔・]) ")
_PARTED_FIGURES = re.compile(r"\d[\d¥￥\\$▲△−+]")
_HYPHENATED = re.compile(r"[A-Za-z]-$")
_LETTER_SPACED = re.compile(r"[^\s\x00-\x7f](?: [^\s\x00-\x7f]){2,}")


def is_japanese(character: str) -> bool:
    """Whether the character stands in running Japanese, where no blank parts the words."""
    return unicodedata.east_asian_width(character) in "WFAH"


def character_width(character: str) -> float:
    """How wide the character prints, in ems: 1 full width, 0.5 half width."""
    return 1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.5


def text_width(text: str) -> float:
    """How wide `text` prints, in ems."""
    return sum(map(character_width, text))


def character_centres(line: DetectedLine) -> list[float]:
    """Where each character stands along the line: as it was found, else by the printed widths."""
    if len(line.centers) == len(line.text):
        return list(line.centers)
    start, end = (line.box.y0, line.box.y1) if line.vertical else (line.box.x0, line.box.x1)
    return printed_centres(line.text, start, end)


def printed_centres(text: str, start: float, end: float) -> list[float]:
    """Where each character stands in a line from `start` to `end`, by the printed widths."""
    widths = [character_width(character) for character in text]
    scale = (end - start) / max(sum(widths), 0.5)
    return [
        start + (passed - width / 2) * scale for passed, width in zip(accumulate(widths), widths, strict=True)
    ]


def count_before(line: DetectedLine, at: float) -> int:
    """How many leading characters of the line have their middles before the coordinate `at` along it."""
    centres = character_centres(line)
    return next((count for count, center in enumerate(centres) if center > at), len(centres))


def em(line: DetectedLine) -> float:
    """The type size of a line in points, from its thickness and its advance per character."""
    along, across = (line.box.height, line.box.width) if line.vertical else (line.box.width, line.box.height)
    return min(across, along / max(text_width(line.text), 0.5))


def tidy(text: str) -> str:
    """The text with each run of blanks as one space, none at its ends, at Japanese punctuation, or
    between the characters of a letter-spaced title (営 業 日 報)."""
    blanks_single = _BLANKS.sub(" ", text).strip()
    if _LETTER_SPACED.fullmatch(blanks_single):
        return without_blanks(blanks_single)
    return _BLANK_AT_PUNCTUATION.sub("", blanks_single)


def without_blanks(text: str) -> str:
    return _BLANKS.sub("", text)


def is_letter_spaced(text: str) -> bool:
    """Whether blanks stand between all characters, as form labels are set (日　付)."""
    return bool(re.fullmatch(r"[^\s\x00-\x7f](?:\s+[^\s\x00-\x7f])+", text.strip()))


def glue(before: str, after: str) -> str:
    """What stands between two pieces of one text: nothing next to Japanese but a check box, nothing inside
    a Latin word parted by a hyphen, else a space. Between two figures it is never nothing."""
    if not before or not after:
        return ""
    if after[0] in CHECK_BOXES or _PARTED_FIGURES.fullmatch(before[-1] + after[0]):
        return " "
    if is_japanese(before[-1]) or is_japanese(after[0]):
        return ""
    if _HYPHENATED.search(before) and after[0].islower():
        return ""
    return " "


def cut(line: DetectedLine, count: int, share: float | None = None) -> tuple[DetectedLine, DetectedLine]:
    """The line's first `count` characters and the rest, as two lines without outer blanks.

    The box is parted at `share` (0-1) of its length; None parts it between the two characters.
    """
    head, tail = line.text[:count], line.text[count:]
    box = line.box
    part = _share_of(line, count) if share is None else share
    if line.vertical:
        y = box.y0 + part * box.height
        before, after = Box(box.x0, box.y0, box.x1, y), Box(box.x0, y, box.x1, box.y1)
    else:
        x = box.x0 + part * box.width
        before, after = Box(box.x0, box.y0, x, box.y1), Box(x, box.y0, box.x1, box.y1)
    known = line.centers if len(line.centers) == len(line.text) else ()
    part_of = replace(line, certainties=(), rivals=())
    first = replace(part_of, text=head, box=before, centers=known[:count])
    second = replace(part_of, text=tail, box=after, centers=known[count:])
    return first.saying(head.strip()), second.saying(tail.strip())


def _share_of(line: DetectedLine, count: int) -> float:
    """The share (0-1) of the line's length that its first `count` characters take."""
    if 0 < count < len(line.text) and len(line.centers) == len(line.text):
        start, end = (line.box.y0, line.box.y1) if line.vertical else (line.box.x0, line.box.x1)
        before, after = map(character_width, line.text[count - 1 : count + 1])
        left, right = line.centers[count - 1 : count + 1]
        between = left + (right - left) * before / (before + after)
        return min(max((between - start) / max(end - start, 1e-6), 0.0), 1.0)
    return text_width(line.text[:count]) / max(text_width(line.text), 0.5)


def ratio_of(one: float, other: float) -> float:
    """How many times larger one type size is than the other, 1 or more."""
    return max(one, other) / min(one, other)
