"""Before anything is published: do the rows of the night agree, and are they all there?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.due.plan import Plan
from pipeline.due.reach import UNREADABLE_FOLDER
from pipeline.due.reasons import Skip
from pipeline.errors import BrokenContractError
from pipeline.steps.staging import StagedFile, open_staged
from pipeline.tables.contract import TableName, schema, spec

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A document that was not worked on has no row among these.
_OF_A_DOCUMENT = tuple(
    table
    for table in TableName
    if table not in (TableName.DOCUMENTS, TableName.FAILURES, TableName.SOURCES, TableName.RUNS)
)
_STAYS_DUE = (Skip.WAITING, Skip.OUT_OF_BOUNDS)


@dataclass(frozen=True, slots=True)
class FileCounts:
    """What became of the listed files: listed = documents + copies + failed + skipped + waiting.

    `documents` are files with a result, however many documents each holds; `partial` of them lack pages,
    `waiting` stay due for another run; `gone` are known files that are no longer listed.
    `unreadable_folders` of those that failed are folders.
    """

    listed: int
    documents: int
    partial: int
    copies: int
    failed: int
    skipped: int
    waiting: int
    gone: int
    unreadable_folders: int = 0

    @property
    def tried(self) -> int:
        return self.documents + self.copies + self.failed

    @property
    def failed_share(self) -> float:
        """Of the files that were tried: a folder that stays closed says nothing about the night."""
        tried = self.tried - self.unreadable_folders
        return (self.failed - self.unreadable_folders) / tried if tried else 0.0


# The documents of a file under the doc_id of the file.
_FILES = """
    CREATE TEMP VIEW files AS
    SELECT coalesce(d.file_id, d.doc_id) AS doc_id, any_value(d.file_name) AS file_name,
           any_value(len(d.copies)) AS copies, sum(d.pages) AS pages, sum(d.pages_failed) AS pages_failed,
           sum(coalesce(p.all_rows, 0)) AS rows
    FROM documents d LEFT JOIN (SELECT doc_id, count(*) AS all_rows FROM pages GROUP BY 1) p USING (doc_id)
    GROUP BY 1
"""


def check(staged: Sequence[StagedFile], night: DuckDBPyConnection, plan: Plan) -> FileCounts:
    """FileCounts what became of the plan; `night` is what `night.opened` gives of `staged`.

    Raises BrokenContractError naming every disagreement between the rows, their contract and the plan.
    """
    _refuse(_broken_files(staged))
    night.register("due", _due(plan))
    night.execute(_FILES)
    counts = _count(night, plan)
    _refuse([*_repeated(night), *_strays(night), *_missing_pages(night), *_not_as_planned(night, counts)])
    return counts


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise BrokenContractError(
            "公開前の検査に通りませんでした。公開済みの表は変えていません。\n"
            + "\n".join(problems)
            + "\n同じコマンドをもう一度実行しても続く場合は、このメッセージを添えて開発元にご連絡ください。"
        )


def _broken_files(staged: Sequence[StagedFile]) -> list[str]:
    """Parquet keeps by itself that a required column of its schema has no nulls."""
    problems = []
    for file in staged:
        with open_staged(file) as parquet:
            if not parquet.schema_arrow.equals(schema(file.table)):
                different = "、".join(_different_columns(parquet.schema_arrow, schema(file.table)))
                problems.append(f"{file.table}: 列が契約と違います({different}): {file.path}")
            if parquet.metadata.num_rows != file.rows:
                problems.append(
                    f"{file.table}: {file.rows} 行のはずのファイルに {parquet.metadata.num_rows} 行あります: "
                    f"{file.path}"
                )
    return problems


def _different_columns(found: pa.Schema, due: pa.Schema) -> Iterator[str]:
    for name in dict.fromkeys([*due.names, *found.names]):
        if name not in found.names or name not in due.names or found.field(name) != due.field(name):
            yield name
    if found.names != due.names and set(found.names) == set(due.names):
        yield "列の順序"


def _due(plan: Plan) -> pa.Table:
    return pa.table(
        {
            "doc_id": pa.array([due.source.doc_id for due in plan.due], pa.string()),
            "pages": pa.array([due.source.pages for due in plan.due], pa.int32()),
            "files": pa.array([1 + len(due.source.copies) for due in plan.due], pa.int32()),
        }
    )


def _number(night: DuckDBPyConnection, query: str) -> int:
    (row,) = night.sql(query).fetchall()
    return int(row[0] or 0)


def _count(night: DuckDBPyConnection, plan: Plan) -> FileCounts:
    waiting = sum(skip in _STAYS_DUE for skip in plan.skipped.values())
    lost = _number(
        night,
        "SELECT sum(due.files) FROM due ANTI JOIN files USING (doc_id) SEMI JOIN failures USING (doc_id)",
    )
    return FileCounts(
        listed=len(plan.listed),
        documents=_number(night, "SELECT count(*) FROM files"),
        partial=_number(night, "SELECT count(*) FROM files WHERE pages_failed > 0"),
        copies=_number(night, "SELECT sum(copies) FROM files"),
        failed=lost + len({failure.file.name for failure in plan.failed}),
        skipped=len(plan.skipped) - waiting,
        waiting=waiting,
        gone=sum(known.file.name not in plan.listed for known in plan.forgotten),
        unreadable_folders=sum(failure.category == UNREADABLE_FOLDER for failure in plan.failed),
    )


def _repeated(night: DuckDBPyConnection) -> Iterator[str]:
    for table in TableName:
        key = ", ".join(f'"{column}"' for column in spec(table).key)
        repeated = _number(night, f"SELECT sum(n - 1) FROM (SELECT count(*) n FROM {table} GROUP BY {key})")
        if repeated:
            yield f"{table}: {repeated} 行のキー({', '.join(spec(table).key)})が重複しています。"


def _strays(night: DuckDBPyConnection) -> Iterator[str]:
    for table in _OF_A_DOCUMENT:
        strays = _number(night, f"SELECT count(*) FROM {table} ANTI JOIN documents USING (doc_id)")
        if strays:
            yield f"{table}: {strays} 行に対応する文書がありません。"


def _missing_pages(night: DuckDBPyConnection) -> Iterator[str]:
    """Documents that lack pages, and files of which a page is in none of their documents and beside none."""
    documents = """
        SELECT file_name, d.pages, d.pages_failed, coalesce(p.rows, 0), d.pages
        FROM documents d
        LEFT JOIN (SELECT doc_id, count(*) AS rows FROM pages WHERE aside IS NULL GROUP BY 1) p USING (doc_id)
        WHERE coalesce(p.rows, 0) + d.pages_failed <> d.pages
        ORDER BY 1 LIMIT 10
    """
    files = """
        SELECT file_name, files.pages, files.pages_failed, rows, due.pages
        FROM files JOIN due USING (doc_id)
        WHERE rows + files.pages_failed <> due.pages
        ORDER BY 1 LIMIT 10
    """
    found = night.sql(documents).fetchall() or night.sql(files).fetchall()
    for name, pages, failed, rows, planned in found:
        yield (
            f"{name}: 全 {pages} ページ(計画では {planned})に対し、読めた {rows}、"
            f"失敗 {failed} ページで数が合いません。"
        )


def _not_as_planned(night: DuckDBPyConnection, counts: FileCounts) -> Iterator[str]:
    unended = "FROM due ANTI JOIN files USING (doc_id) ANTI JOIN failures USING (doc_id)"
    lost = night.sql(f"SELECT doc_id {unended} ORDER BY 1 LIMIT 5").fetchall()
    if lost:
        number = _number(night, f"SELECT count(*) {unended}")
        shown = "、".join(doc_id[:12] for (doc_id,) in lost)
        yield f"計画した文書のうち {number} 件に結果も失敗もありません(doc_id: {shown} …)。"
    unplanned = _number(night, "SELECT count(*) FROM files ANTI JOIN due USING (doc_id)")
    if unplanned:
        yield f"documents: 計画にない文書が {unplanned} 件あります。"
    ended = counts.tried + counts.skipped + counts.waiting
    if ended != counts.listed:
        yield (
            f"一覧の {counts.listed} 件に対し、文書 {counts.documents}、写し {counts.copies}、"
            f"失敗 {counts.failed}、対象外 {counts.skipped}、次回 {counts.waiting} の合計は {ended} 件です。"
        )
