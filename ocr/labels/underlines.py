"""Forms without cells: a label before an underline, its value on it, as in 氏名＿＿＿＿."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.labels.label_likeness import SURE_LABEL, is_usual_label, label_likeness
from ocr.labels.pairs import ENDS_WITH_COLON, as_label
from ocr.script.widths import character_centres, count_before, cut, em, text_width, without_blanks

LIKELY = 0.4  # a short text before an empty line need not be a usual label to be one
SHORTEST = 3.0  # ems of an underline that is there to be written on
BESIDE = 3.0  # ems between a label and its underline
UNDER = (-0.35, 0.9)  # ems from the foot of a line down to its underline
NEAR = 2  # characters by which letter spacing may shift the end of a label
# So many characters further off, a usual label, a likely one, and an end at a blank are as good.
USUAL, SURE, BLANK = 2.5, 1.5, 1.5
MOST_SHIFTED = 0.5
APART = 0.5  # ems of white between a label of any words and its underline
LONGEST_PHRASE = 20.0  # ems of such a label
SEALS = tuple("印㊞")
_PARTICLE = re.compile("[をはがにでともへ]$")  # at the end of what a sentence begins with
_GOES_ON = re.compile(r"\s?[をはがにへ][^ぁ-ん]")  # a sentence, with its particle
_ONLY_KANA = re.compile("[ぁ-んー]+")
_SENTENCE = re.compile("[、。，．！？!?：:]|[すたい]$")


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
    begins behind it; a place for a seal behind the underline stands by itself."""
    size = em(line)
    if line.text.endswith(ENDS_WITH_COLON):
        return [line]
    for underline in sorted(underlines, key=lambda ruling: ruling.x0):
        later = [other for other in underlines if other.x0 > underline.x0]
        share = (underline.x0 - line.box.x0) / line.box.width
        near = count_before(line, underline.x0)
        if line.box.x1 > underline.x1 + size and not later and not _ends_with_seal(line, underline):
            continue  # a phrase that is underlined in the middle of a text
        if line.box.x0 + size < underline.x0 and near < len(line.text):
            count = _label_length(line.text, near)
            if count:
                label, value = cut(line, count, share)
                return [as_label(label), *_values(value, underline, later)]
            continue
        white = underline.x0 - line.box.x1
        if -size / 2 <= white <= BESIDE * size and _is_label(line.text, apart=white >= APART * size):
            return [as_label(line)]
    return [line]


def _values(value: DetectedLine, underline: Ruling, later: Sequence[Ruling]) -> list[DetectedLine]:
    """The value on the underline, and what stands behind it."""
    if not value.text:
        return []
    if not later and _ends_with_seal(value, underline):
        return [part for part in cut(value, len(value.text) - 1) if part.text]
    return _parted(value, later)


def _ends_with_seal(line: DetectedLine, underline: Ruling) -> bool:
    """Whether the last letter is the place for a seal, behind the underline."""
    return line.text[-1:] in SEALS and character_centres(line)[-1] > underline.x1


def _is_label(text: str, *, apart: bool) -> bool:
    """Whether the text before an underline is its label: of any words where white parts it from its value."""
    compact = without_blanks(text)
    if len(compact) < 2 or _PARTICLE.search(compact):
        return False
    if compact.endswith(ENDS_WITH_COLON) or is_usual_label(compact):
        return True
    if _ONLY_KANA.fullmatch(compact):
        return False  # まだ, さらに
    if label_likeness(text) >= LIKELY:
        return True
    return apart and text_width(compact) <= LONGEST_PHRASE and not _SENTENCE.search(compact)


def _label_length(text: str, near: int) -> int:
    """How many characters of the line are its label, of which `near` stand before its underline; 0 for none.

    Blanks that were not read shift the end; a label that is a usual one, and a blank, outweigh some of it.
    """

    def cost(at: int) -> tuple[float, int]:
        words = text[:at]
        gain = USUAL if is_usual_label(words) else SURE if label_likeness(words) >= SURE_LABEL else 0.0
        return abs(at - near) - gain - (BLANK if text[at].isspace() else 0.0), -at

    def fits(at: int) -> bool:
        return _is_label(text[:at], apart=text[at].isspace()) and not _GOES_ON.match(text, at)

    fitting = filter(fits, range(max(near - NEAR, 2), min(near + NEAR + 1, len(text))))
    best = min(fitting, key=cost, default=0)
    return best if best and cost(best)[0] < MOST_SHIFTED else 0
