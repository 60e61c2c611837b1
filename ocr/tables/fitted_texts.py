"""The texts of aligned columns, fitted to the columns: those of several that were read as one are parted, a
heading that reaches over the next column is cut short.

Where every letter is as wide as the next, as on a line printer, a heading may be wider than its column, and
one blank is all the white that is left to the next heading or number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.detection import DetectedLine
from ocr.labels.value_types import value_type
from ocr.script.widths import cut
from ocr.tables.text_rows import GUTTER, RowText, TextRow, stripes

MOST_ABOVE = 2  # rows above the headings: a title beside a date
FEWEST_BELOW = 2  # rows that tell the columns
REACHES = 0.4  # of a heading that may stand over the next column

_BLANK = re.compile(r"(?<=\S)\s(?=\S)")

Ends = Sequence[tuple[float, float]]
Whole = dict[DetectedLine, DetectedLine]


def with_fitted_texts(run: Sequence[TextRow], size: float) -> tuple[list[TextRow], Whole]:
    """The run with its texts fitted, and for each line of those which is new the one it was part of.

    `size` is the body type size in points. Headings stand in one of the first rows, one without a value; in
    the others only values are parted. A text whose words do not find a column each stays as it is.
    """
    top = [at for at, row in enumerate(run[: MOST_ABOVE + 1]) if not any(map(_is_value, row))][:1]
    below = run[top[0] + 1 :] if top else run
    if len(below) < FEWEST_BELOW:
        return list(run), {}
    columns = stripes(below, size)
    whole: Whole = {}
    fitted: list[TextRow] = []
    for at, row in enumerate(run):
        fit = _fitted if at in top else _parted_values
        pieces = [fit(text, columns, size) for text in row]
        for text, parts in zip(row, pieces, strict=True):
            whole |= {part.lines[0]: text.lines[0] for part in parts if part is not text}
        fitted.append(tuple(part for parts in pieces for part in parts))
    return fitted, whole


def _is_value(text: RowText) -> bool:
    return value_type(text.text) is not None


def _fitted(text: RowText, columns: Ends, size: float) -> list[RowText]:
    """The heading, or its parts, each over a column of its own."""
    under = _under(text, columns, size)
    if len(text.lines) > 1 or not under:
        return [text]
    if len(under) == 1:
        return [_cut_short(text, under[0], columns, size)]
    if words := _words_over(text, under):
        return [_cut_short(part, column, columns, size) for part, column in zip(words, under, strict=True)]
    own = max(under, key=lambda column: _shared(text, column))
    beyond = sum(_shared(text, column) for column in under if column is not own)
    if beyond <= REACHES * text.box.width and not _BLANK.search(text.text):
        return [_cut_short(text, own, columns, size)]
    return [text]


def _parted_values(text: RowText, columns: Ends, size: float) -> list[RowText]:
    """The values of several columns that were read as one text; else the text alone."""
    under = _under(text, columns, size)
    if len(under) < 2 or len(text.lines) > 1:
        return [text]
    words = _words_over(text, under)
    return words if words and all(map(_is_value, words)) else [text]


def _under(text: RowText, columns: Ends, size: float) -> Ends:
    """The columns that the text stands over."""
    return [column for column in columns if _shared(text, column) > GUTTER / 2 * size]


def _words_over(text: RowText, columns: Ends) -> list[RowText]:
    """What blanks part in the text where that is a word over each of the columns; else nothing."""
    (rest,) = text.lines
    words = []
    while blank := _BLANK.search(rest.text):
        words.append(RowText.of([cut(rest, blank.start())[0]]))
        _, rest = cut(rest, blank.end())
    words.append(RowText.of([rest]))
    fit = len(words) == len(columns) and all(
        _shared(word, column) > 0 for word, column in zip(words, columns, strict=True)
    )
    return words if fit else []


def _cut_short(text: RowText, own: tuple[float, float], columns: Ends, size: float) -> RowText:
    """The heading without what of it stands too close to the columns beside its own."""
    gap = GUTTER * size
    left = max((column[1] + gap for column in columns if column[1] < own[0]), default=text.box.x0)
    right = min((column[0] - gap for column in columns if column[0] > own[1]), default=text.box.x1)
    x0, x1 = max(text.box.x0, left), min(text.box.x1, right)
    if (x0, x1) == (text.box.x0, text.box.x1) or x1 - x0 < gap:
        return text
    (line,) = text.lines
    return RowText.of([replace(line, box=replace(line.box, x0=x0, x1=x1))])


def _shared(text: RowText, column: tuple[float, float]) -> float:
    return min(text.box.x1, column[1]) - max(text.box.x0, column[0])
