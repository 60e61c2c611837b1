"""Wrong labels that were planted among right ones are named first."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlu.annotation.suspicions import confident_errors, out_of_fold, suspicious_records
from nlu.application.application import Application
from nlu.records.record import Record
from nlu.records.record_files import read_records
from tests.support.nlu.small_application import small_application
from tests.support.places import APPS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["call-log", "daily-report"])
def test_planted_wrong_labels_are_named_first(name: str) -> None:
    application = Application.load(APPS / name)
    records = read_records(APPS / name / "train.jsonl")[:400]
    task = application.classifications[0]
    names = application.sheets[task.name].names
    rng = random.Random(4)
    wrong = set(rng.sample(range(len(records)), 30))

    def spoiled(record: Record) -> Record:
        label = rng.choice([name for name in names if name not in record.labels[task.name]])
        return replace(record, labels={task.name: (label,)})

    planted = [spoiled(record) if row in wrong else record for row, record in enumerate(records)]
    named = list(dict.fromkeys(found.id for found in suspicious_records(planted, application)))

    spoiled_ids = {records[row].id for row in wrong}
    assert len(spoiled_ids.intersection(named[:15])) >= 12
    assert len(spoiled_ids.intersection(named)) >= 18


def test_a_record_is_suspicious_where_another_label_is_surer_than_usual() -> None:
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.45, 0.55], [0.3, 0.7]])
    labels = np.array([0, 0, 0, 1, 1])
    assert list(confident_errors(probabilities, labels)) == [(2, 1)]


def test_labels_with_too_few_records_are_left_alone(tmp_path: Path) -> None:
    application = small_application(tmp_path)
    records = [
        *(Record(f"a{n}", f"見積を依頼された{n}。", {"needs": ("契約外",)}) for n in range(12)),
        *(Record(f"b{n}", f"雑談だけだった{n}。", {"needs": ("その他",)}) for n in range(12)),
        Record("few", "見積を依頼された。", {"needs": ("追加機能",)}),
        Record("wrong", "見積を依頼された。", {"needs": ("その他",)}),
        Record("score", "急ぎ。", scores={"urgency": 4.0}),
    ]
    (found,) = suspicious_records(records, application)
    assert (found.id, found.given, found.likely) == ("wrong", "その他", "契約外")
    assert 0 < found.self_confidence < found.self_confidence + found.margin <= 1
    assert suspicious_records(records[:12], application) == ()


def test_no_record_is_judged_by_a_model_that_saw_it() -> None:
    """Labels at random: a model that had seen the records would know them."""
    rng = random.Random(0)
    texts = [f"番号{rng.random()}の件" for _ in range(60)]
    labels = np.array([rng.randrange(2) for _ in texts])
    probabilities = out_of_fold(texts, labels, seed=1)
    assert probabilities.shape == (60, 2)
    assert (probabilities.argmax(axis=1) == labels).mean() < 0.75
