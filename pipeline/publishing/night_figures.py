"""The figures of a night that are compared with those of earlier nights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from duckdb import DuckDBPyConnection

from pipeline import files
from pipeline.tables.contract import PARTITION, TableName, schema

REMEMBERED = 28
_PARTS = "parts"
_WITHOUT_FIGURES = (TableName.FAILURES, TableName.SOURCES, TableName.RUNS)


@dataclass(frozen=True, slots=True)
class NightFigures:
    """Each field is the column of `runs` of that name, `documents` that of `parts`; shares are from 0 to 1.

    `pages` counts pages that were read; `confidence` is the mean of the documents', None where none has one;
    `empty_share` is of documents without text, `failed_share` of the files that were tried. `label_shares`
    maps "application/task/小分類" to the share of the documents which the application read that the label
    was accepted for, `null_shares` maps "table.column" to the share of rows without a value.
    """

    documents: int
    pages: int
    confidence: float | None
    empty_share: float
    failed_share: float
    label_shares: Mapping[str, float]
    null_shares: Mapping[str, float]


def figures_of(night: DuckDBPyConnection, failed_share: float) -> NightFigures:
    """The figures of the staged rows; `night` is what `night.opened` gives."""
    documents, confidence, empty = _row(
        night, "SELECT count(*), avg(confidence), coalesce(avg((characters = 0)::INT), 0) FROM documents"
    )
    (pages,) = _row(night, "SELECT count(*) FROM pages")
    return NightFigures(documents, pages, confidence, empty, failed_share, _labels(night), _nulls(night))


def _row(night: DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    (row,) = night.sql(query).fetchall()
    return row


def _labels(night: DuckDBPyConnection) -> dict[str, float]:
    found = night.sql("""
        WITH readers AS (
            SELECT application, task, count(DISTINCT doc_id) AS documents
            FROM predictions GROUP BY ALL
        )
        SELECT application || '/' || task || '/' || label_minor,
               count(DISTINCT doc_id) FILTER (accepted) / any_value(documents)
        FROM predictions JOIN readers USING (application, task)
        GROUP BY application, task, label_minor ORDER BY 1
    """)
    return dict(found.fetchall())


def _nulls(night: DuckDBPyConnection) -> dict[str, float]:
    shares: dict[str, float] = {}
    for table in TableName:
        if table in _WITHOUT_FIGURES:
            continue
        columns = [column.name for column in schema(table) if column.nullable]
        counts = ", ".join(f'count("{column}")' for column in columns)
        rows, *filled = _row(night, f"SELECT count(*), {counts} FROM {table}")
        if rows:
            shares |= {
                f"{table}.{column}": 1 - count / rows for column, count in zip(columns, filled, strict=True)
            }
    return shares


def history(tables: str) -> list[NightFigures]:
    """The figures of the last REMEMBERED runs that published a document, the oldest first.

    Runs of a contract that did not keep them are left out. `tables` is the folder of the published tables.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    try:
        runs = DeltaTable(files.join(tables, TableName.RUNS.value))
    except TableNotFoundError:
        return []
    names = [field.name for field in fields(NightFigures)]
    if set(names) - {column.name for column in runs.schema().fields}:
        return []
    known = {column.name for column in runs.schema().fields}
    columns = [*names, "finished_at", PARTITION, *({_PARTS} & known)]
    rows = runs.to_pyarrow_table(columns=columns).sort_by("finished_at").to_pylist()
    kept = [row for row in rows if row["documents"] and row["null_shares"] is not None]
    return [
        NightFigures(
            **{name: row[name] for name in names if name != "documents" and not name.endswith("_shares")},
            documents=row.get(_PARTS) or row["documents"],  # an earlier contract had one in each file
            label_shares=dict(row["label_shares"]),
            null_shares=dict(row["null_shares"]),
        )
        for row in kept[-REMEMBERED:]
    ]
