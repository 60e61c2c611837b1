"""Vertical writing in text layers that do not say so: characters drawn one below the other.

Few programs use a vertical font. Most place upright characters one by one, turn Latin words by a quarter,
and set figures side by side in one em (縦中横). The order of drawing tells what belongs to a column.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ocr.document import Box
from ocr.text_layer import Character

# Ems: how far a character's middle may lie off its column, how far apart set solid may be, how far two may
# overlap. Rows of a table are further apart.
OFF_MIDDLE = 0.4
WIDEST_GAP = 0.6
WIDEST_TURNED_GAP = 1.2  # beside a Latin word, which may have a blank before and after
DEEPEST_OVERLAP = 0.4
SAME_HEIGHT = 0.25
WIDEST_CELL = 1.3
LEAST_SIZE = 0.75  # of the larger of two: ruby is set at a half
LOOK_BACK = 3  # runs: two readings may be drawn between two characters of a column
FEWEST = 3
FEWEST_AMONG_COLUMNS = 2
_FULL_WIDTH = str.maketrans("()[]{},:;!?", "（）［］｛｝，：；！？")


def with_columns(characters: Sequence[Character]) -> tuple[Character, ...]:
    """The characters in drawing order, those of columns marked as hanging, figures that stand side by side
    in a column as one character."""
    runs = _runs(characters)
    columns = [_is_column(run, FEWEST) for run in runs]
    downwards = sum(len(run) for run, column in zip(runs, columns, strict=True) if column)
    if 2 * downwards > len(characters):
        columns = [_is_column(run, FEWEST_AMONG_COLUMNS) for run in runs]
    found: list[Character] = []
    for run, column in zip(runs, columns, strict=True):
        found.extend(_hung(run) if column else run)
    return tuple(found)


def _runs(characters: Sequence[Character]) -> list[list[Character]]:
    """Characters that may stand in one column; ruby drawn in between parts none, blanks stay with those
    before them."""
    runs: list[list[Character]] = []
    ends: list[Character] = []
    for character in characters:
        if not character.text.strip():
            if runs:
                runs[-1].append(character)
            continue
        at = next(
            (at for at in range(len(runs) - 1, max(len(runs) - LOOK_BACK, 0) - 1, -1)
             if _is_below(ends[at], character) or _is_beside(ends[at], character)),
            None,
        )  # fmt: skip
        if at is None:
            runs.append([character])
            ends.append(character)
        else:
            runs[at].append(character)
            ends[at] = character
    return runs


def _is_column(run: Sequence[Character], fewest: int) -> bool:
    written = [character for character in run if character.text.strip()]
    down = sum(_is_below(a, b) for a, b in pairwise(written))
    words = [character for character in written if not character.text.isdigit()]
    turns = {character.turn for character in written}  # on a page lying on its side none stands upright
    return len(words) >= fewest and 2 * down >= len(written) and {0} <= turns <= {0, 270}


def _is_below(above: Character, below: Character) -> bool:
    em = max(above.size, below.size, 1.0)
    if min(above.size, below.size) < LEAST_SIZE * em:
        return False
    gap = below.box.y0 - above.box.y1
    widest = WIDEST_GAP if above.turn == below.turn else WIDEST_TURNED_GAP
    return (
        abs(above.box.center[0] - below.box.center[0]) <= OFF_MIDDLE * em
        and -DEEPEST_OVERLAP * em <= gap <= widest * em
        and below.box.center[1] > above.box.center[1]
    )


def _is_beside(left: Character, right: Character) -> bool:
    em = max(left.size, right.size, 1.0)
    return (
        left.text.isalnum()
        and right.text.isalnum()
        and left.text.isascii()
        and right.text.isascii()
        and abs(left.box.y0 - right.box.y0) <= SAME_HEIGHT * em
        and right.box.x0 > left.box.x0
        and right.box.x1 - left.box.x0 <= WIDEST_CELL * em
    )


def _hung(run: Sequence[Character]) -> list[Character]:
    hung: list[Character] = []
    for character in run:
        before = hung[-1] if hung else None
        if before is not None and character.text.strip() and _is_beside(before, character):
            box = Box.around((before.box, character.box))
            hung[-1] = replace(before, text=before.text + character.text, box=box)
        else:
            hung.append(replace(character, text=_upright(character.text), turn=0, hangs=True))
    return hung


def _upright(text: str) -> str:
    """The text with the vertical forms of punctuation (U+FE10-FE19, U+FE30-FE4F) as they are typed."""
    if all("\ufe10" <= c <= "\ufe19" or "\ufe30" <= c <= "\ufe4f" for c in text):
        return unicodedata.normalize("NFKC", text).translate(_FULL_WIDTH)
    return text
