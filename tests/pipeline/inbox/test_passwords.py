"""Passwords open encrypted PDFs in a run, and lie nowhere but in the file that holds them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from apache_beam.utils.shared import Shared

from fixtures.drawing.bad_files import USER_PASSWORD
from fixtures.truth_file import INBOX
from pipeline.errors import CommandError
from pipeline.inbox.failures import Failure
from pipeline.inbox.listing import ListedFile, SourceRef
from pipeline.inbox.passwords import read_passwords
from pipeline.run_settings import RunSettings
from pipeline.steps.digitize import ReadPages
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.identify import Identify

LOCKED = INBOX / "不備" / "見積条件_社外秘.pdf"


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "パスワード.txt"
    path.write_bytes(f"\ufeffちがう 合言葉\r\n\r\n{USER_PASSWORD}\r\n".encode())
    return str(path)


def listed() -> ListedFile:
    return ListedFile(str(LOCKED), LOCKED.name, LOCKED.stat().st_size, 0.0)


def identified(settings: RunSettings) -> SourceRef | Failure:
    step = Identify(settings, Shared())
    step.setup()
    (found,) = step.process(listed())
    return found if isinstance(found, SourceRef) else found.value


def test_a_password_a_line_however_the_file_was_saved(password_file: str) -> None:
    assert read_passwords(password_file) == ("ちがう 合言葉", USER_PASSWORD)
    assert read_passwords(None) == ()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "記号.txt").write_bytes(b"\xff\xfe\x00")
    for name in ("ない.txt", "記号.txt"):
        with pytest.raises(CommandError, match=name):
            read_passwords(str(tmp_path / name))


def test_every_password_is_tried_in_a_run(settings: RunSettings, password_file: str) -> None:
    failure = identified(settings)
    assert isinstance(failure, Failure)
    assert (failure.category, failure.retryable) == ("encrypted", False)
    assert "--password-file" in failure.message
    opened = replace(settings, password_file=password_file)
    source = identified(opened)
    assert isinstance(source, SourceRef)
    step = ReadPages(opened, Shared())
    step.setup()
    pairs: Iterator[tuple[str, DigitizedDocument]] = step.process(source)
    ((_, digitized),) = pairs
    assert not digitized.document.failures
    assert "営業日報" in digitized.document.text.replace(" ", "").replace("\u3000", "")


def test_no_password_is_staged_or_kept(settings: RunSettings, password_file: str, tmp_path: Path) -> None:
    opened = replace(settings, password_file=password_file)
    step = Identify(opened, Shared())
    assert USER_PASSWORD.encode() not in pickle.dumps(step)
    assert USER_PASSWORD not in repr(opened)
