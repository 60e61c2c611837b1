"""Which way up a page was scanned, told by reading a handful of its lines.

Detection finds lines whichever way the page lies. A line that is read along its wrong direction gives
next to no confidence, so a few crops tell which end it starts at. Whether the characters then stand or
lie tells a sideways page from vertical writing: each character is turned upright in place and the line
read again; only characters that did lie give the same text. No training and no Tesseract involved.

Tables of figures set closer down than across fool a hasty look, and few figures fool a short one: where the
first answer is not sure, more lines are found, at the size at which they are read, and read both ways in
both directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from ocr.engines.engine import Orientation
from ocr.engines.ppocr.detector import Quad
from ocr.engines.ppocr.faint_writing import is_to_be_read
from ocr.engines.ppocr.networks import COLUMN_RATIO, Models, crop_size, cut, models, networks_fingerprint
from ocr.engines.ppocr.recognition import LineReading
from ocr.raster import Pixels, as_pixels, turned

# Lines lie where they lie with letters of this height (pixels) too, and finding them costs a third.
LETTER_SEEN = 6.0
LINES_TO_READ = 4
# A page that is upright, and whether characters lie, shows in fewer, or in one of so many characters that
# is read as surely as this.
LINES_TO_TURN = 2
ENOUGH_CHARACTERS = 6
SURELY_READ = 0.97
# A line is cut after this many times its height: enough to read, cheap to read.
LONGEST_CROP = 8
# An answer that is less sure than this is asked for again, with so many lines a direction, of which few are
# longer one way than this many times the other.
SURE_ENOUGH = 0.75
MANY_LINES = 8
# Figures upside down read with certainties of .7 to .9; rows or columns that are less than this of the page's
# writing say nothing.
ENOUGH_TO_BE_SURE, SURE_OF_ALL = 20, 0.93
LEAST_OF_THE_PAGE = 0.1
LINE_RATIO = 1.3
# A certainty that says nothing: the network's, of rubbish.
EVEN = 0.5
# A page is turned where it reads so many times as much that way.
WORTH_TURNING = 1.15
# Below this nothing was read in either direction and the page stays as it is.
LEAST_CONFIDENCE = 0.6
# Readings of the right and the wrong direction differ by .3 and more.
CLEARLY_READ = 0.9
# Share of characters that must read the same after each is turned upright in place.
LYING_AGREEMENT = 0.5


UNKNOWN = Orientation(0, 0.0)


def find_orientation(image: Pixels, models: Models) -> Orientation:
    """How to turn `image` (BGR) for its writing to stand upright.

    A page of vertical writing is upright when its columns run from top to bottom. A page without
    readable writing is left as it is, with no confidence.
    """
    hasty = _hasty(image, models)
    if hasty.confidence >= SURE_ENOUGH:
        return hasty
    return _thorough(image, models) or hasty


class PpocrOrientation:
    """How a page lies, as PP-OCR's networks see it. See `ocr.engines.engine.FindsOrientation`."""

    @property
    def fingerprint(self) -> str:
        """The networks that are asked."""
        return networks_fingerprint()

    def find_orientation(self, image: Pixels) -> Orientation:
        return find_orientation(image, models())

    def is_to_be_read(self, faint: Pixels) -> bool:
        return is_to_be_read(faint, models())


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A line of `image` that is not cut out yet, turned clockwise by `turn`; its size in pixels is that after
    the turn."""

    image: Pixels
    quad: Quad
    turn: int
    width: int
    height: int

    @classmethod
    def on(cls, image: Pixels, quad: Quad) -> _Line:
        return cls(image, quad, 0, *crop_size(quad))

    @property
    def length(self) -> int:
        return max(self.width, self.height)

    def turned(self, turn: int) -> _Line:
        size = (self.height, self.width) if turn % 180 else (self.width, self.height)
        return _Line(self.image, self.quad, (self.turn + turn) % 360, *size)

    def start(self) -> Pixels:
        """As much of the line as it takes to read some of it."""
        crop = turned(cut(self.image, self.quad), self.turn)
        return as_pixels(crop[:, : LONGEST_CROP * crop.shape[0]])


def _hasty(image: Pixels, models: Models) -> Orientation:
    """The answer of the longest few lines."""
    lines = [_Line.on(image, quad) for quad in models.detect(image, LETTER_SEEN)]
    columns = [line for line in lines if line.height >= COLUMN_RATIO * line.width]
    rows = [line for line in lines if line.height < COLUMN_RATIO * line.width]
    if _length(columns) > _length(rows):
        return _turn_of([line.turned(270) for line in columns], 270, models)
    return _turn_of(rows, 0, models)


def _thorough(image: Pixels, models: Models) -> Orientation | None:
    """The answer that most of the page's writing gives; None where hardly anything can be read."""
    lines = [_Line.on(image, quad) for quad in models.detect(image)]
    rows = [line for line in lines if line.width >= LINE_RATIO * line.height]
    columns = [line.turned(270) for line in lines if line.height >= LINE_RATIO * line.width]
    least = LEAST_OF_THE_PAGE * (_length(rows) + _length(columns))
    characters = dict.fromkeys((0, 90, 180, 270), 0.0)
    for lying, turn in ((rows, 0), (columns, 270)):
        for way in (0, 180) if _length(lying) > least else ():
            found = _evidence([line.turned(way) for line in lying], models)
            characters[(turn + way) % 360] += found.standing
            characters[(turn + way + 90) % 360] += found.lying
            if found.surely:
                break
    best = max(characters, key=lambda turn: characters[turn])
    if characters[best] < WORTH_TURNING * characters[0]:
        best = 0
    if characters[best] < ENOUGH_CHARACTERS:
        return None
    others = max(count for turn, count in characters.items() if turn != best)
    return Orientation(best, characters[best] / (characters[best] + others))


@dataclass(frozen=True, slots=True)
class _Evidence:
    """How many characters of a page read well one way, counted by their certainty: those that stand, and
    those that lie on their left side, as the crops of vertical writing have them. Where nearly all read
    `surely`, they cannot read as well the other way."""

    standing: float = 0.0
    lying: float = 0.0
    surely: bool = False


def _evidence(lines: Sequence[_Line], models: Models) -> _Evidence:
    """What these horizontal lines read like, told by the longest."""
    longest = sorted(lines, key=lambda line: line.width / line.height, reverse=True)[:MANY_LINES]
    crops = [line.start() for line in longest]
    read = [(crop, reading) for crop in crops if (reading := models.read(crop)).confidence > EVEN]
    sure = sum((reading.confidence - EVEN) / (1 - EVEN) * len(reading.centers) for _, reading in read)
    telling = sorted(read, key=lambda pair: pair[1].confidence * len(pair[1].centers), reverse=True)
    pairs = [pair for pair in telling if len(pair[1].centers) > 1][:LINES_TO_TURN]
    if not pairs:
        return _Evidence()
    whole = sure * _length(lines) / max(sum(max(crop.shape[:2]) for crop in crops), 1)
    lying = fmean(_lying_share(crop, reading, models) for crop, reading in pairs)
    surely = sure >= max(ENOUGH_TO_BE_SURE, SURE_OF_ALL * sum(len(r.centers) for _, r in read))
    return _Evidence(whole * (1 - lying), whole * lying, surely and len(read) == len(crops))


def _turn_of(rows: Sequence[_Line], turn: int, models: Models) -> Orientation:
    """The clockwise turn for a page on which these lines are horizontal after a turn by `turn`."""
    crops = _typical(rows)
    if not crops:
        return UNKNOWN
    readings = [models.read(crops[0])]
    if len(readings[0].centers) < ENOUGH_CHARACTERS or readings[0].confidence < SURELY_READ:
        readings += [models.read(crop) for crop in crops[1:LINES_TO_TURN]]
    sure = _confidence(readings)
    if sure < CLEARLY_READ:
        readings += [models.read(crop) for crop in crops[len(readings) :]]
        upside_down = [turned(crop, 180) for crop in crops]
        other = [models.read(crop) for crop in upside_down]
        one, two = _confidence(readings), _confidence(other)
        if two > one:
            crops, readings, turn = upside_down, other, turn + 180
        if max(one, two) < LEAST_CONFIDENCE:
            return UNKNOWN
        sure = max(one, two) / (one + two)
    pairs = list(zip(crops, readings, strict=False))[:LINES_TO_TURN]
    agreement = fmean(_lying_share(crop, reading, models) for crop, reading in pairs)
    lies = agreement > LYING_AGREEMENT
    sure *= agreement if lies else 1 - agreement
    if all(_is_figures(reading.text) for reading in readings):
        sure *= SURE_ENOUGH  # a few figures read well upside down
    return Orientation((turn + 90 if lies else turn) % 360, sure)


def _typical(rows: Sequence[_Line]) -> list[Pixels]:
    """The starts of the longest rows: a line of body text tells more than a page number."""
    longest = sorted(rows, key=lambda line: line.width, reverse=True)[:LINES_TO_READ]
    return [line.start() for line in longest]


def _length(lines: Sequence[_Line]) -> int:
    """How much writing the lines hold: the sum of their long sides, in pixels."""
    return sum(line.length for line in lines)


def _confidence(readings: Sequence[LineReading]) -> float:
    """The mean; a single character counts for nothing, a circle is an O either way."""
    return fmean(reading.confidence if len(reading.centers) > 1 else 0.0 for reading in readings)


def _lying_share(crop: Pixels, reading: LineReading, models: Models) -> float:
    """How likely (0-1) the characters of a line lie on their left side.

    Those read the same once each is turned a quarter clockwise in place. The network reads figures that lie
    as well as those that stand, which would lie once they are turned the other way.
    """
    if len(reading.centers) < 2:
        return 0.0
    clockwise = _agreement(crop, reading, 90, models)
    if _is_japanese(reading.text):
        return clockwise
    other = _agreement(crop, reading, 270, models)
    return clockwise / max(clockwise + other, 1e-6)


def _agreement(crop: Pixels, reading: LineReading, turn: int, models: Models) -> float:
    """How alike and sure (0-1) the line reads once each of its characters is turned clockwise in place."""
    edges = [0.0, *((a + b) / 2 for a, b in pairwise(reading.centers)), float(crop.shape[1])]
    cells = [turned(crop[:, int(a) : max(int(b), int(a) + 1)], turn) for a, b in pairwise(edges)]
    height = max(cell.shape[0] for cell in cells)
    row = np.hstack([_in_the_middle(cell, height) for cell in cells])
    again = models.read(as_pixels(row))
    if _is_japanese(reading.text):
        return Levenshtein.normalized_similarity(again.text, reading.text)
    # Edges of cells are read as points and commas.
    return again.confidence * Levenshtein.normalized_similarity(_bare(again.text), _bare(reading.text))


def _is_japanese(text: str) -> bool:
    return sum(not character.isascii() for character in text) > len(text) / 2


def _is_figures(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= len(text) / 2


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _in_the_middle(cell: Pixels, height: int) -> Pixels:
    above = (height - cell.shape[0]) // 2
    below = height - cell.shape[0] - above
    return as_pixels(cv2.copyMakeBorder(cell, above, below, 0, 0, cv2.BORDER_REPLICATE))
