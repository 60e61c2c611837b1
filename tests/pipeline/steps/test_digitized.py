"""What OCR read is kept by content and engine, and a damaged copy is never trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ocr.document import Document
from pipeline.inbox.listing import ListedFile, SourceRef
from pipeline.steps.digitized import DigitizedStore

SOURCE = SourceRef(ListedFile("/inbox/日報.pdf", "日報.pdf", 10, 0.0), "ab" * 32, "pdf", 9, 1, 8)


def test_a_kept_document_comes_back_whole(tmp_path: Path, form: Document) -> None:
    store = DigitizedStore(str(tmp_path / "digitized"), "ppocr-1")
    assert store.get(SOURCE) is None
    store.put(SOURCE, form)
    assert store.get(SOURCE) == form


@pytest.mark.parametrize(
    "other",
    [replace(SOURCE, doc_id="cd" * 32), replace(SOURCE, first_page=9, last_page=9)],
    ids=["other bytes", "other pages"],
)
def test_only_the_same_pages_of_the_same_bytes_are_found(
    tmp_path: Path, form: Document, other: SourceRef
) -> None:
    store = DigitizedStore(str(tmp_path), "ppocr-1")
    store.put(SOURCE, form)
    assert store.get(other) is None


def test_another_engine_reads_again(tmp_path: Path, form: Document) -> None:
    DigitizedStore(str(tmp_path), "ppocr-1").put(SOURCE, form)
    assert DigitizedStore(str(tmp_path), "ppocr-2").get(SOURCE) is None


@pytest.mark.parametrize("keep", [0, 40])
def test_a_file_cut_off_by_a_full_disk_is_read_again(tmp_path: Path, form: Document, keep: int) -> None:
    store = DigitizedStore(str(tmp_path), "ppocr-1")
    store.put(SOURCE, form)
    (kept,) = tmp_path.rglob("*.json.gz")
    kept.write_bytes(kept.read_bytes()[:keep])
    assert store.get(SOURCE) is None
