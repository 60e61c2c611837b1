"""An encoder is told to be usable or not before anybody trains on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlu.encoders.bundled import EncoderError
from nlu.encoders.checking import check_encoder
from tests.support.nlu.architectures import ARCHITECTURES, LAYERS, POSITIONS, saved


def test_the_bundled_encoder_will_do() -> None:
    found = check_encoder("bundled")
    assert found.problems == ()
    assert (found.layers, found.hidden, found.window) == (12, 384, 512)
    assert found.milliseconds > 0


@pytest.mark.parametrize("name", ["bert", "roberta", "modernbert"])
def test_other_architectures_will_do(name: str, tmp_path: Path, encoder) -> None:
    found = check_encoder(str(saved(ARCHITECTURES[name], tmp_path / "encoder", encoder[1])))
    assert found.problems == ()
    assert found.layers == LAYERS
    assert found.window >= POSITIONS - 2


def test_a_tokenizer_of_another_encoder_is_told(tmp_path: Path, encoder) -> None:
    place = saved(ARCHITECTURES["bert"], tmp_path / "encoder", encoder[1])
    config = json.loads((place / "tokenizer.json").read_text("utf-8"))
    config["added_tokens"].append({**config["added_tokens"][-1], "id": 900_000, "content": "<far>"})
    (place / "tokenizer.json").write_text(json.dumps(config, ensure_ascii=False), "utf-8")
    assert any("語彙" in problem for problem in check_encoder(str(place)).problems)


def test_a_folder_without_an_encoder_cannot_be_tried(tmp_path: Path) -> None:
    with pytest.raises(EncoderError):
        check_encoder(str(tmp_path))
