"""The documents of a file: each form of a scanned stack goes its own way from here on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ocr.document import Document, Page
from ocr.parting.document_parts import Aside, DocumentPart, Split, asides_of, cut, parts_of
from ocr.parting.document_words import bare
from ocr.reading.whole import whole
from pipeline.applications.routing import Route

DEFAULT_SPLIT = Split.AUTO
PART_OF_FILE = re.compile(r"-p(\d+)-(\d+)$")  # at the end of the doc_id of one of several documents
_MOST_CAUTIOUS_FIRST = (Split.NEVER, Split.AUTO, Split.PAGES)


@dataclass(frozen=True, slots=True)
class FilePart:
    """Which document of its file: the `number`th (from 1) of `count`, with the pages between documents that
    are kept with it."""

    part: DocumentPart
    number: int
    count: int
    asides: tuple[tuple[Page, Aside], ...] = ()

    def doc_id(self, file_id: str) -> str:
        """The document's id: that of its file, with its pages behind it where the file holds several."""
        return file_id if self.count == 1 else f"{file_id}-p{self.part.first}-{self.part.last}"


def split_of(asked: Iterable[Split | None]) -> Split:
    """How a run parts its files, from what each of its applications asks for, None for nothing: never before
    auto before pages, as a torn document harms more than two in one."""
    wishes = {wish for wish in asked if wish is not None}
    return next((split for split in _MOST_CAUTIOUS_FIRST if split in wishes), DEFAULT_SPLIT)


def parted(joined: Document, split: Split, routes: Sequence[Route]) -> Iterator[tuple[Document, FilePart]]:
    """The documents of a file in order, each whole; none where nothing of it was read."""
    if not joined.pages:
        return
    titles = [bare(title) for route in routes for title in route.titles]
    parts = parts_of(joined, split, titles)
    for number, part in enumerate(parts, start=1):
        yield whole([cut(joined, part)]), FilePart(part, number, len(parts), asides_of(joined, part))
