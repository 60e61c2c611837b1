"""The published tables, contract version 4: their columns, keys and meaning.

Every table is partitioned by `dt`, the document's business date where one is found, else the day it was
received (UTC). Boxes are page points with the origin at the top left; offsets count the characters of the
document's text, half open.

In `fields`, `key` is the column that the application's dictionary gives to the label, `kind` and
`normalized` are those of `ocr.document.Field`: ISO 8601 for dates, times and periods, a plain decimal for
money and numbers. In `pages`, `reason` says why the text was taken from `source`, and `passed_over` names
the engine whose reading was thought worse. In `sentences`, `noise` says why a sentence is not content, and
`boundary` what ended it: `nlu.text.noise.NoiseReason` and `nlu.text.boundary.Boundary`. In `spans` the box
is that of the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import pyarrow as pa

CONTRACT_VERSION = 4
PARTITION = "dt"


class Table(StrEnum):
    DOCUMENTS = "documents"
    PAGES = "pages"
    SENTENCES = "sentences"
    FIELDS = "fields"
    CELLS = "cells"
    PREDICTIONS = "predictions"
    SCORES = "scores"
    EVIDENCE = "evidence"
    SPANS = "spans"
    FAILURES = "failures"
    SOURCES = "sources"
    RUNS = "runs"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row on its way to `table`; `values` holds every column but those of LINEAGE."""

    table: Table
    values: dict[str, Any]


# What made a row. `engine` is the OCR engine with its fingerprint, `model_id` the tailored model.
LINEAGE = (
    pa.field("run_id", pa.string(), nullable=False),
    pa.field("code_version", pa.string(), nullable=False),
    pa.field("contract_version", pa.int32(), nullable=False),
)
_DT = pa.field(PARTITION, pa.string(), nullable=False)
_DOCUMENT = (_DT, pa.field("doc_id", pa.string(), nullable=False))
_ENGINE = pa.field("engine", pa.string())
_MODEL = (
    pa.field("application", pa.string(), nullable=False),
    pa.field("model_id", pa.string(), nullable=False),
    pa.field("task", pa.string(), nullable=False),
)
_BOX = tuple(pa.field(name, pa.float32()) for name in ("x0", "y0", "x1", "y1"))
_SPAN = (pa.field("start", pa.int32(), nullable=False), pa.field("end", pa.int32(), nullable=False))
_TEXT = pa.field("text", pa.string(), nullable=False)
_PAGE = pa.field("page", pa.int32())


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


@dataclass(frozen=True, slots=True)
class TableSpec:
    """`key` names the columns that no two rows share, and the order in which rows are published."""

    key: tuple[str, ...]
    columns: tuple[pa.Field, ...]


_SPECS: dict[Table, TableSpec] = {
    Table.DOCUMENTS: TableSpec(
        ("doc_id",),
        (
            *_DOCUMENT,
            _required("uri", pa.string()),
            _required("file_name", pa.string()),
            _required("copies", pa.list_(pa.string())),
            _required("media", pa.string()),
            _required("size", pa.int64()),
            _required("received_at", pa.timestamp("us", tz="UTC")),
            pa.field("business_date", pa.date32()),
            _required("kind", pa.string()),
            _required("status", pa.string()),
            _required("pages", pa.int32()),
            _required("pages_failed", pa.int32()),
            _required("characters", pa.int32()),
            pa.field("confidence", pa.float32()),
            _required("text", pa.string()),
            _ENGINE,
        ),
    ),
    Table.PAGES: TableSpec(
        ("doc_id", "page"),
        (
            *_DOCUMENT,
            _required("page", pa.int32()),
            _required("width", pa.float32()),
            _required("height", pa.float32()),
            _required("source", pa.string()),
            _required("reason", pa.string()),
            pa.field("passed_over", pa.string()),
            _required("rotation", pa.int32()),
            _required("rotation_confidence", pa.float32()),
            _required("skew", pa.float32()),
            _required("skew_confidence", pa.float32()),
            _required("handwriting", pa.float32()),
            pa.field("confidence", pa.float32()),
            _required("lines", pa.int32()),
            _required("characters", pa.int32()),
            _ENGINE,
        ),
    ),
    Table.SENTENCES: TableSpec(
        ("doc_id", "sentence_no"),
        (
            *_DOCUMENT,
            _required("sentence_no", pa.int32()),
            _TEXT,
            *_SPAN,
            _PAGE,
            *_BOX,
            pa.field("noise", pa.string()),
            pa.field("boundary", pa.string()),
            _ENGINE,
        ),
    ),
    Table.FIELDS: TableSpec(
        ("doc_id", "field_no"),
        (
            *_DOCUMENT,
            _required("field_no", pa.int32()),
            pa.field("key", pa.string()),
            _required("name", pa.string()),
            _required("value", pa.string()),
            _required("kind", pa.string()),
            pa.field("normalized", pa.string()),
            pa.field("unit", pa.string()),
            _required("confidence", pa.float32()),
            *_SPAN,
            _PAGE,
            *_BOX,
            _ENGINE,
        ),
    ),
    Table.CELLS: TableSpec(
        ("doc_id", "table_no", "row", "column"),
        (
            *_DOCUMENT,
            _required("table_no", pa.int32()),
            _required("row", pa.int32()),
            _required("column", pa.int32()),
            _required("row_span", pa.int32()),
            _required("column_span", pa.int32()),
            _TEXT,
            *_SPAN,
            _PAGE,
            *_BOX,
            _ENGINE,
        ),
    ),
    Table.PREDICTIONS: TableSpec(
        ("doc_id", "application", "task", "label_major", "label_middle", "label_minor"),
        (
            *_DOCUMENT,
            *_MODEL,
            _required("label_major", pa.string()),
            _required("label_middle", pa.string()),
            _required("label_minor", pa.string()),
            _required("probability", pa.float32()),
            _required("threshold", pa.float32()),
            _required("accepted", pa.bool_()),
            _ENGINE,
        ),
    ),
    Table.SCORES: TableSpec(
        ("doc_id", "application", "task"),
        (
            *_DOCUMENT,
            *_MODEL,
            _required("value", pa.float32()),
            _required("minimum", pa.float32()),
            _required("maximum", pa.float32()),
            _ENGINE,
        ),
    ),
    Table.EVIDENCE: TableSpec(
        ("doc_id", "application", "task", "label", "sentence_no"),
        (
            *_DOCUMENT,
            *_MODEL,
            _required("label", pa.string()),
            _required("sentence_no", pa.int32()),
            _TEXT,
            _required("probability", pa.float32()),
            *_SPAN,
            _PAGE,
            *_BOX,
            _ENGINE,
        ),
    ),
    Table.SPANS: TableSpec(
        ("doc_id", "application", "task", "label", "start", "end"),
        (
            *_DOCUMENT,
            *_MODEL,
            _required("label", pa.string()),
            _required("sentence_no", pa.int32()),
            _TEXT,
            _required("probability", pa.float32()),
            *_SPAN,
            _PAGE,
            *_BOX,
            _ENGINE,
        ),
    ),
    Table.FAILURES: TableSpec(
        ("uri", "stage", "category", "page", "message"),
        (
            *_DOCUMENT,
            _required("uri", pa.string()),
            pa.field("file_name", pa.string()),
            _required("stage", pa.string()),
            _required("category", pa.string()),
            _PAGE,
            _required("retryable", pa.bool_()),
            _required("message", pa.string()),
            pa.field("attempts", pa.int32()),
            pa.field("first_seen", pa.timestamp("us", tz="UTC")),
            pa.field("last_seen", pa.timestamp("us", tz="UTC")),
        ),
    ),
    Table.SOURCES: TableSpec(
        ("file_name",),
        (
            _DT,
            _required("file_name", pa.string()),
            _required("uri", pa.string()),
            _required("size", pa.int64()),
            _required("modified", pa.float64()),
            _required("doc_id", pa.string()),
            _required("media", pa.string()),
            _required("pages", pa.int32()),
            _required("copy_of", pa.string()),
            _required("status", pa.string()),
            _required("reading", pa.string()),
            _required("understanding", pa.string()),
            _required("retryable", pa.bool_()),
            _required("attempts", pa.int32()),
            _required("first_seen", pa.timestamp("us", tz="UTC")),
            _required("last_tried", pa.timestamp("us", tz="UTC")),
            pa.field("gone_at", pa.timestamp("us", tz="UTC")),
        ),
    ),
    Table.RUNS: TableSpec(
        ("run_id",),
        (
            _DT,
            _required("started_at", pa.timestamp("us", tz="UTC")),
            _required("finished_at", pa.timestamp("us", tz="UTC")),
            _required("listed", pa.int32()),
            _required("documents", pa.int32()),
            _required("partial", pa.int32()),
            _required("failed", pa.int32()),
            _required("copies", pa.int32()),
            _required("pages", pa.int32()),
            _required("runner", pa.string()),
            _required("workers", pa.int32()),
            _ENGINE,
            _required("models", pa.list_(pa.string())),
            pa.field("understanding", pa.string()),
            pa.field("skipped", pa.int32()),
            pa.field("waiting", pa.int32()),
            pa.field("gone", pa.int32()),
            pa.field("pages_read", pa.int32()),
            pa.field("wall_seconds", pa.float64()),
            pa.field("cpu_seconds", pa.float64()),
            pa.field("stage_seconds", pa.map_(pa.string(), pa.float64())),
            pa.field("peak_mib", pa.float64()),
            pa.field("due", pa.map_(pa.string(), pa.int32())),
            pa.field("confidence", pa.float64()),
            pa.field("empty_share", pa.float64()),
            pa.field("failed_share", pa.float64()),
            pa.field("label_shares", pa.map_(pa.string(), pa.float64())),
            pa.field("null_shares", pa.map_(pa.string(), pa.float64())),
        ),
    ),
}


def spec(table: Table) -> TableSpec:
    """The contract of one table, without its lineage columns."""
    return _SPECS[table]


@cache
def schema(table: Table) -> pa.Schema:
    """The columns of a table as they are published."""
    return pa.schema([*_SPECS[table].columns, *LINEAGE])
