"""What a command costs: time, CPU seconds and memory of every process that it starts."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LOOK_SECONDS = 0.2
_WORKER = "pipeline.machines.beam_worker"
_MIB = 2**20


@dataclass(slots=True)
class Process:
    """One process of the tree, as it was last seen: `parent` is the pid of the one that started it."""

    pid: int
    parent: int
    command: str
    cpu_seconds: float = 0.0
    peak_mib: float = 0.0

    @property
    def is_worker(self) -> bool:
        """It is one of the worker processes of a run on this machine."""
        return _WORKER in self.command


@dataclass(frozen=True, slots=True)
class Cost:
    """`peak_mib` is the largest memory of all processes at one moment, shared memory counted in each.

    What a process used between the last look at it and its end is missed.
    """

    exit_code: int
    wall_seconds: float
    peak_mib: float
    processes: dict[int, Process] = field(repr=False)
    root: int

    @property
    def cpu_seconds(self) -> float:
        return sum(process.cpu_seconds for process in self.processes.values())

    @property
    def submitter(self) -> Process:
        """The process below the supervisor that plans, hands out work, and publishes."""
        children = [p for p in self.processes.values() if p.parent == self.root]
        return max(children, key=lambda process: process.cpu_seconds, default=self.processes[self.root])

    @property
    def worker_seconds(self) -> tuple[float, ...]:
        """CPU seconds of each worker process with all that it started, most first."""
        workers = [p.pid for p in self.processes.values() if p.is_worker]
        return tuple(sorted((self._below(worker) for worker in workers), reverse=True))

    def _below(self, pid: int) -> float:
        started = [p.pid for p in self.processes.values() if p.parent == pid and not p.is_worker]
        return self.processes[pid].cpu_seconds + sum(map(self._below, started))


def measure(command: Sequence[str | Path], log: Path | None = None) -> Cost:
    """Runs `command` to its end, its output going to `log` where one is named."""
    output = None if log is None else log.open("ab")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    started = time.monotonic()
    with psutil.Popen(
        [str(part) for part in command],
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        env=environment,
    ) as process:
        seen: dict[int, Process] = {process.pid: Process(process.pid, 0, "")}
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, sum(_look(member, seen) for member in _tree(process)))
            time.sleep(LOOK_SECONDS)
        ended = time.monotonic()
    if output is not None:
        output.close()
    return Cost(process.returncode, ended - started, peak, seen, process.pid)


def _look(member: psutil.Process, seen: dict[int, Process]) -> float:
    """Notes what the process has used up to now and returns the memory that it holds, MiB."""
    try:
        with member.oneshot():
            if member.pid not in seen:
                # A worker is told by its own name: the shell that starts it has the same words in its line.
                line = " ".join(member.cmdline()) if member.name() != "sh" else ""
                seen[member.pid] = Process(member.pid, member.ppid(), line)
            entry = seen[member.pid]
            times, resident = member.cpu_times(), member.memory_info().rss / _MIB
    except psutil.Error:
        return 0.0
    entry.cpu_seconds = times.user + times.system
    entry.peak_mib = max(entry.peak_mib, resident)
    return resident


def _tree(process: psutil.Process) -> Iterator[psutil.Process]:
    try:
        yield process
        yield from process.children(recursive=True)
    except psutil.Error:
        return
