"""Where documents begin in a scanned stack: boundaries found and files parted right, drawn at random.

python -m benchmarks.structure.stacks [--stacks 100] [--seed 1] [--scans] [--verbose]

Stacks are put together of the pages of documents that were read one by one: those of the sample inbox, and
forms and longer documents drawn anew (`parting_forms`, `parting_wholes`), with text layers, or worn and
scanned with --scans, which takes a second a page. "copies" are prints of one form, "forms" any, "mixed" has
one longer document among them, "whole" is one document alone that must stay whole. Each comes plain, with the
blank backs of sheets printed on one side, and with separator sheets between documents. Titles of the sample
applications are known, as in a run.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.structure.parting_clerk import Clerk, FilledPaper
from benchmarks.structure.parting_forms import (
    FORMS,
    blank_sheet,
    copies,
    letter,
    separator_sheet,
    two_page_copies,
)
from benchmarks.structure.parting_wholes import WHOLES
from fixtures.drawing.media import encode
from fixtures.drawing.paper import apply_effects
from fixtures.drawing.rasterizing import rasterise
from fixtures.drawing.vector import to_pdf
from fixtures.truth_file import FIXTURES, read_truth
from nlu.application.application import Application
from ocr.document import Document
from ocr.engines.engine import Engine
from ocr.engines.registry import create
from ocr.joining import join
from ocr.limits import Limits
from ocr.parting.document_parts import Split, parts_of
from ocr.parting.document_words import bare
from ocr.reading.reader import read_page
from ocr.sources.pages import open_pages

PRINTS = 6  # copies of each drawn form
SCAN_DPI, SCAN_QUALITY = 200, 60
DRESSES = ("plain", "blank backs", "separators")
SIZES = (2, 12)  # forms in a stack


@dataclass(frozen=True, slots=True)
class Read:
    """A document as it was read, a page each."""

    name: str
    kind: str
    pages: tuple[Document, ...]


@dataclass(slots=True)
class BoundaryTally:
    """Boundaries of all stacks of one kind, and the stacks that were parted right."""

    stacks: int = 0
    exact: int = 0
    right: int = 0
    false: int = 0
    missed: int = 0
    where: Counter[str] = field(default_factory=Counter)


class Shelf:
    """All documents that stacks are put together of; the pages of each were read once."""

    def __init__(self, engine: Engine, clerk: Clerk, scans: bool) -> None:
        self._engine, self._clerk, self._scans = engine, clerk, scans
        forms = [copies(clerk, title, PRINTS) for title in FORMS]
        forms += [two_page_copies(clerk, PRINTS), [letter(clerk) for _ in range(PRINTS)]]
        self.forms = [[self._drawn(paper) for paper in group] for group in forms]
        self.wholes = [self._drawn(make(clerk)) for make in WHOLES for _ in range(2)]
        self.blank = self._drawn(FilledPaper("blank", "aside", (blank_sheet(),)))
        self.separators = [
            self._drawn(FilledPaper("separator", "aside", (separator_sheet(clerk),))) for _ in range(PRINTS)
        ]
        inbox = [
            Read(truth.file, "inbox", tuple(self._pages(truth.path.read_bytes())))
            for truth in read_truth()
            if truth.failure is None and truth.text and not truth.failed_pages
        ]
        self.forms += [[one] for one in inbox if len(one.pages) == 1]
        self.wholes += [one for one in inbox if len(one.pages) > 1]

    def _drawn(self, paper: FilledPaper) -> Read:
        data = to_pdf(paper.sheets)
        if self._scans:
            chance = self._clerk.chance
            effects = (f"skew:{chance.uniform(-0.8, 0.8):.2f}", "specks", f"grain:{chance.randint(3, 8)}")
            worn = [
                apply_effects(page, effects, SCAN_DPI, np.random.default_rng(number))
                for number, page in enumerate(rasterise(data, SCAN_DPI, colour=False))
            ]
            data = encode(chance.choice(("g4-tiff", "jpeg-tiff")), worn, SCAN_DPI, SCAN_QUALITY)
        return Read(paper.name, paper.kind, tuple(self._pages(data)))

    def _pages(self, data: bytes) -> Iterator[Document]:
        with open_pages(data, Limits()) as pages:
            for number in range(1, pages.info.pages + 1):
                yield read_page(pages, number, self._engine)


def stack(shelf: Shelf, kind: str, chance: random.Random) -> list[Read]:
    """The documents of one stack, in order."""
    size = chance.randint(*SIZES)
    if kind == "whole":
        return [chance.choice(shelf.wholes)]
    if kind == "copies":
        group = chance.choice([group for group in shelf.forms if len(group) > 1])
        return chance.sample(group, min(size, len(group)))
    papers = {id(one): one for one in (chance.choice(chance.choice(shelf.forms)) for _ in range(size))}
    drawn = [*papers.values(), *([chance.choice(shelf.wholes)] if kind == "mixed" else [])]
    chance.shuffle(drawn)
    return drawn


def dressed(
    papers: Sequence[Read], shelf: Shelf, dress: str, chance: random.Random
) -> tuple[Document, set[int]]:
    """The file that the papers make, and the pages on which documents begin, but for the first."""
    pages: list[Document] = []
    begin: list[int] = []
    for number, paper in enumerate(papers):
        if number and dress == "separators":
            pages += chance.choice(shelf.separators).pages
        begin.append(len(pages) + 1)
        for page in paper.pages:
            pages += [page, *shelf.blank.pages] if dress == "blank backs" else [page]
    numbered = [
        replace(one, pages=(replace(one.pages[0], number=number),))
        for number, one in enumerate(pages, start=1)
    ]
    return join(numbered), set(begin[1:])


def known_titles() -> list[str]:
    """The titles that the sample applications name."""
    folders = sorted((FIXTURES / "apps").glob("*/app.toml"))
    kinds = [titles for path in folders for titles in Application.load(path.parent).routing.values()]
    return [bare(title) for titles in kinds for title in titles]


def measure(shelf: Shelf, kind: str, dress: str, stacks: int, chance: random.Random) -> BoundaryTally:
    """Parts so many stacks of a kind."""
    tally, titles = BoundaryTally(), known_titles()
    for _ in range(stacks):
        papers = stack(shelf, kind, chance)
        file, begin = dressed(papers, shelf, dress, chance)
        parts = parts_of(file, Split.AUTO, titles)
        found = {part.first: part.reason for part in parts[1:]}
        tally.stacks += 1
        tally.exact += found.keys() == begin
        tally.right += len(found.keys() & begin)
        tally.false += len(found.keys() - begin)
        tally.missed += len(begin - found.keys())
        names = " + ".join(paper.name for paper in papers)
        tally.where.update(f"false ({found[page]}): page {page} of {names}" for page in found.keys() - begin)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stacks", type=int, default=100, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scans", action="store_true", help="draw scans instead of text layers")
    parser.add_argument("--verbose", action="store_true", help="name every false boundary")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    shelf = Shelf(create("ppocr", Limits()), Clerk(chance), arguments.scans)
    console = Console()
    table = Table(
        title=f"{arguments.stacks} stacks of each kind, seed {arguments.seed}", title_justify="left"
    )
    for column in ("stack", "dress", "boundaries", "precision", "recall", "false", "missed", "exact files"):
        table.add_column(column, justify="right")
    for kind in ("copies", "forms", "mixed", "whole"):
        for dress in DRESSES[: 2 if kind == "whole" else None]:
            tally = measure(shelf, kind, dress, arguments.stacks, chance)
            found, there = tally.right + tally.false, tally.right + tally.missed
            table.add_row(
                kind,
                dress,
                str(there),
                f"{tally.right / found:.4f}" if found else "-",
                f"{tally.right / there:.4f}" if there else "-",
                str(tally.false),
                str(tally.missed),
                f"{tally.exact / tally.stacks:.3f}",
            )
            for said, count in tally.where.items() if arguments.verbose else ():
                console.print(f"{count} x {said}", highlight=False)
    console.print(table)


if __name__ == "__main__":
    main()
