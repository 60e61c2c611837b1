"""The text layer of a PDF page, and the lines that its characters form.

Pure functions on plain data; `ocr.pdf_layer` fills it. Boxes are points, origin top left, page as displayed.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box

# Gaps in ems: within a word, without a space in Japanese, at most between characters of a line, the same
# where a space is typed.
WORD_GAP = 0.25
SPACE_GAP = 0.7
LINE_GAP = 1.2
SPACED_LINE_GAP = 2.2


@dataclass(frozen=True, slots=True)
class Character:
    """`turn` is how far clockwise the page must be turned to read it; `hangs` in a vertical font.

    `unmapped` where the font does not say which character it is, `hidden` where it is drawn without ink
    or under a picture.
    """

    text: str
    box: Box
    size: float
    turn: int = 0
    hangs: bool = False
    unmapped: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture placed on a page: its box in points and its own size in pixels."""

    box: Box
    width: int
    height: int

    @property
    def dpi(self) -> float:
        area = max(self.box.area, 1.0)
        return 72.0 * math.sqrt(self.width * self.height / area)


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What a PDF page says of itself; `width` and `height` in points, characters in drawing order.

    `lost` counts pieces of vertical text in a typeface that neither the PDF nor this machine has: nothing is
    drawn of them, and no character is known.
    """

    width: float
    height: float
    characters: tuple[Character, ...]
    rulings: tuple[Ruling, ...]
    pictures: tuple[Picture, ...]
    lost: int = 0


def reading_turn(layer: TextLayer) -> int:
    """The clockwise turn (0, 90, 180, 270) in which most of the characters stand upright."""
    turns = Counter(character.turn for character in layer.characters if character.text.strip())
    return turns.most_common(1)[0][0] if turns else 0


def turned_box(box: Box, turn: int, width: float, height: float) -> Box:
    """Where `box` lies after a page of `width` x `height` is turned clockwise by `turn`."""
    match turn % 360:
        case 90:
            return Box(height - box.y1, box.x0, height - box.y0, box.x1)
        case 180:
            return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)
        case 270:
            return Box(box.y0, width - box.x1, box.y1, width - box.x0)
        case _:
            return box


def turned_ruling(ruling: Ruling, turn: int, width: float, height: float) -> Ruling:
    box = turned_box(Box(ruling.x0, ruling.y0, ruling.x1, ruling.y1), turn, width, height)
    return Ruling(box.x0, box.y0, box.x1, box.y1)


def lines(layer: TextLayer, page_turn: int) -> tuple[DetectedLine, ...]:
    """The written lines of the page after it is turned clockwise by `page_turn`, confidence 1."""
    found: list[DetectedLine] = []
    for turn in sorted({character.turn for character in layer.characters}):
        sideways = turn % 180 == 90
        width, height = (layer.height, layer.width) if sideways else (layer.width, layer.height)
        rulings = [turned_ruling(ruling, turn, layer.width, layer.height) for ruling in layer.rulings]
        characters = [
            Character(c.text, turned_box(c.box, turn, layer.width, layer.height), c.size, turn, c.hangs)
            for c in layer.characters
            if c.turn == turn
        ]
        for line in upright_lines(characters, rulings):
            box = turned_box(line.box, (page_turn - turn) % 360, width, height)
            found.append(DetectedLine(line.text, box, 1.0, line.vertical))
    return tuple(found)


def upright_lines(characters: Sequence[Character], rulings: Sequence[Ruling]) -> list[DetectedLine]:
    """Lines and columns of characters that all stand upright; a ruled line between two parts them."""
    found = []
    for hangs in (False, True):
        # A column is a line to the code below once x and y change places.
        flow = [_Glyph.of(c, hangs) for c in characters if c.hangs is hangs]
        walls = _Walls.of(_swapped(r) if hangs else r for r in rulings)
        for run in _joined(_runs(flow, walls), walls):
            box = Box.around(glyph.character.box for glyph in run)
            found.append(DetectedLine(_text_of(run), box, 1.0, vertical=hangs))
    return found


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A written character in its line's own direction: from `start` to `end`, `low` to `high` across."""

    character: Character
    start: float
    end: float
    low: float
    high: float
    space: str

    @staticmethod
    def of(character: Character, hangs: bool) -> _Glyph:
        box = character.box
        if hangs:
            return _Glyph(character, box.y0, box.y1, box.x0, box.x1, "")
        return _Glyph(character, box.x0, box.x1, box.y0, box.y1, "")

    @property
    def em(self) -> float:
        return max(self.character.size, 1.0)


def _swapped(ruling: Ruling) -> Ruling:
    return Ruling(ruling.y0, ruling.x0, ruling.y1, ruling.x1)


@dataclass(frozen=True, slots=True)
class _Walls:
    """Rulings across the direction of writing, and where each stands along it, in that order."""

    places: list[float]
    rulings: list[Ruling]

    @staticmethod
    def of(rulings: Iterable[Ruling]) -> _Walls:
        across = sorted((r for r in rulings if not r.horizontal), key=lambda ruling: ruling.x0)
        return _Walls([ruling.x0 for ruling in across], across)

    def part(self, left: float, right: float, middle: float) -> bool:
        """Whether one of them stands between two places at the height `middle`."""
        between = self.rulings[bisect_right(self.places, left) : bisect_left(self.places, right)]
        return any(wall.y0 <= middle <= wall.y1 for wall in between)


def _runs(glyphs: Sequence[_Glyph], walls: _Walls) -> list[list[_Glyph]]:
    """Characters that follow each other both in drawing order and on the page; spaces become notes."""
    runs: list[list[_Glyph]] = []
    space = ""
    for glyph in glyphs:
        if not glyph.character.text.strip():
            space = glyph.character.text or " "
            continue
        noted = _Glyph(glyph.character, glyph.start, glyph.end, glyph.low, glyph.high, space)
        if runs and _follows(runs[-1][-1], noted, walls):
            runs[-1].append(noted)
        else:
            runs.append([noted])
        space = ""
    return runs


def _joined(runs: Sequence[list[_Glyph]], walls: _Walls) -> list[list[_Glyph]]:
    """Runs that continue each other on the page, in whatever order they were drawn."""
    found: list[list[_Glyph]] = []
    for run in sorted(runs, key=lambda run: (run[0].start, run[0].low)):
        for line in found:
            if _follows(line[-1], run[0], walls):
                line.extend(run)
                break
        else:
            found.append(list(run))
    return found


def _follows(before: _Glyph, after: _Glyph, walls: _Walls) -> bool:
    em = min(before.em, after.em)
    gap = after.start - before.end
    overlap = min(before.high, after.high) - max(before.low, after.low)
    furthest = SPACED_LINE_GAP if after.space else LINE_GAP
    if overlap < 0.5 * min(before.high - before.low, after.high - after.low):
        return False
    if not -0.5 * em <= gap <= furthest * em or after.start <= before.start:
        return False
    middle = (max(before.low, after.low) + min(before.high, after.high)) / 2
    left, right = (before.start + before.end) / 2, (after.start + after.end) / 2
    return not walls.part(left, right, middle)


def _text_of(run: Sequence[_Glyph]) -> str:
    text = run[0].character.text
    for before, after in pairwise(run):
        gap = (after.start - before.end) / min(before.em, after.em)
        latin = before.character.text.isascii() and after.character.text.isascii()
        if after.space:
            text += "\u3000" if after.space == "\u3000" else " "
        elif gap > (WORD_GAP if latin else SPACE_GAP):
            text += " "
        text += after.character.text
    return unicodedata.normalize("NFC", text)
