"""The characters of a page as lines, by where they stand."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.layers.layer_parts import Character
from ocr.layers.nearby import Nearby

# Gaps in ems: between Latin words that no blank parts, between Latin and Japanese beyond the quarter of an em
# that is set there, in Japanese; at most between characters of a line, the same where a blank is typed; of
# two blanks and more, which part fields; so little that a blank in it is not seen.
WORD_GAP = 0.12
MIXED_GAP = 0.5
SPACE_GAP = 0.7
LINE_GAP = 1.2
SPACED_LINE_GAP = 2.2
FIELD_GAP = 0.8
UNSEEN_GAP = 0.08
SEVERAL = 1.5  # times the width of one blank
EVEN = 0.3  # ems between the widths of blanks that space out a word
STRIP = 8.0  # points; lines are found by the height at which they end
# So many gaps tell by how much the letters of a word are spaced.
ENOUGH_GAPS = 3


def upright_lines(characters: Sequence[Character], rulings: Sequence[Ruling]) -> list[DetectedLine]:
    """Lines and columns of characters that all stand upright, whatever the order in which they were drawn; a
    ruled line between two parts them, and so do blanks as wide as between fields."""
    found = []
    for hangs in (False, True):
        # A column is a line to the code below once x and y change places.
        written = [_Glyph.of(c, hangs) for c in characters if c.hangs is hangs and c.text.strip()]
        if not written:
            continue
        # Blanks between the characters of a column are drawn as those of a row are.
        blanks = _Blanks(_Glyph.of(c, hangs) for c in characters if not c.text.strip())
        row = _LineAssembly(_Walls.of(_swapped(r) if hangs else r for r in rulings), blanks)
        for run in row.joined(row.runs(written)):
            for part in row.fields(run):
                box = Box.around(glyph.character.box for glyph in part)
                found.append(DetectedLine(row.text_of(part), box, 1.0, vertical=hangs))
    return found


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character in its line's own direction: from `start` to `end`, `low` to `high` across."""

    character: Character
    start: float
    end: float
    low: float
    high: float

    @staticmethod
    def of(character: Character, hangs: bool) -> _Glyph:
        box = character.box
        if hangs:
            return _Glyph(character, box.y0, box.y1, box.x0, box.x1)
        return _Glyph(character, box.x0, box.x1, box.y0, box.y1)

    @property
    def em(self) -> float:
        return max(self.character.size, 1.0)

    @property
    def box(self) -> Box:
        return Box(self.start, self.low, self.end, self.high)


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


class _Blanks:
    """The blanks that were typed, found by where they stand."""

    def __init__(self, blanks: Iterable[_Glyph]) -> None:
        self._blanks = sorted(blanks, key=lambda blank: blank.start + blank.end)
        self._middles = [(blank.start + blank.end) / 2 for blank in self._blanks]

    def between(self, before: _Glyph, after: _Glyph) -> list[_Glyph]:
        """The blanks in the white between two characters of one line; none where there is no white.

        pdfium tells of several blanks in a row the first one alone.
        """
        if after.start - before.end < UNSEEN_GAP * min(before.em, after.em):
            return []
        first = bisect_left(self._middles, before.end - UNSEEN_GAP * before.em)
        last = bisect_right(self._middles, after.start)
        return [blank for blank in self._blanks[first:last] if _overlap(before, blank) >= 0.5]


class _LineAssembly:
    """How characters form lines in one direction of writing, between `walls`."""

    def __init__(self, walls: _Walls, blanks: _Blanks) -> None:
        self._walls = walls
        self._blanks = blanks

    def runs(self, glyphs: Sequence[_Glyph]) -> list[list[_Glyph]]:
        """Characters that follow each other both in drawing order and on the page, with none between them."""
        nearby = Nearby(glyphs)
        runs: list[list[_Glyph]] = []
        for glyph in glyphs:
            before = runs[-1][-1] if runs else None
            if before and self._follows(before, glyph) and not _stands_between(before, glyph, nearby):
                runs[-1].append(glyph)
            else:
                runs.append([glyph])
        return runs

    def joined(self, runs: Sequence[list[_Glyph]]) -> list[list[_Glyph]]:
        """Runs that continue each other on the page, in whatever order they were drawn."""
        found: list[list[_Glyph]] = []
        ends = _LineEnds()
        for run in sorted(runs, key=lambda run: (run[0].start, run[0].low)):
            first = run[0]
            before = [line for line in ends.near(first) if self._follows(line[-1], first)]
            if before:
                line = max(before, key=lambda line: (round(_overlap(line[-1], first), 1), line[-1].end))
                ends.remove(line)
                line.extend(run)
            else:
                line = list(run)
                found.append(line)
            ends.add(line)
        return found

    def fields(self, line: Sequence[_Glyph]) -> list[list[_Glyph]]:
        """The line parted at its wide blanks; a word whose letters are spaced as wide stays whole."""
        parts = [[line[0]]]
        for before, after in pairwise(line):
            gap, em = after.start - before.end, min(before.em, after.em)
            if gap > LINE_GAP * em or (gap > FIELD_GAP * em and self._holds_several(before, after)):
                parts.append([])
            parts[-1].append(after)
        whole = [parts[0]]
        for part in parts[1:]:
            if _goes_on_spaced(whole[-1], part):
                whole[-1].extend(part)
            else:
                whole.append(part)
        return whole

    def _holds_several(self, before: _Glyph, after: _Glyph) -> bool:
        """Whether more than one blank was typed in the white between two characters."""
        typed = self._blanks.between(before, after)
        room = sum(blank.end - blank.start for blank in typed)
        return bool(typed) and after.start - before.end > SEVERAL * room

    def text_of(self, run: Sequence[_Glyph]) -> str:
        """What the characters say, with a blank where one is seen."""
        latin = WORD_GAP + _tracking(run)
        text = run[0].character.text
        for before, after in pairwise(run):
            gap = (after.start - before.end) / min(before.em, after.em)
            typed = self._blanks.between(before, after)
            if typed:
                text += "\u3000" if typed[0].character.text == "\u3000" else " "
            elif gap > (SPACE_GAP, MIXED_GAP, latin)[_latin_of(before, after)]:
                text += " "
            text += after.character.text
        return unicodedata.normalize("NFC", text)

    def _follows(self, before: _Glyph, after: _Glyph) -> bool:
        em = min(before.em, after.em)
        gap = after.start - before.end
        if not -0.5 * em <= gap <= SPACED_LINE_GAP * em or after.start <= before.start:
            return False
        if _overlap(before, after) < 0.5:
            return False
        if gap > LINE_GAP * em and not self._blanks.between(before, after):
            return False
        middle = (max(before.low, after.low) + min(before.high, after.high)) / 2
        left, right = (before.start + before.end) / 2, (after.start + after.end) / 2
        return not self._walls.part(left, right, middle)


class _LineEnds:
    """Lines by the height at which they end."""

    def __init__(self) -> None:
        self._lines: dict[int, list[list[_Glyph]]] = defaultdict(list)

    def add(self, line: list[_Glyph]) -> None:
        self._lines[self._strip(line[-1])].append(line)

    def remove(self, line: list[_Glyph]) -> None:
        held = self._lines[self._strip(line[-1])]
        held[:] = [other for other in held if other is not line]

    def near(self, glyph: _Glyph) -> Iterable[list[_Glyph]]:
        middle, reach = (glyph.low + glyph.high) / 2, glyph.high - glyph.low
        first, last = int((middle - reach) // STRIP), int((middle + reach) // STRIP)
        return (line for strip in range(first, last + 1) for line in self._lines.get(strip, ()))

    def _strip(self, glyph: _Glyph) -> int:
        return int((glyph.low + glyph.high) / 2 // STRIP)


def _stands_between(before: _Glyph, after: _Glyph, nearby: Nearby[_Glyph]) -> bool:
    """Whether another character, drawn earlier or later, fills the white between two."""
    if after.start - before.end < UNSEEN_GAP * min(before.em, after.em):
        return False
    white = Box(before.end, before.low, after.start, before.high)
    return any(other is not before and other is not after for other in nearby.beside(white, 0.0))


def _overlap(one: _Glyph, other: _Glyph) -> float:
    """The share of the lower of two characters that the other stands beside."""
    common = min(one.high, other.high) - max(one.low, other.low)
    return common / max(min(one.high - one.low, other.high - other.low), 1e-6)


def _goes_on_spaced(word: Sequence[_Glyph], part: Sequence[_Glyph]) -> bool:
    """Whether a letter that stands alone or before a colon goes on with letters spaced as wide:
    営　　業　　日　　報, 金　　額：."""
    letters = [*word, part[0]]
    ends = len(part) == 1 or part[1].character.text in ":："
    if not ends or not all(map(_is_letter, letters)):
        return False
    gaps = [after.start - before.end for before, after in pairwise(letters)]
    return max(gaps) - min(gaps) <= EVEN * part[0].em


def _is_letter(glyph: _Glyph) -> bool:
    text = glyph.character.text
    return text.isalpha() and not text.isascii()


def _latin_of(before: _Glyph, after: _Glyph) -> int:
    """How many of the two are Latin."""
    return before.character.text.isascii() + after.character.text.isascii()


def _tracking(run: Sequence[_Glyph]) -> float:
    """The white, in ems, that stands between all Latin letters of the run, words or not."""
    gaps = sorted(
        (after.start - before.end) / min(before.em, after.em)
        for before, after in pairwise(run)
        if _latin_of(before, after) == 2
    )
    return max(gaps[len(gaps) // 6], 0.0) if len(gaps) >= ENOUGH_GAPS else 0.0
