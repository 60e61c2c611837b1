"""The small inputs of real kinds beside the repository: how many are read as a person reads them."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from benchmarks.reading.report import table
from fixtures.cases import CASES, checks, wrong
from ocr.document import Document
from ocr.errors import ReadingError
from ocr.processes.supervised_reader import SupervisedReader

SHARED = Path(__file__).resolve().parents[3] / "shared"


def cases() -> Table | None:
    """A row a case that is not all right, and their number; None where the inputs are absent."""
    if not (SHARED / "cases").is_dir():
        return None
    rows, right, failed, asked = [], 0, 0, 0
    with SupervisedReader("ppocr") as reader:
        for case in CASES:
            found = wrong(case, _read(reader, case.path(SHARED)))
            right += not found
            failed += len(found)
            asked += checks(case)
            if found:
                rows.append((case.file, f"{checks(case) - len(found)}/{checks(case)}", found[0]))
    rows.append(("all right", f"{right}/{len(CASES)}", f"{asked - failed} of {asked} checks"))
    return table("Real kinds", ("input", "checks right", "first fault"), rows)


def _read(reader: SupervisedReader, path: Path) -> Document:
    try:
        return reader.read(path.read_bytes())
    except ReadingError:
        return Document("", ())
