"""The engines that read pixels, and the contract they keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Protocol, runtime_checkable

from ocr.detection import DetectedLine
from ocr.errors import ReadingError
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


@runtime_checkable
class ReadsLines(Protocol):
    """An engine that can also read the lines that another one found."""

    def recognize_lines(self, image: Pixels, found: Sequence[DetectedLine]) -> tuple[DetectedLine, ...]:
        """What it reads in the boxes of `found` on `image`, as `Engine.recognize` would give it."""


def create(name: str, limits: Limits | None = None) -> Engine:
    """The engine called `name`, loaded: one of `ENGINES`, or `module:factory` for one of your own; two names
    with a + between them for a first engine and a second that reads its worst pages again.

    A factory takes the limits and returns an `Engine`; `limits.page_seconds` bounds an engine that runs a
    program. Raises ReadingError(ENGINE_MISSING) saying how to get what it lacks, ValueError for another
    name.
    """
    bounds = limits or Limits()
    first, plus, second = name.partition("+")
    if plus:
        return _together(first, second, bounds)
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


def _together(first: str, second: str, bounds: Limits) -> Engine:
    from ocr.second import WithSecond

    try:
        # Both have the time of one page.
        other = create(second, replace(bounds, page_seconds=bounds.page_seconds / 2))
    except ReadingError as error:
        raise ReadingError(
            error.category,
            f"二つ目のエンジンを使えません。{error.message}"
            "--second-engine を外すと、一つ目のエンジンだけで読みます。",
        ) from error
    return WithSecond(create(first, bounds), other)
