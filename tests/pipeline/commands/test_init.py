"""What `yomitori init` makes is an application that learns, reads and is judged as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from nlu.application.application import Application
from nlu.records.record_files import read_records
from pipeline.commands.main import app
from pipeline.errors import CommandError


def init(folder: Path) -> str:
    result = CliRunner().invoke(app, ["init", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("folder", "name"), [("voice", "voice"), ("Voice-2", "voice-2"), ("お客様の声", "my-application")]
)
def test_the_application_is_sound_and_named_by_its_folder(folder: str, name: str, tmp_path: Path) -> None:
    init(tmp_path / folder)
    application = Application.load(tmp_path / folder)
    assert application.name == name
    assert application.fields
    assert application.routing
    (task,) = application.classifications
    for part in ("train.jsonl", "test.jsonl"):
        records = read_records(tmp_path / folder / part, application)
        labels = {label for record in records for label in record.labels[task.name]}
        assert labels == set(application.sheets[task.name].names)


def test_what_to_do_next_names_the_folder(tmp_path: Path) -> None:
    told = init(tmp_path / "voice")
    assert f"yomitori train {tmp_path / 'voice'} -o" in told
    assert f"--app {tmp_path / 'voice'}" in told


def test_a_spreadsheet_opens_the_label_sheet_as_utf_8(tmp_path: Path) -> None:
    init(tmp_path / "voice")
    assert (tmp_path / "voice" / "labels.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_nothing_is_written_among_other_things(tmp_path: Path) -> None:
    (tmp_path / "見積.xlsx").write_bytes(b"")
    with pytest.raises(CommandError, match=r"見積\.xlsx.*空のフォルダを指定"):
        init(tmp_path)
    with pytest.raises(CommandError, match="フォルダを指定"):
        init(tmp_path / "見積.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["見積.xlsx"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "voice").mkdir()
    init(tmp_path / "voice")
    assert (tmp_path / "voice" / "app.toml").is_file()
