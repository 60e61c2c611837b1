"""The second engine: a page that the first one is unsure of is read again by another, the better one kept.

Both read the lines that the first one found, so their readings differ in nothing but characters. Calibrated
confidences (`ocr.proofreading.calibrated_confidence`) are on one scale: the better reading is the one that is
expected to hold more right characters.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ocr.detection import DetectedLine
from ocr.engines.engine import Engine, ReadsLines
from ocr.errors import ReadingError
from ocr.proofreading.calibrated_confidence import page_confidence
from ocr.raster import Pixels

# Most pages below this have more than one wrong character in fifty (`benchmarks.reading.reliability`).
SURE = 0.9

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WithSecond:
    """An engine that reads as `first` does and has `second` to ask. See `ocr.engines.Engine`."""

    first: Engine
    second: Engine

    @property
    def name(self) -> str:
        return self.first.name

    @property
    def fingerprint(self) -> str:
        return f"{self.first.fingerprint}+{self.second.fingerprint},sure={SURE}"

    def recognize(self, image: Pixels) -> tuple[DetectedLine, ...]:
        return self.first.recognize(image)


@dataclass(frozen=True, slots=True)
class OnLines:
    """An engine that reads the lines `found` by another on the same image, where it can."""

    engine: Engine
    found: tuple[DetectedLine, ...]

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def fingerprint(self) -> str:
        return self.engine.fingerprint

    def recognize(self, image: Pixels) -> tuple[DetectedLine, ...]:
        if isinstance(self.engine, ReadsLines):
            return self.engine.recognize_lines(image, self.found)
        return self.engine.recognize(image)


@dataclass(frozen=True, slots=True)
class ChosenReading:
    """The lines that were kept, the engine that read them, and the name of the one that was passed over."""

    lines: tuple[DetectedLine, ...]
    engine: Engine
    passed_over: str = ""


def first_of(engine: Engine) -> Engine:
    """The engine itself, or the first of two."""
    return engine.first if isinstance(engine, WithSecond) else engine


def second_look(
    engine: Engine,
    found: tuple[DetectedLine, ...],
    points_per_pixel: float,
    read: Callable[[Engine], tuple[DetectedLine, ...]],
) -> ChosenReading:
    """The better of two readings of a page: `found` by `engine`, and that of its second engine if it has one.

    `read` gives the page to an engine; boxes are points and confidences calibrated on both sides. A second
    engine that fails has no say.
    """
    if not isinstance(engine, WithSecond) or not needs_second_look(found):
        return ChosenReading(found, engine)
    in_pixels = tuple(line.scaled(1 / points_per_pixel) for line in found)
    try:
        again = read(OnLines(engine.second, in_pixels))
    except ReadingError as error:
        _log.warning("%s could not read a page again: %s", engine.second.name, error.message)
        return ChosenReading(found, engine)
    if _worth(again) > _worth(found):
        return ChosenReading(again, engine.second, passed_over=engine.name)
    return ChosenReading(found, engine, passed_over=engine.second.name)


def needs_second_look(found: Sequence[DetectedLine]) -> bool:
    """Whether a page with these lines, their confidences calibrated, is read again."""
    confidence = page_confidence([line.confidence for line in found])
    return confidence is not None and confidence < SURE


def _worth(reading: Sequence[DetectedLine]) -> float:
    """How many characters of it are right, as the calibrated confidences have it."""
    return sum(len(line.text) * line.confidence for line in reading)
