"""One run at a time on an output: locks that survive what kills their owner, leases where no lock can be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pipeline import files
from pipeline.errors import CommandError, LockedError, RunBrokenError
from pipeline.supervision import lease
from pipeline.supervision.lock import only_run
from pipeline.supervision.owner import Owner

pytestmark = [pytest.mark.slow, pytest.mark.alone]

HOLDER = """
import multiprocessing, subprocess, sys, time
from pipeline.supervision.lock import only_run
if __name__ == "__main__":
    with only_run(sys.argv[1], "夜-1"):
        # As Beam and the OCR reader start theirs.
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(8)"])
        multiprocessing.get_context("spawn").Process(target=time.sleep, args=(8,)).start()
        print("held", flush=True)
        time.sleep(float(sys.argv[2]))
"""


def holder(out: Path, script: Path, seconds: float = 600) -> subprocess.Popen[str]:
    script.write_text(HOLDER)
    process = subprocess.Popen(
        [sys.executable, script, out, str(seconds)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "出力 1"
    folder.mkdir()
    return folder


def test_a_second_run_is_refused_and_told_whose_the_first_is(out: Path, tmp_path: Path) -> None:
    process = holder(out, tmp_path / "holder.py")
    try:
        with pytest.raises(LockedError) as refused, only_run(str(out), "夜-2"):
            pass
    finally:
        process.kill()
    assert f"プロセス {process.pid}、実行 夜-1、" in str(refused.value)
    assert "--wait" in str(refused.value)


def test_a_lock_is_free_as_soon_as_its_owner_is_killed(out: Path, tmp_path: Path) -> None:
    process = holder(out, tmp_path / "holder.py")
    process.kill()
    process.wait()
    with only_run(str(out), "夜-2"):  # though what the owner had started is still there
        pass


def test_a_run_waits_for_another_one_to_end(out: Path, tmp_path: Path) -> None:
    process = holder(out, tmp_path / "holder.py", seconds=1)
    with only_run(str(out), "夜-2", wait_seconds=30):
        pass
    process.kill()


def test_a_lock_asks_no_clock(out: Path) -> None:
    with only_run(str(out), "夜-1"):
        os.utime(out / ".lock", (0, 0))
        with pytest.raises(LockedError), only_run(str(out), "夜-2"):
            pass


def test_where_nothing_can_be_locked_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".lock").mkdir()
    with pytest.raises(CommandError, match="ロックできません"), only_run(str(tmp_path), "夜"):
        pass


# Leases are asked of a local folder here: what they do is the same on any of Beam's filesystems.


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_SETTLE_SECONDS", 0.05)
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.1)
    monkeypatch.setattr(lease, "_LOOK_SECONDS", 0.1)


def owner(run_id: str, host: str = "別の機械", pid: int = 1) -> Owner:
    return Owner(host, pid, run_id, "2024-04-01 02:00:00")


@pytest.mark.usefixtures("quick")
def test_a_lease_is_refused_while_it_is_not_over(out: Path) -> None:
    with lease.leased(str(out), owner("夜-1"), 0) as check:
        with pytest.raises(LockedError, match="実行 夜-1"), lease.leased(str(out), owner("夜-2"), 0.2):
            pass
        check()
    with lease.leased(str(out), owner("夜-2"), 0):
        pass


@pytest.mark.usefixtures("quick")
def test_a_lease_that_nobody_renews_is_taken_when_it_is_over(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.3)
    lease._write(files.join(str(out), ".lease.json"), owner("夜-1"))
    with lease.leased(str(out), owner("夜-2"), 5):
        time.sleep(0.6)  # renewed meanwhile
        with pytest.raises(LockedError), lease.leased(str(out), owner("夜-3"), 0):
            pass


@pytest.mark.usefixtures("quick")
def test_the_lease_of_a_process_of_this_machine_that_died_is_free(out: Path) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    mine = Owner.of_this_process("夜-1")
    lease._write(files.join(str(out), ".lease.json"), owner("夜-1", mine.host, process.pid))
    with lease.leased(str(out), mine, 0):
        pass


@pytest.mark.usefixtures("quick")
def test_a_run_that_lost_its_lease_is_told_before_it_publishes(out: Path) -> None:
    path = files.join(str(out), ".lease.json")
    with lease.leased(str(out), owner("夜-1"), 0) as check:
        lease._write(path, owner("夜-2"))
        with pytest.raises(RunBrokenError, match="別の実行"):
            check()
    assert json.loads(files.read(path))["run_id"] == "夜-2"


@pytest.mark.usefixtures("quick")
def test_of_two_that_take_a_lease_at_once_one_is_refused(out: Path) -> None:
    held: list[str] = []
    refused: list[str] = []
    together = threading.Barrier(2)

    def take(run_id: str) -> None:
        together.wait()
        try:
            with lease.leased(str(out), owner(run_id), 0):
                held.append(run_id)
                time.sleep(0.5)
        except LockedError:
            refused.append(run_id)

    threads = [threading.Thread(target=take, args=(run_id,)) for run_id in ("夜-1", "夜-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(held), len(refused)) == (1, 1)
