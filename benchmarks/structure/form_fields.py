"""Fields of forms against the truth: recall, precision, F1, and how many normal forms of values are right.

python -m benchmarks.structure.form_fields [--engine ppocr] [--verbose] [--seen]

A field is right where its name and value are, both NFKC without white space. Normal forms are counted for
the fields that were read right; the inbox's truth has none. Pages without a true field (letters, tables,
articles) count as kind "no form": all that is found on them is invented.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from fixtures.comparing.field_matches import field_matches
from fixtures.comparing.measures import plain
from fixtures.comparing.teds import Matches
from fixtures.page_truth import read_pages
from fixtures.truth_file import read_truth
from ocr.document import Document
from ocr.engines.registry import create
from ocr.limits import Limits
from ocr.reading.reader import read

UNSEEN = ("_unseen", "_held")  # how the names of held-out pages end


@dataclass(frozen=True, slots=True)
class FormSample:
    """A document with its true fields; `values` are normal forms by name, None where none are known."""

    name: str
    kind: str
    data: bytes
    fields: tuple[tuple[str, str], ...]
    values: Mapping[str, str] | None


@dataclass(slots=True)
class FieldTally:
    """What was found on one kind of sheet."""

    sheets: int = 0
    matches: Matches = field(default_factory=Matches)
    values: int = 0
    wrong_values: int = 0


def sheets(*, seen_only: bool) -> Iterator[FormSample]:
    """The documents of the inbox and the single pages; without the held-out ones where `seen_only`."""
    for truth in read_truth():
        if truth.failure is None:
            kind = "inbox" if truth.fields else "no form"
            yield FormSample(truth.file, kind, truth.path.read_bytes(), tuple(truth.fields.items()), None)
    for page in read_pages():
        unseen = page.path.stem.endswith(UNSEEN)
        if unseen and seen_only:
            continue
        if page.group == "fields":
            kind = "fields, held out" if unseen else "fields"
            values = {plain(name): value for name, value in page.values}
            yield FormSample(page.file, kind, page.path.read_bytes(), page.fields, values)
        elif not page.fields:
            yield FormSample(page.file, "no form", page.path.read_bytes(), (), None)


def wrong_values(document: Document, sheet: FormSample) -> tuple[int, list[str]]:
    """How many fields were read right on a sheet whose values are known, and those with a wrong one."""
    if sheet.values is None:
        return 0, []
    true = {(plain(name), plain(value)) for name, value in sheet.fields}
    right = [
        found
        for page in document.pages
        for found in page.fields
        if (plain(found.name), plain(found.value)) in true
    ]
    wrong = [
        f"{found.name}: {found.value} -> {found.normalized or 'nothing'}"
        for found in right
        if found.normalized != sheet.values.get(plain(found.name), "")
    ]
    return len(right), wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="ppocr", choices=["ppocr", "tesseract"])
    parser.add_argument(
        "--verbose", action="store_true", help="name what was missed, invented, misunderstood"
    )
    parser.add_argument("--seen", action="store_true", help="leave the held-out pages alone")
    arguments = parser.parse_args()
    engine, console = create(arguments.engine), Console(width=140)
    tallies: dict[str, FieldTally] = defaultdict(FieldTally)
    for sheet in sheets(seen_only=arguments.seen):
        document = read(sheet.data, engine=engine, limits=Limits())
        fields = [(found.name, found.value) for page in document.pages for found in page.fields]
        found = field_matches(sheet.fields, fields)
        values, wrong = wrong_values(document, sheet)
        for kind in (sheet.kind, *(["all forms"] if sheet.fields else [])):
            tally = tallies[kind]
            tally.sheets += 1
            tally.matches += found.matches
            tally.values += values
            tally.wrong_values += len(wrong)
        if arguments.verbose and (found.missed or found.invented or wrong):
            console.print(sheet.name, markup=False)
            for title, those in (("missed", found.missed), ("invented", found.invented), ("value", wrong)):
                for text in those:
                    console.print(f"  {title}: {text[:110]}", markup=False)
    console.print(_table(tallies, engine.name))


def _table(tallies: Mapping[str, FieldTally], engine: str) -> Table:
    table = Table(title=f"fields, {engine}", title_justify="left")
    for column in ("kind", "documents", "fields", "recall", "precision", "F1", "normal forms right"):
        table.add_column(column, justify="left" if column == "kind" else "right")
    for kind, tally in sorted(tallies.items()):
        matches = tally.matches
        table.add_row(
            kind,
            str(tally.sheets),
            str(matches.true),
            f"{matches.right / max(1, matches.true):.3f}" if matches.true else "",
            f"{matches.right / max(1, matches.found):.3f}" if matches.true else f"{matches.found} invented",
            f"{matches.f1:.3f}" if matches.true else "",
            f"{tally.values - tally.wrong_values}/{tally.values}" if tally.values else "",
        )
    return table


if __name__ == "__main__":
    main()
