"""The published tables, contract version 5: one place that says what they are called and how they look.

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

from pipeline.tables import operation, reading, understanding
from pipeline.tables.columns import LINEAGE, PARTITION, TableSpec

__all__ = ["CONTRACT_VERSION", "LINEAGE", "PARTITION", "Table", "TableRow", "TableSpec", "schema", "spec"]

CONTRACT_VERSION = 5


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


_SPECS = {
    Table.DOCUMENTS: reading.DOCUMENTS,
    Table.PAGES: reading.PAGES,
    Table.SENTENCES: reading.SENTENCES,
    Table.FIELDS: reading.FIELDS,
    Table.CELLS: reading.CELLS,
    Table.PREDICTIONS: understanding.PREDICTIONS,
    Table.SCORES: understanding.SCORES,
    Table.EVIDENCE: understanding.EVIDENCE,
    Table.SPANS: understanding.SPANS,
    Table.FAILURES: operation.FAILURES,
    Table.SOURCES: operation.SOURCES,
    Table.RUNS: operation.RUNS,
}


def spec(table: Table) -> TableSpec:
    """The contract of one table, without its lineage columns."""
    return _SPECS[table]


@cache
def schema(table: Table) -> pa.Schema:
    """The columns of a table as they are published, each with its meaning as the metadata `comment`."""
    return pa.schema([*_SPECS[table].columns, *LINEAGE])
