"""Pages that are made from the code say what the code says."""

from __future__ import annotations

from nlu.application.settings_docs import PUBLISHED as SETTINGS
from nlu.application.settings_docs import settings_docs
from pipeline.commands.command_docs import PUBLISHED as COMMANDS
from pipeline.commands.command_docs import command_docs


def test_every_setting_of_an_application_is_told() -> None:
    assert SETTINGS.read_text("utf-8") == settings_docs(), "python -m nlu.application.settings_docs"


def test_every_command_and_option_is_told() -> None:
    assert COMMANDS.read_text("utf-8") == command_docs(), "python -m pipeline.commands.command_docs"
