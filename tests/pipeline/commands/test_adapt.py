"""`yomitori adapt`: what it says and refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from nlu.encoders.loading import load_encoder
from pipeline.commands.models.adapt_encoder import AdaptationLimits, adapt_encoder
from pipeline.errors import BadInputError
from tests.support.nlu.small_application import random_encoder, small_application


def test_the_command_says_what_changed_and_how_to_use_it(tmp_path: Path) -> None:
    application = tmp_path / "app"
    small_application(application, random_encoder(tmp_path / "encoder", load_encoder("bundled")[1]))
    texts = [f"札幌支店の田中様より、見積書について入電{number}。" for number in range(60)]
    (tmp_path / "texts.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in texts), "utf-8")
    said = io.StringIO()
    console = Console(file=said, width=200)
    limits = AdaptationLimits(epochs=None, steps=2, minutes=None, layers=None)
    adapt_encoder(application, [tmp_path / "texts.jsonl"], tmp_path / "adapted", limits, console)
    assert "2 ステップ" in said.getvalue()
    assert f"encoder をこのフォルダ（{tmp_path / 'adapted'}）に" in said.getvalue()
    with pytest.raises(BadInputError, match="元のエンコーダ"):
        adapt_encoder(application, [tmp_path / "texts.jsonl"], tmp_path / "encoder", limits, console)
    with pytest.raises(BadInputError, match="ファイルを開けません"):
        adapt_encoder(application, [tmp_path / "ない.jsonl"], tmp_path / "adapted", limits, console)
