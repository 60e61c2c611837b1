"""Accuracy, structure, decisions and cost of reading, beside the raw engines, in one run.

python -m benchmarks.ocr [--group inbox]... [--quick] [--peers-sample 4] [--json FILE] [--pages]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks.ocr import report
from benchmarks.ocr.costs import fastest, reference_pages, throughput
from benchmarks.ocr.readers import PYTESSERACT, RAPIDOCR, YOMITORI, Reader, readers
from benchmarks.ocr.samples import Sample, real_files, real_scan, samples
from benchmarks.ocr.scores import DocumentScore, PageScore, document_score, page_scores
from ocr.errors import ReadingError
from ocr.supervised import SupervisedReader

QUICK = 6  # every so many documents in a quick run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", action="append", default=[], help="inbox or a group of fixtures/pages")
    parser.add_argument(
        "--quick", action="store_true", help=f"every {QUICK}th document, no peers, no workers"
    )
    parser.add_argument("--only-yomitori", action="store_true", help="no peers, no second engine")
    parser.add_argument("--peers-sample", type=int, default=4, help="peers read every so many scans")
    parser.add_argument("--json", type=Path, help="write every score to this file")
    parser.add_argument("--pages", action="store_true", help="name every page that is not right")
    arguments = parser.parse_args()
    console = Console(width=150)
    everything = samples(arguments.group)
    chosen = everything[::QUICK] if arguments.quick else everything
    scans = [sample for sample in chosen if sample.scanned]
    alone = arguments.quick or arguments.only_yomitori
    scores: dict[str, list[PageScore]] = {}
    documents: dict[str, list[DocumentScore]] = {}
    references: dict[str, dict[str, float]] = {}
    for name, reader in readers([YOMITORI] if alone else None):
        if isinstance(reader, str):
            console.print(f"{name}: {reader}")
            continue
        part = scans[:: arguments.peers_sample] if name in (RAPIDOCR, PYTESSERACT) else chosen
        scores[name], found = _read(reader, [*part, *filter(None, [real_scan()])])
        if found:
            documents[name] = found
        for title, sample in reference_pages(everything):
            references.setdefault(title, {})[name] = fastest(reader, sample)
    report.show(
        console,
        (
            report.accuracy(scores),
            report.costs(scores, references),
            report.structure(documents, scores),
            report.decisions(scores[YOMITORI]),
        ),
    )
    if arguments.pages:
        report.show(console, [report.worst_pages(scores[YOMITORI], documents[YOMITORI])])
    if not arguments.quick:
        report.show(console, [report.speed(throughput(scans)), _real_files()])
    if arguments.json:
        stored = {
            "pages": {name: [asdict(score) for score in found] for name, found in scores.items()},
            "documents": {name: [asdict(score) for score in found] for name, found in documents.items()},
            "references": references,
        }
        arguments.json.write_text(json.dumps(stored, ensure_ascii=False, indent=1), encoding="utf-8")


def _read(reader: Reader, chosen: Sequence[Sample]) -> tuple[list[PageScore], list[DocumentScore]]:
    pages: list[PageScore] = []
    documents: list[DocumentScore] = []
    for sample in chosen:
        reading = reader(sample)
        pages.extend(page_scores(reading))
        if (score := document_score(reading)) is not None:
            documents.append(score)
    return pages, documents


def _real_files() -> report.Table:
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
