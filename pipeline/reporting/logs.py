"""Logs of a run: JSON lines for a collector, lines for a person on a terminal, no document's words in either.

An exception may quote the document that it choked on. Unless LogText.FAILURES allows it, one that is not
known to speak of files and settings alone is told by its type and the place it rose at (`ocr.traces`).
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import MutableMapping
from enum import StrEnum
from typing import Any

from ocr.traces import LOG_TEXT, TRACEBACK, may_quote, without_words

_OURS = ("pipeline", "ocr", "nlu")
_STANDING = ("run", "event", "document", "file", "stage", "category", "step")
# Beam tells at every start of an extra that is not needed and of a folder that local workers lack.
_NOISE = ("apitools not found", "semi_persistent_directory")
# Beam's local runners pass on what a worker process logged as the text of a LogEntry.
_ENVELOPES = ("root", "apache_beam.runners.portability.local_job_service")
_ENVELOPE = re.compile(r"(?:Worker: )?(severity: .*)", re.DOTALL)
_STEP_FAILED = "a step of the pipeline failed\n"


class LogFormat(StrEnum):
    AUTO = "auto"
    """Text on a terminal, else JSON."""
    JSON = "json"
    TEXT = "text"


class LogText(StrEnum):
    """Whether a log may hold words of a document."""

    NEVER = "never"
    FAILURES = "failures"
    """What an unexpected exception says is logged and kept in `failures`, to find an error; the summary may
    quote titles where it is no terminal's."""


class RunEvent(StrEnum):
    """What is told of a run, in the field `event` of its log lines."""

    STARTED = "started"
    PLANNED = "planned"
    WAVE = "wave"
    FAILURE = "failure"
    AUDITED = "audited"
    PUBLISHED = "published"
    FINISHED = "finished"


def configure(
    format: LogFormat = LogFormat.AUTO, level: int = logging.INFO, text: LogText = LogText.NEVER
) -> None:
    """Sends the logs of this process to standard error: ours from `level` on, others' from WARNING.

    Processes that are started later take over `text`; see `hush_processes` for what they print by themselves.
    """
    os.environ[LOG_TEXT] = text.value
    as_text = format is LogFormat.TEXT or (format is LogFormat.AUTO and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_TextFormatter() if as_text else _json_formatter())
    for change in (_unpacked, _wordless):
        handler.addFilter(change)
    handler.addFilter(_is_worth_reading)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in _OURS:
        logging.getLogger(room).setLevel(level)


def hush_processes() -> None:
    """Processes that are started from now on print nothing to standard error; this one goes on doing so.

    Beam's workers print there, beside logging it, what an exception says.
    """
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


class RunLog(logging.LoggerAdapter[logging.Logger]):
    """Stamps every line with its run; `extra` adds the other fields: event, document, file, stage, …"""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        return msg, {**kwargs, "extra": {**(self.extra or {}), **kwargs.get("extra", {})}}

    def tell(self, event: RunEvent, message: str, **fields: object) -> None:
        """One line of what has happened; `fields` are kept as they are in JSON."""
        level = logging.WARNING if event is RunEvent.FAILURE else logging.INFO
        self.log(level, message, extra={"event": event.value, **fields})


def run_log(run_id: str) -> RunLog:
    return RunLog(logging.getLogger("pipeline.night.run"), {"run": run_id})


class _WordlessFormatter(logging.Formatter):
    """Tells exceptions as `ocr.traces` allows."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging's name)
        return without_words(super().formatException(ei))


class _TextFormatter(_WordlessFormatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s%(about)s", datefmt="%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        about = [str(record.__dict__[name]) for name in ("file", "step") if name in record.__dict__]
        record.about = f" [{', '.join(about)}]" if about else ""
        return super().format(record)


def _json_formatter() -> logging.Formatter:
    from datetime import UTC, datetime

    from pythonjsonlogger.json import JsonFormatter

    class Lines(_WordlessFormatter, JsonFormatter):
        """One object a line: time (ISO 8601, UTC), level, logger, message, then what the line is about."""

        def add_fields(
            self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
        ) -> None:
            super().add_fields(log_data, record, message_dict)
            fields = dict(log_data)
            log_data.clear()
            log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
            log_data["level"], log_data["logger"] = record.levelname, record.name
            log_data["message"] = fields.pop("message", "")
            log_data |= {name: fields.pop(name) for name in _STANDING if name in fields} | fields

    return Lines(json_ensure_ascii=False)


def _unpacked(record: logging.LogRecord) -> bool:
    """Takes out of Beam's envelope what a worker process logged: its level, time, place and message."""
    if record.name in _ENVELOPES and (envelope := _ENVELOPE.match(record.getMessage())):
        from apache_beam.portability.api import beam_fn_api_pb2
        from google.protobuf import text_format

        entry = text_format.Parse(envelope[1], beam_fn_api_pb2.LogEntry())
        record.msg, record.args = entry.message, None
        record.name = _module(entry.log_location)
        record.created = entry.timestamp.seconds + entry.timestamp.nanos / 1e9
        if entry.transform_id:
            record.step = entry.transform_id
    return True


def _wordless(record: logging.LogRecord) -> bool:
    """Cuts tracebacks that are part of a message down; Beam begins its own with what the exception says."""
    message = record.getMessage()
    if record.exc_info or TRACEBACK in message:
        is_beams = record.name.startswith("apache_beam") and not may_quote()
        head, mark, trace = message.partition(TRACEBACK)
        record.msg = without_words((_STEP_FAILED if is_beams else head) + mark + trace).rstrip()
        record.args = None
    return True


def _module(location: str) -> str:
    """The logger's name as the file says it: Beam passes on "…/ocr/reader.py:61" alone."""
    path = location.rsplit(":", 1)[0].removesuffix(".py").split("/")
    start = next((number for number, part in enumerate(path) if part in (*_OURS, "apache_beam")), -1)
    return ".".join(path[start:])


def _is_worth_reading(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    return not any(noise in message for noise in _NOISE)
