"""Texts of two columns without a ruling between them that were read as one: a value, a blank, and words.

A value set to the right of its column stands close to the words of the next, closer than words of one text
may stand. That they are two columns is told by the headings: two over the texts of one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from ocr.detection import DetectedLine
from ocr.labels.value_types import value_type
from ocr.script.widths import cut, em, text_width
from ocr.tables.text_rows import ALIGNED, RowText, TextRow
from ocr.values.numbers import is_unit

BLANK = 0.6  # ems of white between two columns, at least
FEWEST = 2  # texts of a value and words, their words one below the other
_BEFORE_BLANK = re.compile(r"(\S+)\s(?=\S)")
_BEFORE_WORDS = re.compile(r"([\d０-９.,/:%％\-]+)(?=[^\x00-\x7f])")  # an engine may pass over the blank

Whole = dict[DetectedLine, DetectedLine]


def unglued(run: Sequence[TextRow], size: float) -> tuple[list[TextRow], Whole]:
    """The rows of a run with such texts parted, and for each of the parts the line that it was part of.

    `size` is the body type size in points; the first row is the one of the headings.
    """
    header, *rows = run
    whole: Whole = {}
    for value, words in pairwise(header):
        if _parts(value) or _parts(words):
            continue  # no headings
        parts = {
            text: _parts(text)
            for row in rows
            for text in row
            if value.box.x0 < text.box.x1 and text.box.x0 < words.box.x1
        }
        begins = [texts[1].box.x0 for texts in parts.values() if len(texts) > 1]
        if not _are_two_columns(parts, begins, value, words, size):
            continue
        white = min(begins) - BLANK * size
        parted = {text: _apart(texts, white) for text, texts in parts.items() if len(texts) > 1}
        whole |= {part.lines[0]: text.lines[0] for text, texts in parted.items() for part in texts}
        rows = [tuple(part for text in row for part in parted.get(text, [text])) for row in rows]
    return [header, *rows], whole


def _parts(text: RowText) -> list[RowText]:
    """A value and the words behind it; the text alone where it is a value, nothing where it is neither."""
    ends = [glued.end() for form in (_BEFORE_BLANK, _BEFORE_WORDS) if (glued := form.match(text.text))]
    ends = [end for end in ends if value_type(text.text[:end]) and not is_unit(text.text[end:])]
    if not ends or len(text.lines) > 1:
        return [text] if value_type(text.text) else []
    value, words = cut(text.lines[0], ends[0])
    # Words of full width tell where they begin; digits are set wider or narrower than half of that.
    begin = max(words.box.x0, words.box.x1 - text_width(words.text) * em(text.lines[0]))
    return [RowText.of([value]), RowText.of([replace(words, box=replace(words.box, x0=begin))])]


def _are_two_columns(
    parts: dict[RowText, list[RowText]], begins: Sequence[float], value: RowText, words: RowText, size: float
) -> bool:
    """Whether several words begin at one place between the two headings, as do those that stand alone."""
    if len(begins) < FEWEST or not value.box.x0 < median(begins) < words.box.x1:
        return False
    alone = [text.box.x0 for text, texts in parts.items() if not texts]
    return all(abs(x - median(begins)) <= ALIGNED * size for x in (*begins, *alone))


def _apart(texts: Sequence[RowText], white: float) -> list[RowText]:
    """A value and words, the value ending before the white between their columns."""
    value, words = texts
    (line,) = value.lines
    return [RowText.of([replace(line, box=replace(line.box, x1=min(line.box.x1, white)))]), words]
