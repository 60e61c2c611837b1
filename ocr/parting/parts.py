"""The documents that a file holds, as runs of its pages, and each cut out as a document of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ocr.document import Document, Page, shift_page
from ocr.parting.faces import faces_of
from ocr.parting.separators import is_blank, separator_text
from ocr.parting.starts import StartReason, starts_of


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
class Part:
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


@dataclass(slots=True)
class _Run:
    """A part while it grows."""

    reason: StartReason | None
    separator: str | None
    pages: list[int] = field(default_factory=list)
    asides: dict[int, Aside] = field(default_factory=dict)
    is_read: bool = False

    def part(self) -> Part:
        first, last = self.pages[0], self.pages[-1]
        asides = tuple(
            (page, why)
            for page, why in sorted(self.asides.items())
            if why is Aside.SEPARATOR or not first < page < last
        )
        return Part(first, last, self.reason, self.separator, asides)


def parts_of(document: Document, split: Split, titles: Sequence[str] = ()) -> tuple[Part, ...]:
    """The parts of a whole file in order; `titles` are plain titles of known forms. Each page and each failed
    page is in exactly one part, or one of its asides.

    A file of one document is one part with all its pages, blank ones too, unless a separator sheet lies in
    it. A page that could not be read belongs to the document before it. Blank pages inside a document are
    its own, those between two documents are of none.
    """
    numbers = sorted(
        {page.number for page in document.pages} | {failure.page for failure in document.failures}
    )
    if not numbers:
        return ()
    everything = (Part(numbers[0], numbers[-1]),)
    if split is Split.NEVER or len(document.pages) < 2:
        return everything
    blank = {page.number for page in document.pages if is_blank(page)}
    separators = {
        page.number: text
        for page in document.pages
        if page.number not in blank and (text := separator_text(page)) is not None
    }
    content = [page for page in document.pages if page.number not in blank and page.number not in separators]
    starts = _starts(content, numbers, separators, split, titles)
    if not content or (len(starts) == 1 and not separators):
        return everything
    return tuple(run.part() for run in _runs(numbers, blank, separators, {p.number for p in content}, starts))


def _starts(
    content: Sequence[Page],
    numbers: Sequence[int],
    separators: dict[int, str],
    split: Split,
    titles: Sequence[str],
) -> dict[int, StartReason | None]:
    if split is Split.PAGES:
        return {page.number: StartReason.EVERY_PAGE if at else None for at, page in enumerate(content)}
    separated = set()
    kept, waits = {page.number for page in content}, False
    for number in numbers:
        if number in separators:
            waits = True
        elif number in kept:
            if waits:
                separated.add(number)
            waits = False
    return starts_of(faces_of(content), separated, titles)


def _runs(
    numbers: Sequence[int],
    blank: set[int],
    separators: dict[int, str],
    content: set[int],
    starts: dict[int, StartReason | None],
) -> list[_Run]:
    runs: list[_Run] = []
    loose: dict[int, Aside] = {}  # before the first document
    separator: str | None = None
    for number in numbers:
        if number in blank or number in separators:
            why = Aside.BLANK if number in blank else Aside.SEPARATOR
            (runs[-1].asides if runs else loose)[number] = why
            if number in separators:
                separator = separators[number]
            continue
        begins = not runs or separator is not None or (number in starts and runs[-1].is_read)
        if begins:
            reason = starts.get(number) if number in content else None
            if separator is not None and runs:
                reason = StartReason.SEPARATOR
            runs.append(_Run(reason if runs else None, separator))
            separator = None
        run = runs[-1]
        run.pages.append(number)
        run.is_read |= number in content
    if runs and loose:
        runs[0].asides |= loose
    return _with_unread(runs)


def _with_unread(runs: list[_Run]) -> list[_Run]:
    """The runs, one of failed pages alone (behind the last separator sheet) added to the one before it."""
    if len(runs) > 1 and not runs[-1].is_read:
        *runs, last = runs
        runs[-1].pages += last.pages
        runs[-1].asides |= last.asides
    return runs


def cut(document: Document, part: Part) -> Document:
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


def asides_of(document: Document, part: Part) -> tuple[tuple[Page, Aside], ...]:
    """The part's asides that were read, each with why it is one."""
    pages = {page.number: page for page in document.pages}
    return tuple((pages[number], why) for number, why in part.asides if number in pages)
