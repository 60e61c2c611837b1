"""The whole batch with parts of it killed for real: it ends by itself, or the next run finishes it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from fixtures.chaos.published_tables import Tables
from fixtures.chaos.run_processes import RunProcess, kill, parts, seconds_until_gone
from fixtures.truth_file import INBOX
from pipeline.exit_codes import ExitCode
from pipeline.progress.held_documents import held_documents
from pipeline.supervision.supervised_run import supervision
from pipeline.tables.contract import TableName

pytestmark = [pytest.mark.slow, pytest.mark.apart]

LAYERS = [
    "コールセンター/入電記録_20240408_0012.pdf",
    "大阪支店/売上明細 2024年4月度.pdf",
    "福岡営業所/日報 6月5日.pdf",
    "総務/営業会議議事録_2024年5月.pdf",
]
SCANS = ["コールセンター/0416_入電.tif", "営業部/日報(4-16)三浦.tif"]
MOMENT = 240.0  # a busy machine starts a worker in a minute


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Four text layers and four scans, so that there is a middle of the run to kill it in."""
    folder = tmp_path / "受信 1"
    for number in range(2):
        for name in LAYERS if number == 0 else []:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(INBOX / name, folder / name)
        for name in SCANS:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.with_stem(f"{target.stem}-{number}").write_bytes(
                (INBOX / name).read_bytes() + b"\0" * number
            )
    return folder


class Run:
    """`yomitori run` in the background."""

    def __init__(self, inbox: Path, out: Path) -> None:
        self.out = out
        command = [Path(sys.executable).with_name("yomitori"), "run", inbox, out, "--workers", "2"]
        self.process = subprocess.Popen(
            [*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def wait_for(self, moment: Callable[[], object]) -> None:
        deadline = time.monotonic() + MOMENT
        while not moment():
            assert self.process.poll() is None, self.end()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    @property
    def kept(self) -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in self.out.glob("digitized/*/*/*.json.gz")}

    def end(self) -> tuple[int, str]:
        printed, _ = self.process.communicate(timeout=400)
        return self.process.returncode, printed


@pytest.fixture
def start(inbox: Path, tmp_path: Path) -> Iterator[Callable[[], Run]]:
    """Starts a run on the inbox and one output; whatever a test leaves of it is killed."""
    runs: list[Run] = []

    def new() -> Run:
        runs.append(Run(inbox, tmp_path / "出力 1"))
        return runs[-1]

    yield new
    for run in runs:
        kill(parts(run.process.pid)[RunProcess.ALL])
        run.process.communicate()


def all_names(inbox: Path) -> set[str]:
    return {path.relative_to(inbox).as_posix() for path in inbox.rglob("*.*")}


def test_a_killed_worker_does_not_stop_the_night(start: Callable[[], Run], inbox: Path) -> None:
    run = start()
    run.wait_for(lambda: run.kept)
    running = parts(run.process.pid)
    kill(running[RunProcess.WORKER][:1])
    code, printed = run.end()
    assert code == ExitCode.DONE, printed
    assert "作業プロセスが異常終了しました" in printed
    tables = Tables(run.out)
    assert tables.shown().keys() == all_names(inbox)
    assert list(tables.contradictions()) == []
    assert seconds_until_gone(running[RunProcess.ALL], 5.0) < 5.0


def test_what_was_killed_whole_is_finished_by_the_next_run(start: Callable[[], Run], inbox: Path) -> None:
    first = start()
    first.wait_for(lambda: first.kept)
    second = start()
    code, printed = second.end()
    assert code == ExitCode.LOCKED, printed
    assert "別の実行が動いています" in printed
    running = parts(first.process.pid)
    kill(running[RunProcess.ALL])
    first.process.wait()
    assert seconds_until_gone(running[RunProcess.ALL], 10.0) < 10.0
    assert Tables(first.out).shown() == {}
    kept = first.kept
    third = start()
    code, printed = third.end()
    assert code == ExitCode.DONE, printed
    tables = Tables(third.out)
    assert tables.shown().keys() == all_names(inbox)
    assert list(tables.contradictions()) == []
    assert kept.items() <= third.kept.items()  # nothing was read again


def test_a_run_that_was_killed_as_it_published_leaves_its_record(inbox: Path, tmp_path: Path) -> None:
    for scan in inbox.rglob("*.tif"):
        scan.unlink()
    first = Run(inbox, tmp_path / "出力 1")
    shown = first.out / "tables"
    first.wait_for(shown.exists)
    kill(parts(first.process.pid)[RunProcess.ALL])
    first.end()
    run_id = shown.readlink().name
    second = Run(inbox, first.out)
    code, printed = second.end()
    assert code == ExitCode.NOTHING_TO_DO, printed
    record = json.loads((first.out / "runs" / f"{run_id}.json").read_text("utf-8"))
    assert record["run"]["documents"] == len(LAYERS)


def test_a_run_that_is_told_to_stop_stops(start: Callable[[], Run]) -> None:
    run = start()
    run.wait_for(lambda: parts(run.process.pid)[RunProcess.WORKER])
    running = parts(run.process.pid)
    run.process.send_signal(signal.SIGTERM)
    code, printed = run.end()
    assert code == ExitCode.INTERRUPTED, printed
    assert seconds_until_gone(running[RunProcess.ALL], 5.0) < 5.0
    assert Tables(run.out).shown() == {}


def poison(run: Run, doc_id: str) -> None:
    """Kills every worker that takes the document up, for as long as the run lives."""
    while run.process.poll() is None:
        for process in parts(run.process.pid)[RunProcess.RUN]:
            with suppress(psutil.Error, OSError, KeyError):
                supervised = supervision(process.environ())
                assert supervised is not None
                with Path(supervised.progress).open("rb") as lines:
                    for pid, held in held_documents(lines).items():
                        if doc_id in held and psutil.pid_exists(pid):
                            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def test_a_document_that_kills_its_workers_is_put_aside_and_the_others_are_published(
    start: Callable[[], Run], inbox: Path
) -> None:
    guilty = inbox / "営業部" / "日報(4-16)三浦-0.tif"
    run = start()
    threading.Thread(
        target=poison, args=(run, hashlib.sha256(guilty.read_bytes()).hexdigest()), daemon=True
    ).start()
    code, printed = run.end()
    assert code == ExitCode.PARTIAL_SUCCESS, printed
    tables = Tables(run.out)
    name = guilty.relative_to(inbox).as_posix()
    assert tables.shown().keys() == all_names(inbox) - {name}
    (failure,) = tables.rows(TableName.FAILURES)
    assert (failure["file_name"], failure["category"]) == (name, "quarantined")
    assert name in printed
    assert list(tables.contradictions()) == []
    again = start()
    assert again.end()[0] == ExitCode.NOTHING_TO_DO  # though nobody would kill it this time
