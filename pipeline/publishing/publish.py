"""The staged rows of a night become tables: one Delta Lake commit a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from pipeline import files
from pipeline.due.ledger import Replaced
from pipeline.errors import RunBrokenError
from pipeline.publishing import delta
from pipeline.publishing.merging import Mask, merge, values_of
from pipeline.steps.staging import StagedFile
from pipeline.tables.contract import PARTITION, TableName, schema

_OF_A_DOCUMENT = (
    TableName.PAGES,
    TableName.SENTENCES,
    TableName.FIELDS,
    TableName.CELLS,
    TableName.PREDICTIONS,
    TableName.SCORES,
    TableName.EVIDENCE,
    TableName.SPANS,
    TableName.ENTITIES,
    TableName.PHRASES,
)
_IDENTITY = {
    TableName.FAILURES: ("doc_id", "uri", "file_name"),
    TableName.SOURCES: ("file_name",),
    TableName.RUNS: ("run_id",),
}  # of the other tables it is the doc_id
_Merge = tuple[TableName, Sequence[StagedFile], Mask, frozenset[str]]
"""A table, the rows that come to it, the rows that go from it, and the partitions where these lie."""


def publish_version(
    folder: str,
    staged: Sequence[StagedFile],
    replaced: Replaced,
    begun: Callable[[TableName], object] = lambda table: None,
) -> None:
    """Brings all tables below `folder` to what they are after a night; tables that are not there are made.

    Where readers look on, they never see a prediction without its document: new documents come first, and
    forgotten ones go from all other tables before they go from `documents`. `sources` comes last, so that
    what breaks off is due again; repeated with the same rows, it ends as if it had never broken off.

    `begun` is told of each table as its turn comes: a watchdog takes long silence for a standstill.

    Raises RunBrokenError where the tables cannot be written, BrokenContractError where a later contract wrote
    them.
    """
    try:
        for table, rows, goes, lie_in in _merges(folder, staged, replaced):
            begun(table)
            merge(folder, table, rows, goes, lie_in)
    except (OSError, DeltaError) as error:
        raise RunBrokenError(
            f"表を書き込めませんでした: {folder}({error})。"
            "空き容量と書き込みの権限を確かめて、同じコマンドをもう一度実行してください。"
        ) from error


def _merges(folder: str, staged: Sequence[StagedFile], replaced: Replaced) -> Iterator[_Merge]:
    """In the order in which they are to be done."""
    new = values_of(staged, TableName.DOCUMENTS, "doc_id")
    gone = replaced.doc_ids | _outlived(folder, staged)
    gone |= _parts_of(folder, gone)
    names = replaced.file_names | values_of(staged, TableName.FAILURES, "file_name")
    documents = _is_in("doc_id", new | gone)
    failures = _failed(new | gone, names)
    sources = _is_in("file_name", values_of(staged, TableName.SOURCES, "file_name"))
    runs = _is_in("run_id", values_of(staged, TableName.RUNS, "run_id"))

    lie_in = replaced.partitions | _where(folder, TableName.DOCUMENTS, documents)
    yield TableName.DOCUMENTS, staged, _is_in("doc_id", new), lie_in
    for table in _OF_A_DOCUMENT:
        yield table, staged, documents, lie_in
    if gone - new:
        yield TableName.DOCUMENTS, (), _is_in("doc_id", gone - new), lie_in
    for last, goes in ((TableName.FAILURES, failures), (TableName.RUNS, runs), (TableName.SOURCES, sources)):
        yield last, staged, goes, _where(folder, last, goes)


def _outlived(folder: str, staged: Sequence[StagedFile]) -> frozenset[str]:
    """Documents of an earlier contract, which knew no `sources`, that no file stands for any more."""
    if DeltaTable.is_deltatable(files.join(folder, TableName.SOURCES.value)):
        return frozenset()
    rows = delta.open_table(folder, TableName.DOCUMENTS).to_pyarrow_table(columns=["doc_id"])
    return frozenset(rows["doc_id"].to_pylist()) - values_of(staged, TableName.SOURCES, "doc_id")


def _parts_of(folder: str, file_ids: frozenset[str]) -> frozenset[str]:
    """The documents that are shown of these files: parted otherwise, a file has others than before."""
    documents = delta.open_table(folder, TableName.DOCUMENTS)
    if "file_id" not in delta.column_names(documents):
        return frozenset()  # written under an earlier contract, which parted no file
    wanted, found = pa.array(sorted(file_ids), pa.string()), set[str]()
    for batch in documents.to_pyarrow_dataset().to_batches(columns=["doc_id", "file_id"]):
        found |= set(batch["doc_id"].filter(pc.is_in(batch["file_id"], wanted)).to_pylist())
    return frozenset(found)


def _where(folder: str, table: TableName, goes: Mask) -> frozenset[str]:
    """The partitions of the rows that `goes` means."""
    published = delta.open_table(folder, table)
    wanted = pa.schema(
        [schema(table).field(name) for name in (PARTITION, *_IDENTITY.get(table, ("doc_id",)))]
    )
    names = [name for name in wanted.names if name in delta.column_names(published)]
    found: set[str] = set()
    for batch in published.to_pyarrow_dataset().to_batches(columns=names):
        rows = delta.under_schema(pa.Table.from_batches([batch]), wanted)
        found |= set(rows.filter(goes(rows))[PARTITION].unique().to_pylist())
    return frozenset(found)


def _is_in(column: str, values: Collection[str]) -> Mask:
    wanted = pa.array(sorted(values), pa.string())
    return lambda rows: pc.is_in(rows[column], wanted)


def _failed(doc_ids: frozenset[str], names: frozenset[str]) -> Mask:
    """Failures of these documents and files; rows of an earlier contract tell the file by its URI alone."""
    of_documents, of_files = _is_in("doc_id", doc_ids - {""}), _is_in("file_name", names)

    def goes(rows: pa.Table) -> pa.ChunkedArray:
        by_uri = [
            name is None and not names.isdisjoint(_endings(uri))
            for name, uri in zip(rows["file_name"].to_pylist(), rows["uri"].to_pylist(), strict=True)
        ]
        return pc.or_(pc.or_(of_documents(rows), of_files(rows)), pa.chunked_array([by_uri], pa.bool_()))

    return goes


def _endings(uri: str) -> list[str]:
    """What a file may be called below its inbox: /a/b/c.pdf is a/b/c.pdf, b/c.pdf or c.pdf."""
    parts = uri.split("/")
    return ["/".join(parts[first:]) for first in range(len(parts))]
