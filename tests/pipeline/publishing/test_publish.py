"""Published tables: every document once and whole, whatever was there before, wherever one broke off."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from deltalake import DeltaTable, write_deltalake

from pipeline.due.ledger import Replaced
from pipeline.errors import BrokenContractError
from pipeline.publishing import versions
from pipeline.publishing.publish import publish_version
from pipeline.run_settings import RunSettings
from pipeline.steps.staging import WriteRows, read_manifest, read_staged, write_manifest
from pipeline.tables.contract import CONTRACT_VERSION, LINEAGE, TableName, TableRow, schema
from tests.support.pipeline.staged_nights import OF_DOCUMENTS, plain, replaced, row, rows_of_night, staged
from tests.support.places import ROOT

pytestmark = pytest.mark.slow


def test_a_night_replaces_adds_and_takes_back_by_document(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    first = rows_of_night(
        "一夜", {"a": "2024-04-01", "b": "2024-04-01", "c": "2024-04-02", "d": "2024-04-03"}
    )
    publish_version(str(tables), staged(tmp_path / "s1", first), replaced())
    # b moves to another day, c is gone, e is new; a and d are left alone.
    second = rows_of_night("二夜", {"b": "2024-05-01", "e": "2024-04-01"}, gone=["c"])
    publish_version(
        str(tables), staged(tmp_path / "s2", second), replaced(["b", "c"], ["2024-04-01", "2024-04-02"])
    )

    expected = [("a", "一夜"), ("b", "二夜"), ("d", "一夜"), ("e", "二夜")]
    for table in (*OF_DOCUMENTS, TableName.FAILURES):
        assert plain(tables, table, "doc_id, run_id") == expected, table
        seen = DeltaTable(tables / table).to_pyarrow_table()
        assert sorted(zip(seen["doc_id"].to_pylist(), seen["run_id"].to_pylist(), strict=True)) == expected
    sources = [("a", "一夜"), ("b", "二夜"), ("c", "二夜"), ("d", "一夜"), ("e", "二夜")]
    assert plain(tables, TableName.SOURCES, "doc_id, run_id") == sources
    assert plain(tables, TableName.RUNS, "run_id") == [("一夜",), ("二夜",)]


def test_a_partition_is_one_file_in_key_order_and_is_left_alone_where_nothing_changes(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    documents = {f"{n:03}": "2024-04-01" for n in (5, 3, 9, 1)} | {"x": "2024-04-02"}
    publish_version(str(tables), staged(tmp_path / "s1", rows_of_night("一夜", documents)), replaced())
    before = {path.name for path in tables.glob("documents/*/*.parquet")}
    new = staged(tmp_path / "s2", rows_of_night("二夜", {"004": "2024-04-01"}))
    publish_version(str(tables), new, replaced(["004"], ["2024-04-01", "2024-04-02"]))

    touched = list(tables.glob("documents/dt=2024-04-01/*"))
    assert len(touched) == 1
    assert pq.read_table(touched[0])["doc_id"].to_pylist() == ["001", "003", "004", "005", "009"]
    left = {path.name for path in tables.glob("documents/*/*.parquet")} & before
    assert len(left) == 2  # that of the other day, and the one without rows
    commits = DeltaTable(tables / "spans").version()
    publish_version(
        str(tables), staged(tmp_path / "s3", {TableName.RUNS: [row(TableName.RUNS, "三夜")]}), replaced()
    )
    assert DeltaTable(tables / "spans").version() == commits
    assert len(plain(tables, TableName.RUNS, "run_id")) == 3


def test_readers_find_every_table_even_without_rows(tmp_path: Path) -> None:
    publish_version(str(tmp_path / "tables"), (), replaced())
    for table in TableName:
        assert plain(tmp_path / "tables", table, "run_id") == []
        seen = DeltaTable(tmp_path / "tables" / table)
        assert seen.to_pyarrow_table().column_names == schema(table).names
        assert {f.name: f.metadata["comment"] for f in seen.schema().fields} == {
            f.name: f.metadata[b"comment"].decode() for f in schema(table)
        }


def test_a_watchdog_hears_of_every_table_in_its_turn(tmp_path: Path) -> None:
    heard: list[TableName] = []
    publish_version(str(tmp_path / "tables"), (), replaced(), begun=heard.append)
    assert {*heard} == {*TableName}
    assert (heard[0], heard[-1]) == (TableName.DOCUMENTS, TableName.SOURCES)


def test_maps_lists_and_times_come_back_as_they_were(tmp_path: Path) -> None:
    run = row(
        TableName.RUNS,
        "一夜",
        dt="2024-04-12",
        models=["daily-report@m1"],
        due=[("new", 3)],
        label_shares=[("入電/needs/契約外", 0.25)],
        confidence=0.9,
    )
    publish_version(str(tmp_path / "tables"), staged(tmp_path / "s", {TableName.RUNS: [run]}), replaced())
    seen = DeltaTable(tmp_path / "tables" / "runs").to_pyarrow_table().cast(schema(TableName.RUNS))
    assert seen.to_pylist() == [run]


def _contract_3(table: TableName) -> pa.Schema:
    """What differed: `failures` and `runs` were narrower, and columns had no comments."""
    later = {
        TableName.FAILURES: ("file_name", "attempts", "first_seen", "last_seen"),
        TableName.RUNS: (
            *("understanding", "skipped", "waiting", "gone", "pages_read", "wall_seconds", "cpu_seconds"),
            *("stage_seconds", "peak_mib", "due", "confidence", "empty_share", "failed_share"),
            *("label_shares", "null_shares"),
        ),
    }
    return pa.schema([f.remove_metadata() for f in schema(table) if f.name not in later.get(table, ())])


def _write_contract_3(tables: Path, rows: dict[TableName, list[dict[str, Any]]]) -> None:
    for table in TableName:
        if table is not TableName.SOURCES:
            old = _contract_3(table)
            values = [{name: r[name] for name in old.names} | {"contract_version": 3} for r in rows[table]]
            write_deltalake(
                str(tables / table),
                pa.Table.from_pylist(values, schema=old),
                mode="overwrite",
                partition_by=["dt"],
                configuration={"delta.checkpointInterval": "1000000"},
            )


def test_tables_of_the_contract_before_go_on_under_this_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    documents = {"a": "2024-04-01", "b": "2024-04-02", "gone": "2024-04-03", "waits": "2024-04-04"}
    _write_contract_3(out / "tables", rows_of_night("前契約", documents))

    # Nothing is known of these tables' files: all that are listed count as new, and `waits` is put off.
    night = rows_of_night("新契約", {"a": "2024-04-01", "b": "2024-06-01"}, gone=["waits"])
    version = versions.begin(str(out), "新契約")
    publish_version(version.folder, staged(tmp_path / "s", night), replaced(["a", "b"]))
    version.commit()

    expected = [("a", "新契約"), ("b", "新契約"), ("waits", "前契約")]
    for table in (*OF_DOCUMENTS, TableName.FAILURES):
        assert plain(out / "tables", table, "doc_id, run_id") == expected, table
    for table in TableName:
        seen = DeltaTable(out / "tables" / table)
        assert seen.to_pyarrow_table().column_names == schema(table).names
        assert all("comment" in field.metadata for field in seen.schema().fields)
    columns = "run_id, contract_version, skipped, label_shares"
    assert plain(out / "tables", TableName.RUNS, columns) == [
        ("前契約", 3, None, None),
        ("新契約", CONTRACT_VERSION, None, None),
    ]
    named = [("支店/a.pdf", None), ("支店/b.pdf", None), (None, None)]
    assert plain(out / "tables", TableName.FAILURES, "file_name, attempts") == named


def test_failures_of_the_contract_before_go_with_their_file(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    rows: dict[TableName, list[dict[str, Any]]] = {table: [] for table in TableName} | {
        TableName.FAILURES: [
            row(TableName.FAILURES, "前契約", dt="2024-04-01", doc_id="", uri=f"/受信/{name}")
            for name in ("支店/空.pdf", "本社/空.pdf")
        ]
    }
    _write_contract_3(tables, rows)
    mended = Replaced(frozenset(), frozenset({"支店/空.pdf"}), frozenset())
    publish_version(str(tables), (), mended)
    assert plain(tables, TableName.FAILURES, "uri") == [("/受信/本社/空.pdf",)]


def test_tables_of_a_later_contract_are_refused(tmp_path: Path) -> None:
    later = schema(TableName.SPANS).append(pa.field("新しい列", pa.string()))
    write_deltalake(str(tmp_path / "tables" / "spans"), later.empty_table(), partition_by=["dt"])
    with pytest.raises(BrokenContractError, match="新しい列"):
        publish_version(str(tmp_path / "tables"), (), replaced())


class _PowerCutError(BaseException):
    pass


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of one night, to be copied."""
    folder = tmp_path_factory.mktemp("first")
    rows = rows_of_night("一夜", {"a": "2024-04-01", "b": "2024-04-01", "c": "2024-04-02"})
    publish_version(str(folder / "tables"), staged(folder / "staged", rows), replaced())
    return folder / "tables"


@pytest.mark.parametrize("commits", [0, 1, 2, 5, 8, 9, 10, 12])
def test_in_place_a_publish_that_broke_off_is_safe_to_read_and_to_repeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first_night: Path, commits: int
) -> None:
    tables = shutil.copytree(first_night, tmp_path / "tables")
    second = staged(
        tmp_path / "s2", rows_of_night("二夜", {"b": "2024-05-01", "e": "2024-04-01"}, gone=["c"])
    )
    goes = replaced(["b", "c"], ["2024-04-01", "2024-04-02"])
    left = commits
    commit = DeltaTable.create_write_transaction

    def counted(*args: Any, **named: Any) -> None:
        nonlocal left
        if left == 0:
            raise _PowerCutError
        left -= 1
        commit(*args, **named)

    with monkeypatch.context() as patched:
        patched.setattr(DeltaTable, "create_write_transaction", counted)
        with pytest.raises(_PowerCutError):
            publish_version(str(tables), second, goes)
    for table in OF_DOCUMENTS:
        strays = _ids(tables, table) - _ids(tables, TableName.DOCUMENTS)
        assert not strays, table
    publish_version(str(tables), second, goes)
    for table in OF_DOCUMENTS:
        assert plain(tables, table, "doc_id, run_id") == [("a", "一夜"), ("b", "二夜"), ("e", "二夜")], table
    assert plain(tables, TableName.RUNS, "run_id") == [("一夜",), ("二夜",)]


def _ids(tables: Path, table: TableName) -> set[str]:
    return set(DeltaTable(tables / table).to_pyarrow_table(columns=["doc_id"])["doc_id"].to_pylist())


def test_memory_holds_a_partition_and_not_the_table(tmp_path: Path) -> None:
    script = """
import os, resource, sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from tests.support.pipeline.staged_nights import replaced, row
from pipeline.publishing.publish import publish_version
from pipeline.steps.staging import StagedFile
from pipeline.tables.contract import TableName, schema

folder, days = Path(sys.argv[1]), int(sys.argv[2])
files = []
for n in range(days):
    rows = [
        row(TableName.DOCUMENTS, "夜", dt=f"2024-{1 + (n + k) % 12:02}-{1 + (n + k) % 28:02}",
            doc_id=f"{n}-{k}", text=os.urandom(10_000).hex())
        for k in range(100)
    ]
    files.append(StagedFile(TableName.DOCUMENTS, str(folder / f"{n}.parquet"), 100))
    pq.write_table(pa.Table.from_pylist(rows, schema=schema(TableName.DOCUMENTS)), files[-1].path)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
publish_version(str(folder / "tables"), files, replaced())
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    grown = []
    for days in (8, 40):
        folder = tmp_path / str(days)
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", script, str(folder), str(days)],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        grown.append(int(done.stdout))
    assert grown[1] < grown[0] + 40, f"MiB: {grown}"  # five times the rows


def test_staged_rows_come_back_under_their_schema(settings: RunSettings) -> None:
    lineage = {field.name for field in LINEAGE}
    rows = [
        TableRow(t, {name: v for name, v in row(t, "", doc_id=f"d{n}").items() if name not in lineage})
        for t in (TableName.DOCUMENTS, TableName.SCORES)
        for n in range(5)
    ]
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        _ = (
            pipeline
            | beam.Create(rows)
            | beam.ParDo(WriteRows(settings))
            | beam.combiners.ToList()
            | beam.Map(write_manifest, settings)
        )
    Path(settings.wave_folder, "documents-of-a-bundle-tried-twice.parquet").write_bytes(
        b"not listed, not read"
    )
    found = read_manifest(settings)
    documents = pa.concat_tables(read_staged(TableName.DOCUMENTS, found))
    assert sorted(documents["doc_id"].to_pylist()) == ["d0", "d1", "d2", "d3", "d4"]
    assert set(documents["run_id"].to_pylist()) == {"試験"}
    assert sum(rows.num_rows for rows in read_staged(TableName.SCORES, found)) == 5
    assert not list(read_staged(TableName.CELLS, found))


def test_a_pipeline_that_did_not_end_has_nothing_to_publish(settings: RunSettings) -> None:
    with pytest.raises(OSError, match="manifest"):
        read_manifest(settings)
