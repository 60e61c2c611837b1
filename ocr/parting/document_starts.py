"""On which pages of a file a document begins, and why: what speaks for it and what speaks against it.

A false start tears a document apart, a missed one leaves two together; where the page does not tell, the
document goes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ocr.parting.counting import counts_anew, counts_on, headings_count_on
from ocr.parting.document_words import bare, names_a_companion, names_a_paper
from ocr.parting.likeness import (
    Sameness,
    are_alike,
    same_case,
    same_number,
    same_subject,
    same_title,
    verdict,
)
from ocr.parting.open_document import REMEMBERED, PageNumbering, SoFar
from ocr.parting.page_faces import Face
from ocr.parting.page_heads import TITLE_ZONE, Opening
from ocr.parting.printed import IN_FORM

WHOSE = frozenset({Opening.PERSON, Opening.NUMBER, Opening.ADDRESSEE})
TITLE_SHARE = 0.5  # of a line that is the title it names


class StartReason(StrEnum):
    """Why a document begins on a page."""

    SEPARATOR = "separator"
    """A separator sheet lies before it."""
    PAGE_NUMBER = "page_number"
    """The page numbers begin anew."""
    KNOWN_TITLE = "known_title"
    """It bears a title that an application names."""
    SAME_FORM = "same_form"
    """It is the form that an earlier document began with, filled in for another case."""
    OWN_TITLE = "own_title"
    """It bears a paper's title, and number, date, addressee or fields of its own."""
    LETTER = "letter"
    """It begins as letters do."""
    EVERY_PAGE = "every_page"
    """Each page was asked to be a document."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """`reason` to begin a document, None to go on; `goes_on` where the page says that itself."""

    reason: StartReason | None = None
    goes_on: bool = False
    since: Face | None = None  # the page from which on the form is repeated, where that is an earlier one


def starts_of(
    faces: Sequence[Face], separated: Collection[int], titles: Sequence[str]
) -> dict[int, StartReason | None]:
    """The pages on which documents begin -> why; the first page always does, for no reason.

    `faces` are those of the pages that hold anything, in order; the pages `separated` have a separator sheet
    before them. `titles` are bare titles of known forms.
    """
    starts: dict[int, StartReason | None] = {}
    begun: deque[Face] = deque(maxlen=REMEMBERED)
    part: SoFar | None = None
    for face in faces:
        if face.page in separated:
            found = _Finding(StartReason.SEPARATOR)
        else:
            found = _Finding() if part is None else _finding(face, part, begun, titles)
        if found.since is not None:
            starts[found.since.page] = found.reason
        if part is None or found.reason is not None:
            starts[face.page] = found.reason
            begun.append(face)
            part = SoFar(face, face)
        part.add(face, goes_on=found.goes_on)
    return dict(sorted(starts.items()))


def _finding(now: Face, part: SoFar, begun: Sequence[Face], titles: Sequence[str]) -> _Finding:
    step = part.step_to(now)
    if now.head.goes_on or step is PageNumbering.ON_OF_TOTAL or counts_on(part.counted, now.counted):
        return _Finding(goes_on=True)
    if step is PageNumbering.AGAIN_OF_TOTAL:
        return _Finding(StartReason.PAGE_NUMBER)
    is_copy = are_alike(part.first, now) or same_title(part.first, now)
    told = verdict(part.first, now) if is_copy else Sameness.UNKNOWN
    if told is Sameness.SAME or same_number(part.first, now) or same_number(part.last, now):
        return _Finding(goes_on=True)
    # A page may be lost, or its number not be read: what is surely another form begins all the same.
    is_other = told is Sameness.ANOTHER if is_copy else _bears(now, titles)
    if step is PageNumbering.ON or (step is PageNumbering.UNFINISHED and not is_other):
        return _Finding(goes_on=True)
    if is_copy:
        return _Finding(_of_copy(now, part, told, step, titles))
    if is_other:
        return _Finding(StartReason.KNOWN_TITLE)
    if same_case(part.first, now) or same_case(part.last, now):
        return _Finding(goes_on=True)
    if any(_is_another_copy(other, now) for other in begun):
        return _Finding(StartReason.SAME_FORM)
    if part.is_bound(now):
        return _Finding(StartReason.PAGE_NUMBER if _is_numbered_anew(now, step) else None)
    since = next((face for face in part.repeatable if _is_another_copy(face, now)), None)
    if since is not None:
        return _Finding(StartReason.SAME_FORM, since=since)
    return _Finding(_on_its_own(now, part, step))


def _of_copy(
    now: Face, part: SoFar, told: Sameness, step: PageNumbering, titles: Sequence[str]
) -> StartReason | None:
    """Why a page that looks like the first one of its part is the first of another one."""
    if told is Sameness.ANOTHER or counts_anew(part.counted, now.counted):
        return StartReason.SAME_FORM
    if step is PageNumbering.AGAIN:
        return StartReason.PAGE_NUMBER
    return StartReason.KNOWN_TITLE if _bears(now, titles) else None


def _is_numbered_anew(now: Face, step: PageNumbering) -> bool:
    return step in (PageNumbering.AGAIN, PageNumbering.FIRST_OF_TOTAL) and now.head.title is not None


def _on_its_own(now: Face, part: SoFar, step: PageNumbering) -> StartReason | None:
    """Why a page that is like no other begins a document."""
    if _is_numbered_anew(now, step):
        return StartReason.PAGE_NUMBER
    if headings_count_on(part.counted, now.counted):
        return None
    openings, title = part.openings_of(now), now.head.title_text
    is_letter = Opening.SALUTATION in openings and openings & {Opening.DATE, Opening.ADDRESSEE}
    if is_letter or Opening.SALUTATION_DOWNWARDS in openings:
        return StartReason.LETTER
    if not title or title in part.titles or part.announces(title) or same_subject(part.last, now):
        return None
    is_whose = names_a_companion(title) and openings & WHOSE
    is_paper = names_a_paper(title) and (openings or counts_anew(part.counted, now.counted))
    return StartReason.OWN_TITLE if is_paper or is_whose or Opening.QUESTIONS in openings else None


def _is_another_copy(one: Face, now: Face) -> bool:
    return same_title(one, now) and are_alike(one, now) and verdict(one, now) is Sameness.ANOTHER


def _bears(face: Face, titles: Sequence[str]) -> bool:
    """Whether a line at the head of the page is a known title; 入電記録一覧 is a list of such forms."""
    headings = (
        bare(line.text)
        for line in face.lines
        if line.y <= TITLE_ZONE and line.kind not in IN_FORM and ":" not in line.text
    )
    return any(
        title in text
        and len(title) >= TITLE_SHARE * len(text)
        and (title == text or not names_a_companion(text))
        for text in (face.head.title_text, *headings)
        for title in titles
    )
