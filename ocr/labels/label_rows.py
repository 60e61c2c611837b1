"""What may be a label on a row of writing, and the value behind it, where no colon says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.labels.label_likeness import is_usual_label, label_likeness
from ocr.script.item_marks import is_item, without_mark
from ocr.script.widths import cut, text_width, without_blanks

LONGEST_LABEL = 12.0  # ems
ALIGNED = 0.7  # ems between the edges of one column
ROUGHLY_ALIGNED = 2.0  # ems, of a value whose place in its line is known from the width of its letters alone
LEAST_GAP = 0.3  # ems of white between a label and its value
VALUE_LIKE = 0.12  # what is less like a label is a date, a figure, the name of a firm
WORDS_OF_A_LABEL = 4  # as letters set apart count
SET_APART = 6.0  # ems between the letters of a label
AT_COLON = re.compile(r"\s?[：:]$")
_LEADER = re.compile(r"[.．・…‥·]{3,}")


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A label with the first line of its value, None where it is empty; `lines` are what they were read as,
    one line where both stand in it. `at` is where the value begins."""

    label: DetectedLine
    value: DetectedLine | None
    at: float
    lines: tuple[DetectedLine, ...]
    slack: float


def labelled_texts(row: Sequence[DetectedLine], size: float) -> Iterator[LabelledText]:
    """What may be labels of the row, each with the text behind it."""
    for at, line in enumerate(row):
        letters = _letters(row[at:], size)
        label, after = (_joined(letters), row[at + len(letters) :]) if letters else (line, row[at + 1 :])
        if after and after[0].box.x0 - label.box.x1 >= LEAST_GAP * size and may_be_label(label.text):
            yield LabelledText(
                label, after[0], after[0].box.x0, (*(letters or (line,)), after[0]), ALIGNED * size
            )
        count = _label_length(line.text)
        if count:
            label, value = cut(line, count)
            begin = line.box.x1 - text_width(value.text) * size
            yield LabelledText(label, value, begin, (line,), ROUGHLY_ALIGNED * size)


def _letters(row: Sequence[DetectedLine], size: float) -> tuple[DetectedLine, ...]:
    """The first lines of the row that are the letters of one usual label set far apart; none otherwise."""
    count = next((at for at, line in enumerate(row) if len(line.text) > 1), len(row))
    for end in range(min(count, WORDS_OF_A_LABEL), 1, -1):
        letters = row[:end]
        near = all(b.box.x0 - a.box.x1 <= SET_APART * size for a, b in pairwise(letters))
        if near and is_usual_label("".join(line.text for line in letters)):
            return tuple(letters)
    return ()


def _joined(letters: Sequence[DetectedLine]) -> DetectedLine:
    text = " ".join(line.text for line in letters)
    sure = min(line.confidence for line in letters)
    return replace(letters[0], text=text, box=Box.around(line.box for line in letters), confidence=sure)


def may_be_label(text: str) -> bool:
    """Whether the text is short and no value, no part of a sentence, and no item of a list but a usual label
    with a number."""
    compact = without_blanks(AT_COLON.sub("", text))
    if not compact or text_width(compact) > LONGEST_LABEL or _LEADER.search(text):
        return False
    if is_item(text):
        return is_usual_label(without_mark(compact))
    return label_likeness(compact) >= VALUE_LIKE and not re.search("[、。，：:]", compact)


def _label_length(text: str) -> int:
    """How many characters of a line are its label, where a blank parts it from its value; 0 for none."""
    blanks = [match.start() for match in re.finditer(r"\s", text)][:WORDS_OF_A_LABEL]
    usual = [at for at in blanks if is_usual_label(text[:at])]
    if usual:
        return max(usual)
    return blanks[0] if blanks and may_be_label(text[: blanks[0]]) else 0
