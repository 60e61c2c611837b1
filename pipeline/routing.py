"""Which kind of document this is, and which applications read it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocr.document import Document

OTHER_KIND = "other"
_TITLE_BLOCKS = 8  # a form's title stands among its first blocks, before the body can mention another form
_TITLE_SHARE = 0.5  # of the line's characters; a sentence that mentions 営業日報 is no title


def _plain(text: str) -> str:
    """NFKC without white space and without what stands in brackets: 日　報（営業） -> 日報."""
    return re.sub(r"\s+|\([^()]*\)", "", unicodedata.normalize("NFKC", text))


@dataclass(frozen=True, slots=True)
class Route:
    """An application reads documents of `kind`, told by one of `titles`."""

    application: str
    kind: str
    titles: tuple[str, ...]


def routes_of(applications: Mapping[str, Mapping[str, Sequence[str]]]) -> tuple[Route, ...]:
    """Routes from application name -> document kind -> title words."""
    return tuple(
        Route(name, kind, tuple(_plain(title) for title in titles))
        for name, kinds in applications.items()
        for kind, titles in kinds.items()
    )


def kind_of(document: Document, routes: Sequence[Route]) -> str:
    """The kind whose title stands highest on the first page; the longer title wins within one line.

    A title is a line that consists mostly of it, blanks inside (営 業 日 報) aside. OTHER_KIND where no
    route's title is found.
    """
    for page in document.pages[:1]:
        for block in page.blocks[:_TITLE_BLOCKS]:
            for line in block.lines:
                text = _plain(line.text)
                held = [
                    (len(title), route.kind)
                    for route in routes
                    for title in route.titles
                    if title in text and len(title) >= _TITLE_SHARE * len(text)
                ]
                if held:
                    return max(held)[1]
    return OTHER_KIND


def applications_for(kind: str, routes: Sequence[Route]) -> tuple[str, ...]:
    """The applications that read documents of `kind`, each once, in the order of the routes."""
    return tuple(dict.fromkeys(route.application for route in routes if route.kind == kind))
