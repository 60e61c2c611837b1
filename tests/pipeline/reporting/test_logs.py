"""Logs as a collector and a person read them, from worker processes too, without a document's words."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ocr.traces import LOG_TEXT, said, without_words
from tests.support.places import ROOT

pytestmark = pytest.mark.slow

_STEPS = "tests.support.pipeline.logging_steps"
_WORDS = "秘密の本文"


def _logged(
    folder: Path, workers: int, form: str = "json", text: str = "never", page: int = 1
) -> tuple[str, str]:
    """What a pipeline printed and what it logged; files, because a worker may outlive it."""
    code = f"from {_STEPS} import main; main('{workers}', '{form}', '{text}', '{page}')"
    printed, logged = folder / "printed", folder / "logged"
    with printed.open("w") as out, logged.open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=out,
            stderr=err,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    try:
        _wait(process, logged)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return printed.read_text(encoding="utf-8"), logged.read_text(encoding="utf-8")


def _wait(process: subprocess.Popen[bytes], logged: Path) -> None:
    """Until it ends, or has told of a step that failed: Beam may wait for ever after that."""
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if "runners.worker.sdk_worker" in logged.read_text(encoding="utf-8"):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            return
        time.sleep(0.2)
    assert process.poll() == 0


def _lines(logged: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in logged.splitlines()]


@pytest.mark.parametrize("workers", [1, 2], ids=["this process", "worker processes"])
def test_every_line_is_an_object_that_says_when_where_and_what(tmp_path: Path, workers: int) -> None:
    lines = _lines(_logged(tmp_path, workers)[1])
    event = next(line for line in lines if line.get("event") == "wave")
    assert event == {
        "time": event["time"], "level": "INFO", "logger": "pipeline.night.run", "message": "第 1 回分",
        "run": "試験", "event": "wave", "pages": 1,
    }  # fmt: skip
    assert datetime.fromisoformat(event["time"]).utcoffset() is not None
    page = next(line for line in lines if line["message"] == "page 1 of 日報 四月.pdf")
    assert page["level"] == "WARNING"
    assert all(line["logger"].startswith(("pipeline", "ocr", _STEPS)) for line in lines)
    if workers > 1:
        assert page["step"] == "読む"


@pytest.mark.parametrize(("workers", "form"), [(1, "text"), (2, "json")])
def test_no_word_of_a_document_is_logged_even_where_a_step_dies_of_it(
    tmp_path: Path, workers: int, form: str
) -> None:
    printed, logged = _logged(tmp_path, workers, form, page=13)
    assert _WORDS not in logged + printed
    assert "logging_steps.py" in logged
    assert "ValueError" in logged


def test_an_operator_may_let_exceptions_speak(tmp_path: Path) -> None:
    printed, logged = _logged(tmp_path, 1, text="failures", page=13)
    assert _WORDS in logged
    assert _WORDS in printed


def test_an_error_is_told_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LOG_TEXT, raising=False)
    with pytest.raises(ValueError, match=_WORDS) as caught:
        raise ValueError(_WORDS)
    assert re.fullmatch(r"ValueError, reporting/test_logs\.py:\d+", said(caught.value))
    monkeypatch.setenv(LOG_TEXT, "failures")
    assert said(caught.value) == f"ValueError: {_WORDS}"


def test_an_error_of_a_worker_is_told_by_its_last_exception() -> None:
    frame = 'Traceback (most recent call last):\n  File "a.py", line 1, in f'
    trace = f"{frame}\nValueError: {_WORDS} [while running '読む']"
    assert said(RuntimeError(trace)) == "ValueError [while running '読む']"


def test_what_the_machine_says_is_told_in_full() -> None:
    assert "No space left" in said(OSError(28, "No space left on device"))
    trace = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\nOSError: [Errno 28] No space left'
    )
    assert "No space left" in without_words(trace)


def test_words_over_several_lines_are_cut_too() -> None:
    trace = (
        "読めません\nTraceback (most recent call last):\n"
        '  File "ocr/a.py", line 1, in f\n    read("本文")\n'
        "nlu.errors.InputError: 秘密\nの本文: 二行目\n\nThe above exception was the direct cause:\n\n"
        'Traceback (most recent call last):\n  File "ocr/b.py", line 2, in g\n'
        "RuntimeError: 秘密 [while running '読む']"
    )
    assert without_words(trace).splitlines() == [
        "読めません",
        "Traceback (most recent call last):",
        '  File "ocr/a.py", line 1, in f',
        "nlu.errors.InputError",
        '  File "ocr/b.py", line 2, in g',
        "RuntimeError [while running '読む']",
    ]
