"""The pages since the last start, as far as the next page is judged by them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from ocr.parting.counters import Counter
from ocr.parting.counting import Counted
from ocr.parting.document_words import names_a_paper, speaks_of_an_annex
from ocr.parting.page_faces import Face
from ocr.parting.page_heads import Opening

REMEMBERED = 12  # pages that later ones are compared with


class PageNumbering(StrEnum):
    """What the page numbers of a page and of those before it say."""

    ON_OF_TOTAL = "on of total"
    ON = "on"
    UNFINISHED = "unfinished"
    """2/3 came before, and this page bears no number."""
    AGAIN_OF_TOTAL = "again of total"
    AGAIN = "again"
    FIRST_OF_TOTAL = "first of total"
    """1/3 behind pages without numbers."""
    NOTHING = "nothing"


@dataclass(slots=True)
class SoFar:
    """What the pages of a part have shown; `repeatable` are later ones that may turn out to begin a form."""

    first: Face
    last: Face
    pages: int = 0
    counter: Counter | None = None
    counter_page: int = 0  # in the file
    since_counter: int = 0  # pages with anything on them
    counted: Counted = field(default_factory=dict)
    has_contents: bool = False
    announced: list[str] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    addressees: set[str] = field(default_factory=set)
    repeatable: deque[Face] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def add(self, face: Face, *, goes_on: bool) -> None:
        """Takes the next page in; `goes_on` where it says itself that it is of this part."""
        self.last = face
        self.pages += 1
        self.since_counter += 1
        if face.counter is not None:
            self.counter, self.counter_page, self.since_counter = face.counter, face.page, 1
        self.counted |= face.counted
        self.has_contents |= face.head.has_contents
        self.announced += [line.text for line in face.lines if speaks_of_an_annex(line.text)]
        self.announced += [field.value for field in face.fields if speaks_of_an_annex(field.label)]
        self.titles.add(face.head.title_text)
        self.days |= face.head.days
        self.addressees |= face.head.addressees
        if self.pages > 1 and not goes_on and names_a_paper(face.head.title_text):
            self.repeatable.append(face)

    def is_bound(self, now: Face) -> bool:
        """Whether it is a report with cover or contents that may hold papers of other titles; one whose pages
        are numbered ends before a page without a number."""
        numbers_end = self.counter is not None and self.since_counter == 1 and now.counter is None
        return (self.first.head.is_cover or self.has_contents) and not numbers_end

    def announces(self, title: str) -> bool:
        """Whether a page speaks of an annex of that title: 別紙見積書のとおり."""
        return any(title in text for text in self.announced)

    def openings_of(self, face: Face) -> frozenset[Opening]:
        """What the page begins with that was not seen before: neither the same day nor the same addressee."""
        openings = set(face.head.openings)
        if face.head.addressees <= self.addressees:
            openings.discard(Opening.ADDRESSEE)
        if not face.head.is_dated and face.head.days <= self.days:
            openings.discard(Opening.DATE)
        return frozenset(openings)

    def step_to(self, face: Face) -> PageNumbering:
        """What the page numbers say of the next page."""
        now, before = face.counter, self.counter
        if now is None:
            is_open = before is not None and before.total is not None and before.number < before.total
            return PageNumbering.UNFINISHED if is_open else PageNumbering.NOTHING
        if now.number > 1:
            return self._step_up(now, face.page)
        if before is None:
            return PageNumbering.FIRST_OF_TOTAL if now.total else PageNumbering.NOTHING
        # Pages behind the last number are of its document only where that has so many.
        unread = self.since_counter - 1
        if unread and (before.total is None or before.number + unread > before.total):
            return PageNumbering.NOTHING
        if now.total is None:
            return PageNumbering.AGAIN
        # The same 1/3 on page after page counts something else.
        return PageNumbering.NOTHING if before == now and now.total > 1 else PageNumbering.AGAIN_OF_TOTAL

    def _step_up(self, now: Counter, page: int) -> PageNumbering:
        before = self.counter
        if before is None:
            return PageNumbering.ON_OF_TOTAL if now.total else PageNumbering.NOTHING
        if now.total is not None:
            return PageNumbering.ON_OF_TOTAL if now.number > before.number else PageNumbering.NOTHING
        further = now.number - before.number  # blank and failed pages may count or not
        return (
            PageNumbering.ON
            if self.since_counter <= further <= page - self.counter_page
            else PageNumbering.NOTHING
        )
