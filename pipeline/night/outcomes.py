"""How each document of a run ended, as its staged rows tell."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import files
from pipeline.due.known import KnownFile, Status
from pipeline.due.ledger import PublishedFile
from pipeline.due.plan import Plan
from pipeline.inbox.failures import Failure, Stage
from pipeline.steps.rows import failure_row
from pipeline.steps.staging import StagedFile, read_staged
from pipeline.tables.contract import TableName


@dataclass(frozen=True, slots=True)
class Outcomes:
    """`published` are the files whose documents have rows, by doc_id; `failures` those of documents and
    pages; `documents` are the doc_ids of all documents with rows."""

    published: Mapping[str, PublishedFile]
    failures: tuple[Failure, ...]
    documents: frozenset[str]

    @property
    def whole_failures(self) -> dict[str, Failure]:
        """The failures of files without any result, by the name of the file."""
        shown = self.published.keys() | self.documents
        return {f.file.name: f for f in self.failures if f.doc_id not in shown}


def outcomes_of(staged: Sequence[StagedFile], plan: Plan) -> Outcomes:
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
        for row in _rows(staged, TableName.FAILURES)
    )
    parts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(staged, TableName.DOCUMENTS, ["doc_id", "file_id", "first_page", "dt"]):
        parts[row["file_id"] or row["doc_id"]].append(row)
    failing: dict[str, list[Failure]] = defaultdict(list)
    for failure in failures:
        failing[failure.doc_id].append(failure)
    published = {file_id: _published(rows, failing) for file_id, rows in parts.items()}
    return Outcomes(published, failures, frozenset(row["doc_id"] for rows in parts.values() for row in rows))


def _published(
    documents: Sequence[Mapping[str, Any]], failures: Mapping[str, Sequence[Failure]]
) -> PublishedFile:
    """How a file ended whose documents have these rows; its first document lends it its partition."""
    failing = [failure for row in documents for failure in failures.get(row["doc_id"], ())]
    return PublishedFile(
        min(documents, key=lambda row: row["first_page"] or 0)["dt"],
        Status.PARTIAL if failing else Status.DONE,
        any(failure.retryable for failure in failing),
        len(documents),
    )


def _rows(
    staged: Iterable[StagedFile], table: TableName, columns: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    for rows in read_staged(table, staged, columns):
        yield from rows.to_pylist()


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

    path = files.join(tables, TableName.FAILURES.value)
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
