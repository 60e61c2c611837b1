"""What the confidence of a page and of a line is worth, against the truth.

python -m benchmarks.reading.reliability [--group inbox]... [--engine ppocr|tesseract]

A page is wrong where more than 2 % of its characters are; ROC area says how well its confidence tells that.
A line of confidence .9 should have nine right characters of ten: Brier score and expected calibration error.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from benchmarks.reading.readers import YOMITORI, YOMITORI_TESSERACT, ReaderOutput, readers
from benchmarks.reading.scan_samples import samples
from benchmarks.reading.scores import page_scores
from fixtures.comparing.measures import Errors, plain
from fixtures.comparing.page_score import WRONG_PAGE, roc_area
from ocr.document import BlockKind, Page, TextSource

ENGINES = {"ppocr": YOMITORI, "tesseract": YOMITORI_TESSERACT}
EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)


@dataclass(frozen=True, slots=True)
class LineScore:
    confidence: float
    errors: Errors


@dataclass(frozen=True, slots=True)
class Bin:
    """Lines of like confidence: how many characters, how sure, and how many of them are right (0–1)."""

    low: float
    high: float
    characters: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class ReliabilityFigures:
    """`brier` and `error` (expected calibration error) are by character: 0 is best."""

    brier: float
    error: float
    bins: tuple[Bin, ...]


def line_errors(text: str, truth: str) -> Errors:
    """`text` against the part of `truth` that it is most like: order and neighbours do not count."""
    read, whole = plain(text), plain(truth)
    found = fuzz.partial_ratio_alignment(read, whole)
    if found is None or len(read) >= len(whole):
        return Errors(min(Levenshtein.distance(read, whole), len(read)), len(read))
    part = whole[found.dest_start : found.dest_end]
    return Errors(min(Levenshtein.distance(read, part), len(read)), len(read))


def line_scores(truth: str, page: Page) -> list[LineScore]:
    """Every recognised line of the page, seals left out."""
    return [
        LineScore(line.confidence, line_errors(line.text, truth))
        for block in page.blocks
        if block.kind is not BlockKind.STAMP
        for line in block.lines
        if plain(line.text)
    ]


def calibration(lines: Sequence[LineScore]) -> ReliabilityFigures:
    """Of at least one line. Brier (1950); expected calibration error after Naeini et al. (2015)."""
    sure = np.array([line.confidence for line in lines])
    weight = np.array([line.errors.characters for line in lines])
    right = 1 - np.array([line.errors.rate for line in lines])
    brier = np.average(right * (1 - sure) ** 2 + (1 - right) * sure**2, weights=weight)
    bins = []
    for low, high in pairwise(EDGES):
        inside = (sure >= low) & ((sure < high) if high < 1 else (sure <= high))
        if inside.any():
            bins.append(
                Bin(
                    low,
                    high,
                    int(weight[inside].sum()),
                    float(np.average(sure[inside], weights=weight[inside])),
                    float(np.average(right[inside], weights=weight[inside])),
                )
            )
    error = sum(b.characters * abs(b.confidence - b.right) for b in bins) / weight.sum()
    return ReliabilityFigures(float(brier), float(error), tuple(bins))


def all_line_scores(readings: Iterable[ReaderOutput]) -> list[LineScore]:
    """The lines of every recognised page of Yomitori's `readings`."""
    return [
        score
        for reading in readings
        if reading.document is not None
        for page in reading.document.pages
        if page.source is TextSource.OCR
        for truth in reading.sample.pages
        if truth.number == page.number
        for score in line_scores(truth.text, page)
    ]


def calibration_table(found: ReliabilityFigures) -> Table:
    title = f"Lines: Brier {found.brier:.4f}, expected calibration error {found.error:.4f}"
    table = Table(title=title, title_justify="left")
    for column in ("confidence", "characters", "mean confidence", "right"):
        table.add_column(column, justify="right")
    for part in found.bins:
        table.add_row(
            f"{part.low:g}–{part.high:g}",
            f"{part.characters:,}",
            f"{part.confidence:.4f}",
            f"{part.right:.4f}",
        )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", action="append", default=[], help="inbox or a group of fixtures/pages")
    parser.add_argument("--engine", choices=sorted(ENGINES), default="ppocr")
    parser.add_argument("--pages", action="store_true", help="print every page")
    arguments = parser.parse_args()
    [(_, reader)] = readers([ENGINES[arguments.engine]])
    if isinstance(reader, str):
        raise SystemExit(reader)
    readings = [reader(sample) for sample in samples(arguments.group) if sample.scanned]
    pages = [score for reading in readings for score in page_scores(reading)]
    told = sorted((p for p in pages if p.confidence is not None), key=lambda p: p.confidence or 0.0)
    console = Console(width=120)
    if arguments.pages:
        for page in told:
            console.print(f"{page.confidence:.4f}  CER {page.errors.rate:.4f}  {page.name}", highlight=False)
    wrong = sum(page.errors.rate > WRONG_PAGE for page in told)
    area = roc_area(told)
    console.print(
        f"{len(told)} pages, {wrong} wrong (CER > {WRONG_PAGE:.0%}); "
        f"ROC area {'-' if area is None else f'{area:.3f}'}"
    )
    console.print(calibration_table(calibration(all_line_scores(readings))))


if __name__ == "__main__":
    main()
