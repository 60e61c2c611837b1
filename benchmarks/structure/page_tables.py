"""Tables of the fixture pages and of the inbox against the truth, by kind: TEDS, TEDS-Struct, cell F1.

python -m benchmarks.structure.page_tables [--verbose] [--without-peers] [--no-held]

Beside Yomitori stand pdfplumber's table finder (pages with a text layer) and img2table, which is given the
levelled page and Yomitori's lines. A table that is not found scores 0; tables where the truth has none are
counted as false. The inbox's truth knows no spans and counts as kind "inbox".
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from PIL.Image import Image
from rich.console import Console
from rich.table import Table as Printed

from benchmarks.structure.peers import Cells, PeerMissingError, img2table, pdfplumber_tables
from fixtures.comparing.table_cells import cells_of
from fixtures.comparing.teds import Matches, cell_matches, neighbour_matches, paired, teds
from fixtures.page_truth import TrueCell, read_pages
from fixtures.truth_file import read_truth
from ocr.document import BlockKind, Page, Table
from ocr.engines.engine import Engine
from ocr.engines.registry import create
from ocr.limits import Limits
from ocr.reading.reader import read
from ocr.sources.pages import render_upright

HELD = "_held"


@dataclass(frozen=True, slots=True)
class TablePage:
    """A page with its true tables; `data` is its file, `number` its place there."""

    name: str
    kind: str
    data: bytes
    number: int
    typed: bool
    tables: tuple[Cells, ...]

    @property
    def held(self) -> bool:
        return self.name.rpartition(".")[0].endswith(HELD)


@dataclass(slots=True)
class TableTally:
    """The figures of so many tables."""

    tables: int = 0
    teds: float = 0.0
    struct: float = 0.0
    cells: Matches = field(default_factory=Matches)
    neighbours: Matches = field(default_factory=Matches)
    false: int = 0

    def row(self) -> tuple[str, ...]:
        tables = max(1, self.tables)
        figures = (self.teds / tables, self.struct / tables, self.cells.f1, self.neighbours.f1)
        return (str(self.tables), *(f"{figure:.3f}" for figure in figures), str(self.false))


def table_pages() -> Iterator[TablePage]:
    """The pages of the group `tables`, and the documents of the inbox that have tables."""
    for page in read_pages("tables"):
        kind = page.file.partition("/")[2].partition("_")[0]
        yield TablePage(page.file, kind, page.path.read_bytes(), 1, page.dpi is None, page.tables)
    for truth in read_truth():
        if truth.tables:
            tables = tuple(_unspanned(rows) for rows in truth.tables)
            typed = truth.source == "text_layer"
            yield TablePage(truth.file, "inbox", truth.path.read_bytes(), 1, typed, tables)


def _unspanned(rows: Sequence[Sequence[str]]) -> Cells:
    return tuple(
        TrueCell(row, column, 1, 1, text)
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )


def read_tables(page: TablePage, engine: Engine) -> tuple[Page, list[Table]]:
    """The page as Yomitori reads it, and its tables, those in forms included."""
    document = read(page.data, first=page.number, last=page.number, engine=engine, limits=Limits())
    found = document.pages[0]
    return found, list(found.tables)


def score(truth: Sequence[Cells], found: Sequence[Cells]) -> TableTally:
    """The figures of one page."""
    tally = TableTally()
    for true, cells in zip(truth, paired(truth, found), strict=True):
        tally.tables += 1
        tally.teds += teds(true, cells)
        tally.struct += teds(true, cells, structure_only=True)
        tally.cells += cell_matches(true, cells)
        tally.neighbours += neighbour_matches(true, cells)
    return tally


def add(tally: TableTally, other: TableTally) -> None:
    tally.tables += other.tables
    tally.teds += other.teds
    tally.struct += other.struct
    tally.cells += other.cells
    tally.neighbours += other.neighbours
    tally.false += other.false


def false_tables(page: Page, truths: int) -> int:
    """How many more blocks are tables than the truth has."""
    return max(0, sum(block.kind is BlockKind.TABLE for block in page.blocks) - truths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="print every page")
    parser.add_argument("--without-peers", action="store_true", help="Yomitori alone")
    parser.add_argument("--no-held", action="store_true", help="leave out the pages held out")
    arguments = parser.parse_args()
    console = Console(width=120)
    engine = create("ppocr")
    tallies: dict[str, dict[str, TableTally]] = defaultdict(lambda: defaultdict(TableTally))
    levelled: list[tuple[TablePage, Image, Page]] = []
    for page in table_pages():
        if page.held and arguments.no_held:
            continue
        read_page, tables = read_tables(page, engine)
        figures = score(page.tables, [cells_of(table) for table in tables])
        figures.false = false_tables(read_page, len(page.tables))
        _note(tallies["Yomitori"], page, figures, arguments.verbose)
        if not arguments.without_peers:
            if page.typed:
                _note(tallies["pdfplumber"], page, _scored(page, pdfplumber_tables(page.data)), False)
            image = render_upright(page.data, read_page, Limits())
            levelled.append((page, image, read_page))
    if levelled:
        try:
            found = img2table([(image, read_page) for _, image, read_page in levelled])
        except PeerMissingError as error:
            console.print(f"img2table is left out: {error}")
        else:
            for (page, _, _), tables_found in zip(levelled, found, strict=True):
                _note(tallies["img2table"], page, _scored(page, tables_found), False)
    for peer, by_kind in tallies.items():
        _print(console, peer, by_kind)


def _scored(page: TablePage, found: Sequence[Cells]) -> TableTally:
    tally = score(page.tables, found)
    tally.false = max(0, len(found) - len(page.tables))
    return tally


def _note(tallies: dict[str, TableTally], page: TablePage, figures: TableTally, verbose: bool) -> None:
    for kind in (page.kind, "all", *(["held out"] if page.held else [])):
        add(tallies[kind], figures)
    if verbose:
        print("  ".join(figures.row()), page.name, flush=True)


def _print(console: Console, title: str, tallies: dict[str, TableTally]) -> None:
    table = Printed(title=title, title_justify="left")
    headings = ("kind of table", "tables", "TEDS", "TEDS-Struct", "cell F1", "adjacency F1", "false")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == headings[0] else "right")
    for kind, tally in sorted(tallies.items()):
        table.add_row(kind, *tally.row())
    console.print(table)


if __name__ == "__main__":
    main()
