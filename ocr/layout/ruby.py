"""Ruby (furigana): the small kana beside a column or above a row that say how its kanji are read.

A reading repeats what the kanji say, so it is no part of the text; the page leaves it out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.detection import DetectedLine
from ocr.script.widths import em

LARGEST_RUBY = 0.7  # of the type size beside it; it is set at a half, but its box is drawn wide
PAPER_AND_ALL = 1.2  # ems that the box of a row is high, at least
FARTHEST = 0.6  # ems of the base between it and its ruby
MOST_OVERHANG = 0.35  # of its own length that ruby reaches beyond its base
KANA = re.compile(r"[ぁ-んァ-ヶー・一\s]+")


def without_ruby(lines: Sequence[DetectedLine]) -> tuple[DetectedLine, ...]:
    """The lines but those that are ruby of another: thin, all kana, right of a column or above a row."""
    return tuple(line for line in lines if not _is_ruby(line, lines))


def _is_ruby(line: DetectedLine, lines: Sequence[DetectedLine]) -> bool:
    return bool(KANA.fullmatch(line.text)) and any(
        other is not line and _stands_by(line, other) for other in lines
    )


def _stands_by(small: DetectedLine, base: DetectedLine) -> bool:
    size, box, body = em(base), small.box, base.box
    # A row with blanks in it seems to be of larger type than its height allows.
    allowed = size if base.vertical else min(size, body.height / PAPER_AND_ALL)
    if em(small) > LARGEST_RUBY * allowed:
        return False
    if base.vertical:
        beside = box.center[0] > body.center[0] and box.x0 - body.x1 <= FARTHEST * size
        reach, length = min(box.y1, body.y1) - max(box.y0, body.y0), box.height
    else:
        beside = box.center[1] < body.center[1] and body.y0 - box.y1 <= FARTHEST * size
        reach, length = min(box.x1, body.x1) - max(box.x0, body.x0), box.width
    return beside and reach >= (1 - MOST_OVERHANG) * length
