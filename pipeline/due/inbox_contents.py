"""What lies in the inbox: files first, then documents by the hash of their bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.due.known import KnownFile
from pipeline.inbox.failures import Failure
from pipeline.inbox.listing import ListedFile, SourceRef


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What was found, by file name: whole documents without their copies, or why there is none."""

    sources: Mapping[str, SourceRef]
    failures: Mapping[str, Failure]

    def with_failures(self, failures: Mapping[str, Failure]) -> Surveyed:
        """The same, and `failures` by file name."""
        return replace(self, failures={**self.failures, **failures})


@dataclass(frozen=True, slots=True)
class Contents:
    """`sources` and `failures` by file name: what a file holds, or why that could not be told this time.

    `documents` by doc_id: one reference, with its copies, for all files with the same bytes. A file that is
    in neither of the first two could not be identified another time, and was not looked at again.
    """

    sources: Mapping[str, SourceRef]
    failures: Mapping[str, Failure]
    documents: Mapping[str, SourceRef]


def contents(listed: Sequence[ListedFile], known: Mapping[str, KnownFile], surveyed: Surveyed) -> Contents:
    """Bytes that have been identified once, under whatever name, need not be so again.

    Raises KeyError for a file that is neither known nor surveyed.
    """
    identified = {k.doc_id: (k.media, k.pages) for k in known.values() if k.is_identified}
    identified |= {source.doc_id: (source.media, source.pages) for source in surveyed.sources.values()}
    sources: dict[str, SourceRef] = {}
    failures: dict[str, Failure] = {}
    for file in listed:
        seen = surveyed.sources.get(file.name) or surveyed.failures.get(file.name) or known[file.name]
        if seen.doc_id in identified:
            media, pages = identified[seen.doc_id]
            sources[file.name] = SourceRef(file, seen.doc_id, media, pages, 1, pages)
        elif isinstance(seen, Failure):
            failures[file.name] = seen
    return Contents(sources, failures, _documents(sources.values()))


def _documents(sources: Iterable[SourceRef]) -> dict[str, SourceRef]:
    grouped: dict[str, list[SourceRef]] = defaultdict(list)
    for source in sorted(sources, key=lambda source: source.file.name):
        grouped[source.doc_id].append(source)
    return {
        doc_id: replace(first, copies=tuple(copy.file.name for copy in copies))
        for doc_id, (first, *copies) in grouped.items()
    }


def names(source: SourceRef) -> tuple[str, ...]:
    """All files that hold the document; the one that stands for it comes first."""
    return (source.file.name, *source.copies)
