"""The engines by their names."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from ocr.engines.engine import Engine, FindsOrientation
from ocr.errors import ReadingError
from ocr.limits import Limits

ENGINES: tuple[str, ...] = ("ppocr", "tesseract")


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
            from ocr.engines.ppocr.ppocr_engine import PpocrEngine

            return PpocrEngine()
        case "tesseract":
            from ocr.engines.tesseract import TesseractEngine

            return TesseractEngine(bounds.page_seconds)
        case _:
            raise ValueError(f"no engine is called {name!r}; there are {', '.join(ENGINES)}")


def orientation_of(engine: Engine) -> FindsOrientation:
    """What tells how pages lie that `engine` is to read: itself where it can, else PP-OCR's networks."""
    if isinstance(engine, FindsOrientation):
        return engine
    from ocr.engines.ppocr.orientation import PpocrOrientation

    return PpocrOrientation()


def _together(first: str, second: str, bounds: Limits) -> Engine:
    from ocr.engines.second_engine import WithSecond

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
