"""The supervisor of a run: a light process that starts it, watches it, and starts it again where it must.

A run is ended by force, with all its processes, where it died of a signal, where it lost one of its workers
(`supervised.end_with_workers`), and where it hangs. It hangs where nothing was told for `stall_seconds` since
it began to tell. CPU time is no sign of life: a loop without end burns it, too. Waiting for another run's
lock is no hang, as nothing is told before the output is one's own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import psutil

from pipeline.exit_codes import ExitCode
from pipeline.progress.held_documents import held_documents
from pipeline.supervision.processes import adopt_orphans, kill_children
from pipeline.supervision.strikes import add_strikes
from pipeline.supervision.supervised_run import Supervision

if TYPE_CHECKING:
    from rich.console import Console

    from ocr.limits import Limits

_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """How a run is watched.

    It is started again at most `restarts` times. `stall_seconds` is the longest silence, None where workers
    on other machines tell nothing. On SIGINT or SIGTERM it has `grace_seconds` to end by itself.
    """

    restarts: int = 3
    stall_seconds: float | None = None
    grace_seconds: float = 15.0


def longest_silence(limits: Limits, pages_a_part: int) -> float:
    """Seconds for which a healthy run may tell nothing: one call that reads `pages_a_part` pages as slowly as
    they may be read, an engine to load before it, and as much again for slow disks."""
    return pages_a_part * limits.page_seconds + 2 * limits.start_seconds


class _Death(Enum):
    KILLED = auto()
    LOST_WORKER = auto()
    HUNG = auto()


@dataclass(slots=True)
class _Wish:
    """The operator's wish to stop."""

    signal: int = 0


def supervise(command: Sequence[str], settings: WatchSettings, out: str, console: Console) -> int:
    """Runs `command` under watch until it ends by itself, and returns its exit code.

    The command finds its Supervision in its environment. Where it died or hung, a strike is counted in `out`
    against each document that was in the hands of what died (of all processes where it hung), and it is
    started again. Returns ExitCode.WATCHDOG where it died once too often, INTERRUPTED where it was stopped.
    To be called in the main thread of a process that has no other children: all are killed at the end.
    """
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="yomitori-") as scratch, _wish_to_stop() as wish:
        for start in range(settings.restarts + 1):
            progress = Path(scratch) / f"progress-{start}.jsonl"
            last = start == settings.restarts > 0
            try:
                ended = _run(command, Supervision(str(progress), last, os.getpid()), settings, wish)
                if not isinstance(ended, _Death):
                    return ended
                struck = _struck(progress, ended)
            finally:
                kill_children()
            _strike(out, struck, console)
            again = start < settings.restarts
            console.print(_told(ended, len(struck), settings, again), style="yellow", highlight=False)
            progress.unlink(missing_ok=True)
    return ExitCode.WATCHDOG


def _run(
    command: Sequence[str], supervised: Supervision, settings: WatchSettings, wish: _Wish
) -> int | _Death:
    """Starts the command and waits: for its exit code, its death, or its end at the operator's wish."""
    # A session of its own: a terminal's Ctrl-C reaches the supervisor alone, which passes it on.
    process = subprocess.Popen(command, env=os.environ | supervised.to_environment(), start_new_session=True)
    progress = _Progress(Path(supervised.progress))
    while True:
        with suppress(subprocess.TimeoutExpired):
            return _classified(process.wait(timeout=_LOOK_SECONDS), wish)
        if wish.signal:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                return _classified(process.wait(timeout=settings.grace_seconds), wish)
            return ExitCode.INTERRUPTED
        if settings.stall_seconds is not None and progress.silence > settings.stall_seconds:
            return _Death.HUNG


def _classified(code: int, wish: _Wish) -> int | _Death:
    if code >= 0:
        return _Death.LOST_WORKER if code == ExitCode.WATCHDOG else code
    return ExitCode.INTERRUPTED if wish.signal else _Death.KILLED


class _Progress:
    """A file that should grow."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = 0
        self._since = time.monotonic()

    @property
    def silence(self) -> float:
        """Seconds since the file was last seen to have grown; 0 where it has not begun."""
        size = self._path.stat().st_size if self._path.exists() else 0
        now = time.monotonic()
        if size != self._size or size == 0:
            self._size, self._since = size, now
        return now - self._since


def _struck(progress: Path, death: _Death) -> frozenset[str]:
    """What was in the hands of the dead, or of all where the run hung; asked before the others are killed.

    Orphans that ended meanwhile are known to the system until somebody waits for them, and so count as alive:
    they did not bring the run down.
    """
    if not progress.exists():
        return frozenset()
    with progress.open("rb") as lines:
        held = held_documents(lines)
    guilty = [pid for pid in held if death is _Death.HUNG or not psutil.pid_exists(pid)]
    return frozenset[str]().union(*(held[pid] for pid in guilty))


def _strike(out: str, doc_ids: frozenset[str], console: Console) -> None:
    try:
        add_strikes(out, doc_ids)
    except OSError as error:
        console.print(
            f"異常終了の回数を記録できません: {out}({error})。空き容量と権限を確かめてください。", style="red"
        )


def _told(death: _Death, documents: int, settings: WatchSettings, again: bool) -> str:
    what = {
        _Death.KILLED: "実行のプロセスが異常終了しました",
        _Death.LOST_WORKER: "作業プロセスが異常終了しました",
        _Death.HUNG: f"{settings.stall_seconds or 0:.0f} 秒間なにも進まなかったため、実行を打ち切りました",
    }[death]
    held = f"(処理中だった文書 {documents} 件)" if documents else ""
    then = (
        "はじめからやり直します(読み取り済みのページは再利用します)。"
        if again
        else "やり直しの上限に達したので終わります。公開済みの表は変えていません。メモリと空き容量を確かめ、"
        "同じコマンドをもう一度実行してください。"
    )
    return f"監視: {what}{held}。{then}"


@contextmanager
def _wish_to_stop() -> Iterator[_Wish]:
    wish = _Wish()

    def heard(number: int, _: FrameType | None) -> None:
        wish.signal = number

    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
