"""From files to documents: fan out by page range, read in a supervised child, join, part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import apache_beam as beam
from apache_beam.utils.shared import Shared

from ocr.document import Document, PageFailure
from ocr.errors import ReadingError
from ocr.joining import join
from pipeline import files
from pipeline.applications.file_parts import parted
from pipeline.inbox.failures import FAILURES, UNREADABLE, Failure, Stage
from pipeline.inbox.listing import SourceRef, page_ranges
from pipeline.inbox.references import read_sources
from pipeline.machines.dataflow import memory_of_a_machine
from pipeline.progress.events import Event, holding, tell
from pipeline.run_settings import RunSettings
from pipeline.steps.digitized import DigitizedDocument, DigitizedStore
from pipeline.steps.reading_step import ReadingDoFn

_CHANGED = "changed_meanwhile"


class Digitized(NamedTuple):
    """The outputs of Digitize. Dead letters: each page that was not read, and each file of which none was."""

    documents: beam.PCollection[DigitizedDocument]
    failures: beam.PCollection[Failure]


class Digitize(beam.PTransform):  # type: ignore[misc]
    """Reads the documents that files written by `references.write` list; takes the paths of these files.

    A process's steps share one `reader`. References alone cross the shuffle before a page is read.
    """

    def __init__(self, settings: RunSettings, reader: Shared) -> None:
        super().__init__()
        self._settings = settings
        self._reader = reader

    def expand(self, references: beam.PCollection[str]) -> Digitized:
        settings = self._settings
        read = beam.ParDo(ReadPages(settings, self._reader))
        memory = memory_of_a_machine(references.pipeline.options)
        documents = (
            references
            | "Plan pages" >> beam.FlatMap(plan_pages, settings.progress)
            | "Spread page ranges" >> beam.Reshuffle()
            | "Read pages" >> read.with_resource_hints(min_ram=memory)
            | "Group page ranges" >> beam.GroupByKey()
            | "Assemble" >> beam.ParDo(Assemble(settings)).with_outputs(FAILURES, main="documents")
        )
        return Digitized(documents["documents"], documents[FAILURES])


def plan_pages(path: str, progress: str | None) -> Iterator[SourceRef]:
    """The page ranges of the documents in one file of references, the largest first.

    Local runners deal them out to their workers in turn: neighbours must be alike, or documents of ten pages
    give one worker of two all the ranges of eight and the other those of two.
    """
    sources = list(read_sources(path))
    tell(progress, Event.PAGE_DUE, sum(source.pages for source in sources))
    ranges = [part for source in sources for part in page_ranges(source)]
    yield from sorted(ranges, key=_weight, reverse=True)


def _weight(part: SourceRef) -> tuple[int, float]:
    return part.last_page - part.first_page, part.file.size / part.pages


class ReadPages(ReadingDoFn):
    """SourceRef of a page range -> (doc_id, DigitizedDocument of that range).

    A range that is kept from an earlier run is not read again; one whose failures a retry can mend is
    not kept.
    """

    def setup(self) -> None:
        super().setup()
        self._store = DigitizedStore(self._settings.digitized, self._settings.engine_id)

    def process(self, source: SourceRef) -> Iterator[tuple[str, DigitizedDocument]]:
        progress, pages = self._settings.progress, source.last_page - source.first_page + 1
        document = self._store.get(source)
        if document is None:
            with holding(progress, Stage.DIGITIZE, (source.doc_id,)):
                document = self._read(source)
            if not any(failure.retryable for failure in document.failures):
                self._store.put(source, document)
            tell(progress, Event.PAGE_READ, pages)
        tell(progress, Event.PAGE_FAILED, len(document.failures))
        tell(progress, Event.PAGE_DONE, pages)
        yield source.doc_id, DigitizedDocument(source, document)

    def _read(self, source: SourceRef) -> Document:
        try:
            data = files.read(source.file.uri)
            if hashlib.sha256(data).hexdigest() != source.doc_id:
                return _unread(
                    source, _CHANGED, True, "処理中にファイルが書き換えられました。次回の実行で読みます。"
                )
            return self._reader.read(data, source.first_page, source.last_page)
        except ReadingError as error:
            return _unread(source, error.category, error.retryable, error.message)
        except OSError as error:
            message = (
                f"処理中にファイルを開けなくなりました({error.strerror or error})。次回の実行で読みます。"
            )
            return _unread(source, UNREADABLE, True, message)


def _unread(source: SourceRef, category: str, retryable: bool, message: str) -> Document:
    pages = range(source.first_page, source.last_page + 1)
    return Document("", (), tuple(PageFailure(page, str(category), retryable, message) for page in pages))


class Assemble(beam.DoFn):  # type: ignore[misc]
    """(doc_id of a file, its page ranges) -> its DigitizedDocuments; FAILURES: their pages, or the file."""

    def __init__(self, settings: RunSettings) -> None:
        self._settings = settings

    def process(
        self, keyed: tuple[str, Iterable[DigitizedDocument]]
    ) -> Iterator[DigitizedDocument | beam.pvalue.TaggedOutput]:
        ranges = sorted(keyed[1], key=lambda part: part.source.first_page)
        source = ranges[0].source
        joined = join([part.document for part in ranges])
        for failure in () if joined.pages else joined.failures[:1]:
            yield _unread_page(source, source.doc_id, replace(failure, page=0))
        for document, part in parted(joined, self._settings.split, self._settings.routes):
            digitized = DigitizedDocument(source, document, part)
            for failure in document.failures:
                yield _unread_page(source, digitized.doc_id, failure)
            yield digitized


def _unread_page(source: SourceRef, doc_id: str, failure: PageFailure) -> beam.pvalue.TaggedOutput:
    """A page of a document that could not be read; page 0 stands for all of a file."""
    page = failure.page or None
    told = Failure(
        doc_id, source.file, Stage.DIGITIZE, failure.category, page, failure.retryable, failure.message
    )
    return beam.pvalue.TaggedOutput(FAILURES, told)
