"""The staged rows of a night as tables that SQL can ask, without holding them in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipeline import files
from pipeline.steps.staging import StagedFile
from pipeline.tables.contract import TableName, schema

_MEMORY = "512MB"  # what does not fit goes to the scratch folder


@contextmanager
def opened(staged: Sequence[StagedFile]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with one view a table, named as the table; a table without files is an empty one.

    Files that are not on this machine are fetched into a scratch folder for as long as it is open.
    """
    with tempfile.TemporaryDirectory(prefix="yomitori-night-") as scratch, duckdb.connect() as night:
        night.execute(f"SET memory_limit = '{_MEMORY}'")
        night.execute("SET preserve_insertion_order = false")
        night.execute(f"SET temp_directory = {_quoted(scratch)}")
        for table in TableName:
            paths = [_local(file.path, scratch) for file in staged if file.table is table]
            if paths:
                listed = ", ".join(map(_quoted, paths))
                rows = f"read_parquet([{listed}], hive_partitioning = false)"
                night.execute(f"CREATE VIEW {table} AS SELECT * FROM {rows}")
            else:
                night.from_arrow(schema(table).empty_table()).create(table.value)
        yield night


def _local(path: str, scratch: str) -> str:
    if not files.is_remote(path):
        return path
    fetched = Path(scratch, path.rsplit("/", 1)[-1])
    fetched.write_bytes(files.read(path))
    return str(fetched)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
