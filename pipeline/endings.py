"""How each document of a run ended, as its staged rows tell."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from pipeline import files
from pipeline.due.known import KnownFile, Status
from pipeline.due.ledger import Published
from pipeline.due.plan import Plan
from pipeline.failures import Failure, Stage
from pipeline.publishing.staging import StagedFile
from pipeline.rows import failure_row
from pipeline.tables import Table


@dataclass(frozen=True, slots=True)
class Endings:
    """`published` are the documents that have rows, by doc_id; `failures` those of documents and pages."""

    published: Mapping[str, Published]
    failures: tuple[Failure, ...]

    @property
    def whole_failures(self) -> dict[str, Failure]:
        """The failures of documents without any result, by the name of the file."""
        return {f.file.name: f for f in self.failures if f.doc_id not in self.published}


def endings(staged: Sequence[StagedFile], plan: Plan) -> Endings:
    """Reads how the documents of a plan ended. Raises OSError."""
    failures = tuple(
        Failure(
            row["doc_id"],
            plan.listed[row["file_name"]],
            Stage(row["stage"]),
            row["category"],
            row["page"],
            row["retryable"],
            row["message"],
        )
        for row in _rows(staged, Table.FAILURES)
    )
    retryable = {failure.doc_id for failure in failures if failure.retryable}
    failing = {failure.doc_id for failure in failures}
    published = {
        row["doc_id"]: Published(
            row["dt"],
            Status.PARTIAL if row["doc_id"] in failing else Status.DONE,
            row["doc_id"] in retryable,
        )
        for row in _rows(staged, Table.DOCUMENTS, ["doc_id", "dt"])
    }
    return Endings(published, failures)


def _rows(
    staged: Iterable[StagedFile], table: Table, columns: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    for file in staged:
        if file.table is table:
            yield from pq.read_table(io.BytesIO(files.read(file.path)), columns=columns).to_pylist()


def failure_rows(
    failures: Iterable[Failure],
    after: Mapping[str, KnownFile],
    earlier: Mapping[tuple[str, str, int | None], datetime.datetime],
    time: datetime.datetime,
) -> list[dict[str, Any]]:
    """The rows of `failures`, without lineage, with how often and since when.

    `after` is what is known of each file after the run, `earlier` when each failure (name of the file,
    category, page) was first seen.
    """
    return [
        {
            **failure_row(failure).values,
            "attempts": after[failure.file.name].attempts,
            "first_seen": earlier.get((failure.file.name, failure.category, failure.page), time),
            "last_seen": time,
        }
        for failure in failures
    ]


def first_seen(tables: str) -> dict[tuple[str, str, int | None], datetime.datetime]:
    """When each failure that the tables show was first seen: by name of the file, category and page."""
    from deltalake import DeltaTable

    path = files.join(tables, Table.FAILURES.value)
    if not DeltaTable.is_deltatable(path):
        return {}
    table = DeltaTable(path)
    columns = ["file_name", "category", "page", "first_seen"]
    if not set(columns) <= {field.name for field in table.schema().fields}:
        return {}  # written under an earlier contract
    rows = table.to_pyarrow_table(columns=columns).to_pylist()
    return {
        (row["file_name"], row["category"], row["page"]): row["first_seen"]
        for row in rows
        if row["first_seen"]
    }
