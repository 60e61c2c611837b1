"""Figures agree with scikit-learn, thresholds keep their promise, the report can be read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import accuracy_score, mean_absolute_error, precision_recall_fscore_support

from nlu.evaluation.comparing import compare
from nlu.evaluation.report.markdown import to_markdown
from nlu.measures.metrics import evidence_figures, score_figures
from nlu.model.judged import Judged
from nlu.records.record import Record, Span
from nlu.text.boundaries.sentences import Sentence
from nlu.understanding import Evidence, LabelPrediction, ScorePrediction, Understanding
from tests.support.nlu.figures import classification_figures
from tests.support.nlu.small_application import small_application

NAMES = ("契約内", "契約外", "追加機能", "その他")


def test_single_label_figures_are_those_of_scikit_learn() -> None:
    drawn = np.random.default_rng(1)
    gold, predicted = drawn.choice(4, 200, p=[0.05, 0.1, 0.05, 0.8]), drawn.choice(4, 200)
    figures = classification_figures("t", NAMES, [{int(x)} for x in gold], [{int(x)} for x in predicted])

    precision, recall, f1, support = precision_recall_fscore_support(gold, predicted, zero_division=0)
    assert [row.precision for row in figures.classes] == pytest.approx(precision)
    assert [row.recall for row in figures.classes] == pytest.approx(recall)
    assert [row.f1 for row in figures.classes] == pytest.approx(f1)
    assert [row.support for row in figures.classes] == support.tolist()
    assert figures.macro_f1 == pytest.approx(f1.mean())
    assert figures.accuracy == pytest.approx(accuracy_score(gold, predicted))


def test_multi_label_figures_are_those_of_scikit_learn() -> None:
    drawn = np.random.default_rng(2)
    gold, predicted = drawn.random((100, 4)) < 0.3, drawn.random((100, 4)) < 0.4
    figures = classification_figures(
        "t", NAMES, [np.flatnonzero(row).tolist() for row in gold], [np.flatnonzero(row) for row in predicted]
    )

    f1 = precision_recall_fscore_support(gold, predicted, zero_division=0)[2]
    assert [row.f1 for row in figures.classes] == pytest.approx(f1)
    assert figures.accuracy == pytest.approx(accuracy_score(gold, predicted))


def test_a_label_that_no_document_has_does_not_lower_the_mean() -> None:
    figures = classification_figures("t", NAMES, [{0}, {1}, {1}], [{0}, {1}, {2}])
    assert figures.macro_f1 == pytest.approx((1 + 2 / 3) / 2)


def test_evidence_and_score_figures_are_those_of_the_libraries() -> None:
    drawn = np.random.default_rng(3)
    gold, predicted = drawn.random(300) < 0.1, drawn.random(300) < 0.2
    evidence = evidence_figures("t", gold.tolist(), predicted.tolist())
    expected = precision_recall_fscore_support(gold, predicted, average="binary")
    assert (evidence.precision, evidence.recall, evidence.f1) == pytest.approx(expected[:3])
    assert evidence.support == gold.sum()

    truth, guess = drawn.random(50) * 4, drawn.random(50) * 4
    score = score_figures("t", truth.tolist(), guess.tolist())
    assert score.mae == pytest.approx(mean_absolute_error(truth, guess))
    assert score.pearson == pytest.approx(pearsonr(truth, guess).statistic)
    assert score_figures("t", [1.0, 1.0], [0.5, 2.0]).pearson is None


def _judged(number: int, gold: str, predicted: str, found: tuple[int, ...]) -> Judged:
    """A text of three sentences, the second of which proves a need."""
    text = "一文目。二文目。三文目。"
    sentences = tuple(Sentence(n, text[4 * n : 4 * n + 4], 4 * n, 4 * n + 4, None) for n in range(3))
    paths = {"契約外": "ニーズあり", "追加機能": "できないこと", "その他": "その他"}
    labels = tuple(
        LabelPrediction("needs", major, major, minor, 0.5, 0.5, minor == predicted)
        for minor, major in paths.items()
    )
    evidence = tuple(Evidence("needs", predicted, n, 4 * n, 4 * n + 4, sentences[n].text, 0.9) for n in found)
    scores = (ScorePrediction("urgency", float(number), 0, 4),)
    return Judged(
        Record(
            str(number),
            text,
            {"needs": (gold,)},
            {"urgency": 1.0},
            {"needs": (Span(4, 7),)} if gold != "その他" else {},
        ),
        sentences,
        Understanding(str(number), "small", "id", labels, scores, evidence, (0, 1, 2)),
    )


def test_an_evaluation_counts_labels_levels_and_sentences(tmp_path: Path) -> None:
    application = small_application(tmp_path)
    evaluation = compare(
        application,
        [
            _judged(0, "契約外", "契約外", (1,)),
            _judged(1, "追加機能", "契約外", (1, 2)),
            _judged(2, "その他", "その他", ()),
            _judged(3, "その他", "追加機能", (0,)),
        ],
    )

    (needs,) = evaluation.classifications
    assert {row.label: row.support for row in needs.classes} == {"契約外": 1, "追加機能": 1, "その他": 2}
    assert needs.accuracy == 0.5
    assert [level for level, _ in evaluation.levels] == ["大分類", "中分類"]
    (evidence,) = evaluation.evidence
    assert (evidence.sentences, evidence.support) == (12, 2)
    assert (evidence.precision, evidence.recall) == (0.5, 1.0)
    assert evaluation.scores[0].mae == pytest.approx(1.0)
    assert json.loads(json.dumps(evaluation.to_json()))["evidence"][0]["support"] == 2
    report = to_markdown(evaluation)
    assert "| 契約外 | 0.500 | 1.000 | 0.667 | 0.250 | 1 |" in report
    assert "根拠 2 文" in report
