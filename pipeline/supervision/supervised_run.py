"""What a run does for its supervisor: tells where it stands, and ends where it should."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.exit_codes import ExitCode
from pipeline.supervision.processes import end_with_parent

_VARIABLE = "YOMITORI_SUPERVISED"
_WORKER_THREAD = "run_worker"  # Beam's threads that wait for a worker process


@dataclass(frozen=True, slots=True)
class Supervision:
    """`progress` is the file to tell in, `last` says that the run is not started again when it dies: what
    killed it before is to be left for another night."""

    progress: str
    last: bool
    supervisor: int

    def to_environment(self) -> dict[str, str]:
        return {_VARIABLE: f"{self.supervisor}:{int(self.last)}:{self.progress}"}


def supervision(environment: Mapping[str, str]) -> Supervision | None:
    """How this process is supervised; None where it is to be the supervisor."""
    value = environment.get(_VARIABLE)
    if value is None:
        return None
    supervisor, last, progress = value.split(":", 2)
    return Supervision(progress, last == "1", int(supervisor))


def obey(supervised: Supervision) -> None:
    """Makes this process end with its supervisor, with its first worker that dies, and on SIGTERM as on
    Ctrl-C.

    To be called once, from the main thread.
    """
    end_with_parent(supervised.supervisor)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    end_with_workers()


def end_with_workers() -> None:
    """Ends this process with ExitCode.WATCHDOG as soon as one of Beam's worker processes dies.

    Beam waits for ever for what a dead worker owes; all that tells of it is an exception that nobody catches
    in the thread that waited for the process.
    """
    before = threading.excepthook

    def hook(uncaught: threading.ExceptHookArgs) -> None:
        if uncaught.thread is not None and uncaught.thread.name == _WORKER_THREAD:
            os._exit(ExitCode.WATCHDOG)
        before(uncaught)

    threading.excepthook = hook
