"""One run at a time on an output.

On a local filesystem the kernel keeps the lock (flock on OUT/.lock) and lets go of it when the process ends,
however it ends; no clock is asked, and no process that the run starts inherits it. Elsewhere a lease stands
in for it, see `pipeline/supervision/lease.py`.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import CommandError, LockedError

_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds an output: for people, nothing is decided by it. `since` is local time."""

    host: str
    pid: int
    run_id: str
    since: str

    @staticmethod
    def of_this_process(run_id: str) -> Owner:
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        return Owner(socket.gethostname(), os.getpid(), run_id, now)


@contextmanager
def only_run(out: str, run_id: str, wait_seconds: float = 0.0) -> Iterator[Callable[[], None]]:
    """Holds the output for as long as the body runs; waits at most `wait_seconds` for another run to end.

    The body is given a function to call before it publishes, which raises RunBrokenError where the output is
    no longer its own: a lock is never lost, a lease may be. `out` is an existing folder or a URI.

    Raises LockedError, which says who holds it, and CommandError where nothing can be locked.
    """
    if "://" in out:
        from pipeline.supervision.lease import leased

        with leased(out, Owner.of_this_process(run_id), wait_seconds) as check:
            yield check
        return
    # Never a lock file without flock behind it: such a lock would outlive a crash.
    lock = FileLock(
        Path(out) / ".lock", timeout=wait_seconds, poll_interval=_LOOK_SECONDS, fallback_to_soft=False
    )
    told = Path(out) / ".lock-owner.json"
    try:
        lock.acquire()
    except Timeout as error:
        raise locked(out, _read(told)) from error
    except OSError as error:
        raise CommandError(
            f"出力先をロックできません: {out}({error.strerror or error})。書き込みの権限と、"
            "ファイルのロック(flock)を使える場所かどうかを確かめてください。"
        ) from error
    try:
        with suppress(OSError):
            told.write_text(json.dumps(asdict(Owner.of_this_process(run_id))))
        yield _kept
    finally:
        with suppress(OSError):
            told.unlink(missing_ok=True)
        lock.release()


def _kept() -> None:
    """The kernel takes no lock away."""


def locked(out: str, owner: Mapping[str, object]) -> LockedError:
    """The refusal, naming the owner where one is told."""
    who = (
        f"({owner['host']} のプロセス {owner['pid']}、実行 {owner['run_id']}、{owner['since']} 開始)"
        if set(owner) >= {"host", "pid", "run_id", "since"}
        else ""
    )
    return LockedError(
        f"同じ出力先で別の実行が動いています: {out}{who}。終わるのを待って再実行するか、"
        "--wait 秒数 を付けて待たせてください。"
    )


def _read(told: Path) -> Mapping[str, object]:
    try:
        content = json.loads(told.read_text())
    except (OSError, ValueError):
        return {}  # the other run is about to write it, or has just ended
    return content if isinstance(content, dict) else {}
