"""An application with other settings than its `app.toml` says."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import tomli_w

from nlu.application.application import SETTINGS_FILE, Application


def with_settings(application: Application, overrides: Mapping[str, Any], folder: Path) -> Application:
    """The application with some settings replaced, named by dotted key ("training.epochs").

    It is written into `folder`, so that a model trained on it carries what it was trained with. Raises
    ApplicationError where the settings do not allow a value.
    """
    content = _content(application)
    for key, value in overrides.items():
        *tables, name = key.split(".")
        table = content
        for step in tables:
            table = table.setdefault(step, {})
        table[name] = value
    return _written(application, content, folder)


def with_tasks(application: Application, names: Collection[str], folder: Path) -> Application:
    """The application with only some of its tasks, written into `folder`."""
    content = _content(application)
    content["tasks"] = [task for task in content["tasks"] if task["name"] in names]
    return _written(application, content, folder)


def _content(application: Application) -> dict[str, Any]:
    return tomllib.loads(application.files[SETTINGS_FILE].decode("utf-8-sig"))


def _written(application: Application, content: Mapping[str, Any], folder: Path) -> Application:
    folder.mkdir(parents=True, exist_ok=True)
    application.save(folder)
    (folder / SETTINGS_FILE).write_text(tomli_w.dumps(content), encoding="utf-8")
    return Application.load(folder)
