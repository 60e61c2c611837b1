"""What OCR read of a document, and where it is kept: a new model or a second run reads no page again."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass

from ocr.document import Document
from ocr.serialization import from_json, to_json
from pipeline import files
from pipeline.applications.file_parts import FilePart
from pipeline.inbox.listing import SourceRef


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


class DigitizedStore:
    """Documents (page ranges) below `folder`, a path or URI, by OCR fingerprint and hash of the bytes."""

    def __init__(self, folder: str, fingerprint: str) -> None:
        self._root = files.join(folder, fingerprint)

    def _path(self, source: SourceRef) -> str:
        name = f"{source.doc_id}-{source.first_page}-{source.last_page}.json.gz"
        return files.join(self._root, source.doc_id[:2], name)

    def get(self, source: SourceRef) -> Document | None:
        """What was read of this page range; None where nothing whole was kept."""
        path = self._path(source)
        if not files.exists(path):
            return None
        try:
            return from_json(gzip.decompress(files.read(path)))
        except (ValueError, EOFError, gzip.BadGzipFile, zlib.error):
            return None  # damaged, or written by another schema: the pages are read again

    def put(self, source: SourceRef, document: Document) -> None:
        """Keeps the document. Raises OSError where it cannot be written."""
        files.write_whole(self._path(source), gzip.compress(to_json(document), compresslevel=6, mtime=0))
