"""The supervisor of a run, over a run that dies, hangs and disobeys at will: real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.exit_codes import ExitCode
from pipeline.progress.held_documents import held_documents
from pipeline.supervision.strikes import read_strikes
from tests.support.places import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.alone]

FAKE = ROOT / "tests" / "support" / "pipeline" / "fake_run.py"
SUPERVISOR = """
import sys
from rich.console import Console
from pipeline.supervision.watchdog import WatchSettings, supervise
out, restarts, stall, fake, *steps = sys.argv[1:]
settings = WatchSettings(int(restarts), float(stall), grace_seconds=1.0)
sys.exit(supervise([sys.executable, fake, out, *steps], settings, out, Console(width=200)))
"""


def supervised(out: Path, *steps: str, restarts: int = 3, stall: float = 60) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SUPERVISOR, out, restarts, stall, FAKE, *steps]
    return subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    printed, _ = process.communicate(timeout=60)
    return process.returncode, printed


def left(out: Path) -> list[psutil.Process]:
    """What still runs on behalf of a run on `out`: its progress file or folder is named in the command."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        words = " ".join(process.info["cmdline"] or ())
        if str(out) in words or str(out) in (process.info["environ"] or {}).get("YOMITORI_TEST", ""):
            found.append(process)
    return found


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test may leave a process behind; what each of them starts inherits the mark."""
    monkeypatch.setenv("YOMITORI_TEST", str(tmp_path))
    yield
    deadline = time.monotonic() + 3
    while (running := [p for p in left(tmp_path) if p.pid != os.getpid()]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not running


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.02)


def test_the_exit_code_of_a_run_is_passed_on(tmp_path: Path) -> None:
    assert ended(supervised(tmp_path, "exit=11")) == (11, "")


def test_a_lost_worker_ends_the_run_and_it_starts_again(tmp_path: Path) -> None:
    code, printed = ended(supervised(tmp_path, "lose_worker", "exit=10"))
    assert code == ExitCode.PARTIAL_SUCCESS
    assert "作業プロセスが異常終了しました(処理中だった文書 1 件)" in printed
    assert read_strikes(str(tmp_path)) == {"毒": 1}


def test_a_run_that_dies_of_a_signal_starts_again(tmp_path: Path) -> None:
    code, _ = ended(supervised(tmp_path, "die", "exit=0"))
    assert code == ExitCode.DONE
    assert read_strikes(str(tmp_path)) == {"自分": 1}


def test_a_run_that_hangs_is_ended_with_what_leads_a_session_of_its_own(tmp_path: Path) -> None:
    code, printed = ended(supervised(tmp_path, "hang", restarts=1, stall=1))
    assert code == ExitCode.WATCHDOG
    assert "やり直しの上限" in printed
    assert read_strikes(str(tmp_path)) == {"一": 2, "二": 2}


def test_waiting_before_anything_is_told_is_no_hang(tmp_path: Path) -> None:
    assert ended(supervised(tmp_path, "wait", stall=1))[0] == ExitCode.DONE


def test_the_last_start_is_told_that_it_is_the_last(tmp_path: Path) -> None:
    assert ended(supervised(tmp_path, "die", "last", restarts=1))[0] == ExitCode.DONE
    assert (tmp_path / "last").read_text() == "True"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_wish_to_stop_is_passed_on(tmp_path: Path, number: signal.Signals) -> None:
    process = supervised(tmp_path, "idle")
    wait_for(tmp_path / "working")
    process.send_signal(number)
    assert ended(process)[0] == ExitCode.INTERRUPTED
    assert read_strikes(str(tmp_path)) == {}


def test_a_run_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    process = supervised(tmp_path, "deaf")
    wait_for(tmp_path / "working")
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] == ExitCode.INTERRUPTED


def test_a_run_ends_with_its_supervisor(tmp_path: Path) -> None:
    process = supervised(tmp_path, "idle")
    wait_for(tmp_path / "working")
    process.kill()
    assert ended(process)[0] == -signal.SIGKILL


def test_documents_stay_in_hands_until_every_step_has_laid_them_down() -> None:
    told = [
        ["work_begun", 1, 7, ["a", "b"], "digitize"],
        ["work_begun", 1, 7, ["a"], "digitize"],
        ["work_begun", 1, 8, ["c"], "understand"],
        ["work_ended", 0.5, 7, ["a", "b"], "digitize"],
        ["page_done", 3, 9, [], ""],
    ]
    lines = [json.dumps(line).encode() + b"\n" for line in told]
    assert held_documents(lines) == {7: {"a"}, 8: {"c"}, 9: set()}
    assert held_documents([*lines, b'["work_ended", 0.5, 7, ["a"']) == held_documents(lines)
