"""What readings are worth against the truth: pure functions from readings to figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.reading.readers import ReaderOutput
from benchmarks.reading.scan_samples import SamplePage
from fixtures.comparing.field_matches import field_matches
from fixtures.comparing.measures import character_errors, fields_of, letter_errors
from fixtures.comparing.order import order_errors
from fixtures.comparing.page_score import PageScore
from fixtures.comparing.table_cells import cells_of
from fixtures.comparing.teds import Matches, paired, teds
from ocr.document import BlockKind, Document, Page, TextSource


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """The fields and tables of one document; no matches where the truth names no fields."""

    name: str
    kind: str
    fields: Matches
    missed: tuple[str, ...]
    invented: tuple[str, ...]
    tables: tuple[float, ...]


def page_scores(reading: ReaderOutput) -> Iterator[PageScore]:
    """A page that could not be read counts as read empty."""
    sample, document = reading.sample, reading.document
    found = {page.number: page for page in document.pages} if document else {}
    for page in sample.pages:
        text = reading.texts.get(page.number, "")
        score = PageScore(
            name=sample.name if len(sample.pages) == 1 else f"{sample.name} p.{page.number}",
            kind=sample.kind,
            printed=sample.printed,
            dpi=sample.dpi,
            errors=character_errors(page.text, text),
            letters=letter_errors(page.text, text),
            seconds=reading.seconds[page.number],
        )
        yield _with_structure(score, page, found[page.number]) if page.number in found else score


def _with_structure(score: PageScore, truth: SamplePage, page: Page) -> PageScore:
    lines = [line.text for block in page.blocks if block.kind is not BlockKind.STAMP for line in block.lines]
    recognised = page.source is TextSource.OCR
    return replace(
        score,
        order=order_errors(truth.text, lines),
        rotation=(truth.rotation, page.rotation),
        skew_error=abs(truth.skew - page.skew) if recognised and truth.skew is not None else None,
        source=(truth.source.value, page.source.value, page.reason.value) if truth.source else None,
        confidence=page.confidence if recognised else None,
    )


def document_score(reading: ReaderOutput) -> DocumentScore | None:
    """None for a peer, or where the truth has neither fields nor tables."""
    sample, document = reading.sample, reading.document
    if document is None or not (sample.fields or sample.tables):
        return None
    read = fields_of(document)
    fields = field_matches(sample.fields, read if sample.fields else ())
    return DocumentScore(
        name=sample.name,
        kind=sample.kind,
        fields=fields.matches,
        missed=fields.missed,
        invented=fields.invented,
        tables=tuple(_teds(reading, document)),
    )


def _teds(reading: ReaderOutput, document: Document) -> Iterator[float]:
    found = [cells_of(table) for page in document.pages for table in page.tables]
    for truth, cells in zip(reading.sample.tables, paired(reading.sample.tables, found), strict=True):
        yield teds(truth, cells)
