"""Pages written by hand for the structure tests: lines of 10 point type and ruled forms, without any OCR."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ocr.detection import DetectedLine, Ruling
from ocr.document import BlockKind, Box, TextSource
from ocr.grids.ruled_lines import RuledLines
from ocr.layout.page import PageText, build_page, empty_page
from ocr.layout.page_elements import PageElements
from ocr.script.widths import text_width

WIDTH, HEIGHT = 595.0, 842.0
STORED = Path(__file__).parent / "data"


def written(x: float, y: float, text: str, *, size: float = 10.0, confidence: float = 0.99) -> DetectedLine:
    """A line whose top left corner is at (x, y)."""
    return DetectedLine(text, Box(x, y, x + size * text_width(text), y + 1.2 * size), confidence)


def column(x: float, y: float, text: str, *, size: float = 10.0) -> DetectedLine:
    """A vertical line that starts at the top with its middle at `x`."""
    return DetectedLine(text, Box(x - size / 2, y, x + size / 2, y + size * len(text)), 0.99, vertical=True)


def ruled(xs: Sequence[float], ys: Sequence[float]) -> list[Ruling]:
    """A full grid with rulings at these places."""
    across = [Ruling(xs[0], y, xs[-1], y) for y in ys]
    return across + [Ruling(x, ys[0], x, ys[-1]) for x in xs]


def built(
    lines: Iterable[DetectedLine],
    rulings: Iterable[Ruling] = (),
    size: tuple[float, float] = (WIDTH, HEIGHT),
    **others: Any,
) -> PageText:
    """The page of `size` points that these lines and rulings make; `others` as `PageElements` has them."""
    page = empty_page(1, *size, TextSource.OCR, "ppocr")
    return build_page(page, PageElements(tuple(lines), RuledLines(tuple(rulings)), **others))


def stored(name: str) -> tuple[float, float, tuple[DetectedLine, ...], tuple[Ruling, ...]]:
    """Width, height, lines and rulings of a scan of the sample inbox, as the default engine found them."""
    page = json.loads((STORED / f"{name}.json").read_text("utf-8"))
    lines = (DetectedLine(text, Box(*box), sure, vertical) for text, box, sure, vertical in page["lines"])
    return page["width"], page["height"], tuple(lines), tuple(Ruling(*ends) for ends in page["rulings"])


def blocks_of(page: PageText) -> list[tuple[BlockKind, str]]:
    return [(block.kind, page.text[block.start : block.end]) for block in page.page.blocks]


def texts_of(page: PageText) -> list[str]:
    return [text for _, text in blocks_of(page)]


def fields_of(page: PageText) -> dict[str, str]:
    return {field.name: field.value for field in page.page.fields}
