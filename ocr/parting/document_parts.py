"""The documents that a file holds, as runs of its pages, and each cut out as a document of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ocr.document import Document, Page, SourceReason
from ocr.joining import shift_page
from ocr.parting.document_starts import StartReason, starts_of
from ocr.parting.page_faces import faces_of
from ocr.parting.separators import is_blank, separator_text


class Split(StrEnum):
    """How files are parted."""

    AUTO = "auto"
    """Where a page starts a document, by what stands on it."""
    NEVER = "never"
    PAGES = "pages"
    """Every page is a document."""


class Aside(StrEnum):
    """Why a page between documents is part of none."""

    BLANK = "blank"
    SEPARATOR = "separator"


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A document: pages `first` to `last` of its file (both included), failed and blank ones inside.

    `reason` says why it begins, None for the first of its file; `separator` is what the separator sheet
    before it says. `asides` are pages of no document that lie behind it (before the first one, for that
    one), by number.
    """

    first: int
    last: int
    reason: StartReason | None = None
    separator: str | None = None
    asides: tuple[tuple[int, Aside], ...] = ()

    @property
    def pages(self) -> int:
        """Its pages, read or failed."""
        return self.last - self.first + 1 - sum(self.first < page < self.last for page, _ in self.asides)


@dataclass(slots=True)
class _GrowingPart:
    """A part while it grows; `pages` are those that hold anything, and failed ones."""

    reason: StartReason | None
    separator: str | None
    pages: list[int] = field(default_factory=list)
    asides: dict[int, Aside] = field(default_factory=dict)
    is_read: bool = False

    def add(self, other: _GrowingPart) -> None:
        """Takes in what lies behind it."""
        self.pages += other.pages
        self.asides |= other.asides
        self.is_read |= other.is_read

    def part(self) -> DocumentPart:
        first, last = self.pages[0], self.pages[-1]
        asides = tuple(
            (page, why)
            for page, why in sorted(self.asides.items())
            if why is Aside.SEPARATOR or not first < page < last
        )
        return DocumentPart(first, last, self.reason, self.separator, asides)


def parts_of(document: Document, split: Split, titles: Sequence[str] = ()) -> tuple[DocumentPart, ...]:
    """The parts of a whole file in order; `titles` are bare titles of known forms. Each page and each failed
    page is in exactly one part, or one of its asides.

    A file of one document is one part with all its pages, blank ones too, unless a separator sheet lies in
    it; so is a mail, whatever letters it quotes. A page that could not be read belongs to the document
    before it. Blank pages inside a document are its own, those between two documents are of none.
    """
    numbers = sorted({page.number for page in document.pages} | {f.page for f in document.failures})
    if not numbers:
        return ()
    everything = (DocumentPart(numbers[0], numbers[-1]),)
    if split is Split.NEVER or len(document.pages) < 2 or (split is Split.AUTO and _is_mail(document)):
        return everything
    sheets = _sheets(document.pages)
    content = [page for page in document.pages if page.number not in sheets]
    starts = _starts(content, numbers, sheets, split, titles)
    if not content or (len(starts) == 1 and all(text is None for text in sheets.values())):
        return everything
    return tuple(run.part() for run in _runs(numbers, sheets, {p.number for p in content}, starts))


def _is_mail(document: Document) -> bool:
    return any(page.reason is SourceReason.MAIL_TEXT for page in document.pages)


def _sheets(pages: Sequence[Page]) -> dict[int, str | None]:
    """The pages of no document: what a separator sheet says, None for a blank page."""
    sheets: dict[int, str | None] = {}
    for page in pages:
        if is_blank(page):
            sheets[page.number] = None
        elif (text := separator_text(page)) is not None:
            sheets[page.number] = text
    return sheets


def _starts(
    content: Sequence[Page],
    numbers: Sequence[int],
    sheets: dict[int, str | None],
    split: Split,
    titles: Sequence[str],
) -> dict[int, StartReason | None]:
    if split is Split.PAGES:
        return {page.number: StartReason.EVERY_PAGE if at else None for at, page in enumerate(content)}
    kept, separated, waits = {page.number for page in content}, set(), False
    for number in numbers:
        waits |= sheets.get(number) is not None
        if number in kept:
            separated |= {number} if waits else set()
            waits = False
    return starts_of(faces_of(content), separated, titles)


def _runs(
    numbers: Sequence[int],
    sheets: dict[int, str | None],
    content: set[int],
    starts: dict[int, StartReason | None],
) -> list[_GrowingPart]:
    runs = [_GrowingPart(None, None)]
    separator: str | None = None
    for number in numbers:
        if number in sheets:
            text = sheets[number]
            separator = separator if text is None else text
            runs[-1].asides[number] = Aside.BLANK if text is None else Aside.SEPARATOR
            continue
        if separator is not None or (number in starts and runs[-1].is_read):
            runs.append(
                _GrowingPart(StartReason.SEPARATOR if separator is not None else starts[number], separator)
            )
            separator = None
        runs[-1].pages.append(number)
        runs[-1].is_read |= number in content
    return _read_ones(runs)


def _read_ones(runs: Sequence[_GrowingPart]) -> list[_GrowingPart]:
    """The runs, those of which no page was read added to the one before, at the head to the one behind."""
    kept: list[_GrowingPart] = []
    for run in runs:
        if kept and not (run.is_read and kept[-1].is_read):
            if run.is_read:
                kept[-1].separator = run.separator
            kept[-1].add(run)
        else:
            kept.append(run)
    return kept


def cut(document: Document, part: DocumentPart) -> Document:
    """The part as a document: its pages keep their numbers in the file, its text and offsets are its own."""
    aside = {number for number, _ in part.asides}
    inside = [
        page for page in document.pages if part.first <= page.number <= part.last and page.number not in aside
    ]
    failures = tuple(f for f in document.failures if part.first <= f.page <= part.last)
    if len(inside) == len(document.pages) and len(failures) == len(document.failures):
        return document
    blocks = [block for page in inside for block in page.blocks]
    start = min((block.start for block in blocks), default=0)
    end = max((block.end for block in blocks), default=0)
    pages = tuple(shift_page(page, -start) for page in inside)
    return replace(document, text=document.text[start:end], pages=pages, failures=failures)


def asides_of(document: Document, part: DocumentPart) -> tuple[tuple[Page, Aside], ...]:
    """The part's asides that were read, each with why it is one."""
    pages = {page.number: page for page in document.pages}
    return tuple((pages[number], why) for number, why in part.asides if number in pages)
