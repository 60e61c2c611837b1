"""Records that all are learned from: cut so that like stays with like, and each judged as new."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from nlu.ablation.overrides import with_settings
from nlu.application.application import Application
from nlu.model.tailored import TailoredModel
from nlu.records.record import Record
from nlu.training.choosing.folds import fold_count, folds
from nlu.training.fitting.training_step import Phase, TrainingStep
from nlu.training.train import train
from tests.support.nlu.small_application import random_encoder, small_application, small_records

pytestmark = pytest.mark.slow

_FOLDS = 2
_TEMPLATES = {
    "契約外": ("{}様より、席を増やしたいので見積書を送ってほしいとのこと。", "{}の拠点も新しく契約したい。"),
    "追加機能": ("{}の帳票を一括で印刷できるようにしてほしいと要望。", "スマホから{}を承認したい。"),
    "その他": ("請求書が{}に届いたと連絡があった。", "{}へ電話をしたが席を外していた。", "{}の担当が休み。"),
}
_FILLINGS = ("札幌", "仙台", "名古屋", "広島", "福岡")


@pytest.fixture
def application(tmp_path: Path, encoder) -> Application:
    place = random_encoder(tmp_path / "encoder", encoder[1])
    plain = small_application(tmp_path / "plain", place, epochs=2)
    return with_settings(plain, {"training.folds": _FOLDS}, tmp_path / "app")


def test_calls_of_one_template_stay_together_and_labels_are_spread(application: Application) -> None:
    filled = [
        (template, Record(f"{label}{place}{filling}", template.format(filling), {"needs": (label,)}))
        for label, templates in _TEMPLATES.items()
        for place, template in enumerate(templates)
        for filling in _FILLINGS
    ]
    records = [record for _, record in filled]

    parts = folds(records, application, 2)

    assert sorted(place for part in parts for place in part) == list(range(len(records)))
    for template in {template for template, _ in filled}:
        homes = {n for n, part in enumerate(parts) for place in part if filled[place][0] == template}
        assert len(homes) == 1
    for label in ("契約外", "追加機能"):
        held = [sum(records[place].labels["needs"] == (label,) for place in part) for part in parts]
        assert held == [len(_FILLINGS)] * 2
    assert folds(records, application, 2) == parts


def test_a_label_with_one_template_is_known_to_every_judge(application: Application) -> None:
    records = [
        Record(f"{label}{filling}", templates[0].format(filling), {"needs": (label,)})
        for label, templates in _TEMPLATES.items()
        for filling in _FILLINGS
    ]
    parts = folds(records, application, 2)
    for label in ("契約外", "追加機能"):
        assert all(any(records[place].labels["needs"] == (label,) for place in part) for part in parts)


def test_there_are_no_more_parts_than_unlike_records(application: Application) -> None:
    record = Record("a", "席を増やしたいと言っていた。", {"needs": ("その他",)})
    assert folds([record, replace(record, id="b")], application, 5) == [[0, 1]]


def test_few_records_are_learned_from_in_parts_unless_told(application: Application) -> None:
    assert (fold_count(0, 500), fold_count(0, 5000)) == (3, 2)
    assert (fold_count(1, 500), fold_count(5, 5000)) == (1, 5)


def test_records_of_one_named_group_are_judged_by_the_same_network(application: Application) -> None:
    """Texts without a word in common, as those of one customer can be."""
    texts = (
        "席を増やしたい。",
        "画面が固まる。",
        "請求が二重だった。",
        "機械が止まった。",
        "鍵を失くした。",
        "雨が漏る。",
    )
    records = [
        Record(str(place), text, {"needs": ("契約外",)}, meta={"group": "AB"[place % 2]})
        for place, text in enumerate(texts)
    ]
    assert sorted(folds(records, application, 2)) == [[0, 2, 4], [1, 3, 5]]


def test_every_record_is_judged_once_and_the_model_is_one(application: Application, tmp_path: Path) -> None:
    dev = small_records(24, "dev")
    steps: list[TrainingStep] = []

    metrics = train(application, small_records(24, "train"), dev, tmp_path / "model", steps.append)

    assert {step.member for step in steps if step.phase is Phase.LEARN} == set(range(1, _FOLDS + 1))
    assert Counter(epoch["member"] for epoch in metrics["epochs"]) == {1: 2, 2: 2}
    assert metrics["dev"]["classifications"][0]["documents"] == 24 + len(dev)
    folder = tmp_path / "model"
    model = TailoredModel.load(folder)
    assert model.model_id == metrics["model_id"]
    assert len(list(model.predict_records(dev))) == len(dev)
    card = (folder / "MODEL_CARD.md").read_text("utf-8")
    assert "train と dev を合わせて 2 つに分け" in card
    assert not (folder / ".training").exists()


def test_a_kill_in_the_second_part_changes_nothing(application: Application, tmp_path: Path) -> None:
    records, dev = small_records(24, "train"), small_records(24, "dev")

    def dies(step: TrainingStep) -> None:
        if step.member == 2 and step.epoch == 2:
            raise KeyboardInterrupt

    seen: list[TrainingStep] = []
    whole = train(application, records, dev, tmp_path / "whole", lambda _step: None)
    with pytest.raises(KeyboardInterrupt):
        train(application, records, dev, tmp_path / "model", dies)
    gone_on = train(application, records, dev, tmp_path / "model", seen.append)

    assert gone_on == whole
    learned = {(step.member, step.epoch) for step in seen if step.phase is Phase.LEARN}
    assert learned == {(2, 2)}
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "model")]
    assert weights[0] == weights[1]
    assert json.loads((tmp_path / "model" / "metrics.json").read_text("utf-8")) == whole
