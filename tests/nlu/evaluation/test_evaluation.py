"""An evaluation's figures are right, its report can be read, and nothing in it needs every label to occur."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import confusion_matrix, f1_score, precision_score

from nlu.application.application import Application
from nlu.evaluation.comparing import compare, compare_spans, summary
from nlu.evaluation.confusion import NONE, confusion
from nlu.evaluation.curves import precision_recall_curves, reliability, reliability_bins
from nlu.evaluation.macro_intervals import intervals
from nlu.evaluation.mistakes import worst_mistakes, worst_scores
from nlu.evaluation.report.highlight import EvidenceMark, pieces
from nlu.evaluation.report.report_data import make_report
from nlu.evaluation.report.report_files import write_report
from nlu.evaluation.task_results import results_of
from nlu.measures.metrics import indicator_figures, score_figures, span_figures
from nlu.model.judged import Judged
from nlu.records.record import Record, Span
from nlu.text.boundaries.sentences import Sentence
from nlu.understanding import Evidence, LabelPrediction, ScorePrediction, Understanding
from tests.support.nlu.figures import classification_figures
from tests.support.nlu.small_application import small_application

NAMES = ("契約外", "追加機能", "その他")
_PATHS = {"契約外": "ニーズあり", "追加機能": "できないこと", "その他": "その他"}
_TEXT = "一文目です。見積がほしい。三文目。"
_CUTS = (0, 6, 13, 17)


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    return small_application(tmp_path_factory.mktemp("application"))


def judged(
    number: int,
    gold: Sequence[str] | None,
    probabilities: Sequence[float],
    *,
    task: str = "needs",
    text: str = _TEXT,
    urgency: tuple[float, float] | None = None,
) -> Judged:
    """A record of three sentences; what reaches 0.5 is accepted, with the second sentence as evidence."""
    accepted = [name for name, value in zip(NAMES, probabilities, strict=True) if value >= 0.5]
    labels = tuple(
        LabelPrediction(task, _PATHS[name], _PATHS[name], name, value, 0.5, name in accepted)
        for name, value in zip(NAMES, probabilities, strict=True)
    )
    evidence = tuple(
        Evidence(task, name, 1, 6, 13, _TEXT[6:13], 0.9) for name in accepted if name != "その他"
    )
    record = Record(
        id=f"記録{number}",
        text=text,
        labels={} if gold is None else {task: tuple(gold)},
        scores={} if urgency is None else {"urgency": urgency[0]},
        evidence={} if gold is None else {task: (Span(6, 13),) if set(gold) - {"その他"} else ()},
    )
    scores = () if urgency is None else (ScorePrediction("urgency", urgency[1], 0, 4),)
    sentences = tuple(
        Sentence(place, _TEXT[start:end], start, end, None)
        for place, (start, end) in enumerate(pairwise(_CUTS))
    )
    understanding = Understanding(record.id, "small", "model", labels, scores, evidence, (0, 1, 2))
    return Judged(record, sentences, understanding)


def many(count: int) -> list[Judged]:
    """Records of rare and frequent labels, each answered at random but better than by chance."""
    drawn = np.random.default_rng(5)
    found = []
    for number, label in enumerate(drawn.choice(3, count, p=[0.1, 0.2, 0.7])):
        values = drawn.random(3) * 0.6
        values[label] += 0.15
        values /= values.sum()
        best = np.where(values == values.max(), 0.5 + values / 2, values / 2)
        score = (float(label), float(np.clip(label + drawn.normal(), 0, 4)))
        found.append(judged(number, [NAMES[label]], best.tolist(), urgency=score))
    return found


def test_means_are_those_of_scikit_learn() -> None:
    drawn = np.random.default_rng(6)
    truth, guess = drawn.random((200, 3)) < 0.3, drawn.random((200, 3)) < 0.4
    figures = indicator_figures("t", NAMES, truth, guess)

    assert figures.micro_f1 == pytest.approx(f1_score(truth, guess, average="micro"))
    assert figures.micro_precision == pytest.approx(precision_score(truth, guess, average="micro"))
    assert figures.weighted_f1 == pytest.approx(f1_score(truth, guess, average="weighted"))
    assert figures.mean_average_precision is None


def test_what_cannot_be_measured_is_none_and_does_not_count() -> None:
    figures = classification_figures("t", NAMES, [{0}, {0}, {2}], [{0}, {1}, {0}])
    found, never_true, never_given = figures.classes

    assert (found.precision, found.recall) == (0.5, 0.5)
    assert (never_true.precision, never_true.recall, never_true.f1) == (0.0, None, 0.0)
    assert (never_given.precision, never_given.recall, never_given.f1) == (None, 0.0, 0.0)
    assert figures.macro_f1 == pytest.approx(0.25)
    nothing = classification_figures("t", NAMES, [set()], [set()])
    assert (nothing.micro_f1, nothing.classes[0].f1) == (None, None)


def test_scores_are_compared_by_rank_and_by_steps() -> None:
    steep = score_figures("t", [0, 1, 2, 3], [0.0, 0.1, 0.2, 3.9], ordinal=True)
    assert steep.spearman == pytest.approx(1.0)
    assert steep.pearson is not None
    assert steep.pearson < 0.85
    # Rounded 0, 0, 0, 4. Squared differences: seen 1 + 4 + 1; by chance, over all pairs, 72 / 4.
    assert steep.kappa == pytest.approx(1 - 6 / 18)
    assert score_figures("t", [0, 1], [0, 1]).kappa is None
    assert score_figures("t", [2, 2], [2, 2], ordinal=True).kappa is None
    assert score_figures("t", [1, 1], [2.0, 3.0]).bias == pytest.approx(1.5)


def test_spans_are_compared_exactly_and_by_overlap() -> None:
    gold = [[(0, 4, "製品"), (6, 9, "場所")], []]
    predicted = [[(0, 4, "製品"), (7, 9, "場所"), (6, 9, "製品")], [(0, 1, "場所")]]
    figures = span_figures("t", ("製品", "場所"), gold, predicted)

    assert (figures.exact.precision, figures.exact.recall) == (0.25, 0.5)
    assert (figures.overlapping.precision, figures.overlapping.recall) == (0.5, 1.0)
    assert {row.label: row.f1 for row in figures.classes} == {"製品": pytest.approx(2 / 3), "場所": 0.0}


def test_a_span_over_everything_finds_one_thing() -> None:
    gold = [[(0, 2, "製品"), (4, 6, "製品"), (8, 10, "製品")]]
    assert span_figures("t", ("製品",), gold, [[(0, 10, "製品")]]).overlapping.correct == 1
    crossed = span_figures("t", ("製品",), gold, [[(0, 5, "製品"), (1, 2, "製品")]])
    assert crossed.overlapping.correct == 2


def test_spans_are_compared_where_they_are_annotated(tmp_path: Path) -> None:
    small_application(tmp_path)
    task = '[[tasks]]\nname = "wishes"\ntype = "span"\nlabels = "labels.csv"\n'
    (tmp_path / "app.toml").write_text(f'name = "wishes"\ntitle = "要望の抽出"\n{task}', encoding="utf-8")
    application = Application.load(tmp_path)
    (wishes,) = application.spans
    records = [
        Record("記録0", _TEXT, spans={"wishes": (Span(6, 8, ("契約外",)), Span(0, 3, ("追加機能",)))}),
        Record("記録1", _TEXT, spans={"wishes": ()}),
        Record("記録2", _TEXT),
    ]
    found = [[(6, 8, "契約外"), (1, 3, "追加機能")], [(0, 3, "契約外")], [(0, 3, "契約外")]]

    figures = compare_spans(wishes, application, records, found)
    assert figures is not None
    assert figures.documents == 2
    assert (figures.exact.support, figures.exact.predicted, figures.exact.correct) == (2, 3, 1)
    assert figures.overlapping.correct == 2
    assert compare_spans(wishes, application, records[2:], found[2:]) is None


def test_levels_and_detection_count_what_lies_below(application: Application) -> None:
    evaluation = compare(application, many(200))
    (needs,) = evaluation.classifications
    (task, detection) = evaluation.detections[0]

    assert (task, detection.label) == ("needs", "その他以外")
    assert detection.support == sum(row.support for row in needs.classes[:2])
    assert detection.correct >= sum(row.correct for row in needs.classes[:2])
    # Every label of this sheet has parents of its own, so the levels change nothing but the names.
    for _, level in evaluation.levels:
        assert level.macro_f1 == needs.macro_f1
        assert level.mean_average_precision == pytest.approx(needs.mean_average_precision)
    assert evaluation.unannotated == ("topics",)
    figures = summary(evaluation)
    assert figures["needs/macro_f1"] == needs.macro_f1
    assert {"needs/evidence_f1", "needs/detection_f1", "urgency/spearman"} <= set(figures)
    assert not any(name.startswith("topics") for name in figures)


def test_evidence_of_a_label_needs_the_label_too(application: Application) -> None:
    items = [
        judged(0, ["契約外"], [0.9, 0.1, 0.1]),
        judged(1, ["契約外"], [0.1, 0.9, 0.1]),
        judged(2, ["その他"], [0.1, 0.1, 0.9]),
    ]
    (evidence,) = compare(application, items).evidence
    assert (evidence.sentences, evidence.support, evidence.f1) == (9, 2, 1.0)
    contract, feature = evidence.classes
    assert (contract.label, contract.support, contract.predicted, contract.correct) == ("契約外", 2, 1, 1)
    assert (feature.support, feature.predicted, feature.f1) == (0, 1, 0.0)


def test_confusion_is_that_of_scikit_learn_where_labels_exclude_each_other(application: Application) -> None:
    results = results_of(application.classifications[0], application, many(100))
    table = confusion(results)

    expected = confusion_matrix(results.truth.argmax(axis=1), results.accepted.argmax(axis=1))
    assert table.labels == NAMES
    assert np.array_equal(table.counts, expected)
    first, *_ = table.mixed_up()
    assert first[2] == (expected - np.diag(np.diag(expected))).max()


def test_confusion_of_labels_that_can_be_combined(application: Application) -> None:
    items = [
        judged(0, ["契約外", "追加機能"], [0.9, 0.1, 0.1], task="topics"),
        judged(1, ["追加機能"], [0.9, 0.1, 0.1], task="topics"),
        judged(2, ["契約外"], [0.9, 0.8, 0.1], task="topics"),
    ]
    table = confusion(results_of(application.classifications[1], application, items))

    assert table.labels == (*NAMES, NONE)
    assert table.counts == ((2, 0, 0, 0), (1, 0, 0, 1), (0, 0, 0, 0), (0, 1, 0, 0))


def test_intervals_hold_the_figure_and_narrow_with_documents(application: Application) -> None:
    widths = []
    for count in (60, 960):
        results = results_of(application.classifications[0], application, many(count))
        figures = indicator_figures("needs", NAMES, results.truth, results.accepted)
        found = intervals(figures.classes, results.truth, results.accepted)
        assert found is not None
        low, high = found.macro_f1
        assert low < figures.macro_f1 < high
        assert found == intervals(figures.classes, results.truth, results.accepted)
        widths.append(high - low)
        contract = found.classes[0]
        assert contract.recall is not None
        assert contract.recall[0] < (figures.classes[0].recall or 0) < contract.recall[1]
    assert widths[1] < widths[0] / 2


def test_bins_tell_honest_probabilities_from_bold_ones() -> None:
    drawn = np.random.default_rng(8)
    honest = drawn.random(20_000)
    truth = drawn.random(20_000) < honest
    assert all(abs(one.probability - one.share) < 0.05 for one in reliability_bins(honest, truth))
    low, high = reliability_bins(np.where(honest > 0.5, 0.99, 0.01), truth)
    assert [low.count, high.count] == [(honest <= 0.5).sum(), (honest > 0.5).sum()]
    assert (low.share, high.share) == (pytest.approx(0.25, abs=0.02), pytest.approx(0.75, abs=0.02))
    assert reliability_bins(np.array([1.0]), np.array([True]))[0].share == 1.0


def test_reliability_is_of_the_best_label_or_of_all(application: Application) -> None:
    needs, topics = application.classifications
    items = [judged(0, ["契約外"], [0.7, 0.2, 0.1]), judged(1, ["その他"], [0.6, 0.3, 0.1])]
    single = reliability(results_of(needs, application, items))
    assert (single.count, single.brier) == (2, pytest.approx((0.3**2 + 0.6**2) / 2))
    items = [judged(0, ["契約外"], [0.7, 0.2, 0.1], task="topics")]
    several = reliability(results_of(topics, application, items))
    assert (several.count, several.brier) == (3, pytest.approx((0.3**2 + 0.2**2 + 0.1**2) / 3))
    assert several.error == pytest.approx(0.2)


def test_curves_show_the_decision_and_skip_labels_without_documents(application: Application) -> None:
    items = [judged(n, ["契約外" if n < 5 else "その他"], [0.1 * n, 0.0, 1 - 0.1 * n]) for n in range(10)]
    curves = precision_recall_curves(results_of(application.classifications[0], application, items))

    assert [curve.label for curve in curves] == ["契約外", "その他"]
    contract = curves[0]
    assert contract.prevalence == 0.5
    assert contract.recall[0] == 1.0
    assert len(contract.thresholds) == len(contract.precision) == len(contract.recall)
    assert (contract.decided.support, contract.decided.predicted, contract.decided.correct) == (5, 5, 0)


def test_the_worst_mistakes_are_of_every_label(application: Application) -> None:
    """Forty frequent mistakes with some doubt, and one rare one."""
    items = [judged(n, ["その他"], [0.6 + 0.005 * n, 0.1, 0.2]) for n in range(40)]
    items.append(judged(40, ["追加機能"], [0.55, 0.3, 0.15]))
    items.append(judged(41, ["契約外"], [0.95, 0.03, 0.02]))
    results = results_of(application.classifications[0], application, items)

    few = worst_mistakes([results], most=5)
    assert [mistake.label for mistake in few] == ["追加機能", *["その他"] * 4]
    assert [mistake.doc_id for mistake in few[1:]] == ["記録39", "記録38", "記録37", "記録36"]
    rare = few[0]
    assert rare.severity == pytest.approx((0.55 + 0.7) / 2)
    assert [(one.label, one.probability) for one in rare.true] == [("追加機能", 0.3)]
    assert [(one.label, one.threshold) for one in rare.accepted] == [("契約外", 0.5)]
    assert rare.true_evidence == ((6, 13, ""),)
    assert rare.found_evidence == ((6, 13, "契約外"),)
    assert worst_mistakes([results], most=0) == ()
    assert len(worst_mistakes([results], most=100)) == 41


def test_the_worst_scores_are_too_high_and_too_low(application: Application) -> None:
    scores = [(0.0, 3.0), (0.0, 2.0), (0.0, 2.5), (4.0, 3.5), (1.0, 1.0)]
    items = [judged(n, None, [0, 0, 1], urgency=pair) for n, pair in enumerate(scores)]
    found = worst_scores(application, items, most=2)
    assert [(mistake.doc_id, mistake.severity) for mistake in found] == [("記録3", 0.125), ("記録0", 0.75)]


def test_evidence_is_marked_by_who_found_it() -> None:
    found = list(pieces("あいうえおかきくけこ", [(2, 6, "契約外")], [(4, 8, "追加機能")]))
    assert [(piece.text, piece.mark) for piece in found] == [
        ("あい", EvidenceMark.NONE),
        ("うえ", EvidenceMark.TRUE),
        ("おか", EvidenceMark.BOTH),
        ("きく", EvidenceMark.FOUND),
        ("けこ", EvidenceMark.NONE),
    ]
    assert found[2].labels == ("契約外", "追加機能")
    text = "前" * 3000 + "要点" + "後" * 3000
    long = list(pieces(text, [(3000, 3002, "")], []))
    assert [piece.mark for piece in long] == [EvidenceMark.NONE, EvidenceMark.TRUE, EvidenceMark.NONE]
    assert long[1].text == "要点"
    assert sum(len(piece.text) for piece in long) < 500


def test_a_report_is_one_page_with_pictures_and_figures(application: Application, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = write_report(make_report(application, many(120), "評価.jsonl"), tmp_path / "報告")

    text = page.read_text("utf-8")
    for words in ("ラベルごとの成績", "取り違え", "期待較正誤差", "大分類", "根拠文", "quadratic kappa"):
        assert words in text
    assert not re.search(r"""(src|href)=["'](?!data:image/png;base64,|\#)""", text)
    assert text.count("data:image/png;base64,") == 3
    pictures = sorted(file.name for file in page.parent.glob("*.png"))
    assert pictures == ["calibration_1.png", "precision_recall_1.png", "score_1.png"]
    for name in pictures:
        picture = np.asarray(Image.open(BytesIO((page.parent / name).read_bytes())).convert("L"))
        assert (picture < 128).mean() > 0.002
    figures = json.loads((page.parent / "evaluation.json").read_text("utf-8"))
    assert figures["schema"] == 1
    assert figures["details"][0]["confusion"]["labels"] == list(NAMES)
    assert len(figures["mistakes"]) == 30
    assert {one["label"] for one in figures["mistakes"]} == set(NAMES)
    assert "macro-F1" in (page.parent / "evaluation.md").read_text("utf-8")


def test_the_same_predictions_make_the_same_report(application: Application, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("一", "二")]
    for folder in folders:
        write_report(make_report(application, many(50), "評価.jsonl"), folder)
    for file in folders[0].iterdir():
        assert file.read_bytes() == (folders[1] / file.name).read_bytes()


def test_nothing_in_a_document_becomes_part_of_the_page(application: Application, tmp_path: Path) -> None:
    hostile = '<script>alert("偽")</script><img src=x onerror=alert(1)>&amp;$x_1$'
    item = judged(0, ["契約外"], [0.1, 0.1, 0.9], text=_TEXT + hostile)
    text = write_report(make_report(application, [item], "<b>.jsonl"), tmp_path).read_text("utf-8")

    assert "<script" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;.jsonl" in text


def test_a_report_says_what_it_could_not_measure(application: Application, tmp_path: Path) -> None:
    empty = write_report(make_report(application, [], "空.jsonl"), tmp_path / "空").read_text("utf-8")
    assert "文書が 1 件もない" in empty

    bare = make_report(application, [judged(0, None, [0.9, 0, 0])], "注釈なし.jsonl")
    text = write_report(bare, tmp_path / "注釈なし").read_text("utf-8")
    assert "needs・topics・urgency" in text
    assert bare.to_json()["details"] == []

    lone = make_report(application, [judged(0, ["その他"], [0, 0, 1.0])], "一件.jsonl")
    text = write_report(lone, tmp_path / "一件").read_text("utf-8")
    assert "「契約外」「追加機能」はこの評価データに 1 件もない" in text
    assert "間違いはありませんでした" in text
    rows = lone.to_json()["classifications"][0]["classes"]
    assert [row["recall"] for row in rows] == [None, None, 1.0]

    nothing = make_report(application, [judged(0, [], [0, 0, 0], task="topics")], "なし.jsonl")
    assert "topics" in write_report(nothing, tmp_path / "なし").read_text("utf-8")
