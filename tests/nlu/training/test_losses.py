"""What training lowers: levels of the sheet, sentences as they were marked, tasks in balance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nlu.application.application import Application
from nlu.network.preparation import Prepared
from nlu.network.task_outputs import Outputs
from nlu.records.record import Record, Span
from nlu.text.boundaries.sentences import Sentence
from nlu.training.examples.examples import Example, make_example
from nlu.training.fitting.balance import TaskBalance
from nlu.training.fitting.losses import class_weights, task_losses

SHEET = """大分類,中分類,小分類,定義,キーワード
要望,製品,追加機能,,
,,操作性,,
,契約,値下げ,,
その他,その他,その他,,
"""
LABELS = ("追加機能", "操作性", "値下げ", "その他")
TEXT = "検索がほしい。料金も高い。雑談をした。"
ENDS = (7, 13, 19)


def _application(folder: Path, *, multi_label: bool, hierarchy: float = 1.0) -> Application:
    (folder / "labels.csv").write_text(SHEET, "utf-8")
    (folder / "app.toml").write_text(
        'name = "a"\ntitle = "題"\n[[tasks]]\nname = "wishes"\ntype = "classification"\n'
        f'labels = "labels.csv"\nother = "その他"\nmulti_label = {str(multi_label).lower()}\n'
        f"evidence = true\n[training]\nhierarchy = {hierarchy}\nclass_weights = false\n",
        "utf-8",
    )
    return Application.load(folder)


def _example(record: Record, application: Application) -> Example:
    starts = (0, *ENDS[:-1])
    sentences = tuple(
        Sentence(number, TEXT[start:end], start, end, None)
        for number, (start, end) in enumerate(zip(starts, ENDS, strict=True))
    )
    spans = tuple((1 + number, 2 + number) for number in range(3))
    prepared = Prepared("d", (0, 1, 2, 3, 4), spans, sentences)
    return make_example(record, sentences, prepared, application)


def _losses(application: Application, example: Example, labels, sentences=None) -> dict[str, float]:
    outputs = Outputs(
        labels={"wishes": torch.tensor([labels])},
        sentences={"wishes": torch.zeros(1, 3, 3) if sentences is None else torch.tensor([sentences])},
        scores={},
        spans={},
        document=torch.zeros(1, 4),
    )
    weights = class_weights([example], application)
    return {name: float(loss) for name, loss in task_losses(outputs, [example], application, weights).items()}


@pytest.mark.parametrize("multi_label", [False, True])
def test_a_mistake_within_one_parent_costs_less_than_one_between_two(
    tmp_path: Path, multi_label: bool
) -> None:
    application = _application(tmp_path, multi_label=multi_label)
    example = _example(Record("r", TEXT, {"wishes": ("追加機能",)}), application)
    rest = [] if multi_label else [-3.0]
    near = _losses(application, example, [-3.0, 3.0, -3.0, *rest])
    far = _losses(application, example, [-3.0, -3.0, 3.0, *rest])
    assert near["labels:wishes"] == pytest.approx(far["labels:wishes"])
    assert near["levels:wishes"] < far["levels:wishes"] - 0.5


def test_evidence_of_one_label_teaches_that_label_alone(tmp_path: Path) -> None:
    application = _application(tmp_path, multi_label=True)
    record = Record("r", TEXT, {"wishes": ("追加機能", "値下げ")})
    labels = [3.0, -3.0, 3.0]
    right = [[3.0, -3.0, -3.0], [-3.0, -3.0, 3.0], [-3.0, -3.0, -3.0]]
    swapped = [right[1], right[0], right[2]]

    whole = {"wishes": (Span(0, 13),)}
    named = {"wishes": (Span(0, 7, ("追加機能",)), Span(7, 13, ("値下げ",)))}

    def loss(evidence, sentences) -> float:
        example = _example(replace(record, evidence=evidence), application)
        return _losses(application, example, labels, sentences)["sentences:wishes"]

    assert loss(whole, right) == pytest.approx(loss(whole, swapped))
    assert loss(named, right) < 0.3
    assert loss(named, swapped) > 2.0


def test_a_sentence_that_nobody_judged_teaches_nothing(tmp_path: Path) -> None:
    application = _application(tmp_path, multi_label=True)
    record = Record("r", TEXT, sentences={"wishes": (Span(0, 7, ("追加機能",)), Span(13, 19))})
    example = _example(record, application)
    quiet = [[3.0, -3.0, -3.0], [-3.0, -3.0, -3.0], [-3.0, -3.0, -3.0]]
    loud = [quiet[0], [9.0, 9.0, 9.0], quiet[2]]
    wrong = [quiet[0], quiet[1], [9.0, 9.0, 9.0]]

    losses = [_losses(application, example, [0.0, 0.0, 0.0], part) for part in (quiet, loud, wrong)]
    assert all(set(found) == {"sentences:wishes"} for found in losses)
    assert losses[0] == losses[1]
    assert losses[2]["sentences:wishes"] > losses[0]["sentences:wishes"] + 1


def test_uncertainty_weighs_a_loss_down_that_stays_high() -> None:
    balance = TaskBalance("uncertainty", ["labels:a", "scores:b"])
    optimizer = torch.optim.SGD(balance.parameters(), lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        balance({"labels:a": torch.tensor(0.2), "scores:b": torch.tensor(5.0)}).backward()
        optimizer.step()
    shares = torch.exp(-balance.log_variance.detach())
    assert shares.tolist() == pytest.approx([5.0, 0.2], rel=0.05)
    equal = TaskBalance("equal", ["labels:a"])
    assert float(equal({"labels:a": torch.tensor(1.5), "scores:b": torch.tensor(2.0)})) == 3.5
