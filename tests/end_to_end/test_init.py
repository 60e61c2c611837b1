"""From nothing to published tables: an application is made, learns, reads a night and is judged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from fixtures.truth_file import INBOX
from nlu.encoders.loading import load_encoder
from tests.support.installed import Command, Output
from tests.support.nlu.small_application import random_encoder

pytestmark = pytest.mark.slow


@pytest.fixture
def application(tmp_path: Path, warm: Command) -> Path:
    """What `init` makes, but with a random encoder that learns at once."""
    folder = tmp_path / "voice"
    done = warm("init", folder)
    assert done.returncode == 0, done.stderr
    _, tokenizer = load_encoder("bundled")
    assert isinstance(tokenizer, PreTrainedTokenizerFast)
    encoder = random_encoder(tmp_path / "encoder", tokenizer)
    settings = (folder / "app.toml").read_text("utf-8").replace('"bundled"', f'"{encoder}"')
    quick = "\n[training]\nepochs = 1\nfolds = 1\ntrainable_layers = 2\n"
    (folder / "app.toml").write_text(settings + quick, "utf-8")
    return folder


def test_a_label_sheet_alone_fills_the_tables(application: Path, tmp_path: Path, warm: Command) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    shutil.copy(INBOX / "お客様の声" / "VOC_2024-05_002.pdf", inbox)
    done = warm("train", application, "-o", application / "model")
    assert done.returncode == 0, done.stderr
    night = warm("run", inbox, out, "--app", application)
    assert night.returncode == 0, night.stderr
    published = Output(out, night.returncode, night.stdout)
    assert {row["kind"] for row in published.rows("documents")} == {"voice"}
    labels = {row["label_minor"] for row in published.rows("predictions") if row["task"] == "topic"}
    assert labels == {"品質", "接客", "改善", "その他"}
    assert {"received_at", "customer", "message"} <= {row["key"] for row in published.rows("fields")}


def test_its_records_train_and_judge_a_model(application: Path, tmp_path: Path, warm: Command) -> None:
    done = warm("train", application, "--train", application / "train.jsonl", "-o", application / "model")
    assert done.returncode == 0, done.stderr
    done = warm("evaluate", application / "model", application / "test.jsonl", "-o", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "report" / "evaluation.json").read_text("utf-8"))
