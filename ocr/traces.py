"""What an exception may say in a log or in a failure's message.

An unexpected exception may quote the document that it choked on. So it is told by its type and the place
where it rose; its own words are told only where the environment says YOMITORI_LOG_TEXT=failures, which
processes hand on to those that they start.
"""

from __future__ import annotations

import os
import re
import traceback

LOG_TEXT = "YOMITORI_LOG_TEXT"
TRACEBACK = "Traceback (most recent call last):"

_FRAME = re.compile(r'^ *File "[^"]*", line \d+, in ')
_RAISED = re.compile(r"^([\w.]+)(?::.*?)?(?: (\[while running '[^']*'\]))?$")
# These speak of files, sockets and memory.
_OF_THE_MACHINE = re.compile(
    r"^(OSError|\w*FileNotFoundError|\w*FileExistsError|PermissionError|ConnectionError|\w*TimeoutError|MemoryError)\b"
)


def said(error: BaseException) -> str:
    """The error in one line: its type with its words where these are allowed, else with its place.

    Of an error that holds the traceback of another process, as those of Beam do, the last exception is told.
    """
    kind, words = type(error).__name__, str(error)
    if TRACEBACK in words:
        return without_words(words).strip().splitlines()[-1]
    if may_quote() or isinstance(error, OSError | MemoryError):
        return f"{kind}: {words}"
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return kind
    place = "/".join(frames[-1].filename.split("/")[-2:])
    return f"{kind}, {place}:{frames[-1].lineno}"


def without_words(text: str) -> str:
    """`text` with every traceback in it cut down to its frames and the types of its exceptions."""
    head, mark, trace = text.partition(TRACEBACK)
    if not mark or may_quote():
        return text
    kept = [head.rstrip(), mark] if head.strip() else [mark]
    after_frame = False
    for line in trace.splitlines():
        if _FRAME.match(line):
            kept.append(line)
            after_frame = True
        elif after_frame and line and not line[0].isspace() and (raised := _RAISED.match(line)):
            kept.append(line if _OF_THE_MACHINE.match(line) else " ".join(filter(None, raised.groups())))
            after_frame = False
    return "\n".join(kept)


def may_quote() -> bool:
    """Whether what is told may hold words of a document."""
    return os.environ.get(LOG_TEXT) == "failures"
