"""From rows to staged files: rows and dead letters lie under their table's schema."""

from __future__ import annotations

from typing import Any

import apache_beam as beam
import pytest

from ocr.document import Document
from pipeline.inbox.failures import Failure, Stage
from pipeline.run_settings import RunSettings
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.rows import context_of, document_rows
from pipeline.steps.staging import StageRows, read_manifest, read_staged
from pipeline.tables.contract import TableName, TableRow
from tests.support.pipeline.steps import in_process, listed, source

_FILE = "営業部/営業日報_20240412_佐藤.pdf"


def _staged(settings: RunSettings, rows: list[TableRow], failures: list[Failure]) -> None:
    with in_process() as pipeline:
        found = pipeline | "Rows" >> beam.Create(rows), pipeline | "Failures" >> beam.Create(failures)
        _ = found | StageRows(settings)


def _rows(table: TableName, settings: RunSettings) -> list[dict[str, Any]]:
    return [row for rows in read_staged(table, read_manifest(settings)) for row in rows.to_pylist()]


def test_rows_and_dead_letters_are_staged(settings: RunSettings, form: Document) -> None:
    digitized = DigitizedDocument(source(_FILE, 1), form)
    failure = Failure("難", listed(_FILE), Stage.DIGITIZE, "damaged", 2, False, "2 ページが壊れています。")
    _staged(settings, list(document_rows(digitized, "日報", context_of(digitized, "ppocr"))), [failure])
    (document,) = _rows(TableName.DOCUMENTS, settings)
    assert (document["kind"], document["title"], document["run_id"]) == ("日報", "営業日報", "試験")
    (failed,) = _rows(TableName.FAILURES, settings)
    assert (failed["doc_id"], failed["page"], failed["message"]) == ("難", 2, failure.message)


def test_a_row_that_breaks_its_schema_stages_nothing(settings: RunSettings) -> None:
    with pytest.raises(Exception, match="Expected bytes"):
        _staged(settings, [TableRow(TableName.PAGES, {"dt": 20240412, "doc_id": "難"})], [])
    with pytest.raises(OSError, match="manifest"):
        read_manifest(settings)
