"""A pipeline in this process, and references to files of the sample inbox."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from apache_beam.testing.test_pipeline import TestPipeline

from fixtures.truth_file import INBOX
from ocr.media.media_type import MediaType
from pipeline.inbox.listing import ListedFile, SourceRef
from pipeline.machines.in_process import InProcessRunner


def in_process() -> TestPipeline:
    return TestPipeline(runner=InProcessRunner())


def listed(name: str) -> ListedFile:
    path = INBOX / name
    return ListedFile(str(path), path.name, path.stat().st_size, 1_712_000_000.0)


def source(name: str, pages: int) -> SourceRef:
    """The whole document in a PDF of the sample inbox."""
    file = listed(name)
    doc_id = hashlib.sha256(Path(file.uri).read_bytes()).hexdigest()
    return SourceRef(file, doc_id, MediaType.PDF.value, pages, 1, pages)


def of_other_bytes(reference: SourceRef) -> SourceRef:
    """The same file as if other bytes had been in it when it was listed."""
    return replace(reference, doc_id="0" * 64)
