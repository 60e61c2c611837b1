"""What reading makes of characters: counted on the scanned fixture pages, for the noise that training adds.

Every true line is looked for in what was read of its page, aligned there by edit distance, and what differs
is counted. Lines that are not found whole (a column read elsewhere, a page past reading) are left out: they
tell of order and layout, not of characters. Prints `nlu/training/augmentation/ocr_confusions.py`, and to
stderr also what the noise leaves aside: insertions, nearly all of them neighbours of the line.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import quantiles

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from benchmarks.reading.readers import YOMITORI, ReaderOutput, readers
from benchmarks.reading.scan_samples import samples

FOUND = 80
"""Likeness in percent from which a stretch that was read is taken for the true line."""
SHORTEST_LINE = 4
WORST_PAGE = 0.1
"""Rate from which a page is past reading, so that no record should look like it."""
RATES = 15
_MARGIN = 3
_HEADER = '''"""How often the reader took which characters for others, on the lines of scanned pages.

Printed by `python -m benchmarks.fitting.confusions`, which says how it was counted.
"""

from __future__ import annotations

from collections.abc import Mapping

PAGE_RATES: tuple[float, ...] = {rates}
"""Confusions a character on pages that have any: evenly spaced quantiles over the pages."""

LINE_BREAK = {breaks:.4f}
"""Line breaks a character that were left inside what is one line of text."""

CONFUSIONS: Mapping[str, tuple[int, Mapping[str, int]]] = {confusions}
"""A character -> how many of it were on the pages, and what of them was read otherwise: as what ("" where it
was skipped) and how often."""
'''


@dataclass(frozen=True, slots=True)
class Aligned:
    """A true line without white space, and the confusions of its characters as (true, read); `inserted`
    characters and line breaks `broken` into it."""

    line: str
    confusions: tuple[tuple[str, str], ...]
    inserted: int
    broken: int


def aligned_lines(truth: str, read: str) -> Iterator[Aligned]:
    """The lines of `truth` that are found in `read`."""
    page = re.sub(r"[^\S\n]+", "", read)
    for raw in truth.split("\n"):
        line = re.sub(r"\s+", "", raw)
        if len(line) < SHORTEST_LINE:
            continue
        place = fuzz.partial_ratio_alignment(line, page, score_cutoff=FOUND)
        if place is not None and place.src_end - place.src_start == len(line):
            yield _aligned(line, page[max(0, place.dest_start - _MARGIN) : place.dest_end + _MARGIN])


def _aligned(line: str, window: str) -> Aligned:
    """Replaced and skipped characters; what stands before and after the line in `window` is not its own."""
    confusions: list[tuple[str, str]] = []
    inserted = broken = 0
    for step in Levenshtein.editops(line, window):
        read = window[step.dest_pos : step.dest_pos + 1]
        if step.tag == "insert":
            inside = 0 < step.src_pos < len(line)
            broken += inside and read == "\n"
            inserted += inside and read != "\n"
        else:
            true = line[step.src_pos]
            confusions.append((true, read if step.tag == "replace" and read != "\n" else ""))
    return Aligned(line, tuple(confusions), inserted, broken)


def module(pages: Iterable[list[Aligned]]) -> str:
    """The source of `ocr_confusions`."""
    seen: Counter[str] = Counter()
    breaks = 0
    confused: dict[str, Counter[str]] = {}
    rates: list[float] = []
    for lines in pages:
        wrong = [confusion for aligned in lines for confusion in aligned.confusions]
        seen.update("".join(aligned.line for aligned in lines))
        breaks += sum(aligned.broken for aligned in lines)
        for true, read in wrong:
            confused.setdefault(true, Counter())[read] += 1
        rate = len(wrong) / max(1, sum(len(aligned.line) for aligned in lines))
        if 0 < rate <= WORST_PAGE:
            rates.append(rate)
    rows = (
        f"{true!r}: ({seen[true]}, {dict(sorted(read.items()))!r})" for true, read in sorted(confused.items())
    )
    return _HEADER.format(
        rates=f"({', '.join(f'{rate:.4f}' for rate in quantiles(rates, n=RATES + 1))})",
        breaks=breaks / seen.total(),
        confusions=f"{{{', '.join(rows)}}}",
    )


def _lines(reading: ReaderOutput) -> Iterator[list[Aligned]]:
    for page in reading.sample.pages:
        if page.number in reading.texts:
            yield list(aligned_lines(page.text, reading.texts[page.number]))


def main() -> None:
    ((_, reader),) = readers([YOMITORI])
    if isinstance(reader, str):
        raise SystemExit(reader)
    pages = [lines for sample in samples([]) if sample.scanned for lines in _lines(reader(sample))]
    lines = [aligned for page in pages for aligned in page]
    print(
        f"{len(pages)} pages, {len(lines)} lines, {sum(len(aligned.line) for aligned in lines)} characters: "
        f"{sum(len(aligned.confusions) for aligned in lines)} confusions, "
        f"{sum(aligned.inserted for aligned in lines)} insertions, "
        f"{sum(aligned.broken for aligned in lines)} line breaks inside lines",
        file=sys.stderr,
    )
    print(module(pages), end="")


if __name__ == "__main__":
    main()
