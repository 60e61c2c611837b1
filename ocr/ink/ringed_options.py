"""Options on one line of which some have a ring around them: ⟨有⟩・無."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.detection import DetectedLine
from ocr.document import Box, Field, Line, Page, ValueKind
from ocr.script.widths import character_centres, printed_centres, text_width

DOT = "・"
LEAST_COVERED = 0.6  # of an option's width that its ring goes around
RING_ROOM = 2.5  # ems that a ring may be wider than its option
SHORT_OPTIONS = 5.0  # ems: 有無, 要不要
MOST_OPTIONS, LONGEST_OPTION = 10, 8.0  # ems
_DIVIDED = re.compile(r"[・･·/／|｜]|[^\x00-\x7f][.．][^\x00-\x7f]")
_MISREAD_DOT = re.compile(r"(?<=[^\x00-\x7f])[･·•.．,，'’](?=[^\x00-\x7f])")
_OPTION = re.compile(r"[^\s・･·•.．,，、/／|｜]+")


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
    centres = character_centres(line.saying(text))
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
    centres = printed_centres(line.text, line.box.x0, line.box.x1)
    options = [
        (match.group(), centres[match.start()] - size / 2, centres[match.end() - 1] + size / 2)
        for match in _OPTION.finditer(line.text)
    ]
    if len(options) < 2:
        return []
    return [text for text, start, end in options if any(_is_around(r, start, end, size) for r in around)]


def _rewritten(line: DetectedLine, text: str) -> DetectedLine:
    if text == line.text:
        return line
    return replace(line.saying(text), original=line.original or line.text, certainties=(), rivals=())


def _is_around(ring: Box, start: float, end: float, size: float) -> bool:
    covered = min(ring.x1, end) - max(ring.x0, start)
    return covered >= LEAST_COVERED * (end - start) and ring.width <= end - start + RING_ROOM * size
