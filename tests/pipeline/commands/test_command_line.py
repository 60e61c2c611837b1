"""The command line refuses at once what it cannot do, and says what to do instead."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from fixtures.truth_file import INBOX
from pipeline.commands.help_ja import JAPANESE, helps
from pipeline.commands.main import app
from pipeline.commands.output_folder import check_output_folder, make_output_folder
from pipeline.errors import CommandError
from pipeline.exit_codes import ExitCode
from tests.support.places import APPS

APP = APPS / "call-log"


def asked(*arguments: object) -> tuple[int, str]:
    """The exit code of a command and what it says."""
    result = CliRunner().invoke(app, [*map(str, arguments)])
    if isinstance(result.exception, CommandError):
        return result.exception.exit_code, str(result.exception)
    return result.exit_code, result.output


def test_the_version_is_told() -> None:
    code, told = asked("--version")
    assert code == ExitCode.DONE
    assert told.startswith("yomitori ")
    assert told.split()[1][0].isdigit()


def test_all_help_can_be_said_in_japanese() -> None:
    said = {text for _, _, text in helps(get_command(app))}
    assert said == JAPANESE.keys()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, True),
    ],
)
def test_help_follows_the_locale(environment: dict[str, str], expected: bool) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    command = [sys.executable, "-m", "pipeline.commands.main", "run", "--help"]
    told = subprocess.run(
        command, env={**kept, **environment, "COLUMNS": "80"}, capture_output=True, text=True, check=True
    ).stdout
    assert ("Read what is new" in told) is not expected
    assert ("新しい文書と変わった文書を読み取り" in told) is expected
    assert not re.search(r"[ぁ-ヿ一-鿿] ?…", told)  # nothing is cut off


@pytest.mark.parametrize(
    "command",
    [
        ("ocr", INBOX),
        ("train", APP),
        ("adapt", APP, "--texts", APP / "train.jsonl"),
        ("evaluate", APP / "model", APP / "test.jsonl"),
    ],
)
def test_no_folder_of_results_is_made_of_a_file(command: tuple[object, ...], tmp_path: Path) -> None:
    place = tmp_path / "結果"
    place.write_text("手書きのメモ", "utf-8")
    for output in (place, place / "中"):
        code, told = asked(*command, "-o", output)
        assert code == ExitCode.BAD_CONFIGURATION
        assert "フォルダを指定してください" in told
    assert place.read_text("utf-8") == "手書きのメモ"


def test_a_model_is_not_written_among_other_things(tmp_path: Path) -> None:
    (tmp_path / "見積.xlsx").write_bytes(b"")
    code, told = asked("train", APP, "-o", tmp_path)
    assert code == ExitCode.BAD_CONFIGURATION
    assert "見積.xlsx" in told
    assert [path.name for path in tmp_path.iterdir()] == ["見積.xlsx"]
    (tmp_path / "app.toml").write_bytes(b"")
    check_output_folder(tmp_path, ("app.toml",))


def test_a_folder_of_results_is_made_with_those_above_it(tmp_path: Path) -> None:
    make_output_folder(tmp_path / "年" / "月")
    assert (tmp_path / "年" / "月").is_dir()


def test_versions_of_a_folder_without_any_are_nothing(tmp_path: Path) -> None:
    code, told = asked("versions", tmp_path)
    assert code == ExitCode.NOTHING_TO_DO
    assert "まだありません" in told


def test_an_unusable_label_sheet_is_a_matter_of_configuration(tmp_path: Path) -> None:
    (tmp_path / "app.toml").write_text(
        'name = "x"\n[[tasks]]\nname = "n"\ntype = "classification"\n', "utf-8"
    )
    code, _ = asked("train", tmp_path, "-o", tmp_path / "model")
    assert code == ExitCode.BAD_CONFIGURATION
