"""What is accepted agrees with the label sheet, survives being written; what dev does not tell is said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, softmax

from nlu.application.application import Application
from nlu.decisions.deciding import Decisions, decide
from nlu.decisions.threshold import BEST_MACRO_F1, TARGET_PRECISION, TARGET_RECALL
from nlu.network.preparation import Prepared
from nlu.network.signals import Signals
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence
from nlu.training.choosing.choose_decisions import EVIDENCE, choose_decisions
from nlu.training.choosing.choose_reviews import MOST_REVIEWED, choose_bounds
from nlu.training.choosing.decision_warnings import decision_warnings
from nlu.training.examples.examples import Example
from nlu.understanding import Understanding
from tests.support.places import APPS

SHEET = """大分類,中分類,小分類,定義,キーワード
製品,品質,故障,動かなくなった,
製品,品質,異音,いつもと違う音がする,
製品,機能,機能要望,まだない機能がほしい,
契約,料金,値上げ,料金が上がった,
契約,料金,見積,料金を知りたい,
契約,手続き,解約,契約をやめたい,
その他,その他,その他,どれにも当たらない,
"""
WITHOUT_OTHER = SHEET[: SHEET.index("その他")]
NAMES = ("故障", "異音", "機能要望", "値上げ", "見積", "解約", "その他")
FREQUENCY = np.array([0.15, 0.08, 0.1, 0.07, 0.1, 0.05, 0.45])


def _application(folder: Path, task: str, *, sheet: str = SHEET, settings: str = "") -> Application:
    (folder / "labels.csv").write_text(sheet, encoding="utf-8")
    content = 'name = "voices"\ntitle = "お客様の声"\n[[tasks]]\nname = "topic"\ntype = "classification"\n'
    (folder / "app.toml").write_text(f'{content}labels = "labels.csv"\n{task}\n{settings}', encoding="utf-8")
    return Application.load(folder)


def _example(number: int, labels: Sequence[int] | None, proofs: Sequence[bool] | None = None) -> Example:
    sentences = tuple(Sentence(n, "音がする。", 5 * n, 5 * n + 5, None) for n in range(3))
    prepared = Prepared(str(number), (0,) * 11, ((1, 4), (4, 7), (7, 10)), sentences)
    return Example(
        record=Record(str(number), "音がする。" * 3),
        sentences=sentences,
        prepared=prepared,
        labels={} if labels is None else {"topic": tuple(labels)},
        proofs={} if proofs is None else {"topic": tuple(proofs)},
        scores={},
    )


def _exclusive(
    count: int, seed: int, names: int = 7, noise: float = 0.7
) -> tuple[list[Example], list[Signals]]:
    random = np.random.default_rng(seed)
    frequency = FREQUENCY[:names] / FREQUENCY[:names].sum()
    truth = random.choice(names, count, p=frequency)
    values = softmax(3 * (np.eye(names)[truth] + noise * random.normal(size=(count, names))), axis=1)
    return _paired([[int(label)] for label in truth], values)


def _combined(count: int, seed: int) -> tuple[list[Example], list[Signals]]:
    random = np.random.default_rng(seed)
    truth = random.random((count, 6)) < FREQUENCY[:6]
    values = expit(2 * random.normal(np.where(truth, 0.7, -1.5), 1.0))
    return _paired(
        [np.flatnonzero(row).tolist() for row in truth],
        np.column_stack([values, 1 - values.max(axis=1)]),
    )


def _paired(
    truth: Iterable[Sequence[int]], values: NDArray[np.float64]
) -> tuple[list[Example], list[Signals]]:
    examples = [_example(number, labels) for number, labels in enumerate(truth)]
    return examples, [Signals({"topic": row}, {}, {}) for row in values]


def _understood(
    application: Application, decisions: Decisions, examples: Sequence[Example], signals: Sequence[Signals]
) -> list[Understanding]:
    return [
        decide(application, "id", decisions, example.prepared, signal)
        for example, signal in zip(examples, signals, strict=True)
    ]


def _accepted(understanding: Understanding) -> list[str]:
    return [label.minor for label in understanding.labels if label.accepted]


def _levels(understanding: Understanding) -> set[tuple[str, ...]]:
    return {level.path for level in understanding.levels if level.accepted}


def _implied(understanding: Understanding) -> set[tuple[str, ...]]:
    held = [(label.major, label.middle) for label in understanding.labels if label.accepted]
    return {path[:depth] for path in held for depth in (1, 2)}


def test_an_aim_for_anything_but_other_is_kept_and_one_label_accepted(tmp_path: Path) -> None:
    application = _application(tmp_path, 'other = "その他"\naim = { recall = 0.8 }')
    decisions, (threshold,) = choose_decisions(application, *_exclusive(400, 1))
    assert (threshold.name, threshold.rule) == ("その他以外", TARGET_RECALL)

    examples, signals = _exclusive(3000, 2)
    found = _understood(application, decisions, examples, signals)
    reported = [one for one, example in zip(found, examples, strict=True) if example.labels["topic"] != (6,)]
    assert np.mean([_accepted(one) != ["その他"] for one in reported]) == pytest.approx(0.8, abs=0.05)
    for one in found:
        assert len(_accepted(one)) == 1
        assert _levels(one) == _implied(one)
        assert sum(label.probability for label in one.labels) == pytest.approx(1.0)
        something = sum(label.probability for label in one.labels if label.minor != "その他")
        assert (_accepted(one) != ["その他"]) == (something >= one.labels[0].threshold)


def test_without_an_aim_weights_decide_among_all_labels(tmp_path: Path) -> None:
    application = _application(tmp_path, 'other = "その他"')
    decisions, thresholds = choose_decisions(application, *_exclusive(400, 1))
    assert {threshold.name for threshold in thresholds} == set(NAMES)
    assert {threshold.rule for threshold in thresholds} == {BEST_MACRO_F1}
    assert set(decisions.weights["topic"]) == set(NAMES)

    drastic = Decisions(decisions.labels, {}, {"topic": dict.fromkeys(NAMES, 0.0) | {"解約": 50.0}})
    for one in _understood(application, drastic, *_exclusive(20, 2)):
        assert _accepted(one) == ["解約"]
        assert _levels(one) == {("契約",), ("契約", "手続き")}


def test_a_level_may_hold_without_a_label_but_never_a_label_without_its_levels(tmp_path: Path) -> None:
    application = _application(
        tmp_path, 'other = "その他"\nmulti_label = true\n[tasks.aims]\n"解約" = { precision = 0.95 }'
    )
    decisions, thresholds = choose_decisions(application, *_combined(500, 3))
    rules = {threshold.name: threshold.rule for threshold in thresholds}
    assert rules["解約"] == TARGET_PRECISION
    assert {"製品", "契約", "製品 > 品質", "契約 > 料金"} <= set(rules)
    assert "製品 > 機能" not in rules

    found = _understood(application, decisions, *_combined(3000, 4))
    for one in found:
        assert _levels(one) >= _implied(one)
        assert all(path[:1] in _levels(one) for path in _levels(one))
        assert ("その他" in _accepted(one)) == (len(_accepted(one)) == 1 and _accepted(one)[0] == "その他")
        assert _accepted(one)
    assert any(_levels(one) > _implied(one) for one in found)


def test_where_no_label_is_sure_a_level_can_be(tmp_path: Path) -> None:
    application = _application(tmp_path, "aim = { precision = 0.9 }", sheet=WITHOUT_OTHER)
    decisions, thresholds = choose_decisions(application, *_exclusive(800, 5, names=6, noise=0.5))
    assert [threshold.name for threshold in thresholds] == ["小分類", "大分類", "中分類"]

    examples, signals = _exclusive(4000, 6, names=6, noise=0.5)
    found = _understood(application, decisions, examples, signals)
    right, levels_right = [], []
    for one, example in zip(found, examples, strict=True):
        truth = application.sheets["topic"].labels[example.labels["topic"][0]]
        labels, levels = _accepted(one), _levels(one)
        right += [label == truth.minor for label in labels]
        assert len(labels) <= 1
        assert levels >= _implied(one)
        assert len([path for path in levels if len(path) == 1]) <= 1
        levels_right += [path == truth.path[: len(path)] for path in levels if not labels]
    assert 0.2 < len(right) / len(found) < 0.9
    assert np.mean(right) == pytest.approx(0.9, abs=0.05)
    assert len(levels_right) > 50
    assert np.mean(levels_right) > 0.6


def test_decisions_survive_being_written(tmp_path: Path) -> None:
    """JSON and back decides the same to the last bit, and so do the same dev records again."""
    for name, task, data in (
        ("exclusive", 'other = "その他"', _exclusive),
        ("combined", 'other = "その他"\nmulti_label = true', _combined),
    ):
        folder = tmp_path / name
        folder.mkdir()
        application = _application(folder, task, settings='[decisions]\ncalibration = "isotonic"')
        decisions, thresholds = choose_decisions(application, *data(500, 7))
        assert choose_decisions(application, *data(500, 7)) == (decisions, thresholds)
        again = Decisions.from_json(json.loads(json.dumps(decisions.to_json(), ensure_ascii=False)))
        assert _understood(application, again, *data(50, 8)) == _understood(
            application, decisions, *data(50, 8)
        )


def test_thresholds_of_an_older_model_still_decide() -> None:
    for folder in (APPS / "call-log", APPS / "daily-report"):
        application = Application.load(folder)
        (task,) = application.classifications
        old = {
            "labels": {task.name: dict.fromkeys(application.sheets[task.name].names, 0.4)},
            "evidence": {task.name: 0.3},
        }
        count = len(application.sheets[task.name].names)
        values = np.full(count, 0.1 / (count - 1))
        values[1] = 0.9
        signals = Signals({task.name: values}, {task.name: np.full((3, count - 1), 0.2)}, {})
        one = decide(
            _without_scores(application), "id", Decisions.from_json(old), _example(0, None).prepared, signals
        )
        assert _accepted(one) == [application.sheets[task.name].names[1]]
        assert one.labels[1].probability == 0.9
        assert not any(label.review for label in one.labels)
        assert (one.evidence, one.labels[1].proven) == ((), False)


def _without_scores(application: Application) -> Application:
    tasks = application.classifications
    settings = application.settings.model_copy(update={"tasks": tasks})
    return Application(settings, application.sheets, application.files)


def test_evidence_has_a_threshold_of_its_own(tmp_path: Path) -> None:
    application = _application(tmp_path, 'other = "その他"\nevidence = true')
    random = np.random.default_rng(9)
    examples, signals = [], []
    for number in range(200):
        label = int(random.integers(0, 7))
        proofs = [place == number % 3 and label != 6 for place in range(3)]
        values = expit(random.normal(np.where(proofs, 3.0, 1.0), 0.7))
        sentences = np.full((3, 6), 0.01)
        if label != 6:
            sentences[:, label] = values
        examples.append(_example(number, [label], proofs))
        signals.append(Signals({"topic": softmax(3 * np.eye(7)[label])}, {"topic": sentences}, {}))

    decisions, thresholds = choose_decisions(application, examples, signals)
    (chosen,) = [threshold for threshold in thresholds if threshold.name == EVIDENCE]
    assert chosen.precision > 0.8
    assert chosen.recall > 0.8
    found = _understood(application, decisions, examples, signals)
    places = [
        ([proof.sentence_no for proof in one.evidence], example.proofs["topic"].index(True))
        for one, example in zip(found, examples, strict=True)
        if example.labels["topic"] != (6,)
    ]
    assert np.mean([place in proven for proven, place in places]) > 0.85
    assert np.mean([len(proven) for proven, _ in places]) < 1.5


def test_what_dev_does_not_tell_is_a_warning_and_no_error(tmp_path: Path) -> None:
    task = 'other = "その他"\nmulti_label = true\nevidence = true'
    application = _application(tmp_path, task)
    examples, signals = _combined(60, 10)
    sentences = {"topic": np.full((3, 6), 0.5)}
    signals = [Signals(signal.labels, sentences, {}) for signal in signals]
    without = [
        _example(number, [label for label in example.labels["topic"] if label != 5])
        for number, example in enumerate(examples)
    ]

    decisions, thresholds = choose_decisions(application, without, signals)
    assert decisions.labels["topic"]["解約"] == 0.5
    lines = decision_warnings(application, decisions, thresholds)
    (unknown,) = [line for line in lines if "正例がありません" in line]
    assert "「解約」" in unknown
    assert EVIDENCE in unknown
    assert "正例を dev に加えてください" in unknown
    (few,) = [line for line in lines if "件に満たない" in line]
    assert "「異音」" in few
    assert "解約" not in few

    nobody = [_example(number, None) for number in range(5)]
    decisions, thresholds = choose_decisions(application, nobody, signals[:5])
    assert len(set(decisions.labels["topic"].values())) <= 2
    assert _understood(application, decisions, nobody, signals[:5])
    lines = decision_warnings(application, decisions, thresholds)
    assert any("校正していません" in line for line in lines)


def test_an_aim_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    task = 'aim = { recall = 0.8 }\n[tasks.aims]\n"解約" = { recall = 0.9 }'
    application = _application(tmp_path, task, sheet=WITHOUT_OTHER)
    decisions, thresholds = choose_decisions(application, *_exclusive(300, 11, names=6))
    lines = decision_warnings(application, decisions, thresholds)
    assert any("aims は使いませんでした" in line for line in lines)
    assert any("precision だけを目標にできます" in line for line in lines)


def test_the_recall_aimed_at_holds_with_what_is_in_review_and_what_is_accepted_is_mostly_right(
    tmp_path: Path,
) -> None:
    application = _application(tmp_path, 'other = "その他"\naim = { recall = 0.9 }')
    decisions, _ = choose_decisions(application, *_exclusive(600, 3, noise=0.5))
    examples, signals = _exclusive(3000, 4, noise=0.5)
    held, found, taken, right, looked_at = 0, 0, 0, 0, 0
    for example, one in zip(examples, _understood(application, decisions, examples, signals), strict=True):
        said = {label.minor for label in one.labels if label.accepted} - {"その他"}
        doubtful = {label.minor for label in one.labels if label.review}
        assert not (said and doubtful)
        true = {NAMES[label] for label in example.labels["topic"]} - {"その他"}
        held, taken, right = held + len(true), taken + len(said), right + len(true & said)
        found += bool(true and (said or doubtful))
        looked_at += bool(doubtful)
    assert found / held >= 0.87
    assert right / taken >= 0.7
    assert 0 < looked_at / len(examples) <= 0.25


def test_bounds_leave_out_no_more_than_the_risk_and_no_more_than_people_can_look_at() -> None:
    random = np.random.default_rng(3)
    positives, others = random.beta(4, 3, 200), random.beta(2, 8, 800)
    doubts = np.concatenate([positives, others])[:, np.newaxis]
    (bound,) = choose_bounds([positives], doubts, [0.3])
    assert np.mean(random.beta(4, 3, 5000) < bound) == pytest.approx(0.3, abs=0.06)
    (narrow,) = choose_bounds([positives], doubts, [0.01])
    assert np.mean(doubts >= narrow) <= MOST_REVIEWED
    (never,) = choose_bounds([np.empty(0)], doubts, [0.3])
    assert never > doubts.max()


@pytest.mark.parametrize("task", ['other = "その他"', 'other = "その他"\naim = { recall = 0.8 }'])
def test_without_records_the_clear_is_accepted_and_the_doubtful_looked_at(tmp_path: Path, task: str) -> None:
    """Of seven labels the right one is far from certain when "other" is counted among them."""
    application = _application(tmp_path, task)
    decisions, _ = choose_decisions(application, [], [])
    values = np.array(
        [
            [0.3, 0.1, 0.1, 0.05, 0.05, 0.05, 0.35],
            [0.2, 0.1, 0.1, 0.05, 0.05, 0.02, 0.48],
            [0.07] * 6 + [0.58],
        ]
    )
    said = _understood(application, decisions, *_paired([[], [], []], values))
    assert [_accepted(one) for one in said] == [["故障"], ["その他"], ["その他"]]
    assert [[label.minor for label in one.labels if label.review] for one in said] == [[], ["故障"], []]


def test_a_sentence_proves_the_label_that_it_speaks_for_and_no_other(tmp_path: Path) -> None:
    """Two labels hold; one sentence speaks for each, one for both, and one is a signature."""
    application = _application(tmp_path, 'other = "その他"\nmulti_label = true\nevidence = true')
    texts = ("ポンプが動かない。", "来月で契約をやめたい。", "動かないならやめる。", "設備管理部 山田太郎")
    sentences = tuple(Sentence(n, text, 20 * n, 20 * n + len(text), None) for n, text in enumerate(texts))
    prepared = Prepared("x", (0,) * 14, ((1, 4), (4, 7), (7, 10), (10, 13)), sentences)
    labels = np.array([0.9, 0.1, 0.1, 0.1, 0.1, 0.9, 0.1])
    proofs = np.full((4, 6), 0.05)
    proofs[:, 0], proofs[:, 5] = (0.9, 0.6, 0.8, 0.9), (0.6, 0.9, 0.8, 0.9)
    decisions = Decisions({"topic": dict.fromkeys(NAMES, 0.5)}, {"topic": 0.5})
    one = decide(application, "id", decisions, prepared, Signals({"topic": labels}, {"topic": proofs}, {}))
    told = {(proof.label, proof.sentence_no) for proof in one.evidence}
    assert told == {("故障", 0), ("解約", 1), ("故障", 2), ("解約", 2)}
    assert [label.minor for label in one.labels if label.proven] == ["故障", "解約"]


def test_a_label_that_no_sentence_proves_says_so(tmp_path: Path) -> None:
    application = _application(tmp_path, 'other = "その他"\nevidence = true')
    values = np.array([0.9, 0.02, 0.02, 0.02, 0.02, 0.01, 0.01])
    decisions = Decisions({"topic": dict.fromkeys(NAMES, 0.5)}, {"topic": 0.5})
    signals = Signals({"topic": values}, {"topic": np.full((3, 6), 0.4)}, {})
    one = decide(application, "id", decisions, _example(0, None).prepared, signals)
    assert one.evidence == ()
    assert {label.minor: label.proven for label in one.labels if label.accepted} == {"故障": False}


def test_a_score_that_no_record_taught_is_not_told(tmp_path: Path) -> None:
    score = '[[tasks]]\nname = "urgency"\ntype = "score"\nminimum = 0\nmaximum = 4'
    application = _application(tmp_path, f'other = "その他"\n{score}')
    values = np.full(7, 1 / 7)
    signals = Signals({"topic": values}, {}, {"urgency": 1.6})
    known = Decisions({"topic": dict.fromkeys(NAMES, 0.5)}, {})
    silent = replace(known, unknown_scores=("urgency",))
    document = _example(0, None).prepared
    assert [score.value for score in decide(application, "id", known, document, signals).scores] == [1.6]
    again = Decisions.from_json(json.loads(json.dumps(silent.to_json(), ensure_ascii=False)))
    assert decide(application, "id", again, document, signals).scores == ()
