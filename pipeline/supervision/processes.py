"""Processes that end together: none of a run outlives it, and it does not outlive its supervisor."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from contextlib import suppress

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LOOK_SECONDS = 0.5
_KILL_SECONDS = 10.0


def end_with_parent(parent: int) -> None:
    """Ends this process when its parent, process `parent`, is gone: at once on Linux, soon elsewhere."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_follow, args=(parent,), name="end_with_parent", daemon=True).start()


def adopt_orphans() -> None:
    """Makes the orphans that descendants of this process leave behind its own children (on Linux), so that
    `kill_children` finds them though the process between has died."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def kill_children() -> None:
    """Kills all descendants of this process; none is left when it returns.

    Again and again, because one that is about to die may start another, and because killing a parent shows
    the orphans that it leaves to us.
    """
    deadline = time.monotonic() + _KILL_SECONDS
    while (descendants := psutil.Process().children(recursive=True)) and time.monotonic() < deadline:
        for process in descendants:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(descendants, timeout=1.0)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
