"""Rows of one column of text as headings, paragraphs and list items."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr.detection import DetectedLine
from ocr.document import BlockKind, Box
from ocr.labels.label_likeness import SURE_LABEL, label_likeness
from ocr.labels.pairs import is_labelled, opens_pair
from ocr.layout.list_lines import are_entries, is_sentence_like
from ocr.script.item_marks import (
    is_article,
    is_caption,
    is_clause,
    is_item,
    is_mark,
    is_numbered,
    is_section,
)
from ocr.script.widths import em, glue, ratio_of, text_width

LARGER_TYPE = 1.2  # times the body type size
SURE_OF_SIZE = 4.0  # ems; the type size of shorter lines is known less well
WIDE_GAP = 3.0  # ems inside a row, between things that do not belong to one sentence
FAR_APART = 4.0  # ems between the only two parts of a row, each a text of its own
LOOSE_PITCH = 1.35  # times the usual distance of lines
USUAL_PITCH = 2.6  # ems at most; beyond it lines are apart whatever the others do
SINGLE_PITCH = 1.7  # ems, where only one line is there
INDENT = 0.7  # ems
WIDEST_INDENT = 1.6  # ems
FEWEST_INDENTED = 2
SET_RIGHT = 0.33  # of the column: lines that start beyond are dates and names set right, each its own
ENDED_SLACK = 1.3  # ems a line that ends a sentence may stay short and yet be wrapped
BROKEN_SLACK = 3.0  # ems any other wrapped line may stay short
UNFILLED = 2.5  # ems that a line without any sentence may stay short of the room there is to write in
LEVEL_ENDS = 1.5  # ems between the ends of lines that were wrapped at one edge
FILLED = 0.75  # of the width: lines that reach so far were wrapped, shorter ones are shorter texts
LONGEST_HEADING = 30.0  # ems
CENTERED = 4.0  # ems of white on both sides of a centred heading
CENTERED_SHARE = 0.2  # of a narrow column, the same
FEWEST_IN_A_TABLE_ROW = 3  # pieces of writing on one line

_GOES_ON = tuple("、，をがはにでとのもへや")
SENTENCE_ENDS = tuple("。．！？!?」）)")


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that read as one text, and what they are."""

    kind: BlockKind
    lines: tuple[DetectedLine, ...]


@dataclass(frozen=True, slots=True)
class _ParagraphRow:
    lines: tuple[DetectedLine, ...]
    text: str
    box: Box
    size: float

    @property
    def labelled(self) -> bool:
        return is_labelled(self.lines[0]) or opens_pair(self.text)

    @property
    def scattered(self) -> bool:
        return any(
            after.box.x0 - before.box.x1 > WIDE_GAP * self.size for before, after in pairwise(self.lines)
        )


@dataclass(frozen=True, slots=True)
class _TextColumn:
    """What the rows of one column have in common; lengths in points.

    `indents` says that its paragraphs begin with an indented line, `room` and `edge` are as `passages` has
    them, `wrapped` is where rows end that hold sentences.
    """

    left: float
    right: float
    pitch: float
    body: float
    indents: bool
    room: tuple[float, float]
    edge: Callable[[Box], float]
    wrapped: tuple[float, ...]


def passages(
    rows: Sequence[Sequence[DetectedLine]],
    body: float,
    bounds: tuple[float, float] | None = None,
    room: tuple[float, float] | None = None,
    edge: Callable[[Box], float] | None = None,
) -> tuple[Passage, ...]:
    """The rows of one column as passages, in order.

    `body` is the page's type size in points, `bounds` the left and right end of the space there was to
    write in, where that is known (a cell); else the rows' own. `room` is that of the part of the page in
    the middle of which a heading may stand, `edge` tells how far to the right a line at some place could
    have been written.
    """
    printed = [_printed(part) for row in rows for part in _apart(row)]
    if not printed:
        return ()
    column = _measured(printed, body, bounds, room, edge)
    groups = [[printed[0]]]
    for row in printed[1:]:
        if _starts_anew(groups[-1], row, column):
            groups.append([row])
        else:
            groups[-1].append(row)
    return _told_apart(groups, column)


def as_passages(
    paragraphs: Sequence[Sequence[Sequence[DetectedLine]]], body: float, room: tuple[float, float]
) -> tuple[Passage, ...]:
    """Paragraphs that are known as such, each the rows of one, as what they look like beside each other."""
    groups = [[_printed(row) for row in rows] for rows in paragraphs]
    if not groups:
        return ()
    column = _measured([row for group in groups for row in group], body, None, room, None)
    return _told_apart(groups, column)


def _told_apart(groups: Sequence[Sequence[_ParagraphRow]], column: _TextColumn) -> tuple[Passage, ...]:
    kinds = [_kind(group, column) for group in groups]
    kinds = [_heading_in_context(kinds, groups, at) or kind for at, kind in enumerate(kinds)]
    return tuple(
        Passage(kind, tuple(line for row in group for line in row.lines))
        for kind, group in zip(kinds, groups, strict=True)
    )


def starts_item(text: str) -> bool:
    """Whether the text opens with a bullet, an item number or an article's number."""
    return is_item(text) or is_article(text)


def _apart(row: Sequence[DetectedLine]) -> list[list[DetectedLine]]:
    """The row in the parts that do not belong to one line: of another type size, or two far apart."""
    parts: list[list[DetectedLine]] = []
    for line in row:
        if parts and _on_one_text(parts[-1][-1], line, alone=len(row) == 2):
            parts[-1].append(line)
        else:
            parts.append([line])
    return parts


def _on_one_text(before: DetectedLine, after: DetectedLine, *, alone: bool) -> bool:
    if after.label:
        return False
    if (
        is_mark(before.text)
        or before.label
        or (before.text.endswith(("：", ":")) and opens_pair(before.text))
    ):
        return True  # an item and its mark, a label and its value, whatever room was left between them
    far = alone and after.box.x0 - before.box.x1 > FAR_APART * em(after)
    return not far and ratio_of(em(before), em(after)) <= LARGER_TYPE**2


def _printed(lines: Sequence[DetectedLine]) -> _ParagraphRow:
    text = lines[0].text
    for line in lines[1:]:
        text += (glue(text, line.text) or " ") + line.text
    widest = max(lines, key=lambda line: text_width(line.text))
    return _ParagraphRow(tuple(lines), text, Box.around(line.box for line in lines), em(widest))


def _measured(
    rows: Sequence[_ParagraphRow],
    body: float,
    bounds: tuple[float, float] | None,
    room: tuple[float, float] | None,
    edge: Callable[[Box], float] | None,
) -> _TextColumn:
    left = min(row.box.x0 for row in rows)
    right = max(row.box.x1 for row in rows)
    if bounds is not None and right - left < FILLED * (bounds[1] - bounds[0]):
        right = max(right, bounds[1] - 2 * body)
    under = [
        (before, after.box.center[1] - before.box.center[1])
        for before, after in pairwise(rows)
        if max(before.size, after.size) < LARGER_TYPE * body and after.box.y0 > before.box.center[1]
    ]
    wrapped = [step for row, step in under if not row.scattered and row.box.width > FILLED * (right - left)]
    steps = wrapped or [step for _, step in under]
    usual = sorted(steps)[len(steps) // 4] if steps else 0.0  # gaps between paragraphs are steps, too
    pitch = min(usual, USUAL_PITCH * body) or SINGLE_PITCH * body
    last = max(right, bounds[1] if bounds else right)
    ends = tuple(row.box.x1 for row in rows if is_sentence_like(row.text))
    return _TextColumn(
        left,
        right,
        pitch,
        body,
        _indents(rows, left, body),
        room or (left, right),
        edge or (lambda _: last),
        ends,
    )


def _indents(rows: Sequence[_ParagraphRow], left: float, body: float) -> bool:
    """Whether rows that begin a sentence after a full stop or at the top are mostly indented."""
    begins = [rows[0], *(row for before, row in pairwise(rows) if before.text.endswith("。"))]
    indented = sum(INDENT * body < row.box.x0 - left < WIDEST_INDENT * body for row in begins)
    return indented >= FEWEST_INDENTED and 2 * indented >= len(begins)


def _starts_anew(passage: Sequence[_ParagraphRow], row: _ParagraphRow, column: _TextColumn) -> bool:
    first, before = passage[0], passage[-1]
    size = column.body
    if before.scattered or row.scattered or starts_item(row.text) or is_labelled(row.lines[0]):
        return True
    if _sizes_differ(before, row) or before.box.x0 > column.left + SET_RIGHT * (column.right - column.left):
        return True
    if row.box.center[1] - before.box.center[1] > LOOSE_PITCH * max(column.pitch, row.size):
        return True
    if _are_apart(before, row, column):
        return True
    ended = before.text.endswith(SENTENCE_ENDS)
    if ended and is_clause(row.text):
        return True
    if row.box.x0 < first.box.x0 - INDENT * size and starts_item(first.text) and ended:
        return True
    hanging = starts_item(first.text) or first.labelled
    indented = row.box.x0 > column.left + INDENT * size
    if indented and not hanging and (ended or row.box.x0 > before.box.x0 + INDENT * size):
        return True
    if _is_set_in(before, row, column):
        return True
    slack = column.right - before.box.x1
    word = re.match(r"[\x21-\x7e]*", row.text)
    next_word = 0.5 * len(word.group()) if word else 0.0
    return slack > (ENDED_SLACK if ended and not column.indents else BROKEN_SLACK + next_word) * max(
        size, row.size
    )


def _are_apart(before: _ParagraphRow, row: _ParagraphRow, column: _TextColumn) -> bool:
    """Whether two rows are entries of a list: by their words, or because nothing made the first one end where
    it does."""
    if are_entries(before.text, row.text):
        return True
    size, end = max(column.body, row.size), before.box.x1
    level = sum(abs(x - end) <= LEVEL_ENDS * size for x in column.wrapped)
    if is_sentence_like(before.text):
        # Itself and another: so short a text is wrapped at the edge of a narrow column, or not at all.
        half = (column.left + column.edge(before.box)) / 2
        goes_on = before.text.isascii() or before.text.endswith(_GOES_ON)
        return end < half and level < 2 and not goes_on
    unfilled = column.edge(before.box) - end > UNFILLED * size
    return unfilled and not level and not is_sentence_like(row.text)


def _is_set_in(before: _ParagraphRow, row: _ParagraphRow, column: _TextColumn) -> bool:
    """Whether the row before stands in the middle, as a title does over the text that begins with `row`."""
    into, out = before.box.x0 - column.left, column.right - before.box.x1
    centered = min(into, out) > WIDEST_INDENT * before.size and abs(into - out) < before.size
    return centered and row.box.x0 <= before.box.x0 - WIDEST_INDENT * before.size


def _sizes_differ(one: _ParagraphRow, other: _ParagraphRow) -> bool:
    certain = min(text_width(one.text), text_width(other.text)) >= SURE_OF_SIZE
    return ratio_of(one.size, other.size) > (LARGER_TYPE if certain else LARGER_TYPE**2)


def _kind(group: Sequence[_ParagraphRow], column: _TextColumn) -> BlockKind:
    row = group[0]
    plain = len(row.lines) < FEWEST_IN_A_TABLE_ROW and not row.scattered and not row.labelled
    if plain and len(group) == 1 and _is_title_like(row.text):
        width = text_width(row.text)
        larger = row.size >= (LARGER_TYPE if width >= SURE_OF_SIZE else LARGER_TYPE**2) * column.body
        larger = larger and width >= 2
        if larger or is_article(row.text) or (_is_centered(row, column) and not is_item(row.text)):
            return BlockKind.HEADING
    return BlockKind.LIST_ITEM if is_item(row.text) else BlockKind.PARAGRAPH


def _is_title_like(text: str) -> bool:
    short = text_width(text) <= LONGEST_HEADING and not text.endswith("。")
    return short and any(map(str.isalpha, text)) and not is_caption(text)


def _is_centered(row: _ParagraphRow, column: _TextColumn) -> bool:
    left, right = column.room
    margin_left, margin_right = row.box.x0 - left, right - row.box.x1
    least = min(CENTERED * column.body, CENTERED_SHARE * (right - left))
    return min(margin_left, margin_right) > least and abs(margin_left - margin_right) < 2 * column.body


def _heading_in_context(
    kinds: Sequence[BlockKind], groups: Sequence[Sequence[_ParagraphRow]], at: int
) -> BlockKind | None:
    """A heading is also a short line that is set off (■ 所感) and not one of several such items, or that
    stands over a text and is a label (ご意見・ご要望) or has a number in no list (1. 目的, 1 目的)."""
    text = groups[at][0].text
    if len(groups[at]) > 1 or not _is_title_like(text) or groups[at][0].labelled:
        return None
    neighbours = [groups[near][0].text for near in (at - 1, at + 1) if 0 <= near < len(groups)]
    if is_section(text) and (kinds[at] is BlockKind.LIST_ITEM or not is_item(text)):
        return None if any(near[0] == text[0] for near in neighbours) else BlockKind.HEADING
    followed = at + 1 < len(kinds) and kinds[at + 1] is BlockKind.PARAGRAPH
    if not followed or text_width(text) > LONGEST_HEADING / 2:
        return None
    if is_clause(text):
        return BlockKind.HEADING
    if kinds[at] is BlockKind.LIST_ITEM:
        in_list = at > 0 and kinds[at - 1] is BlockKind.LIST_ITEM
        return BlockKind.HEADING if is_numbered(text) and not in_list else None
    return BlockKind.HEADING if _labels(groups[at][0], groups[at + 1][0]) else None


def _labels(row: _ParagraphRow, under: _ParagraphRow) -> bool:
    """Whether the row is the label of the longer text under it."""
    beneath = under.box.y0 >= row.box.center[1] and text_width(under.text) > 2 * text_width(row.text)
    return beneath and label_likeness(row.text) >= SURE_LABEL
