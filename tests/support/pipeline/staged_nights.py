"""Nights to publish: rows of all tables that carry one marker, staged as a run stages them."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.due.ledger import Replaced
from pipeline.steps.staging import StagedFile
from pipeline.tables.contract import CONTRACT_VERSION, TableName, schema

OF_DOCUMENTS = tuple(t for t in TableName if t not in (TableName.FAILURES, TableName.SOURCES, TableName.RUNS))
TIME = datetime.datetime(2024, 4, 12, tzinfo=datetime.UTC)


def row(table: TableName, marker: str, **given: Any) -> dict[str, Any]:
    """A row that fills what must be filled: texts with the marker, the rest with zeros."""
    filled = {f.name: None if f.nullable else _filled(f.type, marker) for f in schema(table)}
    return filled | {"contract_version": CONTRACT_VERSION} | given


def _filled(kind: pa.DataType, marker: str) -> Any:
    if pa.types.is_string(kind):
        return marker
    if pa.types.is_list(kind):
        return []
    if pa.types.is_boolean(kind):
        return False
    return TIME if pa.types.is_timestamp(kind) else 0


def rows_of_night(
    marker: str, documents: Mapping[str, str], gone: Iterable[str] = ()
) -> dict[TableName, list[dict[str, Any]]]:
    """One row a document (doc_id -> dt) in every table, a run, and the sources of what is gone."""
    rows: dict[TableName, list[dict[str, Any]]] = {
        table: [row(table, marker, dt=dt, doc_id=doc_id) for doc_id, dt in documents.items()]
        for table in OF_DOCUMENTS
    }
    named = {doc_id: f"支店/{doc_id}.pdf" for doc_id in [*documents, *gone]}
    rows[TableName.FAILURES] = [
        row(
            TableName.FAILURES,
            marker,
            dt=dt,
            doc_id=doc_id,
            uri=f"/in/{named[doc_id]}",
            file_name=named[doc_id],
        )
        for doc_id, dt in documents.items()
    ]
    rows[TableName.SOURCES] = [
        row(TableName.SOURCES, marker, dt=documents.get(doc_id, "2024-04-01"), doc_id=doc_id, file_name=name)
        for doc_id, name in named.items()
    ]
    rows[TableName.RUNS] = [row(TableName.RUNS, marker, dt="2024-04-12")]
    return rows


def staged(folder: Path, rows: Mapping[TableName, Sequence[dict[str, Any]]]) -> list[StagedFile]:
    """The rows as many small files: two a table, where it has two rows."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for table, values in rows.items():
        for part in (values[::2], values[1::2]):
            if part:
                path = folder / f"{table}-{uuid.uuid4().hex}.parquet"
                pq.write_table(pa.Table.from_pylist(part, schema=schema(table)), path)
                found.append(StagedFile(table, str(path), len(part)))
    return found


def replaced(doc_ids: Iterable[str] = (), partitions: Iterable[str] = ()) -> Replaced:
    """These documents with their files."""
    ids = frozenset(doc_ids)
    return Replaced(ids, frozenset(f"支店/{doc_id}.pdf" for doc_id in ids), frozenset(partitions))


def plain(folder: str | Path, table: TableName, columns: str = "doc_id") -> list[tuple[Any, ...]]:
    """What a reader of `*.parquet` finds, sorted."""
    query = f"SELECT {columns} FROM read_parquet('{folder}/{table}/**/*.parquet') ORDER BY ALL"
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()
