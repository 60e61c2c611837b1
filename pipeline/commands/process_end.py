"""How the process of a command ends: with its exit code, before its libraries are taken down."""

from __future__ import annotations

import atexit
import logging
import os
import sys

from pipeline.exit_codes import ExitCode


class ProcessEnd:
    """Ends this process with `code` after everything else that is registered for its end was called.

    Left to itself Python would go on to take down the interpreter and the native libraries. Threads of Arrow
    that read a Delta table through a Python file system may still let go of it then; one that asks for the
    interpreter in that moment is ended by std::terminate, and a command whose work is done dies of SIGABRT
    (apache/arrow#34314).

    To be made before other libraries register anything: what was registered first is called last.
    """

    def __init__(self) -> None:
        self.code: int = ExitCode.BROKEN_OFF
        atexit.register(self._end)

    def _end(self) -> None:
        logging.shutdown()
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):  # a full disk, a closed pipe: what was to be told is not told
            self.code = self.code or ExitCode.BROKEN_OFF
        os._exit(self.code)
