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
from ocr.structure.script import cut, em, text_width
from ocr.structure.text_rows import ALIGNED, Text, TextRow
from ocr.structure.value_types import value_type

BLANK = 0.6  # ems of white between two columns, at least
FEWEST = 2  # texts of a value and words, their words one below the other
_GLUED = re.compile(r"(\S+)\s(?=\S)")


def unglued(run: Sequence[TextRow], size: float) -> tuple[list[TextRow], dict[DetectedLine, DetectedLine]]:
    """The rows of a run with such texts parted, and for each of the parts the line that it was part of.

    `size` is the body type size in points; the first row is the one of the headings.
    """
    rows = list(run)
    whole: dict[DetectedLine, DetectedLine] = {}
    for value, words in pairwise(run[0]):
        places = [
            (number, at)
            for number, row in enumerate(rows[1:], 1)
            for at, text in enumerate(row)
            if value.box.x0 < text.box.x1 and text.box.x0 < words.box.x1
        ]
        parts = {place: _parts(rows[place[0]][place[1]]) for place in places}
        if not _are_two_columns(list(parts.values()), value, words, size):
            continue
        for (number, at), texts in parts.items():
            whole |= {text.lines[0]: rows[number][at].lines[0] for text in texts if len(texts) > 1}
            rows[number] = (*rows[number][:at], *texts, *rows[number][at + 1 :])
    return rows, whole


def _parts(text: Text) -> list[Text]:
    """A value and the words behind it; the text alone where it is a value, nothing where it is neither."""
    glued = _GLUED.match(text.text)
    if value_type(text.text):
        return [text]
    if len(text.lines) > 1 or glued is None or not value_type(glued[1]):
        return []
    value, words = cut(text.lines[0], glued.end())
    # Words of full width tell where they begin; digits are set wider or narrower than half of that.
    size = em(text.lines[0])
    begin = max(words.box.x0, words.box.x1 - text_width(words.text) * size)
    end = min(value.box.x1, begin - BLANK * size)
    boxes = replace(value.box, x1=end), replace(words.box, x0=begin)
    return [Text.of([replace(line, box=box)]) for line, box in zip((value, words), boxes, strict=True)]


def _are_two_columns(parts: Sequence[Sequence[Text]], value: Text, words: Text, size: float) -> bool:
    """Whether all that stands under two headings is a value, some with words behind that stand one below
    the other, between the headings or under the second of them."""
    ends = [texts[0].box.x1 for texts in parts if texts]
    begins = [texts[1].box.x0 for texts in parts if len(texts) > 1]
    return (
        len(begins) >= FEWEST
        and all(parts)
        and value.box.x0 < median(ends)
        and median(begins) < words.box.x1
        and all(abs(x - median(begins)) <= ALIGNED * size for x in begins)
    )
