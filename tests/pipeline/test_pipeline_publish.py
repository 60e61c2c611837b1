"""Published tables: whole, audited, and read once by any reader."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import apache_beam as beam
import duckdb
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from deltalake import DeltaTable

from pipeline.errors import BrokenContractError
from pipeline.publishing import publish
from pipeline.publishing.staging import StageRows, read_manifest, read_staged, to_arrow, write_manifest
from pipeline.settings import RunSettings
from pipeline.tables import Table, TableRow


def _document(doc_id: str, name: str, copies: list[str] | None = None) -> dict[str, Any]:
    return {
        "dt": "2024-04-12",
        "doc_id": doc_id,
        "uri": f"/inbox/{name}",
        "file_name": name,
        "copies": copies or [],
        "media": "pdf",
        "size": 10,
        "received_at": datetime.datetime(2024, 4, 12, tzinfo=datetime.UTC),
        "business_date": datetime.date(2024, 4, 12),
        "kind": "daily-report",
        "status": "done",
        "pages": 1,
        "pages_failed": 0,
        "characters": 4,
        "confidence": 0.98,
        "text": "営業日報",
        "engine": "ppocr-test",
    }


def _score(doc_id: str) -> dict[str, Any]:
    return {
        "dt": "2024-04-12",
        "doc_id": doc_id,
        "engine": "ppocr-test",
        "application": "daily-report",
        "model_id": "m1",
        "task": "impact",
        "value": 2.0,
        "minimum": 0.0,
        "maximum": 3.0,
    }


def _field(doc_id: str) -> dict[str, Any]:
    return {
        "dt": "2024-04-12",
        "doc_id": doc_id,
        "engine": "ppocr-test",
        "field_no": 0,
        "key": "reported_on",
        "name": "日付",
        "value": "令和6年4月12日",
        "kind": "date",
        "normalized": "2024-04-12",
        "confidence": 0.99,
        "start": 0,
        "end": 9,
    }


def _failure(name: str, page: int | None = None) -> dict[str, Any]:
    return {
        "dt": "2024-04-12",
        "doc_id": "",
        "uri": f"/inbox/{name}",
        "stage": "list",
        "category": "empty_file",
        "page": page,
        "retryable": False,
        "message": "空のファイルです。",
    }


def _tables(settings: RunSettings, **rows: list[dict[str, Any]]) -> dict[Table, pa.Table]:
    return {
        table: to_arrow(table, rows.get(table.value, []), settings)
        for table in Table
        if table is not Table.RUNS
    }


def _globbed(folder: str, table: Table, column: str) -> list[str]:
    query = f"SELECT {column} FROM read_parquet('{folder}/{table}/**/*.parquet') ORDER BY 1"
    return [row[0] for row in duckdb.sql(query).fetchall()]


def test_a_plain_parquet_reader_sees_each_document_once_after_many_nights(settings: RunSettings) -> None:
    for night in range(12):  # more commits than Delta Lake's own default for a checkpoint file
        documents = [_document(f"d{n}", f"日報{n}.pdf") for n in range(night, night + 3)]
        publish.publish(settings.tables, _tables(settings, documents=documents))
    assert _globbed(settings.tables, Table.DOCUMENTS, "doc_id") == ["d11", "d12", "d13"]
    delta = DeltaTable(f"{settings.tables}/documents").to_pyarrow_table()
    assert sorted(delta["doc_id"].to_pylist()) == ["d11", "d12", "d13"]
    assert set(delta["dt"].to_pylist()) == {"2024-04-12"}


def test_rows_that_agree_pass_the_audit(settings: RunSettings) -> None:
    tables = _tables(
        settings,
        documents=[_document("d1", "日報.pdf", copies=["日報の写し.pdf"])],
        scores=[_score("d1")],
        failures=[_failure("空.pdf"), _failure("日報.pdf", page=2)],
    )
    publish.audit(tables, listed=3)
    assert publish.whole_failures(tables[Table.DOCUMENTS], tables[Table.FAILURES]) == 1


@pytest.mark.parametrize(
    ("rows", "listed", "message"),
    [
        ({"documents": [_document("d1", "日報.pdf")] * 2}, 2, "重複"),
        (
            {"documents": [_document("d1", "日報.pdf")], "scores": [_score("d2")]},
            1,
            "対応する文書がありません",
        ),
        ({"documents": [_document("d1", "日報.pdf")]}, 2, "一覧の 2 件"),
    ],
    ids=["twice", "stray", "lost"],
)
def test_rows_that_contradict_each_other_are_refused(
    settings: RunSettings, rows: dict[str, list[dict[str, Any]]], listed: int, message: str
) -> None:
    with pytest.raises(BrokenContractError, match=message):
        publish.audit(_tables(settings, **rows), listed)


def test_staged_rows_come_back_under_their_schema(settings: RunSettings) -> None:
    rows = [TableRow(Table.DOCUMENTS, _document(f"d{n}", f"日報{n}.pdf")) for n in range(5)]
    rows += [TableRow(Table.SCORES, _score(f"d{n}")) for n in range(5)]
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        _ = (
            pipeline
            | beam.Create(rows)
            | beam.ParDo(StageRows(settings))
            | beam.combiners.ToList()
            | beam.Map(write_manifest, settings)
        )
    Path(settings.staging, "documents-of-a-bundle-tried-twice.parquet").write_bytes(b"not listed, not read")
    staged = read_manifest(settings)
    documents = read_staged(Table.DOCUMENTS, staged)
    assert sorted(documents["doc_id"].to_pylist()) == ["d0", "d1", "d2", "d3", "d4"]
    assert set(documents["run_id"].to_pylist()) == {"試験"}
    assert read_staged(Table.SCORES, staged).num_rows == 5
    assert read_staged(Table.CELLS, staged).num_rows == 0


def test_tables_of_the_first_contract_take_on_the_columns_of_this_one(settings: RunSettings) -> None:
    first = _tables(settings, documents=[_document("d1", "日報.pdf")], fields=[_field("d1")])
    later = ["key", "kind", "normalized", "unit"]
    publish.publish(settings.tables, first | {Table.FIELDS: first[Table.FIELDS].drop_columns(later)})
    assert not set(later) & set(DeltaTable(f"{settings.tables}/fields").to_pyarrow_table().column_names)

    publish.publish(settings.tables, first)
    published = DeltaTable(f"{settings.tables}/fields").to_pyarrow_table()
    assert published.select(later).to_pylist() == [
        {"key": "reported_on", "kind": "date", "normalized": "2024-04-12", "unit": None}
    ]
    assert _globbed(settings.tables, Table.FIELDS, "normalized") == ["2024-04-12"]


def test_a_pipeline_that_did_not_end_has_nothing_to_publish(settings: RunSettings) -> None:
    with pytest.raises(OSError, match="manifest"):
        read_manifest(settings)
