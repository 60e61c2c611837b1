"""How far a run has come, told by its workers through one file that they append to."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import rich.progress
from rich.console import Console

_POLL_SECONDS = 0.5
_LOG_LINE_SECONDS = 15.0


class Event(StrEnum):
    FILE_LISTED = "file_listed"
    FILE_IDENTIFIED = "file_identified"
    PAGE_DUE = "page_due"
    PAGE_DONE = "page_done"
    PAGE_READ = "page_read"
    """Of the pages done, one that was not kept from an earlier run."""
    PAGE_FAILED = "page_failed"
    DOCUMENT_READ = "document_read"
    DOCUMENT_UNDERSTOOD = "document_understood"
    PHASE = "phase"
    """The run has come to another part of its work; `about` names it."""
    WORK_BEGUN = "work_begun"
    """A process takes up the documents that `about` names by doc_id."""
    WORK_ENDED = "work_ended"
    """The process lays them down; the count is the seconds that it took, `stage` for what."""


def tell(
    path: str | None, event: Event, count: float = 1, about: Sequence[str] = (), stage: str = ""
) -> None:
    """Appends one event of this process: a JSON line [event, count, pid, about, stage].

    A line is far below the size up to which an append is one whole write.
    """
    if path is None or (count == 0 and not about):
        return
    line = json.dumps([event.value, count, os.getpid(), list(about), stage]).encode() + b"\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


@contextmanager
def holding(path: str | None, stage: str, doc_ids: Sequence[str]) -> Iterator[None]:
    """Tells that this process works on `doc_ids` for as long as the body runs, and how long that took."""
    tell(path, Event.WORK_BEGUN, about=doc_ids, stage=stage)
    started = time.monotonic()
    try:
        yield
    finally:
        tell(path, Event.WORK_ENDED, round(time.monotonic() - started, 4), doc_ids, stage)


class ProgressReader:
    """Adds up the events of a progress file as it grows: how many of each, and the seconds of each stage."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._position = 0
        self.counts: Counter[str] = Counter()
        self.stage_seconds: dict[str, float] = defaultdict(float)

    def refresh(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as stream:
            stream.seek(self._position)
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                self._position += len(line)
                event, count, _, _, stage = json.loads(line)
                self.counts[event] += count
                if event == Event.WORK_ENDED:
                    self.stage_seconds[stage] += count


@contextmanager
def shown(path: str, console: Console) -> Iterator[None]:
    """Shows the progress in `path` while the body runs: bars on a terminal, now and then a line in a log."""
    stop = threading.Event()
    show = _show_bars if console.is_terminal else _show_lines
    thread = threading.Thread(target=show, args=(ProgressReader(path), console, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


_STEPS = (
    ("ファイル確認", Event.FILE_IDENTIFIED, Event.FILE_LISTED),
    ("ページ読取", Event.PAGE_DONE, Event.PAGE_DUE),
    ("文書理解", Event.DOCUMENT_UNDERSTOOD, Event.DOCUMENT_READ),
)


def _show_bars(reader: ProgressReader, console: Console, stop: threading.Event) -> None:
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TimeElapsedColumn(),
    )
    with rich.progress.Progress(*columns, console=console) as progress:
        tasks = [progress.add_task(title, total=None) for title, _, _ in _STEPS]
        while True:
            last = stop.wait(_POLL_SECONDS)
            reader.refresh()
            for task, (_, done, due) in zip(tasks, _STEPS, strict=True):
                progress.update(task, completed=reader.counts[done], total=reader.counts[due] or None)
            if last:
                return


def _show_lines(reader: ProgressReader, console: Console, stop: threading.Event) -> None:
    started = time.monotonic()
    shown_before = ""
    while True:
        last = stop.wait(_LOG_LINE_SECONDS)
        reader.refresh()
        state = "  ".join(
            f"{title} {reader.counts[done]}/{reader.counts[due]}" for title, done, due in _STEPS
        )
        if state != shown_before:
            console.print(f"{time.monotonic() - started:6.0f} 秒  {state}", highlight=False)
            shown_before = state
        if last:
            return
