"""What is odd in the records is told before training, and dev records can be taken from them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from nlu.application.application import Application
from nlu.records.record import Record
from nlu.training.examples.readiness import data_warnings, hold_out
from tests.support.nlu.small_application import small_application, small_records


@pytest.fixture
def application(tmp_path: Path) -> Application:
    return small_application(tmp_path)


def test_good_records_raise_no_warning(application: Application) -> None:
    train = [replace(r, text=f"{r.text}{n}") for n, r in enumerate(small_records(200, "train"))]
    assert data_warnings(application, train, small_records(40, "dev")) == ()


@pytest.mark.parametrize(
    ("keep_train", "keep_dev", "told"),
    [
        (
            lambda label: label != "追加機能",
            lambda _: True,
            "「追加機能」（needs）の学習レコードがありません",
        ),
        (lambda _: True, lambda label: label != "契約外", "「契約外」（needs）は検証レコードに 1 件もない"),
    ],
)
def test_a_class_that_is_missing_is_named(application: Application, keep_train, keep_dev, told: str) -> None:
    train = [record for record in small_records(200, "train") if keep_train(record.labels["needs"][0])]
    dev = [record for record in small_records(40, "dev") if keep_dev(record.labels["needs"][0])]
    assert any(told in warning for warning in data_warnings(application, train, dev))


def test_columns_that_say_nothing_to_a_model_are_named(application: Application) -> None:
    sheets = {name: replace(sheet, ignored=("備考", "担当")) for name, sheet in application.sheets.items()}
    asked = replace(application, sheets=sheets)
    told = data_warnings(asked, small_records(200, "train"), small_records(40, "dev"))
    assert any("列「備考」「担当」は読みません" in warning for warning in told)


def test_contradictions_leaks_and_unannotated_tasks_are_named(application: Application) -> None:
    train = [
        Record("a", "席を増やしたい。", {"needs": ("契約外",)}),
        Record("b", "席を増やしたい。", {"needs": ("その他",)}),
    ]
    dev = [Record("c", "席を増やしたい。", {"needs": ("契約外",)})]
    told = "\n".join(data_warnings(application, train, dev))
    assert "違うラベルが付いた学習レコードが 1 組" in told
    assert "id「a」と「b」" in told
    assert "学習レコードと同じ本文" in told
    assert "「契約外」（needs）の学習レコードは 1 件だけ" in told
    assert "分類「topics」の付いた学習レコードがありません" in told
    assert "スコア「urgency」の付いた学習レコードがありません" in told


def test_held_out_records_keep_the_shares_of_the_labels(application: Application) -> None:
    records = small_records(200, "train")
    train, dev = hold_out(records, application, seed=13)

    assert sorted(r.id for r in [*train, *dev]) == sorted(r.id for r in records)
    assert (train, dev) == hold_out(records, application, seed=13)
    assert dev != hold_out(records, application, seed=14)[1]
    whole, held = (Counter(r.labels["needs"][0] for r in part) for part in (records, dev))
    assert all(abs(held[label] - count / 5) <= 1 for label, count in whole.items())


def test_the_only_record_of_a_label_is_learned_from(application: Application) -> None:
    records = [
        Record("rare", "機能が足りない。", {"needs": ("追加機能",)}),
        *(Record(f"o{n}", f"雑談{n}。", {"needs": ("その他",)}) for n in range(20)),
    ]
    train, dev = hold_out(records, application, seed=1)
    assert "rare" in {record.id for record in train}
    assert len(dev) == 4
