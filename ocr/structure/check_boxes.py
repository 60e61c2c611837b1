"""Check boxes in a line of writing: which are there, and which are ticked, as the pixels show them.

Recognition tells that a line has check boxes, but leaves some out and mistakes ticked for empty ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from statistics import median

from ocr.detection import DetectedLine
from ocr.structure.pen_marks import CheckBox
from ocr.structure.script import character_centres, character_width, em, text_width

EMPTY, TICKED, FILLED = "□", "☑", "■"
_EMPTY_MARKS, _MARKS = "□☐", "□☐☑☒■"
_FRAMED = frozenset("国國回図固団圏園因困囚口目曰日田四品ロ")  # letters with the outline of a check box
LIKE_SIZED = 0.82  # of the other check boxes of a line
SPARSE = 1.15  # times its height that a line takes for each full-width letter; type takes .75 to .95
FARTHEST = 1.5  # ems between a box and where its mark was read, by the printed widths


def may_bear_check_boxes(line: DetectedLine) -> bool:
    """Whether check boxes were read in the line, or something in it was not read: its letters leave much
    of its length."""
    read = any(character in _MARKS for character in line.text)
    return read or line.box.width > SPARSE * line.box.height * text_width(line.text)


def with_check_boxes(line: DetectedLine, boxes: Iterable[CheckBox]) -> DetectedLine:
    """The line with its marks put right where they were read, and put in where they were not.

    `boxes` are those found in the line, in points of the page.
    """
    found = sorted(boxes, key=lambda check: check.box.x0)
    text = line.text.replace("☐", EMPTY)
    matched = _matched(replace(line, text=text), found)
    if matched:
        shown = _put_right(text, matched, _left_out(matched.values(), found), line.box.x1)
    elif not any(character in _MARKS for character in text) and _are_alike(line, found):
        shown = " ".join(_shared(text, found, line.box.x1))
    else:
        shown = text
    if shown == line.text:
        return line
    return replace(line, text=shown, original=line.original or line.text, certainties=(), rivals=())


def _matched(line: DetectedLine, found: Sequence[CheckBox]) -> dict[int, CheckBox]:
    """Which box each mark that was read is: the nearest one behind that of the mark before it."""
    matched: dict[int, CheckBox] = {}
    rest = list(found)
    for at, x in enumerate(character_centres(line.box, line.text)):
        if line.text[at] not in _MARKS:
            continue
        near = min(rest, key=lambda check: abs(check.box.center[0] - x), default=None)
        if near is not None and abs(near.box.center[0] - x) <= FARTHEST * em(line):
            matched[at] = near
            rest = [check for check in rest if check.box.x0 > near.box.x0]
    return matched


def _left_out(read: Iterable[CheckBox], found: Sequence[CheckBox]) -> list[CheckBox]:
    """The boxes for which no mark was read, if they are as large as those that were."""
    known = list(read)
    usual = median(check.box.height for check in known)
    return [check for check in found if check not in known and check.box.height >= LIKE_SIZED * usual]


def _put_right(text: str, matched: dict[int, CheckBox], missing: Sequence[CheckBox], end: float) -> str:
    """The text with a mark for every box; what was read behind a mark is shared out among it and those
    that were left out before the next."""
    starts = sorted(matched)
    shown = text[: starts[0]]
    for at, after in zip(starts, [*starts[1:], len(text)], strict=True):
        first = matched[at]
        right = matched[after].box.x0 if after in matched else end
        behind = text[at + 1 : after]
        extra = [check for check in missing if first.box.x0 < check.box.x0 < right]
        extra = [check for check in extra if not _is_a_letter(check, first, behind, right)]
        if extra:
            shown += " ".join(_shared(behind, [first, *extra], right)) + " " * (after < len(text))
        else:
            shown += (text[at] if _says(text[at], first) else _mark(first)) + behind
    return shown


def _is_a_letter(check: CheckBox, first: CheckBox, behind: str, right: float) -> bool:
    """Whether the letter that stands about where the box was found has its outline: 国, 回."""
    at = round(len(behind) * (check.box.x0 - first.box.x1) / max(right - first.box.x1, 1e-6))
    return any(character in _FRAMED for character in behind[max(at - 1, 0) : at + 2])


def _shared(text: str, boxes: Sequence[CheckBox], end: float) -> list[str]:
    """Each box's mark with its option: the words of `text`, or its letters by the room behind the boxes,
    of which the last reaches to `end`."""
    words = text.split()
    if len(words) != len(boxes):
        letters = "".join(words)
        widths = list(accumulate(map(character_width, letters), initial=0.0))
        ends = [check.box.x0 for check in boxes[1:]] + [end]
        rooms = [max(x - check.box.x1, 0.0) for check, x in zip(boxes, ends, strict=True)]
        bounds = [room * widths[-1] / max(sum(rooms), 1e-6) for room in accumulate(rooms, initial=0.0)]
        middles = [(left + right) / 2 for left, right in pairwise(widths)]
        words = [
            "".join(letter for letter, x in zip(letters, middles, strict=True) if start <= x < stop)
            for start, stop in pairwise(bounds)
        ]
    return [_mark(check) + word for check, word in zip(boxes, words, strict=True)]


def _are_alike(line: DetectedLine, found: Sequence[CheckBox]) -> bool:
    """Whether the boxes are of one size, more than one, and the line begins with one."""
    if len(found) < 2 or found[0].box.x0 - line.box.x0 > em(line):
        return False
    heights = [check.box.height for check in found]
    return min(heights) >= LIKE_SIZED * max(heights)


def _says(mark: str, check: CheckBox) -> bool:
    """Whether the mark that was read is right about the tick; ☑ and ■ both are ticks."""
    return (mark not in _EMPTY_MARKS) == check.ticked


def _mark(check: CheckBox) -> str:
    return FILLED if check.filled else TICKED if check.ticked else EMPTY
