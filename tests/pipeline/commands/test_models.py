"""`yomitori train` and `evaluate`: what they say and refuse."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from nlu.encoders.loading import EncoderError, load_encoder
from nlu.errors import InputError, LabelSheetError
from nlu.records.record import Record
from pipeline.commands.models.predict_evaluate import evaluate_model
from pipeline.commands.models.refusals import refusals
from pipeline.commands.models.train_model import train_model
from pipeline.errors import CommandError
from pipeline.exit_codes import ExitCode
from tests.support.nlu.small_application import random_encoder, small_application, small_records
from tests.support.places import ROOT

REFUSED = """
import sys
from pathlib import Path
from rich.console import Console
from pipeline.commands.models.train_model import train_model
from pipeline.errors import CommandError
try:
    train_model(Path(sys.argv[1]), None, None, Path(sys.argv[1]) / "model", Console())
except CommandError as error:
    assert "小分類" in str(error)
    sys.exit("torch" if "torch" in sys.modules else 0)
sys.exit("not refused")
"""


def _write(path: Path, records: tuple[Record, ...]) -> Path:
    lines = [
        json.dumps({"id": one.id, "text": one.text, "labels": one.labels, "scores": one.scores})
        for one in records
    ]
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_an_unusable_sheet_is_told_before_torch_loads(tmp_path: Path) -> None:
    small_application(tmp_path)
    (tmp_path / "labels.csv").write_text("大分類,中分類,定義\n", encoding="utf-8-sig")
    command = [sys.executable, "-c", REFUSED, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_records_that_the_model_knows_are_no_fair_measure(tmp_path: Path) -> None:
    place = random_encoder(tmp_path / "encoder", load_encoder("bundled")[1])
    small_application(tmp_path / "app", place, epochs=1)
    known = _write(tmp_path / "train.jsonl", small_records(30, "train"))
    new = _write(tmp_path / "new.jsonl", small_records(8, "dev"))
    said = io.StringIO()
    console = Console(file=said, width=300)
    train_model(tmp_path / "app", known, None, tmp_path / "model", console)

    evaluate_model(tmp_path / "model", new, tmp_path / "report", 5, console)
    assert "学習か調整に使った" not in said.getvalue()
    evaluate_model(tmp_path / "model", known, tmp_path / "report", 5, console)
    assert "30 件のうち 30 件は、このモデルの学習か調整に使った文章です" in said.getvalue()


@pytest.mark.slow
def test_the_card_of_a_model_without_records_promises_nothing(tmp_path: Path) -> None:
    place = random_encoder(tmp_path / "encoder", load_encoder("bundled")[1])
    small_application(tmp_path / "app", place)
    train_model(tmp_path / "app", None, None, tmp_path / "model", Console(file=io.StringIO()))
    card = (tmp_path / "model" / "MODEL_CARD.md").read_text("utf-8")
    assert "学習レコードはありません" in card
    assert "成績は分かりません" in card
    assert "epoch" not in card
    assert "| topics | 契約外 | 0.550 |" in card


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (LabelSheetError(Path("分類表"), ["列がない"]), ExitCode.BAD_CONFIGURATION),
        (EncoderError("エンコーダ"), ExitCode.BAD_CONFIGURATION),
        (InputError(Path("記録"), ["本文がない"]), ExitCode.BAD_INPUT),
    ],
    ids=["label sheet", "encoder", "records"],
)
def test_bad_configuration_is_told_from_bad_input(refused: Exception, code: ExitCode) -> None:
    with pytest.raises(CommandError, match=str(refused).split("\n")[0]) as told, refusals():
        raise refused
    assert told.value.exit_code == code
