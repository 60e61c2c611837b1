"""Character error rate, fields and cost of every engine, by kind of page.

python -m benchmarks.reading [--engine ppocr] [--engine tesseract]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measures import Errors, character_errors, fields_found, fields_of, page_texts
from fixtures.truth_file import Truth, read_truth
from ocr.engines import Engine, create
from ocr.errors import ReadingError
from ocr.limits import Limits
from ocr.reader import read

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "scans"


@dataclass(slots=True)
class Tally:
    """What was read of one kind of page."""

    pages: int = 0
    errors: Errors = field(default_factory=Errors)
    fields: int = 0
    fields_found: int = 0
    cpu_seconds: float = 0.0


def kind_of_page(truth: Truth) -> str:
    if truth.source in ("text_layer", "blank"):
        return truth.source
    if any(page.rotation for page in truth.pages):
        return "scan, turned"
    if truth.path.suffix.lower() in (".tif", ".tiff"):
        return "fax or TIFF, printed" if truth.printed else "fax or TIFF, hard"
    return "scan, printed" if truth.printed else "scan, hard"


def measure(engine: Engine, verbose: bool) -> dict[str, Tally]:
    tallies: dict[str, Tally] = defaultdict(Tally)
    for truth in read_truth():
        if truth.failure is not None:
            continue
        started = time.process_time() + _children_seconds()
        document = read(truth.path.read_bytes(), engine=engine, limits=Limits())
        spent = time.process_time() + _children_seconds() - started
        texts = page_texts(document)
        errors = sum(
            (character_errors(page.text, texts.get(page.number, "")) for page in truth.pages), Errors()
        )
        found = fields_found(truth.fields, fields_of(document))
        for tally in (tallies[kind_of_page(truth)], tallies["all"]):
            tally.pages += len(truth.pages)
            tally.errors += errors
            tally.fields += len(truth.fields)
            tally.fields_found += found
            tally.cpu_seconds += spent
        if verbose:
            missed = len(truth.fields) - found
            print(f"{errors.rate:8.4f}  {missed:2d} fields missed  {spent:5.2f} s  {truth.file}")
    return tallies


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", action="append", choices=["ppocr", "tesseract"])
    parser.add_argument("--verbose", action="store_true", help="print every document")
    arguments = parser.parse_args()
    console = Console(width=120)
    for name in arguments.engine or ["ppocr", "tesseract"]:
        try:
            engine = create(name)
        except ReadingError as error:
            console.print(f"{name}: {error.message}")
            continue
        table = Table(title=f"{name} ({engine.fingerprint})", title_justify="left")
        for column in ("kind of page", "pages", "CER", "fields found", "CPU s a page"):
            table.add_column(column, justify="left" if column == "kind of page" else "right")
        for kind, tally in sorted(measure(engine, arguments.verbose).items()):
            table.add_row(
                kind,
                str(tally.pages),
                f"{tally.errors.rate:.4f}",
                f"{tally.fields_found}/{tally.fields}",
                f"{tally.cpu_seconds / tally.pages:.2f}",
            )
        console.print(table)
        scan = SHARED / "scaned0.png"
        if scan.exists():
            document = read(scan.read_bytes(), engine=engine, limits=Limits())
            errors = character_errors(scan.with_suffix(".txt").read_text(encoding="utf-8"), document.text)
            console.print(f"{scan.name}: CER {errors.rate:.4f} ({errors.wrong} of {errors.characters})")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(f"peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
