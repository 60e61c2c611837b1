"""A run over hosts in another network, proven on one machine: two network namespaces with a cable between.

python -m benchmarks.night.two_hosts [--files 16] [--workers 1]

One namespace holds the submitter, the other two pools of `yomitori worker`. Three runs over the same files:
on this machine, on the hosts, and on the hosts with one worker killed in the middle; their tables must be the
same. At the end the cable is pulled during a run, and the seconds counted until it gives up. Needs root.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil
from rich.console import Console
from rich.table import TableName as Printed  # type: ignore[attr-defined]

from fixtures.truth_file import FIXTURES, INBOX
from pipeline.exit_codes import ExitCode
from pipeline.tables.contract import TableName

_COMMAND = Path(sys.executable).with_name("yomitori")
_APPS = [part for app in ("call-log", "daily-report") for part in ("--app", str(FIXTURES / "apps" / app))]
_HERE, _THERE = "yomitori-submit", "yomitori-hosts"
_HERE_ADDRESS, _THERE_ADDRESS = "10.177.0.1", "10.177.0.2"
_PORTS = (5000, 5001)
_HOSTS = ",".join(f"{_THERE_ADDRESS}:{port}" for port in _PORTS)
# They tell the run or its time, not what was read.
_OF_THE_RUN = ("run_id", "first_seen", "last_seen", "last_tried")


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(
            f"ip {' '.join(arguments)}: {done.stderr.strip()}: network namespaces are not to be had here"
        )


@contextmanager
def _namespaces() -> Iterator[None]:
    for name in (_HERE, _THERE):
        _ip("netns", "add", name)
    try:
        _ip("link", "add", "eth0", "netns", _HERE, "type", "veth", "peer", "name", "eth0", "netns", _THERE)
        for name, address in ((_HERE, _HERE_ADDRESS), (_THERE, _THERE_ADDRESS)):
            _ip("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                _ip("-n", name, "link", "set", device, "up")
        yield
    finally:
        for name in (_HERE, _THERE):
            _ip("netns", "delete", name)


@contextmanager
def _pools(scratch: Path) -> Iterator[list[psutil.Popen]]:
    """`yomitori worker` on two ports of the other namespace."""
    pools = []
    try:
        for port in _PORTS:
            log = scratch / f"worker-{port}.log"
            with log.open("wb") as stream:
                command = [_COMMAND, "worker", "--bind", _THERE_ADDRESS, "--port", str(port)]
                pools.append(
                    psutil.Popen(
                        ["ip", "netns", "exec", _THERE, *command], cwd="/", stdout=stream, stderr=stream
                    )
                )
            while "待っています" not in log.read_text("utf-8"):
                if pools[-1].poll() is not None:
                    sys.exit(log.read_text("utf-8"))
                time.sleep(0.2)
        yield pools
    finally:
        for pool in pools:
            pool.terminate()
            pool.wait(30)


@dataclass(frozen=True, slots=True)
class HostedRun:
    exit_code: int
    seconds: float
    printed: str


def _start(inbox: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["ip", "netns", "exec", _HERE, _COMMAND, "run", inbox, out, *_APPS, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _end(process: subprocess.Popen[str], started: float) -> HostedRun:
    printed, _ = process.communicate(timeout=3600)
    return HostedRun(process.returncode, time.monotonic() - started, printed)


def _run(inbox: Path, out: Path, *options: str) -> HostedRun:
    return _end(_start(inbox, out, *options), time.monotonic())


def _wait_for_a_page(out: Path) -> None:
    """Until the first page range has been read and kept."""
    while not next((out / "digitized").rglob("*.json.gz"), None):
        time.sleep(0.1)


def _run_with_a_kill(inbox: Path, out: Path, pools: Sequence[psutil.Popen], *options: str) -> HostedRun:
    started = time.monotonic()
    process = _start(inbox, out, *options)
    _wait_for_a_page(out)
    pools[0].children()[0].send_signal(signal.SIGKILL)
    return _end(process, started)


def _run_without_a_cable(inbox: Path, out: Path, *options: str) -> tuple[float, HostedRun]:
    """Seconds from the pulling of the cable to the end of the run."""
    started = time.monotonic()
    process = _start(inbox, out, *options)
    _wait_for_a_page(out)
    _ip("-n", _THERE, "link", "set", "eth0", "down")
    pulled = time.monotonic()
    run = _end(process, started)
    _ip("-n", _THERE, "link", "set", "eth0", "up")
    return time.monotonic() - pulled, run


def _differences(one: Path, other: Path) -> list[str]:
    """Tables whose rows are not the same."""
    return [
        table.value
        for table in TableName
        if table is not TableName.RUNS and _rows(one, table) != _rows(other, table)
    ]


def _rows(out: Path, table: TableName) -> list[str]:
    source = out / "tables" / table.value / "dt=*" / "*.parquet"
    with suppress(duckdb.IOException):  # a table without rows has no file
        rows = duckdb.sql(f"SELECT * FROM read_parquet('{source}', union_by_name=true)").to_arrow_table()
        return sorted(str({k: v for k, v in r.items() if k not in _OF_THE_RUN}) for r in rows.to_pylist())
    return []


def _inbox(scratch: Path, count: int) -> Path:
    inbox = scratch / "受信箱"
    inbox.mkdir()
    for path in sorted(path for path in INBOX.rglob("*") if path.is_file())[:count]:
        shutil.copy2(path, inbox)
    return inbox


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=16)
    parser.add_argument("--workers", type=int, default=1, help="on each of the two pools")
    arguments = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("ip") is None:
        sys.exit("two_hosts needs root and the command ip: it makes network namespaces")
    console = Console(width=120)
    on_hosts = ("--hosts", _HOSTS, "--workers", str(arguments.workers))
    here = ("--workers", str(arguments.workers * len(_PORTS)))
    with tempfile.TemporaryDirectory(prefix="yomitori-") as folder, _namespaces():
        scratch = Path(folder)
        inbox = _inbox(scratch, arguments.files)
        local, remote, killed, cut = (scratch / name for name in ("local", "remote", "killed", "cut"))
        with _pools(scratch) as pools:
            runs = {
                "this machine": (_run(inbox, local, *here), local),
                "hosts": (_run(inbox, remote, *on_hosts), remote),
                "hosts, a worker killed": (_run_with_a_kill(inbox, killed, pools, *on_hosts), killed),
            }
            waited, last = _run_without_a_cable(inbox, cut, *on_hosts, "--restarts", "0")
        printed = Printed(title=f"{arguments.files} files", title_justify="left")
        for column in ("run", "exit code", "seconds", "tables that differ"):
            printed.add_column(column)
        differing = {name: _differences(local, out) for name, (_, out) in runs.items()}
        for name, (run, _) in runs.items():
            unlike = ", ".join(differing[name]) or "none"
            printed.add_row(name, str(run.exit_code), f"{run.seconds:.1f}", unlike)
        console.print(printed)
        console.print(
            f"what the run said whose worker was killed:\n{runs['hosts, a worker killed'][0].printed}"
        )
        console.print(f"cable pulled: ended with {last.exit_code} after {waited:.1f} s\n{last.printed}")
    done = (ExitCode.DONE, ExitCode.PARTIAL_SUCCESS)
    if any(differing.values()) or any(run.exit_code not in done for run, _ in runs.values()):
        sys.exit("the runs do not agree")


if __name__ == "__main__":
    main()
