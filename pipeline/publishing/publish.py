"""Audit the staged rows, then publish them: one Delta Lake commit a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake

from pipeline import files
from pipeline.errors import BrokenContractError
from pipeline.tables import PARTITION, Table, spec

# Documents come first: a reader in between never meets a prediction without its document.
_ORDER = (
    Table.DOCUMENTS,
    Table.PAGES,
    Table.SENTENCES,
    Table.FIELDS,
    Table.CELLS,
    Table.PREDICTIONS,
    Table.SCORES,
    Table.EVIDENCE,
    Table.SPANS,
    Table.FAILURES,
)
_OF_A_DOCUMENT = tuple(table for table in _ORDER if table not in (Table.FAILURES, Table.DOCUMENTS))
_NO_CHECKPOINTS = {"delta.checkpointInterval": "1000000"}  # their Parquet would meet a reader of *.parquet


def audit(tables: Mapping[Table, pa.Table], listed: int) -> None:
    """Checks that the rows agree with each other and with the number of listed files.

    Raises BrokenContractError naming every disagreement.
    """
    problems = [
        f"{table}: {rows.num_rows - distinct} 行のキー {spec(table).key} が重複しています。"
        for table, rows in tables.items()
        if (distinct := rows.group_by(list(spec(table).key)).aggregate([]).num_rows) < rows.num_rows
    ]
    documents = tables[Table.DOCUMENTS]
    known = documents["doc_id"]
    for table in _OF_A_DOCUMENT:
        strays = pc.sum(pc.invert(pc.is_in(tables[table]["doc_id"], known))).as_py() or 0
        if strays:
            problems.append(f"{table}: {strays} 行に対応する文書がありません。")
    ended = count_ended(tables)
    if ended != listed:
        problems.append(f"一覧の {listed} 件に対し、結果または失敗のある文書は {ended} 件です。")
    if problems:
        raise BrokenContractError(
            "公開前の検査に通りませんでした。公開済みの表は変えていません。\n" + "\n".join(problems)
        )


def count_ended(tables: Mapping[Table, pa.Table]) -> int:
    """Listed files that ended: documents, their copies, and files that failed as a whole."""
    documents, failures = tables[Table.DOCUMENTS], tables[Table.FAILURES]
    copies = pc.sum(pc.list_value_length(documents["copies"])).as_py() or 0
    return int(documents.num_rows + copies) + whole_failures(documents, failures)


def whole_failures(documents: pa.Table, failures: pa.Table) -> int:
    """Files without any result: failures whose file has no document."""
    lost = failures.filter(pc.invert(pc.is_in(failures["uri"], documents["uri"])))
    return len(set(lost["uri"].to_pylist()))


def publish(folder: str, tables: Mapping[Table, pa.Table]) -> None:
    """Replaces what each table under `folder` shows by `tables`, in key order, one commit a table."""
    for table in _ORDER:
        key = [(column, "ascending") for column in spec(table).key]
        _commit(files.join(folder, table.value), tables[table].sort_by(key), "overwrite")


def append_run(folder: str, run: pa.Table) -> None:
    """Adds the row of one run to the `runs` table."""
    _commit(files.join(folder, Table.RUNS.value), run, "append")


def _commit(path: str, rows: pa.Table, mode: Literal["append", "overwrite"]) -> None:
    # A table that was written under an earlier contract takes on the columns of this one.
    write_deltalake(
        path,
        rows,
        mode=mode,
        schema_mode="overwrite" if mode == "overwrite" else "merge",
        partition_by=[PARTITION],
        configuration=_NO_CHECKPOINTS,
    )
    # Files that the new commit no longer shows would be read twice by a plain *.parquet reader.
    DeltaTable(path).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
