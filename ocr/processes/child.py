"""A process of our own that can be killed for real, with all that it started, and never outlives us.

Native code hangs and crashes; only killing its process bounds it. `Child` runs one task at a time in a
spawned process that leads a session of its own, so that a kill reaches the programs it runs, too. It
watches time and memory from outside, because code that hangs looks at nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

import psutil

# How often the memory of a working child is looked at.
WATCH_SECONDS = 0.1
# The system refuses memory beyond this share of what is allowed, should the watch come too late; what a child
# has reserved and not touched (a third more than what it holds) counts here.
MEMORY_HEADROOM = 1.6
# A child that has lost its parent while native code holds the interpreter ends this long after its task
# should have.
ORPHAN_SECONDS = 5
_ORPHAN_LOOK_SECONDS = 0.5
_STARTING = threading.Lock()


class ChildDiedError(Exception):
    """The child ended before its task did."""


class ChildTimeoutError(Exception):
    """The task took longer than it may; the child was killed."""


class ChildTooLargeError(Exception):
    """The child held more memory than it may; it was killed."""


@dataclass(frozen=True, slots=True)
class _Task:
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: Any
    error: BaseException | None


class Child:
    """One spawned process that holds at most `most_bytes` of resident memory.

    Use it from one thread at a time; `kill` it when done, or let go of it.
    """

    def __init__(self, most_bytes: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._most_bytes = most_bytes
        self._connection, theirs = context.Pipe()
        arguments = (theirs, os.getpid(), round(MEMORY_HEADROOM * most_bytes))
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        with _no_script():
            self._process.start()
        theirs.close()
        # Also where the child is forgotten, and at the end of this process.
        self._end = weakref.finalize(self, _end, os.getpid(), self._process, self._connection)

    def run(self, function: Callable[..., Any], arguments: tuple[Any, ...], *, seconds: float) -> Any:
        """What `function(*arguments)`, a function of a module, returns or raises in the child.

        Raises ChildTimeoutError, ChildTooLargeError, ChildDiedError; the child is gone then.
        """
        deadline = time.monotonic() + seconds
        try:
            self._connection.send(_Task(function, arguments, seconds))
            while not self._connection.poll(min(WATCH_SECONDS, max(deadline - time.monotonic(), 0.0))):
                if time.monotonic() >= deadline:
                    self.kill()
                    raise ChildTimeoutError
                if self.resident_bytes > self._most_bytes:
                    self.kill()
                    raise ChildTooLargeError
            outcome: _Outcome = self._connection.recv()
        except (EOFError, OSError) as error:
            self.kill()
            raise ChildDiedError(f"exit code {self._process.exitcode}") from error
        except BaseException:
            # Interrupted between question and answer: the next answer would be that of another question.
            self.kill()
            raise
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    @property
    def resident_bytes(self) -> int:
        """The memory that the child holds; 0 where it is gone."""
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def kill(self) -> None:
        """Ends the child and everything it started; nothing of them is left when this returns."""
        self._end()


@contextmanager
def _no_script() -> Iterator[None]:
    """Hides the script that runs: a spawned process would run it again, and read its files without end
    where it has no `if __name__ == "__main__":`. What a child runs is in modules."""
    with _STARTING:
        script = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = script


def _end(owner: int, process: BaseProcess, connection: Connection) -> None:
    if os.getpid() != owner or process.pid is None:
        return  # a forked copy of the owner
    # Not waited for yet, so that its number cannot have been given to another process. Where there is no
    # group, the child has not come to the point of starting anything.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join()
    connection.close()


# What follows runs in the child.


def _serve(connection: Connection, parent: int, most_data_bytes: int) -> None:
    os.setsid()
    # Not RLIMIT_AS: inference libraries map files far larger than the memory they use.
    resource.setrlimit(resource.RLIMIT_DATA, (most_data_bytes, most_data_bytes))
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    while True:
        try:
            task: _Task = connection.recv()
        except (EOFError, OSError):
            return
        # The alarm's default action ends the process without asking the interpreter.
        signal.alarm(int(task.seconds) + ORPHAN_SECONDS)
        outcome = _answer(task)
        signal.alarm(0)
        try:
            connection.send(outcome)
        except (BrokenPipeError, ConnectionResetError):
            return
        except Exception as error:  # what cannot be pickled raises what it likes
            told = RuntimeError(f"{type(error).__name__}: {error} ({outcome.error or type(outcome.value)!r})")
            connection.send(_Outcome(None, told))


def _answer(task: _Task) -> _Outcome:
    try:
        return _Outcome(task.function(*task.arguments), None)
    except Exception as error:
        return _Outcome(None, error)


def _follow(parent: int) -> None:
    """Ends this process and all that it started once its parent is gone."""
    while os.getppid() == parent:
        time.sleep(_ORPHAN_LOOK_SECONDS)
    os.killpg(0, signal.SIGKILL)
