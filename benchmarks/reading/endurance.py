"""The memory of the reader and of its reading process over many pages.

python -m benchmarks.reading.endurance [--pages 1000] [--engine ppocr] [--keep-process] [--only pdf|scan]

Reads the sample inbox over and over. `--keep-process` never replaces the reading process, so that what
grows can be seen; without it the limits hold that every run has.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from fixtures.truth_file import read_truth
from ocr.limits import Limits
from ocr.processes.supervised_reader import SupervisedReader

STEP = 100
MIB = 1024 * 1024
FOR_EVER = 10**9
CHOICES = {"pdf": ("text_layer",), "scan": ("ocr",), "all": ("text_layer", "ocr", "mixed", "blank")}


def documents(only: str) -> Iterator[tuple[bytes, int]]:
    """The readable documents of the inbox and how many pages each has, without end."""
    found: list[tuple[Path, int]] = [
        (truth.path, len(truth.pages))
        for truth in read_truth()
        if truth.failure is None and truth.source in CHOICES[only]
    ]
    for path, pages in itertools.cycle(found):
        yield path.read_bytes(), pages


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--engine", default="ppocr")
    parser.add_argument("--keep-process", action="store_true")
    parser.add_argument("--only", choices=list(CHOICES), default="all")
    arguments = parser.parse_args()
    limits = Limits()
    if arguments.keep_process:
        limits = Limits(pages_per_process=FOR_EVER, kept_process_bytes=FOR_EVER * 1000)
    table = Table(title="Resident memory, MiB", title_justify="left")
    for column in ("pages", "parent", "child", "child at most", "s a page"):
        table.add_column(column, justify="right")
    parent, done, shown, most, at_hundreds = psutil.Process(), 0, 0, 0, []
    started = time.monotonic()
    with SupervisedReader(arguments.engine, limits) as reader:
        for data, pages in documents(arguments.only):
            failures = reader.read(data).failures
            if failures:
                raise SystemExit(f"a sample could not be read: {failures[0].message}")
            done += pages
            child = reader.resident_bytes
            most = max(most, child)
            if done // STEP > shown // STEP:
                seconds, started = time.monotonic() - started, time.monotonic()
                row = (done, parent.memory_info().rss // MIB, child // MIB, most // MIB)
                table.add_row(*map(str, row), f"{seconds / (done - shown):.2f}")
                print(*row, flush=True)
                at_hundreds.append((done, child / MIB))
                shown = done
            if done >= arguments.pages:
                break
    Console(width=120).print(table)
    if arguments.keep_process and len(at_hundreds) > 2:
        pages_read, held = np.array(at_hundreds[1:]).T
        growth = float(np.polyfit(pages_read, held, 1)[0])
        print(f"growth of the child after the first {STEP} pages: {1000 * growth:.0f} MiB per 1,000 pages")


if __name__ == "__main__":
    main()
