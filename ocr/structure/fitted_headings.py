"""The headings of aligned columns, fitted to the columns below: two that were read as one are parted, one
that reaches over the next column is cut short.

Where every letter is as wide as the next, as on a line printer, a heading may be wider than its column, and
one blank is all the white that is left to the next heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.detection import DetectedLine
from ocr.structure.script import cut
from ocr.structure.text_rows import GUTTER, Text, TextRow
from ocr.structure.value_types import value_type

MOST_ABOVE = 2  # rows: a title beside a date
FEWEST_BELOW = 2  # rows that tell the columns
REACHES = 0.4  # of a heading that may stand over the next column

_BLANK = re.compile(r"(?<=\S)\s(?=\S)")

Ends = Sequence[tuple[float, float]]
Whole = dict[DetectedLine, DetectedLine]


def with_fitted_headings(run: Sequence[TextRow], size: float) -> tuple[list[TextRow], Whole]:
    """The run with the row of its headings fitted, and for each line of that which is new the one it was
    part of.

    `size` is the body type size in points. The headings are the first row without a value; a text that does
    not find columns of its own stays as it is.
    """
    at = next((at for at, row in enumerate(run) if not any(value_type(text.text) for text in row)), len(run))
    if at > MOST_ABOVE or len(run) - at <= FEWEST_BELOW:
        return list(run), {}
    above, header, rows = run[:at], run[at], run[at + 1 :]
    columns = _stripes(rows, size)
    whole: Whole = {}
    fitted: list[Text] = []
    for text in header:
        parts = _fitted(text, columns, size)
        whole |= {part.lines[0]: text.lines[0] for part in parts if part is not text}
        fitted.extend(parts)
    return [*above, tuple(fitted), *rows], whole


def _stripes(rows: Sequence[TextRow], size: float) -> list[tuple[float, float]]:
    """The left and right ends of what the texts of the rows cover."""
    ends: list[tuple[float, float]] = []
    for x0, x1 in sorted((text.box.x0, text.box.x1) for row in rows for text in row):
        if ends and x0 - ends[-1][1] < GUTTER * size:
            ends[-1] = ends[-1][0], max(ends[-1][1], x1)
        else:
            ends.append((x0, x1))
    return ends


def _fitted(text: Text, columns: Ends, size: float) -> list[Text]:
    """The heading, or its parts, each over a column of its own."""
    slack = GUTTER / 2 * size
    under = [column for column in columns if _shared(text, column) > slack]
    if len(text.lines) > 1:
        return [text]
    if len(under) < 2:
        return [text] if not under else [_cut_short(text, under[0], columns, size)]
    words = _words(text)
    if len(words) == len(under) and all(map(_shares, words, under)):
        return [_cut_short(part, column, columns, size) for part, column in zip(words, under, strict=True)]
    own = max(under, key=lambda column: _shared(text, column))
    beyond = sum(_shared(text, column) for column in under if column is not own)
    if beyond <= REACHES * text.box.width and not _BLANK.search(text.text):
        return [_cut_short(text, own, columns, size)]
    return [text]


def _words(text: Text) -> list[Text]:
    """What blanks part in the heading."""
    (rest,) = text.lines
    words = []
    while blank := _BLANK.search(rest.text):
        words.append(Text.of([cut(rest, blank.start())[0]]))
        _, rest = cut(rest, blank.end())
    return [*words, Text.of([rest])]


def _cut_short(text: Text, own: tuple[float, float], columns: Ends, size: float) -> Text:
    """The heading without what of it stands too close to the columns beside its own."""
    gap = GUTTER * size
    left = max((column[1] + gap for column in columns if column[1] < own[0]), default=text.box.x0)
    right = min((column[0] - gap for column in columns if column[0] > own[1]), default=text.box.x1)
    x0, x1 = max(text.box.x0, left), min(text.box.x1, right)
    if (x0, x1) == (text.box.x0, text.box.x1) or x1 - x0 < gap:
        return text
    (line,) = text.lines
    return Text.of([replace(line, box=replace(line.box, x0=x0, x1=x1))])


def _shared(text: Text, column: tuple[float, float]) -> float:
    return min(text.box.x1, column[1]) - max(text.box.x0, column[0])


def _shares(text: Text, column: tuple[float, float]) -> bool:
    return _shared(text, column) > 0
