"""Accuracy, structure, decisions and cost of reading, beside the raw engines, in one run.

python -m benchmarks.reading [--group inbox]... [--quick] [--sample 4] [--no-workers] [--pages] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.reading import report
from benchmarks.reading.costs import fastest, reference_pages, throughput
from benchmarks.reading.readers import YOMITORI, Reader, readers
from benchmarks.reading.reading_cases import cases
from benchmarks.reading.reliability import LineScore, all_line_scores, calibration, calibration_table
from benchmarks.reading.scan_samples import Sample, real_files, real_scan, samples
from benchmarks.reading.scores import DocumentScore, document_score, page_scores
from fixtures.comparing.page_score import PageScore
from ocr.errors import ReadingError
from ocr.processes.supervised_reader import SupervisedReader


@dataclass(frozen=True, slots=True)
class Scores:
    """What one reader's readings are worth."""

    pages: list[PageScore]
    documents: list[DocumentScore]
    lines: list[LineScore]


QUICK = 6  # every so many documents in a quick run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", action="append", default=[], help="inbox or a group of fixtures/pages")
    parser.add_argument("--quick", action="store_true", help=f"every {QUICK}th document, Yomitori alone")
    parser.add_argument("--sample", type=int, default=4, help="the other readers read every so many scans")
    parser.add_argument("--no-others", action="store_true", help="Yomitori's default engine alone")
    parser.add_argument("--no-workers", action="store_true", help="leave out the two workers and real files")
    parser.add_argument("--pages", action="store_true", help="name every page that is not right")
    parser.add_argument("--json", type=Path, help="write every score to this file")
    arguments = parser.parse_args()
    console = Console(width=150)
    everything = samples(arguments.group)
    chosen = everything[::QUICK] if arguments.quick else everything
    scans = [sample for sample in chosen if sample.scanned]
    wanted = [YOMITORI] if arguments.quick or arguments.no_others else None
    found: dict[str, Scores] = {}
    references: dict[str, dict[str, float]] = {}
    for name, reader in readers(wanted):
        if isinstance(reader, str):
            console.print(f"{name}: {reader}")
            continue
        part = chosen if name == YOMITORI else scans[:: arguments.sample]
        part = [*part, *filter(None, [real_scan()])]
        found[name] = _read(reader, track(part, name, console=Console(stderr=True)))
        for title, sample in reference_pages(everything):
            references.setdefault(title, {})[name] = fastest(reader, sample)
        if arguments.json:
            _store(arguments.json, found, references)
    pages = {name: scores.pages for name, scores in found.items()}
    own = found[YOMITORI]
    console.print(report.accuracy(pages))
    console.print(report.costs(pages, references))
    console.print(report.structure({name: (s.pages, s.documents) for name, s in found.items()}))
    console.print(report.decisions(own.pages))
    console.print(calibration_table(calibration(own.lines)))
    if not arguments.quick and (of_cases := cases()) is not None:
        console.print(of_cases)
    if arguments.pages:
        console.print(report.worst_pages(own.pages, own.documents))
    if not (arguments.quick or arguments.no_workers):
        console.print(report.speed(throughput(scans)))
        console.print(_real_files())


def _store(path: Path, found: Mapping[str, Scores], references: Mapping[str, Mapping[str, float]]) -> None:
    stored = {"readers": {name: asdict(scores) for name, scores in found.items()}, "costs": references}
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=1), encoding="utf-8")


def _read(reader: Reader, chosen: Iterable[Sample]) -> Scores:
    scores = Scores([], [], [])
    for sample in chosen:
        reading = reader(sample)
        scores.pages.extend(page_scores(reading))
        scores.lines.extend(all_line_scores([reading]))
        if (score := document_score(reading)) is not None:
            scores.documents.append(score)
    return scores


def _real_files() -> Table:
    """Where the text of each real file was taken from, and how it ended where it cannot be read."""
    rows = []
    with SupervisedReader("ppocr") as reader:
        for name, data in real_files():
            try:
                document = reader.read(data)
            except ReadingError as error:
                rows.append((name, "-", error.category.value, "-"))
                continue
            ends = [failure.category for failure in document.failures]
            places = sorted({f"{page.source.value}: {page.reason.value}" for page in document.pages})
            sure = [f"{page.confidence:.2f}" for page in document.pages if page.confidence is not None]
            rows.append((name, str(len(document.pages)), ", ".join((*places, *ends)), ", ".join(sure)))
    return report.table("Real files", ("file", "pages", "text from", "confidence"), rows)


if __name__ == "__main__":
    main()
