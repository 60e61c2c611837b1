"""Training learns, repeats itself under its seed, and lives with records that are annotated in part."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    AutoModel,
    BertConfig,
    ElectraConfig,
    ModernBertConfig,
    PreTrainedConfig,
    RobertaConfig,
)

from nlu.ablation.overrides import with_settings
from nlu.application.settings import TrainingSettings
from nlu.encoders.loading import threads
from nlu.encoders.lower_layers import run_lower, run_upper
from nlu.errors import DivergenceError
from nlu.model.tailored import TailoredModel
from nlu.records.record import Record
from nlu.training.fitting.training_step import Phase, TrainingStep
from nlu.training.sampling import draw, reported
from nlu.training.train import train
from tests.support.nlu.small_application import random_encoder, small_application, small_records

pytestmark = pytest.mark.slow


def _no_progress(_step: TrainingStep) -> None:
    return None


def test_little_data_is_enough_to_beat_the_majority(tmp_path: Path) -> None:
    application = small_application(tmp_path / "app")
    dev = small_records(40, "dev")
    steps: list[TrainingStep] = []

    metrics = train(application, small_records(100, "train"), dev, tmp_path / "model", steps.append)

    counts = Counter(record.labels["needs"] for record in dev)
    (_, most) = counts.most_common(1)[0]
    majority_macro_f1 = 2 * most / (len(dev) + most) / len(counts)
    needs, topics = metrics["dev"]["classifications"]
    assert needs["macro_f1"] > majority_macro_f1 + 0.35
    assert topics["macro_f1"] > majority_macro_f1 + 0.35
    assert metrics["dev"]["evidence"][0]["f1"] > 0.45
    assert metrics["dev"]["scores"][0]["pearson"] > 0.3

    assert list(dict.fromkeys(step.phase for step in steps)) == [
        phase for phase in Phase if phase is not Phase.HEAD
    ]
    rounds = [step for step in steps if step.phase is Phase.DEV]
    assert rounds[0].loss is not None
    assert rounds[-1].loss is not None
    assert rounds[-1].loss < rounds[0].loss
    assert all(rounds[number - 1].best for number in metrics["best_epochs"])

    folder = tmp_path / "model"
    assert json.loads((folder / "metrics.json").read_text("utf-8")) == metrics
    card = (folder / "MODEL_CARD.md").read_text("utf-8")
    for part in (metrics["model_id"], "追加機能", "閾値", "限界", "100 件", "Wilson"):
        assert part in card
    assert sum(file.stat().st_size for file in folder.iterdir()) < 3_000_000
    assert TailoredModel.load(folder).model_id == metrics["model_id"]


def test_the_same_seed_gives_the_same_model(tmp_path: Path, encoder) -> None:
    place = random_encoder(tmp_path / "encoder", encoder[1])
    records, dev = small_records(24, "train"), small_records(12, "dev")

    def weights(name: str, seed: int) -> bytes:
        application = small_application(tmp_path / name, place, epochs=2, seed=seed)
        train(application, records, dev, tmp_path / name / "model", _no_progress)
        return (tmp_path / name / "model" / "model.safetensors").read_bytes()

    first = weights("first", 13)
    with threads(3):  # as another machine would
        assert weights("second", 13) == first
        assert torch.get_num_threads() == 3
    assert weights("third", 14) != first


def test_threads_that_the_environment_forbids_leave_no_work_undone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OMP_THREAD_LIMIT", "1")
    with threads(2):
        assert torch.get_num_threads() == 1
    assert "OMP_THREAD_LIMIT" in caplog.text


def test_a_loss_that_is_no_number_ends_the_training_with_advice(tmp_path: Path, encoder) -> None:
    application = small_application(
        tmp_path / "app", random_encoder(tmp_path / "encoder", encoder[1]), epochs=1
    )
    wild = with_settings(application, {"training.learning_rate": 1e30}, tmp_path / "wild")
    with pytest.raises(DivergenceError, match=r"1 epoch.*learning_rate を小さく"):
        train(wild, small_records(48, "train"), small_records(12, "dev"), tmp_path / "model", _no_progress)


def test_records_may_be_annotated_in_part(tmp_path: Path, encoder) -> None:
    """Each third lacks something else; the whole still trains, and no task is left out."""
    place = random_encoder(tmp_path / "encoder", encoder[1])
    application = small_application(tmp_path / "app", place, epochs=1)
    parts = (
        lambda record: replace(record, scores={}, evidence={}),
        lambda record: replace(record, labels={}, evidence={}),
        lambda record: replace(record, labels={"topics": record.labels["topics"]}, scores={}),
    )

    def thin(records: tuple[Record, ...]) -> list[Record]:
        return [parts[number % 3](record) for number, record in enumerate(records)]

    metrics = train(
        application,
        thin(small_records(30, "train")),
        thin(small_records(18, "dev")),
        tmp_path / "model",
        _no_progress,
    )
    documents = {figures["task"]: figures["documents"] for figures in metrics["dev"]["classifications"]}
    assert documents == {"needs": 6, "topics": 12}
    assert metrics["dev"]["scores"][0]["documents"] == 6
    assert np.isfinite(metrics["epochs"][0]["loss"])


def test_every_epoch_draws_its_own_other_until_all_of_it_was_seen(tmp_path: Path) -> None:
    application = small_application(tmp_path / "app")
    records = [
        *(Record(f"o{n}", "文。", {"needs": ("その他",)}) for n in range(100)),
        *(Record(f"c{n}", "文。", {"needs": ("契約外",)}) for n in range(18)),
        *(Record(f"f{n}", "文。", {"needs": ("追加機能",)}) for n in range(2)),
        Record("s", "文。", scores={"urgency": 1.0}),
    ]
    reports = [reported(record, application) for record in records]
    settings = TrainingSettings(other_ratio=1.0, max_repeats=3)

    epochs = [draw(reports, settings, epoch) for epoch in range(4)]

    assert epochs == [draw(reports, settings, epoch) for epoch in range(4)]
    counts = Counter(epochs[0])
    assert all(counts[index] == 1 for index in range(100, 118))
    assert all(counts[index] == 3 for index in range(118, 120))
    assert counts[120] == 1
    others = [[index for index in epoch if index < 100] for epoch in epochs]
    assert [len(drawn) for drawn in others] == [25] * 4
    assert len({index for drawn in others for index in drawn}) == 100


@pytest.mark.parametrize(
    "config",
    [
        BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=4, num_attention_heads=2),
        RobertaConfig(vocab_size=50, hidden_size=16, num_hidden_layers=4, num_attention_heads=2),
        ElectraConfig(
            vocab_size=50, hidden_size=16, embedding_size=8, num_hidden_layers=4, num_attention_heads=2
        ),
        ModernBertConfig(
            vocab_size=50,
            hidden_size=16,
            num_hidden_layers=4,
            num_attention_heads=2,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
            cls_token_id=1,
            sep_token_id=2,
        ),
    ],
    ids=lambda config: config.model_type,
)
def test_two_halves_make_the_whole_encoder(config: PreTrainedConfig) -> None:
    torch.manual_seed(0)
    model = AutoModel.from_config(config).eval()
    token_ids = torch.randint(5, 50, (3, 12))
    mask = torch.ones_like(token_ids)
    mask[1, 7:] = 0
    with torch.inference_mode():
        whole = model(input_ids=token_ids, attention_mask=mask)[0]
        for split in (1, 3):
            halves = run_upper(model, split, token_ids, mask, run_lower(model, split, token_ids, mask))
            torch.testing.assert_close(halves[mask.bool()], whole[mask.bool()])
        torch.testing.assert_close(model(input_ids=token_ids, attention_mask=mask)[0], whole)
