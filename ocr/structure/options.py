"""Options on one line of which some are chosen: by ticked check boxes, or by a ring around the words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from statistics import median

from ocr.detection import DetectedLine
from ocr.document import Box, Field, Line, Page, ValueKind
from ocr.structure.pen_marks import CheckBox
from ocr.structure.script import character_width, em, text_width

EMPTY, TICKED, FILLED, DOT = "□", "☑", "■", "・"
_EMPTY_MARKS, _TICKED_MARKS = "□☐", "☑☒■"
_FRAMED = frozenset("国國回図固団圏園因困囚口目曰日田四品ロ国")  # kanji with the outline of a check box
LIKE_SIZED = 0.82  # of the other check boxes of a line
LEAST_COVERED = 0.6  # of an option's width that its ring goes around
RING_ROOM = 2.5  # ems that a ring may be wider than its option
SPARSE = 1.15  # times its height that a line takes for each full-width letter; type takes .75 to .95
SHORT_OPTIONS = 5.0  # ems: 有無, 要不要
MOST_OPTIONS, LONGEST_OPTION = 10, 8.0  # ems
_DIVIDED = re.compile(r"[・･·/／|｜]|[^\x00-\x7f][.．][^\x00-\x7f]")
_MISREAD_DOT = re.compile(r"(?<=[^\x00-\x7f])[･·•.．,，'’](?=[^\x00-\x7f])")
_OPTION = re.compile(r"[^\s・･·•.．,，、/／|｜]+")


def may_bear_check_boxes(line: DetectedLine) -> bool:
    """Whether check boxes were read in the line, or something in it was not read: its letters leave much
    of its length."""
    read = any(character in _EMPTY_MARKS + _TICKED_MARKS for character in line.text)
    return read or line.box.width > SPARSE * line.box.height * text_width(line.text)


def with_check_boxes(line: DetectedLine, boxes: Iterable[CheckBox]) -> DetectedLine:
    """A line of check boxes as the pixels show them: the marks that were read put right, others put in.

    `boxes` are those found in the line, in points of the page. Recognition tells that there are check
    boxes, but leaves some out and mistakes ticked for empty ones.
    """
    found = sorted(boxes, key=lambda check: check.box.x0)
    text = line.text.replace("☐", EMPTY)
    marks = [at for at, character in enumerate(text) if character in _EMPTY_MARKS + _TICKED_MARKS]
    matched = _matched(line, text, marks, found)
    characters = list(text)
    for at, check in matched.items():
        read_as_ticked = characters[at] in _TICKED_MARKS
        if read_as_ticked != check.ticked:
            characters[at] = _mark(check)
    for at, check in reversed(_left_out(text, matched, found)):
        characters.insert(at, (" " if at else "") + _mark(check))
    if not marks and _are_alike(line, found):
        characters = _parted(text, line, found)
    return _rewritten(line, "".join(characters))


def with_parted_options(line: DetectedLine, rings: Sequence[Box]) -> DetectedLine:
    """A line of options with the dots between them that a ring hid or made look like commas.

    `rings` and the line are in points of the page. Lines that hold no options stay as they are.
    """
    around = [ring for ring in rings if ring.y0 < line.box.center[1] < ring.y1]
    if line.vertical or not around:
        return line
    if not (_DIVIDED.search(line.text) or text_width(line.text) <= SHORT_OPTIONS):
        return line
    text = _MISREAD_DOT.sub(DOT, line.text)
    centres = _centres(line.box, text)
    gaps: set[int] = set()
    for ring in around:
        inside = [at for at, x in enumerate(centres) if ring.x0 < x < ring.x1 and _OPTION.fullmatch(text[at])]
        if inside:
            gaps |= {inside[0], inside[-1] + 1}
    for at in sorted(gaps, reverse=True):
        if 0 < at < len(text) and _OPTION.fullmatch(text[at - 1 : at + 1]):
            text = text[:at] + DOT + text[at:]
    return _rewritten(line, text)


def may_hold_ringed_options(page: Page) -> bool:
    """Whether the value of any field of the page looks like options to choose from: 有・無, 高・中・低."""
    return any(_are_options(field.value) for field in page.fields)


def _are_options(text: str) -> bool:
    options = _OPTION.findall(text)
    if not 1 < len(options) <= MOST_OPTIONS or not _DIVIDED.search(text):
        return False
    alike = len(options) > 2 or text_width(text) <= SHORT_OPTIONS or bool(set(options[0]) & set(options[1]))
    return alike and max(map(text_width, options)) <= LONGEST_OPTION


def with_ringed_options(page: Page, rings: Sequence[Box]) -> Page:
    """The page with the fields that have a ring around one of their options as choices; `rings` in points."""
    if not rings:
        return page
    return replace(page, fields=tuple(_ringed(field, page, rings) for field in page.fields))


def _ringed(field: Field, page: Page, rings: Sequence[Box]) -> Field:
    lines = (line for line in page.lines if field.start <= line.start < line.end <= field.end)
    chosen = [option for line in lines for option in _ringed_options(line, rings)]
    return replace(field, kind=ValueKind.CHOICE, normalized="、".join(chosen)) if chosen else field


def _ringed_options(line: Line, rings: Sequence[Box]) -> list[str]:
    """The options of a line that have a ring; none where the line does not part into options."""
    if line.vertical or not line.text:
        return []
    around = [ring for ring in rings if ring.y0 < line.box.center[1] < ring.y1]
    size = min(line.box.height, line.box.width / text_width(line.text))
    centres = _centres(line.box, line.text)
    options = [
        (match.group(), centres[match.start()] - size / 2, centres[match.end() - 1] + size / 2)
        for match in _OPTION.finditer(line.text)
    ]
    if len(options) < 2:
        return []
    return [text for text, start, end in options if any(_is_around(r, start, end, size) for r in around)]


def _centres(box: Box, text: str) -> list[float]:
    """Where each character of a horizontal line stands, by the printed widths."""
    widths = [character_width(character) for character in text]
    ends = list(accumulate(widths))
    scale = box.width / ends[-1]
    return [box.x0 + (end - width / 2) * scale for end, width in zip(ends, widths, strict=True)]


def _mark(check: CheckBox) -> str:
    return FILLED if check.filled else TICKED if check.ticked else EMPTY


def _rewritten(line: DetectedLine, text: str) -> DetectedLine:
    if text == line.text:
        return line
    return replace(line, text=text, original=line.original or line.text, certainties=(), rivals=())


def _are_alike(line: DetectedLine, found: Sequence[CheckBox]) -> bool:
    """Whether the boxes are of one size, more than one, and the line begins with one."""
    if len(found) < 2 or found[0].box.x0 - line.box.x0 > em(line):
        return False
    heights = [check.box.height for check in found]
    return min(heights) >= LIKE_SIZED * max(heights)


def _parted(text: str, line: DetectedLine, found: Sequence[CheckBox]) -> list[str]:
    """The text with its letters shared out among the boxes, by the room behind each of them."""
    letters = [character for character in text if not character.isspace()]
    ends = [check.box.x0 for check in found[1:]] + [line.box.x1]
    rooms = [max(end - check.box.x1, 0.0) for check, end in zip(found, ends, strict=True)]
    widths = list(accumulate(map(character_width, letters), initial=0.0))
    characters: list[str] = []
    for check, before, after in zip(found, accumulate(rooms, initial=0.0), accumulate(rooms), strict=False):
        start, end = (share * widths[-1] / max(sum(rooms), 1e-6) for share in (before, after))
        option = [
            letter
            for letter, left, right in zip(letters, widths, widths[1:], strict=False)
            if start <= (left + right) / 2 < end
        ]
        characters += [*(" " if characters else ""), _mark(check), *option]
    return characters


def _matched(
    line: DetectedLine, text: str, marks: Sequence[int], found: Sequence[CheckBox]
) -> dict[int, CheckBox]:
    """Which box each mark that was read is: the nearest one behind that of the mark before it."""
    if not marks:
        return {}
    centres = _centres(line.box, text)
    size = em(line)
    matched: dict[int, CheckBox] = {}
    rest = list(found)
    for at in marks:
        near = min(rest, key=lambda check: abs(check.box.center[0] - centres[at]), default=None)
        if near is not None and abs(near.box.center[0] - centres[at]) <= 1.5 * size:
            matched[at] = near
            rest = [check for check in rest if check.box.x0 > near.box.x0]
    return matched


def _left_out(
    text: str, matched: dict[int, CheckBox], found: Sequence[CheckBox]
) -> list[tuple[int, CheckBox]]:
    """The boxes that no mark was read for, each with the index in `text` that it belongs before."""
    if len(matched) < 2:
        return []  # nothing to measure the places by
    usual = median(check.box.height for check in matched.values())
    anchors = sorted(matched.items())
    taken = {id(check) for check in matched.values()}
    missing: list[tuple[int, CheckBox]] = []
    for check in found:
        if id(check) in taken or check.box.height < LIKE_SIZED * usual:
            continue
        x = check.box.center[0]
        for (before, left), (after, right) in pairwise(anchors):
            if left.box.center[0] < x < right.box.center[0]:
                share = (x - left.box.center[0]) / (right.box.center[0] - left.box.center[0])
                at = before + share * (after - before)
                if not any(character in _FRAMED for character in text[int(at) : int(at) + 2]):
                    missing.append((_snapped(text, round(at + 0.5)), check))
    return missing


def _snapped(text: str, at: int) -> int:
    """The index after a blank next to `at`, else `at`."""
    near = [index + 1 for index in (at - 1, at, at - 2) if 0 <= index < len(text) and text[index].isspace()]
    return near[0] if near else at


def _is_around(ring: Box, start: float, end: float, size: float) -> bool:
    covered = min(ring.x1, end) - max(ring.x0, start)
    return covered >= LEAST_COVERED * (end - start) and ring.width <= end - start + RING_ROOM * size
