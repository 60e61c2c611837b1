"""The processes of a running `yomitori run`, told apart so that each can be killed."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from enum import StrEnum

import psutil


class Part(StrEnum):
    SUPERVISOR = "supervisor"
    RUN = "run"
    WORKER = "worker"
    OCR = "ocr child"
    ALL = "everything"


_MARKS = {
    Part.RUN: "pipeline.commands.main",
    Part.WORKER: "_worker",  # beam_worker, or Beam's own sdk_worker_main
    Part.OCR: "multiprocessing.spawn",
}


def parts(supervisor: int) -> dict[Part, list[psutil.Process]]:
    """The processes of the run that the process `supervisor` watches, as they stand now."""
    found: dict[Part, list[psutil.Process]] = {part: [] for part in Part}
    with suppress(psutil.NoSuchProcess):
        top = psutil.Process(supervisor)
        descendants = top.children(recursive=True)
        found[Part.SUPERVISOR] = [top]
        found[Part.ALL] = [top, *descendants]
        for process in descendants:
            with suppress(psutil.NoSuchProcess):
                words = process.cmdline()
                if words[:1] == ["/bin/sh"]:  # Beam starts its workers through a shell
                    continue
                for part, mark in _MARKS.items():
                    if any(mark in word for word in words):
                        found[part].append(process)
                        break
    return found


def kill(processes: list[psutil.Process]) -> None:
    """SIGKILL for each; as near to at once as a loop can do it."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def seconds_until_gone(processes: list[psutil.Process], most: float) -> float:
    """How long the processes live on; `most` where some of them do for longer."""
    started = time.monotonic()
    while any(
        process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in _known(processes)
    ):
        if time.monotonic() - started >= most:
            return most
        time.sleep(0.05)
    return time.monotonic() - started


def _known(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if psutil.pid_exists(process.pid)]
