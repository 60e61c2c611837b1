"""Rows written aside during a run: nothing of them is seen until the run is published.

A bundle that a runner tries twice writes two files, but only the one whose bundle was committed reaches
the manifest, and only the manifest's files are published.
"""

from __future__ import annotations

import io
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from pipeline import files
from pipeline.inbox.failures import Failure
from pipeline.run_settings import RunSettings
from pipeline.steps.rows import failure_row
from pipeline.tables.contract import CONTRACT_VERSION, TableName, TableRow, schema

_ROWS_A_FILE = 50_000


@dataclass(frozen=True, slots=True)
class StagedFile:
    table: TableName
    path: str
    rows: int


class StageRows(beam.PTransform):  # type: ignore[misc]
    """Stages TableRows and Failures, a pair of collections; what is staged is read by `read_manifest`.

    Dead letters of earlier steps become rows of `failures`. It has none of its own: a row that breaks its
    schema breaks the run off, as nothing may be published without it.
    """

    def __init__(self, settings: RunSettings) -> None:
        super().__init__()
        self._settings = settings

    def expand(
        self, found: tuple[beam.PCollection[TableRow], beam.PCollection[Failure]]
    ) -> beam.PCollection[None]:
        rows, failures = found
        return (
            (rows, failures | "Failure rows" >> beam.Map(failure_row))
            | "All rows" >> beam.Flatten()
            | "Write rows" >> beam.ParDo(WriteRows(self._settings))
            | "Collect staged files" >> beam.combiners.ToList()
            | "Write manifest" >> beam.Map(write_manifest, self._settings)
        )


class WriteRows(beam.DoFn):  # type: ignore[misc]
    """TableRow -> StagedFile: a bundle's rows of one table, as Parquet under the table's schema."""

    def __init__(self, settings: RunSettings) -> None:
        self._settings = settings

    def start_bundle(self) -> None:
        self._rows: dict[TableName, list[dict[str, Any]]] = defaultdict(list)

    def process(self, row: TableRow) -> Iterator[StagedFile]:
        rows = self._rows[row.table]
        rows.append(row.values)
        if len(rows) >= _ROWS_A_FILE:
            yield stage(row.table, self._rows.pop(row.table), self._settings)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        for table, rows in self._rows.items():
            staged = stage(table, rows, self._settings)
            yield WindowedValue(staged, GlobalWindow().max_timestamp(), [GlobalWindow()])


def stage(table: TableName, rows: Sequence[dict[str, Any]], settings: RunSettings) -> StagedFile:
    """Writes rows of one table, without their lineage, as Parquet into the folder of the wave."""
    path = files.join(settings.wave_folder, f"{table}-{uuid.uuid4().hex}.parquet")
    buffer = io.BytesIO()
    pq.write_table(to_arrow(table, rows, settings), buffer, compression="zstd")
    files.write_whole(path, buffer.getvalue())
    return StagedFile(table, path, len(rows))


def to_arrow(table: TableName, rows: Sequence[dict[str, Any]], settings: RunSettings) -> pa.Table:
    """The rows with their lineage, under the published schema. Raises ArrowInvalid where they break it."""
    lineage = {
        "run_id": settings.run_id,
        "code_version": settings.code_version,
        "contract_version": CONTRACT_VERSION,
    }
    return pa.Table.from_pylist([{**row, **lineage} for row in rows], schema=schema(table))


def _manifest_path(settings: RunSettings) -> str:
    return files.join(settings.wave_folder, "manifest.json")


def write_manifest(staged: Iterable[StagedFile], settings: RunSettings) -> None:
    """Written last, by one worker: its being there says that the pipeline ran to its end."""
    listed = sorted((file.table.value, file.path, file.rows) for file in staged)
    files.write_whole(_manifest_path(settings), json.dumps(listed).encode())


def read_manifest(settings: RunSettings) -> tuple[StagedFile, ...]:
    """The files to publish. Raises OSError where the pipeline did not come to its end."""
    listed = json.loads(files.read(_manifest_path(settings)))
    return tuple(StagedFile(TableName(table), path, rows) for table, path, rows in listed)


def open_staged(file: StagedFile) -> pq.ParquetFile:
    """The Parquet file, to be closed by the caller; a remote one is fetched whole. Raises OSError."""
    return pq.ParquetFile(pa.BufferReader(files.read(file.path)) if files.is_remote(file.path) else file.path)


def read_staged(
    table: TableName, staged: Iterable[StagedFile], columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """The staged rows of one table, a file at a time; all columns without `columns`. Raises OSError."""
    for file in staged:
        if file.table is table:
            with open_staged(file) as parquet:
                yield parquet.read(columns)
