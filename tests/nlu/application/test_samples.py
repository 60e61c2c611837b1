"""Sample applications are found by name; a folder of that name wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.application.application import Application
from nlu.application.samples import application_folder, model_folder


@pytest.mark.parametrize("name", ["call-log", "daily-report"])
def test_a_sample_is_found_from_any_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = application_folder(name)
    assert Application.load(found).name == name
    assert (found / "model" / "model.safetensors").is_file()


def test_a_folder_of_that_name_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "call-log").mkdir()
    assert application_folder("call-log").resolve() == tmp_path / "call-log"


@pytest.mark.parametrize("path", ["apps/call-log", "./nothing/call-log", "/call-log", "README.md", ".", ""])
def test_what_is_no_name_of_a_sample_stays_a_path(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert application_folder(path) == Path(path)


def test_the_model_of_an_application_is_inside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert model_folder("call-log") == application_folder("call-log") / "model"
    (tmp_path / "voice" / "model").mkdir(parents=True)
    assert model_folder("voice") == Path("voice/model")
    assert model_folder("voice/model") == Path("voice/model")
