"""Characters of a text layer that only their looks can tell, read by OCR in the line that they stand in.

A line is read as a whole, because a figure alone is hard to read, and what was read is laid beside what the
layer knows: the characters that it is sure of hold the others in their places (Needleman and Wunsch, "A
general method applicable to the search for similarities in the amino acid sequence of two proteins", 1970). A
glyph looks alike wherever it is drawn; what it is, all its places tell together.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.script.widths import character_centres

# Costs: of two sure characters that differ, of an unknown one beside any, of one em between their places
# (which an engine does not tell exactly), of a character without a partner in the layer and in what was read.
DIFFERENT, UNKNOWN, APART, UNREAD, UNWRITTEN = 0.9, 0.2, 0.08, 1.0, 0.6
FARTHEST_APART = 3.0
# Ems of white that part two strips of a row, and of paper around a strip that the engine wants to see.
STRIP_GAP = 3.0
MARGIN = 0.5
LONGEST = 200  # characters of a strip: what an alignment costs grows with the square
# Of the weight of what was read for one glyph that the winner needs.
WINNING = 0.6


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character that stands upright: its number in the layer, its text where the layer is sure of it, else
    empty; `kind` is equal for what is drawn with the same glyph, None where that is not known."""

    number: int
    text: str
    box: Box
    size: float
    vertical: bool = False
    kind: Hashable = None


@dataclass(frozen=True, slots=True)
class Strip:
    """Characters of one line, in their order, at least one of them unknown."""

    glyphs: tuple[Glyph, ...]

    @property
    def box(self) -> Box:
        """With the paper around it, points."""
        around = Box.around(glyph.box for glyph in self.glyphs)
        margin = MARGIN * max(glyph.size for glyph in self.glyphs)
        return Box(around.x0 - margin, around.y0 - margin, around.x1 + margin, around.y1 + margin)

    @property
    def vertical(self) -> bool:
        return self.glyphs[0].vertical


@dataclass(frozen=True, slots=True)
class Told:
    """What an engine reads a character as, and how sure that is (0–1)."""

    text: str
    certainty: float


def strips_of(glyphs: Iterable[Glyph]) -> list[Strip]:
    """The lines and columns that hold unknown characters, cut at wide gaps."""
    found: list[Strip] = []
    every = list(glyphs)
    for vertical in (False, True):
        rows: list[list[Glyph]] = []
        for glyph in sorted((g for g in every if g.vertical is vertical), key=lambda g: _across(g)):
            near = [row for row in rows[-1:] if _across(glyph) - _across(row[-1]) <= 0.5 * glyph.size]
            if near:
                near[0].append(glyph)
            else:
                rows.append([glyph])
        for row in rows:
            for strip in _parted(sorted(row, key=_along)):
                if any(not glyph.text for glyph in strip):
                    found.append(Strip(tuple(strip)))
    return found


def told_in(strip: Strip, lines: Iterable[DetectedLine]) -> dict[int, Told]:
    """What the unknown characters of the strip are, by number, as the lines that were read there have it;
    boxes are points of the same page."""
    read = [entry for line in lines if line.vertical is strip.vertical for entry in _placed(line)]
    read.sort(key=lambda entry: entry.place)
    return {
        glyph.number: Told(entry.text, entry.certainty)
        for glyph, entry in _aligned(strip.glyphs, read)
        if not glyph.text
    }


def agreed(told: Mapping[int, Told], glyphs: Mapping[int, Glyph]) -> dict[int, Told]:
    """What all places of a glyph together tell of it: the reading that most of them share, also where it was
    not read; where they do not agree each keeps its own."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for number, glyph in glyphs.items():
        if glyph.kind is not None and not glyph.text:
            places[glyph.kind].append(number)
    found = dict(told)
    for numbers in places.values():
        weights: dict[str, float] = defaultdict(float)
        for number in numbers:
            if number in told:
                weights[told[number].text] += told[number].certainty
        if not weights:
            continue
        winner = max(weights, key=lambda text: weights[text])
        if weights[winner] < WINNING * sum(weights.values()):
            continue
        sure = median(told[n].certainty for n in numbers if n in told and told[n].text == winner)
        found.update((number, Told(winner, sure)) for number in numbers)
    return found


def _along(glyph: Glyph) -> float:
    return glyph.box.center[1 if glyph.vertical else 0]


def _across(glyph: Glyph) -> float:
    return glyph.box.center[0 if glyph.vertical else 1]


def _parted(row: Sequence[Glyph]) -> list[list[Glyph]]:
    strips: list[list[Glyph]] = []
    for glyph in row:
        start = glyph.box.y0 if glyph.vertical else glyph.box.x0
        before = strips[-1][-1] if strips else None
        end = 0.0 if before is None else before.box.y1 if before.vertical else before.box.x1
        wide = before is None or start - end > STRIP_GAP * glyph.size
        if wide or len(strips[-1]) >= LONGEST:
            strips.append([])
        strips[-1].append(glyph)
    return strips


@dataclass(frozen=True, slots=True)
class _ReadGlyph:
    """A character that was read, with its place along the line."""

    text: str
    place: float
    certainty: float


def _placed(line: DetectedLine) -> list[_ReadGlyph]:
    """The characters of a line."""
    sure = line.certainties
    if len(sure) != len(line.text):
        sure = (line.confidence,) * len(line.text)
    return [
        _ReadGlyph(text, place, min(certainty, 1.0))
        for text, place, certainty in zip(line.text, character_centres(line), sure, strict=True)
        if not text.isspace()
    ]


def _aligned(glyphs: Sequence[Glyph], read: Sequence[_ReadGlyph]) -> list[tuple[Glyph, _ReadGlyph]]:
    """The pairs of the cheapest alignment."""
    cost = [[at * UNWRITTEN for at in range(len(read) + 1)]]
    for row, glyph in enumerate(glyphs, 1):
        line = [row * UNREAD]
        for at, entry in enumerate(read, 1):
            paired = cost[-1][at - 1] + _distance(glyph, entry)
            line.append(min(paired, cost[-1][at] + UNREAD, line[-1] + UNWRITTEN))
        cost.append(line)
    pairs: list[tuple[Glyph, _ReadGlyph]] = []
    row, at = len(glyphs), len(read)
    while row and at:
        if cost[row][at] == cost[row - 1][at - 1] + _distance(glyphs[row - 1], read[at - 1]):
            row, at = row - 1, at - 1
            pairs.append((glyphs[row], read[at]))
        elif cost[row][at] == cost[row - 1][at] + UNREAD:
            row -= 1
        else:
            at -= 1
    return pairs


def _distance(glyph: Glyph, entry: _ReadGlyph) -> float:
    ems = min(abs(entry.place - _along(glyph)) / max(glyph.size, 1.0), FARTHEST_APART)
    if not glyph.text:
        return UNKNOWN + APART * ems
    return (0.0 if _same(glyph.text, entry.text) else DIFFERENT) + APART * ems


def _same(one: str, other: str) -> bool:
    return unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
