"""What a confidence is worth: the share of characters that are right, as measured on pages with a truth.

An engine's own figure is the mean certainty of its characters. That of a few characters says little about
them, so a dozen of ordinary certainty are added; Platt's sigmoid (1999) then turns the figure into the share
that turned out right. `python -m benchmarks.fitting.fit_confidence` prints the constants below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import exp, log

from ocr.detection import DetectedLine
from ocr.document import Document, Page
from ocr.ink.unexplained import Unexplained

LOW_PERCENTILE = 5
ADDED_CHARACTERS = 12
ADDED_CERTAINTY = 0.99
# No line is surer than this: one in ten thousand characters is misprinted, too.
MOST = 0.9999
# What a line that reads like an invention (`ocr.proofreading.hallucinations`) is worth at most.
DOUBTFUL = 0.3
# What a page is worth falls by so many times the share of its ink that looks like writing and was not read; a
# smaller share may be a stamp or a signature.
LOST_WEIGHT = 3.0
LEAST_LOST = 0.005
# Engine -> offset and slope on the logit of its figure.
FITTED = {"ppocr": (-1.49, 1.44), "tesseract": (-1.37, 1.55)}


def calibrated(line: DetectedLine, engine: str) -> DetectedLine:
    """`line` with the confidence that lines like it deserve; an engine that was not measured is believed."""
    confidence = line.confidence
    if engine in FITTED and line.text:
        offset, slope = FITTED[engine]
        count = len(line.text)
        figure = (confidence * count + ADDED_CERTAINTY * ADDED_CHARACTERS) / (count + ADDED_CHARACTERS)
        confidence = 1 / (1 + exp(-offset - slope * log(figure / (1 - figure))))
    most = DOUBTFUL if line.doubtful else MOST
    return replace(line, confidence=min(confidence, most))


def page_confidence(lines: Sequence[float]) -> float | None:
    """The 5th percentile of the confidences of `lines`, between neighbours by distance; None for no lines."""
    if not lines:
        return None
    ordered = sorted(lines)
    place = LOW_PERCENTILE / 100 * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def with_ink(page: Page, ink: Unexplained) -> Page:
    """The page with what of its ink nothing explains, and no surer than writing that was lost lets it be."""
    sure = page.confidence
    if sure is not None and ink.written >= LEAST_LOST:
        sure = min(sure, max(1 - LOST_WEIGHT * ink.written, 0.0))
    return replace(page, unexplained_ink=min(max(ink.share, page.unexplained_ink), 1.0), confidence=sure)


def document_confidence(document: Document) -> float | None:
    """The 5th percentile over the lines of all pages, None where there are none."""
    return page_confidence([line.confidence for page in document.pages for line in page.lines])
