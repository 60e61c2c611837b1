"""The engines that read pixels, and the contract they keep."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from ocr.detection import DetectedLine
from ocr.limits import Limits
from ocr.raster import Pixels

ENGINES: tuple[str, ...] = ("ppocr", "tesseract")


class Engine(Protocol):
    """Reads one upright page at a time.

    An engine is made in the process that uses it and is never pickled; it is called from one thread and
    starts no others, its own libraries included, because the batch already runs one worker a core.
    """

    @property
    def name(self) -> str:
        """What the published tables call it."""

    @property
    def fingerprint(self) -> str:
        """The versions and settings that change what it reads."""

    def recognize(self, image: Pixels) -> tuple[DetectedLine, ...]:
        """The lines on `image` (upright, BGR, height x width x 3, uint8), in no particular order.

        Boxes are pixels of `image`; confidences are 0-1; a column of vertical writing is one line with
        `vertical` set. A page without writing gives no lines. Raises ReadingError: TIMEOUT,
        ENGINE_FAILED, OUT_OF_MEMORY.
        """


def create(name: str, limits: Limits | None = None) -> Engine:
    """The engine called `name`, loaded: one of `ENGINES`, or `module:factory` for one of your own.

    A factory takes the limits and returns an `Engine`; `limits.page_seconds` bounds an engine that runs a
    program. Raises ReadingError(ENGINE_MISSING) saying how to get what it lacks, ValueError for another
    name.
    """
    bounds = limits or Limits()
    module, colon, factory = name.partition(":")
    if colon:
        made: Engine = getattr(import_module(module), factory)(bounds)
        return made
    match name:
        case "ppocr":
            from ocr.engines.ppocr import PpocrEngine

            return PpocrEngine()
        case "tesseract":
            from ocr.engines.tesseract import TesseractEngine

            return TesseractEngine(bounds.page_seconds)
        case _:
            raise ValueError(f"no engine is called {name!r}; there are {', '.join(ENGINES)}")
