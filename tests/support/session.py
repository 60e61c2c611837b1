"""Runs one command of `yomitori` after another in a process of its own: what they load is loaded once.

A run has no supervisor here. Commands are asked for through standard input, a line of JSON each; the exit
code comes back as a line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.commands.main import run_command
from pipeline.reporting.logs import LogFormat, configure
from pipeline.supervision.supervised_run import Supervision
from tests.support.places import ROOT


class Session:
    """The process, and its commands as they are asked for."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        )

    def yomitori(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Runs a command and returns what it printed, as `subprocess.run` does."""
        words = [*map(str, arguments)]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            self._process.stdin.write(json.dumps([folder, *words]) + "\n")
            self._process.stdin.flush()
            code = self._process.stdout.readline()
            out, err = (Path(folder, name).read_text("utf-8") for name in ("out", "err"))
        assert code, f"the session ended: {err}"
        return subprocess.CompletedProcess(words, int(code), out, err)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


@contextmanager
def _printing_to(folder: Path) -> Iterator[None]:
    """Standard output and error, of this process and of those it starts, go to files."""
    for number, name in ((1, "out"), (2, "err")):
        with (folder / name).open("wb") as file:
            os.dup2(file.fileno(), number)
    sys.stdout, sys.stderr = (os.fdopen(os.dup(n), "w", buffering=1, encoding="utf-8") for n in (1, 2))
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    for asked in sys.stdin:
        folder, *words = json.loads(asked)
        supervised = Supervision(str(Path(folder, "progress")), last=False, supervisor=os.getppid())
        os.environ.update(supervised.to_environment())
        sys.argv = ["yomitori", *words]
        with _printing_to(Path(folder)):
            configure(LogFormat.TEXT)
            code = run_command()
        answers.write(f"{int(code)}\n")


if __name__ == "__main__":
    main()
