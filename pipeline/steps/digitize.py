"""From files to documents: identify, fan out by page range, read in a supervised child, join."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import apache_beam as beam
from apache_beam.utils.shared import Shared

from ocr.document import Document, PageFailure
from ocr.errors import FailureCategory, ReadingError
from ocr.joining import join
from ocr.processes.supervised import SupervisedReader
from pipeline import files
from pipeline.applications.parting import FilePart, parted
from pipeline.inbox.failures import Failure, Stage
from pipeline.inbox.listing import ListedFile, SourceRef, page_ranges
from pipeline.inbox.passwords import read_passwords
from pipeline.inbox.references import read_sources
from pipeline.progress.progress import Event, in_hands, tell
from pipeline.settings import RunSettings
from pipeline.steps.digitized import DigitizedStore

FAILURES = "failures"
_UNREADABLE = "unreadable"
_CHANGED = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class DigitizedDocument:
    """A document whose pages have all been tried; at least one was read.

    `source` is its file, of which it may be one of several documents: `part` says which, None where it is
    all of it.
    """

    source: SourceRef
    document: Document
    part: FilePart | None = None

    @property
    def doc_id(self) -> str:
        file_id = self.source.doc_id
        return file_id if self.part is None else self.part.doc_id(file_id)


class ReadingDoFn(beam.DoFn):  # type: ignore[misc]
    """Holds the process's one supervised reader; both reading steps of a process share its child."""

    def __init__(self, settings: RunSettings, shared: Shared) -> None:
        self._settings = settings
        self._shared = shared

    def setup(self) -> None:
        settings = self._settings
        self._reader: SupervisedReader = self._shared.acquire(
            lambda: SupervisedReader(
                settings.engine, settings.limits, passwords=read_passwords(settings.password_file)
            )
        )


class Identify(ReadingDoFn):
    """ListedFile -> SourceRef of the whole document; FAILURES: files that cannot be opened."""

    def process(self, file: ListedFile) -> Iterator[SourceRef | beam.pvalue.TaggedOutput]:
        doc_id = ""
        try:
            data = self._bounded(file)
            doc_id = hashlib.sha256(data).hexdigest()
            info = self._reader.inspect(data)
            yield SourceRef(file, doc_id, info.media.value, info.pages, 1, info.pages)
        except ReadingError as error:
            yield _failed(file, doc_id, error.category, error.retryable, error.message)
        except OSError as error:
            message = (
                f"ファイルを開けません({error.strerror or error})。アクセス権と置き場所を確かめてください。"
            )
            yield _failed(file, doc_id, _UNREADABLE, True, message)
        tell(self._settings.progress, Event.FILE_IDENTIFIED)

    def _bounded(self, file: ListedFile) -> bytes:
        limit = self._settings.limits.max_bytes
        if file.size > limit:
            raise ReadingError(
                FailureCategory.TOO_LARGE,
                f"ファイルが大きすぎます({file.size:,} バイト、上限 {limit:,})。分割して置き直してください。",
            )
        return files.read(file.uri)


def _failed(
    file: ListedFile, doc_id: str, category: str, retryable: bool, message: str
) -> beam.pvalue.TaggedOutput:
    failure = Failure(doc_id, file, Stage.LIST, str(category), None, retryable, message)
    return beam.pvalue.TaggedOutput(FAILURES, failure)


class Digitize(ReadingDoFn):
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
            with in_hands(progress, Stage.DIGITIZE, (source.doc_id,)):
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
            return _unread(source, _UNREADABLE, True, message)


def _unread(source: SourceRef, category: str, retryable: bool, message: str) -> Document:
    pages = range(source.first_page, source.last_page + 1)
    return Document("", (), tuple(PageFailure(page, str(category), retryable, message) for page in pages))


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
