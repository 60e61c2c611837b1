"""The published tables, contract version 7: one place that says what they are called and how they look.

Every table is partitioned by `dt`. Boxes are page points with the origin at the top left; offsets count the
characters of the document's text, half open. What a column means stands beside it in `pipeline.contract`,
is carried by the tables themselves, and is printed by `pipeline.tables.table_docs`.

Contracts grow and never shrink: a new column may be null, and no column changes its name, type or meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import pyarrow as pa

from pipeline.tables import operation_tables as operation
from pipeline.tables import reading_tables as reading
from pipeline.tables import understanding_tables as understanding
from pipeline.tables.column_types import LINEAGE, PARTITION, TableSpec

__all__ = ["CONTRACT_VERSION", "LINEAGE", "PARTITION", "TableName", "TableRow", "TableSpec", "schema", "spec"]

CONTRACT_VERSION = 7


class TableName(StrEnum):
    DOCUMENTS = "documents"
    PAGES = "pages"
    SENTENCES = "sentences"
    FIELDS = "fields"
    CELLS = "cells"
    PREDICTIONS = "predictions"
    SCORES = "scores"
    EVIDENCE = "evidence"
    SPANS = "spans"
    ENTITIES = "entities"
    PHRASES = "phrases"
    FAILURES = "failures"
    SOURCES = "sources"
    RUNS = "runs"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row on its way to `table`; `values` holds every column but those of LINEAGE."""

    table: TableName
    values: dict[str, Any]


_SPECS = {
    TableName.DOCUMENTS: reading.DOCUMENTS,
    TableName.PAGES: reading.PAGES,
    TableName.SENTENCES: reading.SENTENCES,
    TableName.FIELDS: reading.FIELDS,
    TableName.CELLS: reading.CELLS,
    TableName.PREDICTIONS: understanding.PREDICTIONS,
    TableName.SCORES: understanding.SCORES,
    TableName.EVIDENCE: understanding.EVIDENCE,
    TableName.SPANS: understanding.SPANS,
    TableName.ENTITIES: understanding.ENTITIES,
    TableName.PHRASES: understanding.PHRASES,
    TableName.FAILURES: operation.FAILURES,
    TableName.SOURCES: operation.SOURCES,
    TableName.RUNS: operation.RUNS,
}


def spec(table: TableName) -> TableSpec:
    """The contract of one table, without its lineage columns."""
    return _SPECS[table]


@cache
def schema(table: TableName) -> pa.Schema:
    """The columns of a table as they are published, each with its meaning as the metadata `comment`."""
    return pa.schema([*_SPECS[table].columns, *LINEAGE])
