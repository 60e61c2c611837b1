"""Paragraphs that run on from the foot of one column at the head of the next."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.document import BlockKind
from ocr.labels.pairs import opens_pair
from ocr.layout.paragraphs import BROKEN_SLACK, INDENT, LARGER_TYPE, SENTENCE_ENDS, Passage
from ocr.script.widths import em, ratio_of


def joined_over_columns(
    parts: Sequence[tuple[Sequence[Passage], bool]],
) -> tuple[tuple[Passage, ...], ...]:
    """The passages of every part; where a part follows the column before it (True) and a paragraph runs on
    from the foot of that column, the paragraph stands whole in the earlier part."""
    found: list[list[Passage]] = []
    before: list[Passage] = []
    right = 0.0
    for passages_of_part, follows in parts:
        own = list(passages_of_part)
        lines = [line for passage in own for line in passage.lines]
        left = min((line.box.x0 for line in lines), default=0.0)
        indents = any(
            passage.kind is BlockKind.PARAGRAPH
            and passage.lines[0].box.x0 > left + INDENT * em(passage.lines[0])
            for passage in own
        )
        if follows and own and before and _runs_on(before[-1], right, own[0], left, indents=indents):
            before[-1] = Passage(before[-1].kind, before[-1].lines + own[0].lines)
            own = own[1:]
        found.append(own)
        before = own or before
        right = max((line.box.x1 for line in lines), default=right)
    return tuple(map(tuple, found))


def _runs_on(before: Passage, right: float, after: Passage, left: float, *, indents: bool) -> bool:
    """Whether a text that filled the last line of a column, which ends at `right`, goes on at the very
    start of the next, which begins at `left` and where `indents` the first lines of paragraphs do not."""
    last, first = before.lines[-1], after.lines[0]
    texts = before.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and after.kind is BlockKind.PARAGRAPH
    ended = last.text.endswith(SENTENCE_ENDS) and not indents
    if not texts or ended or opens_pair(first.text):
        return False
    size = em(last)
    alike = ratio_of(size, em(first)) <= LARGER_TYPE
    filled = last.box.x1 >= right - BROKEN_SLACK * size
    return alike and filled and first.box.x0 <= left + INDENT * size
