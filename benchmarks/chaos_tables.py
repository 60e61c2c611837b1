"""What a reader of plain Parquet sees in published tables, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from pipeline.tables.contract import Table, spec

# What tells of the run and not of the documents: an undisturbed run writes other values here.
_OF_A_RUN = {"run_id", "attempts", "first_seen", "last_seen", "last_tried"}
_DIGITS = 4  # a model reads a document in another batch, and adds the same numbers in another order
_OF_A_DOCUMENT = tuple(
    table for table in Table if table not in (Table.DOCUMENTS, Table.FAILURES, Table.SOURCES, Table.RUNS)
)


class Tables:
    """The tables below OUT/tables as they stood when this was made: a version that is published later is not
    seen."""

    def __init__(self, out: Path) -> None:
        self._folder = (out / "tables").resolve()

    def rows(self, table: Table) -> list[dict[str, Any]]:
        if not any(self._folder.glob(f"{table}/dt=*/*.parquet")):
            return []
        source = f"read_parquet('{self._folder}/{table}/dt=*/*.parquet', union_by_name=true)"
        return duckdb.sql(f"SELECT * FROM {source}").to_arrow_table().to_pylist()

    def shown(self) -> dict[str, str]:
        """File name -> doc_id of every file and copy that the tables show."""
        return {
            name: row["file_id"] or row["doc_id"]
            for row in self.rows(Table.DOCUMENTS)
            for name in (row["file_name"], *(row["copies"] or ()))
        }

    def contradictions(self) -> Iterator[str]:
        """What one whole night would never show."""
        known = {row["doc_id"] for row in self.rows(Table.DOCUMENTS)}
        for table in Table:
            rows = self.rows(table)
            keys = [tuple(row[column] for column in spec(table).key) for row in rows]
            if len(set(keys)) < len(keys):
                yield f"{table}: {len(keys) - len(set(keys))} keys twice"
            strays = sum(row["doc_id"] not in known for row in rows) if table in _OF_A_DOCUMENT else 0
            if strays:
                yield f"{table}: {strays} rows without their document"
        pages = {row["doc_id"]: row["pages"] - row["pages_failed"] for row in self.rows(Table.DOCUMENTS)}
        for row in self.rows(Table.PAGES):
            pages[row["doc_id"]] -= row["aside"] is None
        if any(pages.values()):
            yield f"pages: {sum(map(abs, pages.values()))} too many or too few"
        sources = {
            row["file_name"]: row["doc_id"]
            for row in self.rows(Table.SOURCES)
            if row["status"] in ("done", "partial")
        }
        if sources != (shown := self.shown()):
            odd = sorted(set(sources.items()) ^ set(shown.items()))
            yield f"sources and documents disagree on {len(odd)} files: {odd[:3]}"

    def differences(self, other: Tables) -> Iterator[str]:
        """Rows that one of both shows and the other does not, run by run values put aside."""
        for table in Table:
            if table is Table.RUNS:
                continue
            ours, theirs = _plain(self.rows(table)), _plain(other.rows(table))
            key = spec(table).key
            mine = {tuple(row[column] for column in key): row for row in ours}
            yours = {tuple(row[column] for column in key): row for row in theirs}
            for one in sorted(mine.keys() ^ yours.keys(), key=str):
                yield f"{table}: {'not there' if one in mine else 'missing'}: {one}"
            for one in mine.keys() & yours.keys():
                columns = [column for column in mine[one] if mine[one][column] != yours[one].get(column)]
                if columns:
                    told = {column: (mine[one][column], yours[one].get(column)) for column in columns}
                    yield f"{table}: {one}: {told}"


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            column: round(value, _DIGITS) if isinstance(value, float) else value
            for column, value in row.items()
            if column not in _OF_A_RUN
        }
        for row in rows
        if row.get("status") != "gone"  # a file that an undisturbed run has never seen
    ]
