"""What ends a command before its work is done, each with the exit code it ends with."""

from __future__ import annotations

from pipeline.exit_codes import ExitCode


class CommandError(Exception):
    """Says what is wrong, where, and what to do next, in one message."""

    exit_code = ExitCode.BAD_CONFIGURATION


class RunBrokenError(CommandError):
    """The pipeline broke off; nothing was published."""

    exit_code = ExitCode.BROKEN_OFF


class BadInputError(CommandError):
    """The files that were named cannot be worked on."""

    exit_code = ExitCode.BAD_INPUT


class BrokenContractError(CommandError):
    """The rows of a run contradict each other or their schema; nothing was published."""

    exit_code = ExitCode.BROKEN_CONTRACT


class LockedError(CommandError):
    """Another run works on the same output."""

    exit_code = ExitCode.LOCKED


class AuditFailedError(CommandError):
    """The rows are unlike those of earlier nights; nothing was published."""

    exit_code = ExitCode.AUDIT_FAILED
