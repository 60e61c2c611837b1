"""The engine of PP-OCR's networks: a page to its lines, each read for itself.

Detection sees the page shrunk; lines are cut from the full page, so that small print keeps its strokes.
Lines are recognised one by one: a batch is padded to its longest and costs more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import median

import cv2
import numpy as np

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.engines.ppocr.detector import Quad
from ocr.engines.ppocr.mark_readings import among_marks, is_sure_letter, may_be_lone_mark, with_marks
from ocr.engines.ppocr.missed_characters import with_missed_characters
from ocr.engines.ppocr.networks import COLUMN_RATIO, cut, is_column, models, networks_fingerprint
from ocr.engines.ppocr.orientation import PpocrOrientation
from ocr.engines.ppocr.recognition import LineReading
from ocr.engines.ppocr.unit_powers import with_powers
from ocr.engines.ppocr.vertical_columns import read_column
from ocr.errors import FailureCategory, ReadingError
from ocr.ink.shapes import COMPANY, MARKS
from ocr.raster import Pixels

# Below this a detected shape is a stain or a drawing, not writing.
LEAST_CONFIDENCE = 0.5
# Rows of figures that are closer than the figures of a row are cut into letters and found as columns, unless
# they are seen closer. So many pieces come of no page of few lines; half of them are no longer than this, or
# a fifth are columns, half of them short. Vertical writing has columns of 10 times their width. Seen closer
# there are fewer pieces, or fewer columns.
LETTER_CLOSER = 20.0
FEWEST_MINCED = 80
SQUARE = 1.65
LEAST_STACKED, LONGEST_STACK = 0.2, 4.0
FEWER = 0.9
# A crop this many times as long as wide tells how high the rows of the page are. What is no higher than
# so many of them is one character, or a few side by side, however narrow: 1, l, 7.
ELONGATED = 2.0
ONE_ROW = 1.25
# A narrow character is read as surely as this as it stands; lying, a 1 is a sure 一.
SURE = 0.8


class PpocrEngine(PpocrOrientation):
    """The default engine. See `ocr.engines.engine.Engine`."""

    name = "ppocr"

    def __init__(self) -> None:
        self._models = models()

    @property
    def fingerprint(self) -> str:
        return f"ppocr:{networks_fingerprint()}"

    def recognize(self, image: Pixels) -> tuple[DetectedLine, ...]:
        try:
            # By shape, because the network is prepared anew whenever the width of its input changes.
            quads = sorted(self._quads(image), key=_elongation)
            row = row_height(quads)
            found = self._in_company(image, [self._found(image, quad, row) for quad in quads])
        except MemoryError as error:
            raise ReadingError(
                FailureCategory.OUT_OF_MEMORY,
                "文字認識の途中でメモリが足りなくなりました。同時に動かす数（--workers）を減らしてやり直してください。",
            ) from error
        except (RuntimeError, cv2.error) as error:
            raise ReadingError(
                FailureCategory.ENGINE_FAILED,
                "文字認識エンジンppocrがこのページで失敗しました。"
                "やり直すか、--engine tesseract を試してください。",
            ) from error
        return _lines(found)

    def _quads(self, image: Pixels) -> list[Quad]:
        """The lines on the page, seen closer where that is needed to tell its figures apart."""
        quads = self._models.detect(image)
        if len(quads) < FEWEST_MINCED or not _may_be_minced(quads):
            return quads
        closer = self._models.detect(image, LETTER_CLOSER)
        fewer = len(closer) < FEWER * len(quads) or len(_columns(closer)) < FEWER * len(_columns(quads))
        return closer if closer and fewer else quads

    def recognize_lines(self, image: Pixels, found: Sequence[DetectedLine]) -> tuple[DetectedLine, ...]:
        """See `ocr.engines.ReadsLines`."""
        read: list[DetectedLine] = []
        for line in found:
            told = _lines([self._found(image, _quad(line.box), 0.0 if line.vertical else inf)])
            read.extend(replace(again, box=line.box) for again in told)
        return tuple(read)

    def _found(self, image: Pixels, quad: Quad, row: float) -> _PlacedReading:
        """What stands in the quad, on a page whose rows are `row` pixels high."""
        crop = cut(image, quad)
        if is_column(crop):
            reading, vertical = self._tall(image, quad, crop, row)
        else:
            read = with_powers(self._models.read(crop, squeeze=True))
            marked = with_marks(crop, read)
            reading, vertical = with_missed_characters(crop, marked, self._models.read), False
        return _PlacedReading(quad, (crop.shape[0], crop.shape[1]), reading, vertical)

    def _in_company(self, image: Pixels, found: Sequence[_PlacedReading]) -> Sequence[_PlacedReading]:
        """The same; where several marks stand alone, as in a table of checks, others like them are told in
        their columns, but not in a column of letters or figures."""
        marks = [one.quad for one in found if one.reading.text in MARKS]
        if len(marks) < COMPANY:
            return found
        letters = [one.quad for one in found if is_sure_letter(one.reading)]
        return [
            replace(one, reading=among_marks(cut(image, one.quad), one.reading))
            if may_be_lone_mark(one.size, one.reading)
            and _shares_column(one.quad, marks)
            and not _shares_column(one.quad, letters)
            else one
            for one in found
        ]

    def _tall(self, image: Pixels, quad: Quad, crop: Pixels, row: float) -> tuple[LineReading, bool]:
        """What stands in a crop higher than wide, and whether it is a column of writing.

        One narrow character is read as it stands, a column lying; where the size leaves it open, the
        surer reading is kept.
        """
        upright = None
        if crop.shape[0] <= ONE_ROW * row:
            upright = self._models.read(crop)
            if upright.confidence >= SURE:
                return upright, False
        longer = cut(image, _lengthened(quad, crop.shape[1] / crop.shape[0]))
        lying = read_column(longer, crop.shape[0], self._models.read)
        if len(lying.centers) > 1 and upright is None:
            return lying, True
        upright = upright or self._models.read(crop)
        if upright.confidence < lying.confidence:
            return lying, True
        return upright, row == 0.0


@dataclass(frozen=True, slots=True)
class _PlacedReading:
    """A reading with its place: `size` is the height and width of the crop in pixels."""

    quad: Quad
    size: tuple[int, int]
    reading: LineReading
    vertical: bool


def _lines(found: Iterable[_PlacedReading]) -> tuple[DetectedLine, ...]:
    """The readings that are writing, as lines."""
    lines: list[DetectedLine] = []
    for one in found:
        reading, quad = one.reading, one.quad
        if not reading.text.strip() or reading.confidence < LEAST_CONFIDENCE:
            continue
        x0, y0 = (float(value) for value in quad.min(axis=0))
        x1, y1 = (float(value) for value in quad.max(axis=0))
        lines.append(
            DetectedLine(
                reading.text,
                Box(x0, y0, x1, y1),
                min(reading.confidence, 1.0),
                one.vertical,
                certainties=reading.certainties,
                rivals=reading.rivals,
                centers=_centers(one),
            )
        )
    return tuple(lines)


def row_height(quads: Sequence[Quad]) -> float:
    """How high the rows of a page are in pixels, by its longer lines; 0 where most of them are columns."""
    sides = [(float(np.linalg.norm(q[1] - q[0])), float(np.linalg.norm(q[3] - q[0]))) for q in quads]
    rows = [(across, down) for across, down in sides if across >= ELONGATED * down]
    columns = [down for across, down in sides if down >= ELONGATED * across]
    if sum(columns) > sum(across for across, _ in rows):
        return 0.0
    return median([down for _, down in rows or sides] or [0.0])


def _centers(found: _PlacedReading) -> tuple[float, ...]:
    """The middle of each character along the line on the page, in pixels; that of a blank is halfway between
    its neighbours'."""
    axis, corner = (1, 3) if found.vertical else (0, 1)
    start, end = float(found.quad[0][axis]), float(found.quad[corner][axis])
    pixel = (end - start) / found.size[1 - axis]
    known = [start + center * pixel for center in found.reading.centers]
    places: list[float] = []
    passed = 0
    for character in found.reading.text:
        if character != " ":
            places.append(known[passed])
            passed += 1
            continue
        before = known[passed - 1] if passed else start
        places.append((before + (known[passed] if passed < len(known) else end)) / 2)
    return tuple(places)


def _shares_column(quad: Quad, others: Sequence[Quad]) -> bool:
    """Whether the middle of the quad lies above or below one of the others."""
    x = float(quad[:, 0].mean())
    return any(float(other[:, 0].min()) <= x <= float(other[:, 0].max()) for other in others)


def _quad(box: Box) -> Quad:
    corners = (box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)
    return np.array(corners, dtype=np.float32)


def _may_be_minced(quads: Sequence[Quad]) -> bool:
    """Whether these may be no lines but the pieces of dense figures: square, or short and tall."""
    columns = _columns(quads)
    if len(columns) >= LEAST_STACKED * len(quads):
        return bool(np.median(columns) < LONGEST_STACK)
    return bool(np.median([max(ratio := _elongation(quad), 1 / max(ratio, 1e-6)) for quad in quads]) < SQUARE)


def _columns(quads: Sequence[Quad]) -> list[float]:
    """How many times longer than wide those are that would be read as columns."""
    downwards = (1 / max(_elongation(quad), 1e-6) for quad in quads)
    return [ratio for ratio in downwards if ratio >= COLUMN_RATIO]


def _elongation(quad: Quad) -> float:
    """How many times longer across than down."""
    across, down = float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[3] - quad[0]))
    return across / max(down, 1.0)


def _lengthened(quad: Quad, share: float) -> Quad:
    """The quad with its bottom edge moved down by `share` of its height."""
    down_left, down_right = quad[3] - quad[0], quad[2] - quad[1]
    return np.array(
        [quad[0], quad[1], quad[2] + share * down_right, quad[3] + share * down_left], dtype=np.float32
    )
