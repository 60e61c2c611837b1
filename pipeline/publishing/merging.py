"""What a table holds after a night, from what it held and the rows of the night: partition by partition."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pipeline import files
from pipeline.publishing import delta
from pipeline.steps.staging import StagedFile, read_staged
from pipeline.tables.contract import PARTITION, TableName, schema, spec

Mask = Callable[[pa.Table], pa.ChunkedArray]
"""Says for each row of a table whether it is meant."""

_OPEN_FILES = 256
_SPOOLED = ds.IpcFileFormat()


def merge(
    folder: str, table: TableName, staged: Sequence[StagedFile], goes: Mask, partitions: frozenset[str]
) -> None:
    """Takes the rows that `goes` means out of `partitions` and adds the staged rows: one commit at most.

    Staged files of other tables are passed over. A partition that does not change is left alone; one that
    does becomes one file, sorted by key. A table without some of today's columns is written anew, so that
    all its files agree. Memory holds one partition at a time.
    """
    own = [file for file in staged if file.table is table]
    published = delta.open_table(folder, table)
    held = delta.partitions(published)
    is_older = len(delta.column_names(published)) < len(schema(table))
    touched = held | {delta.NO_ROWS} if is_older else held & partitions
    with tempfile.TemporaryDirectory(dir=_local_folder(own)) as scratch:
        new = _spool(own, table, scratch)

        def merged() -> Iterator[tuple[str, pa.Table]]:
            for dt in sorted(touched | new.keys()):
                old = (
                    delta.read_partition(published, table, dt) if dt in held else schema(table).empty_table()
                )
                kept = old.filter(pc.invert(goes(old)))
                if dt in new:
                    kept = pa.concat_tables([kept, _read_spooled(new[dt], dt, table)])
                elif kept.num_rows == old.num_rows and not is_older:
                    continue
                yield dt, kept.sort_by([(column, "ascending") for column in spec(table).key])

        delta.replace_partitions(folder, table, merged())


def values_of(staged: Sequence[StagedFile], table: TableName, column: str) -> frozenset[str]:
    """What the staged rows of `table` hold in `column`, nulls left out."""
    return frozenset(
        value
        for rows in read_staged(table, staged, [column])
        for value in rows[column].to_pylist()
        if value is not None
    )


def _spool(staged: Sequence[StagedFile], table: TableName, folder: str) -> dict[str, Path]:
    """Sorts the staged rows by partition in one pass: `dt` -> the folder of its rows."""
    wanted = schema(table)
    batches = (
        batch
        for rows in read_staged(table, staged)
        for batch in delta.under_schema(rows, wanted).to_batches()
    )
    ds.write_dataset(
        pa.RecordBatchReader.from_batches(wanted, batches),
        folder,
        format=_SPOOLED,
        partitioning=ds.partitioning(pa.schema([wanted.field(PARTITION)]), flavor="hive"),
        max_open_files=_OPEN_FILES,
        existing_data_behavior="overwrite_or_ignore",
    )
    return {path.name.removeprefix(f"{PARTITION}="): path for path in Path(folder).iterdir()}


def _read_spooled(folder: Path, dt: str, table: TableName) -> pa.Table:
    rows = ds.dataset(str(folder), format=_SPOOLED).to_table()
    return delta.under_schema(
        rows.append_column(PARTITION, pa.repeat(pa.scalar(dt), rows.num_rows)), schema(table)
    )


def _local_folder(staged: Sequence[StagedFile]) -> Path | None:
    """Beside the staged files, where there is room for them; None where that is no local folder."""
    return Path(staged[0].path).parent if staged and not files.is_remote(staged[0].path) else None
