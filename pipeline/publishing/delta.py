"""A published table as Delta Lake keeps it: one compact Parquet file a partition, one commit a change.

The files are written here and not by deltalake's writer, which holds all partitions of a commit in memory
until the last one is complete.
"""

from __future__ import annotations

import io
import json
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from pipeline import files
from pipeline.errors import BrokenContractError
from pipeline.tables.contract import CONTRACT_VERSION, PARTITION, TableName, schema, spec

NO_ROWS = "0001-01-01"
"""The partition of a file without rows: a reader of `*.parquet` finds every table, empty ones too."""

_LOG = "_delta_log"
_NO_CHECKPOINTS = {"delta.checkpointInterval": "1000000"}  # their Parquet would meet a reader of *.parquet


def open_table(folder: str, table: TableName) -> DeltaTable:
    """The table below `folder`; one without rows is made where there is none.

    Raises BrokenContractError where it has columns that this contract does not know.
    """
    path = files.join(folder, table.value)
    if not DeltaTable.is_deltatable(path):
        create_table_with_add_actions(
            path,
            Schema.from_arrow(schema(table)),
            [_write(path, NO_ROWS, schema(table).empty_table())],
            "error",
            [PARTITION],
            name=table.value,
            description=spec(table).meaning,
            configuration=_NO_CHECKPOINTS,
        )
    delta = DeltaTable(path)
    unknown = [name for name in column_names(delta) if name not in schema(table).names]
    if unknown:
        raise BrokenContractError(
            f"表 {path} に、この版（契約{CONTRACT_VERSION}）の知らない列があります: {'、'.join(unknown)}。"
            "新しい版のyomitoriが書いた表です。その版で実行してください。"
        )
    return delta


def column_names(delta: DeltaTable) -> list[str]:
    return [field.name for field in delta.schema().fields]


def partitions(delta: DeltaTable) -> frozenset[str]:
    """The values of `dt` that the table has files for."""
    return frozenset(found[PARTITION] for found in delta.partitions())


def read_partition(delta: DeltaTable, table: TableName, dt: str) -> pa.Table:
    """The rows of one partition under today's schema; columns that they were written without are null."""
    rows = delta.to_pyarrow_dataset(file_pruning_predicate=[(PARTITION, "=", dt)]).to_table()
    return under_schema(rows, schema(table))


def under_schema(rows: pa.Table, wanted: pa.Schema) -> pa.Table:
    """The rows with the columns of `wanted`, missing ones null. Raises ArrowInvalid where they do not fit."""
    columns = [
        rows[field.name].cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in wanted
    ]
    return pa.Table.from_arrays(columns, schema=wanted)


def replace_partitions(folder: str, table: TableName, replaced: Iterable[tuple[str, pa.Table]]) -> None:
    """Each (dt, rows) takes the place of that partition's rows, all in one commit; none is no commit.

    Files that the table no longer shows are removed: a reader of `*.parquet` would read them too. `replaced`
    is taken one partition after the other, so that memory holds one at a time.
    """
    path = files.join(folder, table.value)
    touched: list[str] = []
    added: list[AddAction | RemoveAction] = []
    for dt, rows in replaced:
        touched.append(dt)
        if rows.num_rows or dt == NO_ROWS:
            added.append(_write(path, dt, rows))
    if touched:
        DeltaTable(path).create_write_transaction(
            added,
            "overwrite",
            Schema.from_arrow(schema(table)),
            [PARTITION],
            [(PARTITION, "in", touched)],
        )
        # `full` also removes what a publish left behind that was killed before its commit. The table is
        # opened again: as it was before the commit, it would take the new files for left behind.
        DeltaTable(path).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)


def _write(path: str, dt: str, rows: pa.Table) -> AddAction:
    name = f"{PARTITION}={dt}/{uuid.uuid4().hex}.parquet"
    buffer = io.BytesIO()
    pq.write_table(rows.drop_columns([PARTITION]), buffer)
    files.write_whole(files.join(path, name), buffer.getvalue())
    now = int(time.time() * 1000)
    return AddAction(
        name, buffer.tell(), {PARTITION: dt}, now, True, json.dumps({"numRecords": rows.num_rows})
    )


def log_length(path: Path) -> int:
    """The commits that a reader of the local table has to read; 0 where `path` is no table."""
    return sum(1 for _ in path.glob(f"{_LOG}/*.json"))


def renew_log(path: Path) -> None:
    """Starts the log of a local table anew with one commit that shows the same rows.

    A reader in between finds no table, so this is for tables that nobody reads yet.
    """
    delta = DeltaTable(path)
    described, columns = delta.metadata(), delta.schema()
    shown = [
        AddAction(
            file["path"],
            file["size_bytes"],
            {PARTITION: file[f"partition.{PARTITION}"]},
            file["modification_time"],
            True,
            json.dumps({"numRecords": file["num_records"]}),
        )
        for file in pa.table(delta.get_add_actions(flatten=True)).to_pylist()
    ]
    _remove_log(path)
    create_table_with_add_actions(
        str(path),
        columns,
        shown,
        "error",
        [PARTITION],
        name=described.name,
        description=described.description,
        configuration=_NO_CHECKPOINTS,
    )


def _remove_log(path: Path) -> None:
    for entry in (path / _LOG).iterdir():
        entry.unlink()
    (path / _LOG).rmdir()
