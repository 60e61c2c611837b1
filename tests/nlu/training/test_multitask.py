"""Every kind of task learns beside the others, however much of a record is annotated."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nlu.application.application import Application
from nlu.model.tailored import TailoredModel
from nlu.records.record import Record, Span
from nlu.training.fitting.training_step import TrainingStep
from nlu.training.train import train
from tests.support.nlu.small_application import random_encoder, small_application, small_records

pytestmark = pytest.mark.slow

SHEET = """大分類,中分類,小分類,定義,キーワード
要望,製品,追加機能,新しい機能,
,,操作性,使いやすさ,
,契約,値下げ,料金を下げてほしい,
その他,その他,その他,どれでもない,
"""
PRODUCTS = """大分類,中分類,小分類,定義,キーワード
製品,製品,ソフト,,
,,機械,,
"""
SETTINGS = """
name = "kinds"
title = "いろいろなタスク"
encoder = "{encoder}"

[[tasks]]
name = "wishes"
type = "classification"
labels = "labels.csv"
other = "その他"
multi_label = {multi_label}
evidence = true

[[tasks]]
name = "strength"
type = "score"
minimum = 1
maximum = 3
ordinal = true

[[tasks]]
name = "products"
type = "span"
labels = "products.csv"

[training]
epochs = {epochs}
folds = 1
learning_rate = 1e-2
patience = 20
tuning = "full"
trainable_layers = 3
task_balance = "uncertainty"
hierarchy = 0.5
auxiliary = ["keywords", "kind"]
averaged_epochs = 2
"""
_WISHES = {
    "追加機能": "{product}に検索の機能がほしい。",
    "操作性": "{product}の画面が使いにくい。",
    "値下げ": "{product}の料金を下げてほしい。",
    "その他": "{product}の担当者と会った。",
}
_PRODUCTS = {"帳票くん": "ソフト", "勤怠名人": "ソフト", "印刷機": "機械", "裁断機": "機械"}
_STRENGTH = {"追加機能": 2.0, "操作性": 2.0, "値下げ": 3.0, "その他": 1.0}


def _application(folder: Path, encoder: str, *, epochs: int = 16, multi_label: bool = True) -> Application:
    folder.mkdir(parents=True)
    (folder / "labels.csv").write_text(SHEET, "utf-8")
    (folder / "products.csv").write_text(PRODUCTS, "utf-8")
    settings = SETTINGS.format(encoder=encoder, epochs=epochs, multi_label=str(multi_label).lower())
    (folder / "app.toml").write_text(settings, "utf-8")
    return Application.load(folder)


def _records(count: int, seed: int) -> Iterator[Record]:
    drawn = random.Random(seed)
    for number in range(count):
        label = drawn.choice(list(_WISHES))
        product = drawn.choice(list(_PRODUCTS))
        before = "午後に訪問した。"
        wish = _WISHES[label].format(product=product)
        start = len(before)
        yield Record(
            id=f"{seed}-{number}",
            text=before + wish,
            labels={"wishes": (label,)},
            scores={"strength": _STRENGTH[label]},
            evidence={} if label == "その他" else {"wishes": (Span(start, start + len(wish), (label,)),)},
            spans={"products": (Span(start, start + len(product), (_PRODUCTS[product],)),)},
            meta={"kind": drawn.choice(["日報", "電話"])},
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, encoder) -> str:
    return random_encoder(tmp_path_factory.mktemp("encoder"), encoder[1])


def _nothing(_step: TrainingStep) -> None:
    return None


def test_labels_ordinal_scores_and_spans_share_one_model(tmp_path: Path, place: str) -> None:
    application = _application(tmp_path / "app", place)
    metrics = train(application, list(_records(160, 1)), list(_records(40, 2)), tmp_path / "model", _nothing)
    # All layers learn: none is left whose vectors stay as they are.
    assert set(metrics["blend"]["labels"]["wishes"]) == {"encoder", "linear"}

    test = list(_records(40, 3))
    right_labels = right_spans = 0
    errors: list[float] = []
    for record, said in zip(test, TailoredModel.load(tmp_path / "model").predict_records(test), strict=True):
        accepted = {one["label"] for one in said["labels"]["wishes"] if one["accepted"]}
        right_labels += accepted == set(record.labels["wishes"])
        (gold,) = record.spans["products"]
        found = [(one["start"], one["end"], one["label"]) for one in said["spans"]["products"]]
        right_spans += found == [(gold.start, gold.end, gold.labels[0])]
        assert all(record.text[one["start"] : one["end"]] == one["text"] for one in said["spans"]["products"])
        errors.append(abs(said["scores"]["strength"] - record.scores["strength"]))
    assert right_labels >= 36
    assert right_spans >= 36
    assert sum(errors) / len(errors) < 0.35  # always saying 2 errs by .5


def test_training_goes_on_after_a_kill_as_if_nothing_had_happened(tmp_path: Path, place: str) -> None:
    records, dev = list(_records(24, 1)), list(_records(12, 2))

    def run(name: str, progress) -> bytes:
        application = _application(tmp_path / name, place, epochs=4, multi_label=False)
        train(application, records, dev, tmp_path / "models" / name, progress)
        return (tmp_path / "models" / name / "model.safetensors").read_bytes()

    class Killed(BaseException):
        pass

    def kill_in_the_third(step: TrainingStep) -> None:
        if step.epoch == 3:
            raise Killed

    whole = run("whole", _nothing)
    with pytest.raises(Killed):
        run("killed", kill_in_the_third)
    assert (tmp_path / "models" / "killed" / ".training").is_dir()
    (tmp_path / "killed").rename(tmp_path / "moved")

    epochs: list[int] = []
    assert run("killed", lambda step: epochs.append(step.epoch)) == whole
    assert min(epoch for epoch in epochs if epoch) == 3
    assert not (tmp_path / "models" / "killed" / ".training").exists()


def test_a_checkpoint_of_other_records_is_not_gone_on_with(tmp_path: Path, place: str) -> None:
    application = _application(tmp_path / "app", place, epochs=3)

    class Killed(BaseException):
        pass

    def kill_in_the_second(step: TrainingStep) -> None:
        if step.epoch == 2:
            raise Killed

    dev = list(_records(12, 2))
    with pytest.raises(Killed):
        train(application, list(_records(24, 1)), dev, tmp_path / "model", kill_in_the_second)
    epochs: list[int] = []
    train(
        application,
        list(_records(24, 4)),
        dev,
        tmp_path / "model",
        lambda step: epochs.append(step.epoch),
    )
    assert 1 in epochs


def test_sentences_alone_teach_what_proves_a_label(tmp_path: Path, place: str) -> None:
    """No record has labels of its own; some of its sentences were judged, the rest were not."""
    application = _application(tmp_path / "app", place)

    def by_sentence(record: Record) -> Record:
        (label,) = record.labels["wishes"]
        start = record.text.index("。") + 1
        names = () if label == "その他" else (label,)
        marked = (Span(start, len(record.text), names),)
        return replace(record, labels={}, evidence={}, sentences={"wishes": marked})

    metrics = train(
        application,
        [by_sentence(record) for record in _records(160, 1)],
        list(_records(40, 2)),
        tmp_path / "model",
        _nothing,
    )
    assert metrics["dev"]["classifications"][0]["macro_f1"] > 0.8


def test_full_tuning_keeps_the_layers_it_changed(tmp_path: Path, place: str) -> None:
    from safetensors.torch import load_file

    application = _application(tmp_path / "app", place, epochs=1)
    train(application, list(_records(24, 1)), list(_records(12, 2)), tmp_path / "model", _nothing)
    names = load_file(tmp_path / "model" / "model.safetensors").keys()
    assert any("layer.0." in name for name in names)
    assert any("word_embeddings" in name for name in names)
    assert json.loads((tmp_path / "model" / "adapter_config.json").read_text("utf-8")) == {}


def test_mixed_precision_learns_what_full_precision_learns(tmp_path: Path, place: str) -> None:
    """Where the machine has no bfloat16 both are the same, and so are the figures."""
    figures = {}
    for precision in ("auto", "float32"):
        application = small_application(tmp_path / precision, place, epochs=3)
        training = application.settings.training.model_copy(update={"precision": precision})
        settings = application.settings.model_copy(update={"training": training})
        torch.manual_seed(0)
        metrics = train(
            replace(application, settings=settings),
            small_records(60, "train"),
            small_records(30, "dev"),
            tmp_path / f"model-{precision}",
            _nothing,
        )
        figures[precision] = metrics["epochs"][-1]["loss"]
    assert figures["auto"] == pytest.approx(figures["float32"], rel=0.05)
