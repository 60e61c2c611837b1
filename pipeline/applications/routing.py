"""Which kind of document this is, and which applications read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocr.document import Document
from pipeline.applications.titles import TitleLine, is_continued, is_letter, is_told_by, plain, title_lines
from pipeline.inbox.file_patterns import matches

OTHER_KIND = "other"


@dataclass(frozen=True, slots=True)
class Route:
    """An application reads documents of `kind`, told by one of `titles`, or by a pattern of `files` for the
    name of the file below the inbox."""

    application: str
    kind: str
    titles: tuple[str, ...]
    files: tuple[str, ...] = ()


def routes_of(
    applications: Mapping[str, Mapping[str, Sequence[str]]],
    files: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
) -> tuple[Route, ...]:
    """Routes from application name -> document kind -> title words, and file patterns alike."""
    return tuple(
        Route(
            name,
            kind,
            tuple(plain(title) for title in titles.get(kind, ())),
            tuple((files or {}).get(name, {}).get(kind, ())),
        )
        for name, titles in applications.items()
        for kind in dict.fromkeys((*titles, *(files or {}).get(name, {})))
    )


def kind_of(document: Document, routes: Sequence[Route], names: Sequence[str] = ()) -> str:
    """The kind that the title of the first page tells, else the one whose patterns fit one of the file's
    `names` below the inbox; OTHER_KIND where neither tells any.

    What a paper calls itself counts more than where somebody put it. Of several titles the one that stands
    highest counts, in one line the first of several papers, and the longer title word.
    """
    return _told_by_title(title_lines(document), routes) or _told_by_name(names, routes) or OTHER_KIND


def applications_for(kind: str, routes: Sequence[Route]) -> tuple[str, ...]:
    """The applications that read documents of `kind`, each once, in the order of the routes."""
    return tuple(dict.fromkeys(route.application for route in routes if route.kind == kind))


def _told_by_title(lines: Sequence[TitleLine], routes: Sequence[Route]) -> str:
    at = 0
    while at < len(lines):
        line = lines[at]
        after = lines[at + 1] if at + 1 < len(lines) and is_continued(line, lines[at + 1]) else None
        whole = _kind_in(line.text + after.text, routes, line) if after else ""
        if after and not whole and is_letter(line.text + after.text):
            at += 2  # 見積書 / 送付のご案内
            continue
        kind = _kind_in(line.text, routes, line)
        if not kind and after and not _kind_in(after.text, routes, after):
            kind = whole  # 営業 / 日報
        if kind or (line.sure and line.stands_out and is_letter(line.text)):
            return kind
        at += 1
    return ""


def _kind_in(text: str, routes: Sequence[Route], line: TitleLine) -> str:
    found = [
        (number, -len(title), route.kind)
        for route in routes
        for title in route.titles
        if (number := is_told_by(text, title, stands_out=line.stands_out)) is not None
    ]
    return min(found)[2] if found else ""


def _told_by_name(names: Sequence[str], routes: Sequence[Route]) -> str:
    return next((route.kind for route in routes if any(matches(name, route.files) for name in names)), "")
