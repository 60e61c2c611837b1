"""Spoiled files through the supervised reader: each must end in a document or a reason, and in time.

python -m benchmarks.reading.fuzz [--count 5000] [--seed 1] [--first 0] [--save INDEX FILE]

Every input follows from the seed and its index, so that a run is taken up where it stopped (`--first`) and
one input is looked at (`--save`). Exit code 1 where anything else came out than a sound document or a
ReadingError, or later than it may.
"""

from __future__ import annotations

import argparse
import io
import math
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from fixtures.spoiling.mutations import BLIND, BY_FORMAT, splice
from fixtures.spoiling.office_files import office_files
from ocr.detection import DetectedLine
from ocr.document import Document
from ocr.errors import ReadingError
from ocr.limits import Limits
from ocr.processes.supervised_reader import SupervisedReader
from ocr.serialization import from_json, to_json

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "scans"
LARGEST_FILE = 400_000
# Pictures are made small: what is tried is their decoding.
PICTURE_WIDTH = 420
# So many inputs are read by the real engine, the others by one that reads nothing.
REAL_SHARE = 0.02
LIMITS = Limits(
    page_seconds=20, start_seconds=60, document_seconds=120, max_pages=60, max_pixels=20_000_000,
    max_stream_bytes=64 * 1024 * 1024, dpi=100,
)  # fmt: skip
# What starting a child anew and a busy machine may add to the sum of the deadlines.
LATENESS = 30.0
# Reasons that are given, and yet tell of a weakness.
WORTH_A_LOOK = ("crashed", "timeout", "out_of_memory", "engine_failed")
_ENDINGS = {".pdf": "pdf", ".tif": "tiff", ".tiff": "tiff", ".png": "png", ".jpg": "jpeg"}


class Nothing:
    """An engine that reads nothing, at no cost."""

    name = "nothing"
    fingerprint = "nothing:1"

    def recognize(self, image: np.ndarray) -> tuple[DetectedLine, ...]:
        return ()


def nothing(limits: Limits) -> Nothing:
    return Nothing()


@dataclass(frozen=True, slots=True)
class Seed:
    kind: str
    name: str
    data: bytes


def seeds() -> list[Seed]:
    """The sample inbox, awkward PDFs where they are, pictures in every encoding, Office files, mails."""
    folders = [ROOT / "fixtures" / "inbox", *([SHARED] if SHARED.exists() else [])]
    found = []
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        kind = _ENDINGS.get(path.suffix.lower())
        if kind is None or not 0 < path.stat().st_size <= LARGEST_FILE:
            continue
        if kind == "pdf":
            found.append(Seed(kind, path.name, path.read_bytes()))
        elif not path.name.startswith("スキャン_巨大"):
            found += pictures(path)
    found += [Seed(kind, f"{kind} {number}", data) for number, (kind, data) in enumerate(office_files())]
    return found


def pictures(path: Path) -> Iterator[Seed]:
    with Image.open(path) as original:
        small = original.convert("RGB")
    small = small.resize((PICTURE_WIDTH, max(round(PICTURE_WIDTH * small.height / small.width), 1)))
    gray, bilevel = small.convert("L"), small.convert("1")
    choices = {
        ".jpg": [("jpeg", small, {}), ("jpeg", gray, {"progressive": True})],
        ".png": [("png", small, {}), ("png", small.quantize(16), {}), ("png", bilevel, {})],
    }
    fax = [
        ("tiff", image, {"compression": how, "save_all": True, "append_images": [image]})
        for image, how in ((bilevel, "group4"), (gray, "tiff_lzw"), (small, "jpeg"), (gray, "packbits"))
    ]
    for kind, image, options in choices.get(path.suffix.lower(), fax):  # type: ignore[attr-defined]
        buffer = io.BytesIO()
        image.save(buffer, format=kind.upper(), **options)
        yield Seed(kind, path.name, buffer.getvalue())


def spoiled(found: Sequence[Seed], dice: Random) -> tuple[Seed, bytes]:
    """One of the seeds, spoiled once to three times."""
    kind = dice.choice(
        ("pdf", "pdf", "pdf", "tiff", "png", "jpeg", "office", "office", "office", "mail", "picture")
    )
    seed, other = (dice.choice([seed for seed in found if seed.kind == kind]) for _ in range(2))
    data = seed.data
    for _ in range(dice.choice((1, 1, 2, 3))):
        by_format = dice.random() < 0.6
        mutate = dice.choice(BY_FORMAT[kind] if by_format else (*BLIND, splice(other.data)))
        try:
            data = mutate(data, dice)
        except (ValueError, IndexError, ArithmeticError, struct.error):
            continue  # spoiled too much already for this one
        if not data:
            break
    return seed, data


def unsound(document: Document) -> str:
    """What is wrong with a document, empty where nothing is."""
    if from_json(to_json(document)) != document:
        return "does not survive JSON"
    for page in document.pages:
        for line in page.lines:
            if not all(map(math.isfinite, (line.box.x0, line.box.y0, line.box.x1, line.box.y1))):
                return f"page {page.number}: a box that is nowhere"
            if document.text[line.start : line.end] != line.text:
                return f"page {page.number}: offsets that miss their line"
    if any("ください" not in failure.message for failure in document.failures):
        return "a failure that does not say what to do"
    return ""


def outcome(reader: SupervisedReader, data: bytes) -> tuple[str, str]:
    """How reading ended, and what is wrong with that."""
    started = time.monotonic()
    try:
        document = reader.read(data)
    except ReadingError as error:
        ended, wrong = error.category.value, "" if "ください" in error.message else "no advice"
    except Exception as error:  # the very thing that is looked for
        ended, wrong = "exception", f"{type(error).__name__}: {error}"
    else:
        failures = sorted({failure.category for failure in document.failures})
        ended = (
            "read" if not failures else ("partly: " if document.pages else "pages: ") + ", ".join(failures)
        )
        wrong = unsound(document)
    late = time.monotonic() - started - LIMITS.document_seconds - LIMITS.start_seconds - LATENESS
    return ended, wrong or (f"{late:.0f} s late" if late > 0 else "")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--save", nargs=2, metavar=("INDEX", "FILE"))
    arguments = parser.parse_args()
    found = seeds()
    if arguments.save:
        index, file = arguments.save
        Path(file).write_bytes(spoiled(found, Random(f"{arguments.seed}:{index}"))[1])
        return
    ended: dict[str, Counter[str]] = {kind: Counter() for kind in BY_FORMAT}
    wrong: list[str] = []
    try:
        run(found, arguments.seed, range(arguments.first, arguments.first + arguments.count), ended, wrong)
    except KeyboardInterrupt:
        print("interrupted")
    show(ended, wrong)
    sys.exit(1 if wrong else 0)


def run(
    found: Sequence[Seed], seed: int, indices: range, ended: dict[str, Counter[str]], wrong: list[str]
) -> None:
    """Adds to `ended` how each input ended, to `wrong` what is wrong with it."""
    with (
        SupervisedReader("benchmarks.reading.fuzz:nothing", LIMITS) as quick,
        SupervisedReader("ppocr", LIMITS) as real,
    ):
        for index in indices:
            dice = Random(f"{seed}:{index}")
            sample, data = spoiled(found, dice)
            how, fault = outcome(real if dice.random() < REAL_SHARE else quick, data)
            ended[sample.kind][how] += 1
            if fault or any(word in how for word in WORTH_A_LOOK):
                print(f"{index} {sample.name}: {how} {fault}", flush=True)
            if fault:
                wrong.append(f"{index} {sample.name}: {how}, {fault}")
            if (index + 1) % 500 == 0:
                print(f"{index + 1} done", flush=True)


def show(ended: dict[str, Counter[str]], wrong: Sequence[str]) -> None:
    table = Table(title="How spoiled files ended", title_justify="left")
    table.add_column("outcome")
    for kind in ended:
        table.add_column(kind, justify="right")
    for how in sorted({how for counter in ended.values() for how in counter}):
        table.add_row(how, *(str(counter[how]) for counter in ended.values()))
    table.add_row("all", *(str(counter.total()) for counter in ended.values()), style="bold")
    Console(width=120).print(table)
    for fault in wrong:
        print(fault)


if __name__ == "__main__":
    main()
