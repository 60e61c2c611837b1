"""Forms without cells: a label before an underline, its value on it, as in 氏名＿＿＿＿."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.structure.labels import SURE_LABEL, label_likeness
from ocr.structure.script import count_before, cut, em, text_width, without_blanks

COLON = "："
LIKELY = 0.4  # a short text before an empty line need not be a usual label to be one
SHORTEST = 4.0  # ems of an underline that is there to be written on
BESIDE = 3.0  # ems between a label and its underline
UNDER = (-0.35, 0.9)  # ems from the foot of a line down to its underline
NEAR = 2  # characters by which letter spacing may shift the end of a label
ENDS_WITH_COLON = tuple("：:")
_PARTICLE = re.compile("[をはがにでともへ]$")  # at the end of what a sentence begins with


def with_underlined_labels(
    lines: Iterable[DetectedLine], rulings: Sequence[Ruling], grids: Sequence[Box]
) -> tuple[DetectedLine, ...]:
    """The lines with a colon behind every label that stands before an underline, outside of `grids`.

    A line that was read across the beginning of an underline is parted there into label and value.
    """
    underlines = [r for r in rulings if r.horizontal and not any(_lies_in(r, grid) for grid in grids)]
    found: list[DetectedLine] = []
    for line in lines:
        found.extend(_parted(line, [u for u in underlines if _is_under(u, line)]))
    return tuple(found)


def _lies_in(ruling: Ruling, grid: Box) -> bool:
    return grid.x0 - 2 <= ruling.x0 and ruling.x1 <= grid.x1 + 2 and grid.y0 - 2 <= ruling.y0 <= grid.y1 + 2


def _is_under(ruling: Ruling, line: DetectedLine) -> bool:
    size = em(line)
    highest, lowest = UNDER
    return (
        not line.vertical
        and ruling.x1 - ruling.x0 >= SHORTEST * size
        and highest * size <= ruling.y0 - line.box.y1 <= lowest * size
    )


def _parted(line: DetectedLine, underlines: Sequence[Ruling]) -> list[DetectedLine]:
    """The line as label and value where it runs over the beginning of an underline, as a label where one
    begins behind it."""
    size = em(line)
    if line.text.endswith(ENDS_WITH_COLON):
        return [line]
    for underline in sorted(underlines, key=lambda ruling: ruling.x0):
        later = [other for other in underlines if other.x0 > underline.x0]
        if line.box.x0 + size < underline.x0 < line.box.x1 - size:
            if line.box.x1 > underline.x1 + size and not later:
                continue  # a phrase that is underlined in the middle of a text
            count = _label_length(line, underline.x0)
            if count:
                share = (underline.x0 - line.box.x0) / line.box.width
                label, value = cut(line, count, share)
                return [_as_label(label), *(_parted(value, later) if value.text else [])]
        elif -size / 2 <= underline.x0 - line.box.x1 <= BESIDE * size and _is_label(line.text):
            return [_as_label(line)]
    return [line]


def _as_label(line: DetectedLine) -> DetectedLine:
    """The line with a colon, and with room for it, so that the label keeps its box when it is cut off."""
    if line.text.endswith(ENDS_WITH_COLON):
        return line
    room = line.box.width / text_width(line.text)
    return replace(line, text=line.text + COLON, box=replace(line.box, x1=line.box.x1 + room))


def _is_label(text: str) -> bool:
    compact = without_blanks(text)
    if _PARTICLE.search(compact):
        return False
    return len(compact) > 1 and (compact.endswith(ENDS_WITH_COLON) or label_likeness(text) >= LIKELY)


def _label_length(line: DetectedLine, end: float) -> int:
    """How many characters of the line are its label, which ends at `end`; 0 for none."""
    near = count_before(line, end)
    counts = [at for at in range(near - NEAR, near + NEAR + 1) if 1 < at < len(line.text)]
    blanks = [at for at in counts if line.text[at].isspace()]
    fitting = [at for at in blanks or counts if _is_label(line.text[:at])]
    return max(
        fitting,
        key=lambda at: (label_likeness(line.text[:at]) >= SURE_LABEL, -abs(at - near), at),
        default=0,
    )
