"""What a file is: the hash of its bytes, its kind, the number of its pages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import apache_beam as beam

from ocr.errors import FailureCategory, ReadingError
from pipeline import files
from pipeline.inbox.failures import FAILURES, UNREADABLE, Failure, Stage
from pipeline.inbox.listing import ListedFile, SourceRef
from pipeline.progress.events import Event, tell
from pipeline.steps.reading_step import ReadingDoFn


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
            yield _failed(file, doc_id, UNREADABLE, True, message)
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
