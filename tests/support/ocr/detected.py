"""What the default engine found on fixture pages, stored by `python -m benchmarks.fitting.detected`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from fixtures.comparing.order import OrderErrors, order_errors
from fixtures.page_truth import read_pages
from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.layout.page import PageText
from tests.support.ocr.paper import built

FOLDER = Path(__file__).parent / "detections"
NAMES = tuple(sorted(path.stem.removesuffix("-1") for path in FOLDER.glob("*-1.json")))


@dataclass(frozen=True)
class Detected:
    """A page before it has structure; lengths are points."""

    width: float
    height: float
    lines: tuple[DetectedLine, ...]
    rulings: tuple[Ruling, ...]
    seals: tuple[Box, ...]
    figures: tuple[Box, ...]

    def page(self) -> PageText:
        size = (self.width, self.height)
        return built(self.lines, self.rulings, size, seals=self.seals, figures=self.figures)


def detected(name: str) -> Detected:
    page = json.loads((FOLDER / f"{name}-1.json").read_text(encoding="utf-8"))
    return Detected(
        page["width"],
        page["height"],
        tuple(DetectedLine(text, Box(*box), sure, down) for text, box, sure, down in page["lines"]),
        tuple(Ruling(*ends) for ends in page["rulings"]),
        tuple(Box(*corners) for corners in page["seals"]),
        tuple(Box(*corners) for corners in page["figures"]),
    )


def true_text(name: str) -> str:
    """The text of the layouts page in reading order, a paragraph a line."""
    return next(truth.text for truth in read_pages("layouts") if truth.path.stem == name)


def errors_of(name: str, page: PageText) -> OrderErrors:
    return order_errors(true_text(name), [line.text for line in page.page.lines])
