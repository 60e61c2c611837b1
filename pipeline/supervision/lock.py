"""One run at a time on an output.

On a local filesystem the kernel keeps the lock (flock on OUT/.lock) and lets go of it when the process ends,
however it ends; no clock is asked, and no process that the run starts inherits it. Elsewhere a lease stands
in for it, see `pipeline/supervision/lease.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import CommandError
from pipeline.supervision.owner import Owner, locked

_LOOK_SECONDS = 0.5


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


def _read(told: Path) -> Mapping[str, object]:
    try:
        content = json.loads(told.read_text())
    except (OSError, ValueError):
        return {}  # the other run is about to write it, or has just ended
    return content if isinstance(content, dict) else {}
