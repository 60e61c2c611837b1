"""What readings are worth against the truth: pure functions from readings to figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from statistics import mean

from sklearn.metrics import roc_auc_score

from benchmarks.measures import Errors, character_errors, fields_of, letter_errors
from benchmarks.ocr.fields import field_matches
from benchmarks.ocr.readers import Reading
from benchmarks.ocr.samples import SamplePage
from benchmarks.order import OrderErrors, order_errors
from benchmarks.tables import cells_of
from benchmarks.teds import Matches, paired, teds
from ocr.document import BlockKind, Document, Page, TextSource

# A page with more wrong characters than this is one that a person should see.
WRONG_PAGE = 0.02


@dataclass(frozen=True, slots=True)
class PageScore:
    """One page; what only Yomitori tells is None for its peers.

    `errors` count in the order of the truth, `letters` in any order; `rotation` and `source` are the true
    one and the found one, the latter with its reason; `skew_error` is in degrees.
    """

    name: str
    kind: str
    printed: bool
    dpi: int | None
    errors: Errors
    letters: Errors
    seconds: float
    order: OrderErrors | None = None
    rotation: tuple[int, int] | None = None
    skew_error: float | None = None
    source: tuple[str, str, str] | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """The fields and tables of one document; no matches where the truth names no fields."""

    name: str
    kind: str
    fields: Matches
    missed: tuple[str, ...]
    invented: tuple[str, ...]
    tables: tuple[float, ...]


def page_scores(reading: Reading) -> Iterator[PageScore]:
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


def document_score(reading: Reading) -> DocumentScore | None:
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


def _teds(reading: Reading, document: Document) -> Iterator[float]:
    found = [cells_of(table) for page in document.pages for table in page.tables]
    for truth, cells in zip(reading.sample.tables, paired(reading.sample.tables, found), strict=True):
        yield teds(truth, cells)


def error_rate(scores: Iterable[PageScore]) -> float:
    return sum((score.errors for score in scores), Errors()).rate


def letter_error_rate(scores: Iterable[PageScore]) -> float:
    return sum((score.letters for score in scores), Errors()).rate


def seconds_a_page(scores: Iterable[PageScore]) -> float:
    return mean(score.seconds for score in scores)


def roc_area(scores: Iterable[PageScore], *, any_order: bool = False) -> float | None:
    """How well the confidence of a page tells wrong pages from right ones: .5 by chance, 1 always; None where
    all pages are of one sort. With `any_order` a page is not wrong for its order alone."""
    told = [score for score in scores if score.confidence is not None]
    wrong = [(score.letters if any_order else score.errors).rate > WRONG_PAGE for score in told]
    if len(set(wrong)) < 2:
        return None
    return float(roc_auc_score(wrong, [-(score.confidence or 0.0) for score in told]))
