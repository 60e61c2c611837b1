"""What engines and text layers say, made fit to be kept: whole characters, finite boxes, sane shares."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.proofreading.radicals import without_radicals

# What JSON, XML or Parquet cannot hold: control characters, halves of surrogate pairs, noncharacters.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
# Points or pixels: the room of a line that a damaged file gives none, so that sizes can be compared.
LEAST_SIDE = 0.1


def sane_text(text: str) -> str:
    """`text` without control characters, radicals as kanji; halves of a pair joined, or U+FFFD where one half
    is missing."""
    if text.isascii() and text.isprintable():
        return text
    text = without_radicals(text)
    joined = _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
    return _NO_CHARACTER.sub("\ufffd", _CONTROL.sub("", joined))


def sane_lines(lines: Iterable[DetectedLine]) -> Iterator[DetectedLine]:
    """The lines that lie somewhere, none without room, their text sane, their confidence within 0 and 1."""
    for line in lines:
        edges = (line.box.x0, line.box.y0, line.box.x1, line.box.y1)
        if not all(map(math.isfinite, edges)) or line.box.x0 > line.box.x1 or line.box.y0 > line.box.y1:
            continue
        confidence = line.confidence if math.isfinite(line.confidence) else 0.0
        yield replace(
            line,
            box=_with_room(line.box),
            text=sane_text(line.text),
            original=sane_text(line.original),
            confidence=min(max(confidence, 0.0), 1.0),
        )


def _with_room(box: Box) -> Box:
    if box.width >= LEAST_SIDE and box.height >= LEAST_SIDE:
        return box
    return Box(box.x0, box.y0, max(box.x1, box.x0 + LEAST_SIDE), max(box.y1, box.y0 + LEAST_SIDE))
