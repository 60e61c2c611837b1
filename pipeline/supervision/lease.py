"""One run at a time on an output without file locks (gs://, s3://): a lease, renewed while the run lives.

What it cannot promise: Beam's filesystems have no compare-and-swap. Who takes a lease writes it, waits, and
reads it back; of two runs that take it within that wait the later writer wins and the other one is refused.
Only a store that shows a write later than `_SETTLE_SECONDS`, or a run that stands still between its look and
its write for longer, lets two runs in; and a run that is held up for longer than `LEASE_SECONDS` without
ending can lose its lease while it works (it breaks off as soon as it notices). The machines' clocks are to
agree within a minute: one that runs ahead by more takes a lease that is not over yet.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

import psutil

from pipeline import files
from pipeline.errors import CommandError, RunBrokenError
from pipeline.supervision.owner import locked

if TYPE_CHECKING:
    from pipeline.supervision.owner import Owner

LEASE_SECONDS = 300.0
_RENEW_SECONDS = 60.0
_SETTLE_SECONDS = 2.0
_LOOK_SECONDS = 5.0


@contextmanager
def leased(out: str, owner: Owner, wait_seconds: float) -> Iterator[Callable[[], None]]:
    """Holds the lease OUT/.lease.json for as long as the body runs, which is given a function to call before
    it publishes: that raises RunBrokenError where another run has taken the lease meanwhile.

    Raises LockedError where another run holds it for longer than `wait_seconds`, CommandError where it cannot
    be written.
    """
    path = files.join(out, ".lease.json")
    deadline = time.monotonic() + wait_seconds
    try:
        while (holder := _take(path, owner)) is not None:
            if time.monotonic() >= deadline:
                raise locked(out, holder)
            time.sleep(min(_LOOK_SECONDS, max(deadline - time.monotonic(), 0.0)))
    except OSError as error:
        raise CommandError(
            f"出力先に書き込めません: {path}({error})。場所と権限を確かめてください。"
        ) from error
    stop, lost = threading.Event(), threading.Event()
    renewing = threading.Thread(target=_renew, args=(path, owner, stop, lost), daemon=True)
    renewing.start()

    def check() -> None:
        if lost.is_set() or not _is(_read(path), owner):
            raise RunBrokenError(
                f"実行中に、出力先の予約が別の実行に移りました: {path}。公開済みの表は変えていません。"
                "ほかの実行が終わってから、もう一度実行してください。"
            )

    try:
        yield check
    finally:
        stop.set()
        renewing.join()
        with suppress(OSError):  # it will be over by itself
            if _is(_read(path), owner):
                files.remove_tree(path)


def _take(path: str, owner: Owner) -> Mapping[str, object] | None:
    """Takes the lease where it is free or over. Returns the holder where it is not."""
    holder = _read(path)
    if holder and not _is(holder, owner) and not _is_over(holder, owner):
        return holder
    _write(path, owner)
    time.sleep(_SETTLE_SECONDS)
    holder = _read(path)
    return None if _is(holder, owner) else holder


def _renew(path: str, owner: Owner, stop: threading.Event, lost: threading.Event) -> None:
    while not stop.wait(_RENEW_SECONDS):
        try:
            if not _is(_read(path), owner):
                lost.set()
                return
            _write(path, owner)
        except OSError:
            continue  # the store is away for a moment; the lease outlasts several renewals


def _is_over(holder: Mapping[str, object], owner: Owner) -> bool:
    """Its time has passed, or the process that held it has ended before our eyes."""
    if float(str(holder["expires"])) <= time.time():
        return True
    return holder.get("host") == owner.host and not psutil.pid_exists(int(str(holder.get("pid", 0))))


def _is(holder: Mapping[str, object], owner: Owner) -> bool:
    return (holder.get("host"), holder.get("pid"), holder.get("run_id")) == (
        owner.host,
        owner.pid,
        owner.run_id,
    )


def _read(path: str) -> dict[str, object]:
    """The lease, empty where there is none or what stands there is none. Raises OSError."""
    if not files.exists(path):
        return {}
    try:
        content = json.loads(files.read(path))
        float(content["expires"]), int(content["pid"])
    except (ValueError, TypeError, KeyError):
        return {}
    return dict(content)


def _write(path: str, owner: Owner) -> None:
    lease = {**asdict(owner), "expires": time.time() + LEASE_SECONDS}
    files.write_whole(path, json.dumps(lease).encode())
