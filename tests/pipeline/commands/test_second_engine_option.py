"""A second engine that cannot help is refused before anything is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.exit_codes import ExitCode

pytestmark = pytest.mark.slow


def _yomitori(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs the installed command where no other program is found."""
    command = Path(sys.executable).with_name("yomitori")
    return subprocess.run(
        [command, *map(str, arguments)], capture_output=True, text=True, check=False, env={"PATH": ""}
    )


@pytest.mark.parametrize("command", [["ocr", "a.png"], ["run", "inbox", "out"]])
def test_an_engine_is_no_second_to_itself(command: list[str]) -> None:
    done = _yomitori(*command, "--engine", "ppocr", "--second-engine", "ppocr")
    assert done.returncode == ExitCode.BAD_CONFIGURATION
    assert "--second-engine に --engine と同じ" in done.stderr


def test_a_missing_second_engine_stops_the_run_before_it_starts(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    done = _yomitori("run", inbox, tmp_path / "out", "--second-engine", "tesseract")
    assert done.returncode == ExitCode.BAD_CONFIGURATION
    assert "--second-engine を外すと" in done.stderr
    assert not (tmp_path / "out").exists()
