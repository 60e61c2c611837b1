"""How `yomitori` ends, as a scheduler sees it."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    DONE = 0
    BAD_CONFIGURATION = 2  # what click uses for wrong options, so that both look alike
    PARTIAL_SUCCESS = 10
    NOTHING_TO_DO = 11
    BAD_INPUT = 12
    BROKEN_CONTRACT = 13
    BROKEN_OFF = 14
    WATCHDOG = 15
    LOCKED = 16
    AUDIT_FAILED = 17
    INTERRUPTED = 130  # 128 + SIGINT, what a shell expects
