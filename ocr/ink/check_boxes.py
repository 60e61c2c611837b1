"""Check boxes: found by their shape, and put into the line of writing that they stand in.

Recognition tells that a line has check boxes, but leaves some out and mistakes ticked for empty ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.ink.outlines import ink_of, white_areas
from ocr.script.widths import character_centres, character_width, em, text_width

EMPTY, TICKED, FILLED = "□", "☑", "■"
_EMPTY_MARKS, _MARKS = "□☐", "□☐☑☒■"
_LOOKS_EMPTY = "口ロ囗"
_FRAMED = frozenset("国國回図固団圏園因困囚口目曰日田四品ロ")  # letters with the outline of a check box
LIKE_SIZED = 0.82  # of the other check boxes of a line
SPARSE = 1.15  # times its height that a line takes for each full-width letter; type takes .75 to .95
FARTHEST = 1.5  # ems between a box and where its mark was read, by the printed widths
SMALLEST_BOX, LARGEST_BOX = 5.0, 13.0  # points; check boxes are about as large as the type
MOST_OBLONG = 1.25
THICKER_THAN_STROKES = 3.6  # points
LIKE_A_SQUARE = 0.88  # of its bounding box that a check box covers when filled
FRAME = 0.18  # of a box's side that its frame may take on each side
LEAST_TICK, LEAST_FILLED = 0.07, 0.85  # of the inside of a check box is ink


@dataclass(frozen=True, slots=True)
class CheckBox:
    """A square; `ink` is the share of its inside that is dark."""

    box: Box
    ink: float

    @property
    def ticked(self) -> bool:
        return self.ink >= LEAST_TICK

    @property
    def filled(self) -> bool:
        """Whether it is dark all over, as ■ is."""
        return self.ink >= LEAST_FILLED


def find_check_boxes(gray: NDArray[np.uint8], points_per_pixel: float) -> tuple[CheckBox, ...]:
    """What has the outline of a check box, each with whether anything is drawn in it; boxes in points.

    Kanji that are framed all around (国, 回) have that outline, too.
    """
    ink = ink_of(gray)
    solid = ink.copy()
    largest = LARGEST_BOX / points_per_pixel
    for contour, _ in white_areas(ink, 0.0, largest, largest):
        cv2.drawContours(solid, [contour], 0, (1,), cv2.FILLED)
    # What is thinner than a box goes: letters, and the ends of a tick that leave it.
    thin = max(round(THICKER_THAN_STROKES / points_per_pixel), 2)
    thick = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((thin, thin), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=4)
    found = []
    for number in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[number])
        longest, shortest = max(width, height), min(width, height)
        if not SMALLEST_BOX <= shortest * points_per_pixel <= longest * points_per_pixel <= LARGEST_BOX:
            continue
        if longest > MOST_OBLONG * shortest or area < LIKE_A_SQUARE * width * height:
            continue
        edge = max(round(FRAME * shortest), 2)
        inside = ink[top + edge : top + height - edge, left + edge : left + width - edge]
        box = Box(left, top, left + width, top + height).scaled(points_per_pixel)
        found.append(CheckBox(box, float(inside.mean()) if inside.size else 0.0))
    return tuple(sorted(found, key=lambda check: (check.box.y0, check.box.x0)))


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
    matched = _matched(line.saying(text), found)
    if matched:
        shown = _put_right(text, matched, _left_out(matched.values(), found), line.box.x0, line.box.x1)
    elif len(alike := _alike(line, found)) > 1 and not any(character in _MARKS for character in text):
        shown = " ".join(_shared(_without_looks(line, alike), alike, line.box.x1))
    else:
        shown = text
    if shown == line.text:
        return line
    return replace(line.saying(shown), original=line.original or line.text, certainties=(), rivals=())


def _matched(line: DetectedLine, found: Sequence[CheckBox]) -> dict[int, CheckBox]:
    """Which box each mark that was read is: the nearest one behind that of the mark before it. Among marks a
    口 that stands apart is one, too."""
    matched: dict[int, CheckBox] = {}
    rest = list(found)
    bears = any(character in _MARKS for character in line.text)
    for at, x in enumerate(character_centres(line)):
        stands_apart = at == 0 or line.text[at - 1].isspace()
        if line.text[at] not in _MARKS and not (bears and stands_apart and line.text[at] in _LOOKS_EMPTY):
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


def _put_right(
    text: str, matched: dict[int, CheckBox], missing: Sequence[CheckBox], start: float, end: float
) -> str:
    """The text, which reaches from `start` to `end`, with a mark for every box; what was read behind a mark
    is shared out among it and those that were left out before the next."""
    starts = sorted(matched)
    shown = _led(text[: starts[0]], matched[starts[0]], missing, start)
    for at, after in zip(starts, [*starts[1:], len(text)], strict=True):
        check = matched[at]
        right = matched[after].box.x0 if after in matched else end
        behind = text[at + 1 : after]
        extra = [other for other in missing if check.box.x0 < other.box.x0 < right]
        extra = [other for other in extra if not _is_a_letter(other, check, behind, right)]
        if extra:
            shown += " ".join(_shared(behind, [check, *extra], right)) + " " * (after < len(text))
        else:
            shown += (text[at] if _says(text[at], check) else _mark(check)) + behind
    return shown


def _led(text: str, first: CheckBox, missing: Sequence[CheckBox], start: float) -> str:
    """What stands before the first mark that was read, with the boxes that were left out there: behind a
    label and its colon, or at the beginning of the line."""
    early = [check for check in missing if check.box.x0 < first.box.x0]
    label, colon, options = text.rpartition("：")
    leads = bool(early) and (bool(colon) or early[0].box.x0 - start <= early[0].box.width)
    if not leads or not options.strip() or any(character in _FRAMED for character in options):
        return text
    return label + colon + " ".join(_shared(options, early, first.box.x0)) + " "


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


def _alike(line: DetectedLine, found: Sequence[CheckBox]) -> list[CheckBox]:
    """The boxes as large as the empty ones, none where the line does not begin with one."""
    empty = [check.box.height for check in found if not check.ticked]
    if not empty:
        return []
    usual = median(empty)
    alike = [check for check in found if LIKE_SIZED * usual <= check.box.height <= usual / LIKE_SIZED]
    return alike if alike and alike[0].box.x0 - line.box.x0 <= em(line) else []


def _without_looks(line: DetectedLine, boxes: Sequence[CheckBox]) -> str:
    """The text without the letters that a box was taken for."""
    places = character_centres(line)
    return "".join(
        character
        for character, x in zip(line.text, places, strict=True)
        if character not in _LOOKS_EMPTY or min(abs(c.box.center[0] - x) for c in boxes) > em(line)
    )


def _says(mark: str, check: CheckBox) -> bool:
    """Whether the mark that was read is right about the tick; ☑ and ■ both are ticks."""
    return mark in _MARKS and (mark not in _EMPTY_MARKS) == check.ticked


def _mark(check: CheckBox) -> str:
    return FILLED if check.filled else TICKED if check.ticked else EMPTY
