"""A run that does nothing but what it is told: `python fake_run.py OUT STEP...`, a step a start.

It stands in for `yomitori run` under the supervisor, so that a test can kill its parts at a known moment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from pipeline.progress.events import Event, tell
from pipeline.supervision.lock import only_run
from pipeline.supervision.supervised_run import Supervision, obey, supervision

_WORKER = """
import sys, time
from pipeline.progress.events import Event, tell
tell(sys.argv[1], Event.WORK_BEGUN, about=sys.argv[2:])
print("held", flush=True)
time.sleep(600)
"""


def worker(progress: str, *doc_ids: str, apart: bool = False) -> subprocess.Popen[str]:
    """A process that has `doc_ids` in hands; `apart` gives it a session of its own, as OCR children have."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER, progress, *doc_ids],
        stdout=subprocess.PIPE, text=True, start_new_session=apart,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    return process


def await_worker(process: subprocess.Popen[str]) -> None:
    """As Beam does it: a worker that dies is an exception in a thread, and the run waits on."""
    if process.wait():
        raise RuntimeError(f"Worker subprocess exited with return code {process.returncode}")


def step(name: str, out: Path, supervised: Supervision) -> None:
    progress = supervised.progress
    match name.split("="):
        case ["exit", code]:
            sys.exit(int(code))
        case ["lose_worker"]:
            guilty = worker(progress, "毒")
            worker(progress, "連れ")
            threading.Thread(target=await_worker, args=(guilty,), name="run_worker").start()
            guilty.kill()
        case ["die"]:
            tell(progress, Event.WORK_BEGUN, about=["自分"])
            worker(progress, "別の人")
            os.kill(os.getpid(), signal.SIGSEGV)
        case ["hang"]:
            worker(progress, "一", "二", apart=True)
        case ["wait"]:  # for a lock, say
            time.sleep(3)
            sys.exit(0)
        case ["deaf"]:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            worker(progress, "一", apart=True)
        case ["hold"]:
            with only_run(str(out), "fake"):
                worker(progress, "一", apart=True)
                (out / "holding").write_text("")
                time.sleep(600)
        case ["last"]:
            (out / "last").write_text(str(supervised.last))
            sys.exit(0)
    (out / "working").write_text("")
    time.sleep(600)


def main() -> None:
    out, steps = Path(sys.argv[1]), sys.argv[2:]
    supervised = supervision(os.environ)
    assert supervised is not None
    obey(supervised)
    starts = out / "starts"
    number = int(starts.read_text()) if starts.exists() else 0
    starts.write_text(str(number + 1))
    try:
        step(steps[min(number, len(steps) - 1)], out, supervised)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
