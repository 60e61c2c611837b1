"""The option `--second-engine` of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import CommandError


@pytest.mark.parametrize("command", [["ocr", "a.png"], ["run", "inbox", "out"]])
def test_an_engine_is_no_second_to_itself(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--engine", "ppocr", "--second-engine", "ppocr"])
    assert isinstance(result.exception, CommandError)
    assert "--second-engine" in str(result.exception)


def test_a_missing_second_engine_stops_the_run_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    result = CliRunner().invoke(
        app, ["run", str(inbox), str(tmp_path / "out"), "--second-engine", "tesseract"]
    )
    assert isinstance(result.exception, CommandError)
    assert "--second-engine を外すと" in str(result.exception)
    assert not (tmp_path / "out").exists()
