"""Versions: a reader sees one whole night, whoever is killed, and earlier nights can be read and restored."""

from __future__ import annotations

import datetime
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable

from pipeline.errors import CommandError, RunBrokenError
from pipeline.publishing import versions
from pipeline.publishing.publish import publish_version
from pipeline.tables.contract import TableName
from tests.support.pipeline.staged_nights import plain, replaced, row, rows_of_night, staged

pytestmark = pytest.mark.slow

DAYS = ("2024-04-01", "2024-04-02", "2024-04-03")
_READ = """
    SELECT count(*), list(DISTINCT d.run_id), list(DISTINCT p.run_id), count(p.doc_id)
    FROM read_parquet('{0}/documents/**/*.parquet') d
    FULL JOIN read_parquet('{0}/predictions/**/*.parquet') p USING (doc_id)
"""


def _night(out: Path, number: int, tables: Sequence[TableName] = tuple(TableName)) -> None:
    """Replaces five documents, takes the oldest back and adds one: six rows a table, all of this night."""
    marker = f"夜{number:03}"
    documents = {f"{n}": DAYS[n % 3] for n in range(number, number + 6)}
    rows = rows_of_night(marker, documents, gone=[str(number - 1)])
    version = versions.begin(str(out), marker)
    publish_version(
        version.folder,
        staged(out / ".staging" / marker, {table: rows[table] for table in tables}),
        replaced([*documents, str(number - 1)], DAYS),
    )
    version.commit()


def _is_whole(seen: tuple[int, list[str | None], list[str | None], int]) -> bool:
    documents, of_documents, of_predictions, predictions = seen
    return documents == predictions == 6 and len(of_documents) == 1 and of_documents == of_predictions


def _read_plain(out: str) -> tuple[int, list[str | None], list[str | None], int]:
    with duckdb.connect(config={"threads": 1}) as connection:
        return connection.execute(_READ.format(f"{out}/tables")).fetchone()


def _read_snapshot(out: str) -> tuple[int, list[str | None], list[str | None], int]:
    with duckdb.connect(config={"threads": 1}) as connection:
        about = f"SELECT run_id FROM read_json('{out}/tables/version.json')"
        (name,) = connection.execute(about).fetchone()
        found: Any = connection.execute(_READ.format(f"{out}/versions/{name}")).fetchone()
    return found


def _read_delta(out: str) -> tuple[int, list[str | None], list[str | None], int]:
    folder = versions.snapshot(out)
    documents = DeltaTable(f"{folder}/documents").to_pyarrow_table()
    predictions = DeltaTable(f"{folder}/predictions").to_pyarrow_table()
    marks = [sorted(set(rows["run_id"].to_pylist())) for rows in (documents, predictions)]
    return documents.num_rows, marks[0], marks[1], predictions.num_rows


def _keep_reading(kind: str, out: str, stop: Any, results: Any) -> None:
    read = {"plain": _read_plain, "snapshot": _read_snapshot, "delta": _read_delta}[kind]
    reads, missing, wrong = 0, 0, []
    while not stop.wait(0.2):
        try:
            seen = read(out)
        except (duckdb.IOException, OSError) as error:
            if (
                "No such file" not in str(error)
                and "not found" not in str(error)
                and "No files found" not in str(error)
            ):
                raise
            missing += 1
            continue
        reads += 1
        if not _is_whole(seen):
            wrong.append(repr(seen))
    results.put((kind, reads, missing, wrong))


@pytest.mark.apart
def test_readers_see_one_whole_night_while_thirty_are_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = (TableName.DOCUMENTS, TableName.PREDICTIONS, TableName.SOURCES)
    _night(tmp_path, 0, tables)
    context = multiprocessing.get_context("spawn")
    stop, results = context.Event(), context.Queue()
    kinds = ("plain", "snapshot", "delta")
    readers = [
        context.Process(target=_keep_reading, args=(kind, str(tmp_path), stop, results), daemon=True)
        for kind in kinds
    ]
    for reader in readers:
        reader.start()
    for number in range(1, 33):
        _night(tmp_path, number, tables)
    stop.set()
    told = {}
    for _ in kinds:
        kind, *rest = results.get(timeout=60)
        told[kind] = rest
    for reader in readers:
        reader.join(timeout=60)
    with capsys.disabled():
        for kind, (reads, missing, wrong) in sorted(told.items()):
            print(f"\n{kind}: {reads} reads, {missing} met a missing file, {len(wrong)} saw no whole night")
    assert all(reads > 0 for reads, _, _ in told.values())
    assert told["snapshot"][1:] == [0, []]
    assert told["delta"][1:] == [0, []]
    assert told["plain"][2] == []


@pytest.mark.apart
def test_kills_at_any_moment_leave_one_of_the_two_nights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _night(tmp_path, 0)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    context = multiprocessing.get_context(
        "forkserver"
    )  # deltalake works in no process that was forked off it
    context.set_forkserver_preload(
        ["tests.support.pipeline.staged_nights", "pipeline.publishing.versions", "deltalake"]
    )
    first = context.Process(target=_night, args=(tmp_path, 1))  # starts the server
    first.start()
    first.join()
    began = time.monotonic()
    _night(tmp_path, 2)
    whole_night = time.monotonic() - began
    draw = random.Random(5)
    number, killed = 3, 0
    for _ in range(10):
        before = _read_plain(str(tmp_path))
        child = context.Process(target=_night, args=(tmp_path, number))
        child.start()
        child.join(timeout=draw.uniform(0.05, 1.2) * whole_night)
        if child.is_alive() and child.pid:
            os.kill(child.pid, signal.SIGKILL)
            killed += 1
        child.join()
        seen = _read_plain(str(tmp_path))
        assert _is_whole(seen)
        assert seen == before or seen[1] == [f"夜{number:03}"]
        versions.sweep(str(tmp_path))
        assert _read_plain(str(tmp_path)) == seen
        if seen != before:
            number += 1
    assert killed
    _night(tmp_path, number)
    assert _read_plain(str(tmp_path))[1] == [f"夜{number:03}"]
    assert not list(tmp_path.glob("versions/.*"))


def test_a_folder_of_an_earlier_release_becomes_the_first_version(tmp_path: Path) -> None:
    publish_version(
        str(tmp_path / "tables"), staged(tmp_path / "s", rows_of_night("昔", {"a": DAYS[0]})), replaced()
    )
    _night(tmp_path, 0)
    assert (tmp_path / "tables").readlink() == Path("versions/夜000")
    assert [version.run_id for version in versions.list_versions(str(tmp_path))] == ["夜000", "initial"]
    assert plain(tmp_path / "versions" / "initial", TableName.DOCUMENTS) == [("a",)]

    moved = tmp_path.with_name(f"{tmp_path.name}-引越し")
    tmp_path.rename(moved)
    assert ("a",) in plain(moved / "tables", TableName.DOCUMENTS)


@pytest.mark.parametrize("left", ["renamed", "linked"])
def test_a_kill_around_the_switch_is_put_in_order(tmp_path: Path, left: str) -> None:
    _night(tmp_path, 0)
    _night(tmp_path, 1)
    about = tmp_path / "versions" / "夜001" / "version.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"published_at": None}))
    if left == "renamed":
        (tmp_path / "tables").unlink()
        (tmp_path / "tables").symlink_to("versions/夜000")
    versions.sweep(str(tmp_path))
    known = [version.run_id for version in versions.list_versions(str(tmp_path))]
    assert known == (["夜000"] if left == "renamed" else ["夜001", "夜000"])
    (tmp_path / "tables").unlink()
    versions.sweep(str(tmp_path))
    assert versions.current(str(tmp_path)) == known[0]


def test_earlier_nights_are_kept_restored_and_gone_on_from(tmp_path: Path) -> None:
    for number in range(3):
        _night(tmp_path, number)
    earlier = plain(tmp_path / "versions" / "夜000", TableName.DOCUMENTS, "doc_id, run_id")
    assert {marker for _, marker in earlier} == {"夜000"}
    versions.restore(str(tmp_path), "夜000")
    assert plain(tmp_path / "tables", TableName.DOCUMENTS, "doc_id, run_id") == earlier
    with pytest.raises(CommandError, match="夜777"):
        versions.restore(str(tmp_path), "夜777")
    _night(tmp_path, 7)
    newest = versions.list_versions(str(tmp_path))[0]
    assert (newest.run_id, newest.number) == ("夜007", 4)
    assert {m for (m,) in plain(tmp_path / "tables", TableName.RUNS, "run_id")} == {"夜000", "夜007"}


def _aged(out: Path, times: dict[str, datetime.datetime]) -> None:
    for run_id, published in times.items():
        about = out / "versions" / run_id / "version.json"
        about.write_text(json.dumps(json.loads(about.read_text()) | {"published_at": published.isoformat()}))


@pytest.mark.parametrize("wrong", [None, datetime.timedelta(days=-9000), datetime.timedelta(days=9000)])
def test_old_versions_go_and_a_wrong_clock_takes_no_other_with_it(
    tmp_path: Path, wrong: datetime.timedelta | None
) -> None:
    now = datetime.datetime(2024, 5, 1, 3, tzinfo=datetime.UTC)
    names = []
    for number in range(6):
        versions.begin(str(tmp_path), f"夜{number}").commit()
        names.append(f"夜{number}")
    ages = {name: now - datetime.timedelta(days=50 - 10 * n) for n, name in enumerate(names)}
    if wrong is not None:
        ages["夜3"] += wrong
    _aged(tmp_path, ages)
    # Seen until 40, 30, 20, 10 and 0 days ago; a wrong night counts as long ago as the one before it.
    expected = ["夜0", "夜1"] if wrong is None else ["夜0", "夜1", "夜2"]
    assert list(versions.prune(str(tmp_path), 25, now)) == expected
    if wrong is None:
        assert versions.prune(str(tmp_path), 0, now - datetime.timedelta(days=99)) == ()
    versions.prune(str(tmp_path), 0, now + datetime.timedelta(days=20_000))
    assert [v.run_id for v in versions.list_versions(str(tmp_path))] == ["夜5", "夜4"]


def test_logs_start_anew_and_show_the_same(tmp_path: Path) -> None:
    for number in range(8):
        _night(tmp_path, number) if number < 2 else None
        version = versions.begin(str(tmp_path), f"追加{number}", longest_log=6)
        run = [row(TableName.RUNS, f"追加{number}", dt=DAYS[number % 3])]
        publish_version(version.folder, staged(tmp_path / f"s{number}", {TableName.RUNS: run}), replaced())
        version.commit()
    runs = DeltaTable(tmp_path / "tables" / "runs")
    assert len(list((tmp_path / "tables" / "runs" / "_delta_log").iterdir())) <= 6 + 3
    assert runs.metadata().name == "runs"
    assert runs.to_pyarrow_table().num_rows == 10 == len(plain(tmp_path / "tables", TableName.RUNS, "run_id"))
    earlier = DeltaTable(tmp_path / "versions" / "追加2" / "runs").to_pyarrow_table()
    assert earlier.num_rows == 5


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "小さいディスク"
    disk.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    if not mounted or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_leaves_the_night_before(tmp_path: Path, small_disk: Path) -> None:
    _night(small_disk, 0)
    before = _read_plain(str(small_disk))
    texts = [
        row(TableName.DOCUMENTS, "大", dt=DAYS[0], doc_id=f"大{n}", text=random.randbytes(50_000).hex())
        for n in range(60)
    ]
    night = staged(tmp_path / "s", {TableName.DOCUMENTS: texts})
    version = versions.begin(str(small_disk), "大")
    with pytest.raises(RunBrokenError, match="空き容量"):
        publish_version(version.folder, night, replaced())
    assert _read_plain(str(small_disk)) == before
    version.abandon()
    shutil.rmtree(small_disk / ".staging")
    _night(small_disk, 1)
    assert _is_whole(_read_plain(str(small_disk)))


def test_a_read_only_place_is_told_before_anything_is_written(tmp_path: Path, small_disk: Path) -> None:
    _night(small_disk, 0)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(RunBrokenError, match="権限"):
        versions.begin(str(small_disk), "夜001")
    assert _is_whole(_read_plain(str(small_disk)))


def test_without_links_tables_are_written_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    assert not versions.can_link(str(tmp_path))
    _night(tmp_path, 0)
    _night(tmp_path, 1)
    assert not (tmp_path / "tables").is_symlink()
    assert _is_whole(_read_plain(str(tmp_path)))
    assert versions.list_versions(str(tmp_path)) == ()
    assert versions.begin("gs://袋/出力", "夜").folder == "gs://袋/出力/tables"
