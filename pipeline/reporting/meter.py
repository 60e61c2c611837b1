"""What a run costs: CPU seconds and memory of this process and all that it starts."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import psutil

_LOOK_SECONDS = 1.0
_MIB = 2**20


class Meter:
    """Looks at the tree of processes once a second while it is entered.

    What a process used in its last second before it ended is missed; memory that processes share is
    counted in each of them.
    """

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak_mib = 0.0

    def __enter__(self) -> Self:
        self._look()
        self._before = sum(self._seconds.values())
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._look()

    @property
    def cpu_seconds(self) -> float:
        """User and system seconds since the meter was entered."""
        return sum(list(self._seconds.values())) - self._before

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        here = psutil.Process()
        resident = 0
        for process in [here, *here.children(recursive=True)]:
            try:
                times = process.cpu_times()
                resident += process.memory_info().rss
            except psutil.Error:
                continue
            self._seconds[process.pid] = times.user + times.system
        self.peak_mib = max(self.peak_mib, resident / _MIB)
