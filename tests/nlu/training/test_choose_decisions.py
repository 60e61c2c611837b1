"""Thresholds, weights and calibration keep on other records what they were chosen for."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit, softmax
from sklearn.metrics import f1_score
from sklearn.metrics import log_loss as sklearn_log_loss

from nlu.application.settings import Aim
from nlu.decisions.calibration import Calibration
from nlu.decisions.threshold import BEST_F1, DEFAULT, LOWEST_COST, TARGET_PRECISION, TARGET_RECALL
from nlu.evaluation.stability import OutcomeCounts, stability, stability_warnings
from nlu.measures.calibration_error import calibration_error
from nlu.measures.intervals import (
    Interval,
    bootstrap,
    difference,
    f1_interval,
    proportion,
    wilson_interval,
)
from nlu.training.choosing.fit_calibration import fit_calibration
from nlu.training.choosing.label_weights import choose_weights, macro_f1
from nlu.training.choosing.threshold_rule import choose_threshold


def _answers(
    random: np.random.Generator, count: int, share: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probabilities of an overconfident model with overlapping classes, and what is true."""
    truth = random.random(count) < share
    return expit(2 * random.normal(np.where(truth, 0.8, -1.2), 1.0)), truth


def _recall(probabilities: NDArray[np.float64], truth: NDArray[np.bool_], value: float) -> float:
    return float((probabilities[truth] >= value).mean())


def test_an_aimed_recall_is_met_on_other_records_on_average() -> None:
    random = np.random.default_rng(1)
    unseen, true = _answers(random, 50_000, 0.2)
    recalls = []
    for _ in range(60):
        chosen = choose_threshold("t", "契約外", *_answers(random, 150, 0.2), Aim(recall=0.8))
        recalls.append(_recall(unseen, true, chosen.value))
    assert np.mean(recalls) == pytest.approx(0.8, abs=0.025)
    assert np.mean(np.abs(np.array(recalls) - 0.8)) < 0.075


def test_thresholds_for_each_aim_do_what_they_say() -> None:
    random = np.random.default_rng(2)
    dev, true = _answers(random, 3000, 0.2)
    unseen, truly = _answers(random, 50_000, 0.2)

    def figures(value: float) -> tuple[float, float]:
        accepted = unseen >= value
        return float(truly[accepted].mean()), float(accepted[truly].mean())

    best = choose_threshold("t", "契約外", dev, true)
    assert best.rule == BEST_F1
    found = f1_score(truly, unseen >= best.value)
    assert found > max(f1_score(truly, unseen >= value) for value in np.linspace(0.05, 0.95, 19)) - 0.01

    precise = choose_threshold("t", "契約外", dev, true, Aim(precision=0.9))
    assert (precise.rule, precise.target) == (TARGET_PRECISION, 0.9)
    assert figures(precise.value)[0] == pytest.approx(0.9, abs=0.03)

    recalled = choose_threshold("t", "契約外", dev, true, Aim(recall=0.9))
    assert recalled.rule == TARGET_RECALL
    assert figures(recalled.value)[1] == pytest.approx(0.9, abs=0.03)
    everything = choose_threshold("t", "契約外", dev, true, Aim(recall=1.0))
    assert everything.recall == 1.0
    assert everything.precision < recalled.precision

    def cost(value: float) -> float:
        accepted = unseen >= value
        return 5.0 * (truly & ~accepted).sum() + (accepted & ~truly).sum()

    dear = choose_threshold("t", "契約外", dev, true, Aim(miss_cost=5.0))
    assert dear.rule == LOWEST_COST
    assert cost(dear.value) < 1.02 * min(cost(value) for value in np.linspace(0.01, 0.99, 99))


def test_a_threshold_tells_what_it_did_on_dev() -> None:
    probabilities, truth = _answers(np.random.default_rng(3), 400, 0.2)
    chosen = choose_threshold("t", "契約外", probabilities, truth, Aim(recall=0.8))
    accepted = probabilities >= chosen.value
    assert (chosen.positives, chosen.accepted) == (truth.sum(), accepted.sum())
    assert chosen.correct == (accepted & truth).sum()
    assert chosen.precision == chosen.correct / chosen.accepted
    assert chosen.recall_low < chosen.recall < chosen.recall_high
    assert chosen.precision_low < chosen.precision < chosen.precision_high
    single = choose_threshold("t", "契約外", np.array([0.9, 0.2, 0.1]), [True, False, False], Aim(recall=0.8))
    assert (single.correct, single.recall, 0.2 < single.value < 0.9) == (1, 1.0, True)
    unknown = choose_threshold("t", "契約外", probabilities, [False] * 400, Aim(recall=0.8))
    assert (unknown.value, unknown.rule, unknown.positives) == (0.5, DEFAULT, 0)


def test_one_lucky_record_does_not_drive_a_threshold() -> None:
    """A negative at 0.93 between two positives: the best cut by count is above it and misses a third."""
    truth = [True] * 6 + [False] * 30
    calm = np.array([0.95, 0.94, 0.9, 0.9, 0.85, 0.8] + [0.1] * 30)
    lucky = calm.copy()
    lucky[6] = 0.93
    assert choose_threshold("t", "契約外", calm, truth).recall == 1.0
    assert choose_threshold("t", "契約外", lucky, truth).recall == 1.0


def test_positives_that_nothing_finds_lower_the_cut() -> None:
    """With half of the spans missed, each found one weighs more: recall is won where it can be."""
    probabilities, truth = _answers(np.random.default_rng(4), 2000, 0.4)
    all_found = choose_threshold("t", "ソフト", probabilities, truth)
    half_missed = choose_threshold("t", "ソフト", probabilities, truth, missed=int(truth.sum()))
    assert half_missed.positives == 2 * all_found.positives
    assert half_missed.value < all_found.value
    assert half_missed.recall < 0.5
    reached = choose_threshold("t", "ソフト", probabilities, truth, Aim(recall=0.4), missed=int(truth.sum()))
    assert reached.recall == pytest.approx(0.4, abs=0.02)
    beyond = choose_threshold("t", "ソフト", probabilities, truth, Aim(recall=0.8), missed=int(truth.sum()))
    assert beyond.correct == truth.sum()


def _exclusive(
    random: np.random.Generator, count: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """Five labels, one of them in 6 of 10 documents, from a model that learned them as equally frequent and
    is twice too sure: its probabilities, the true labels, and these as flags."""
    truth = random.choice(5, count, p=[0.6, 0.2, 0.1, 0.06, 0.04])
    seen = np.eye(5)[truth] + 0.75 * random.normal(size=(count, 5))
    return softmax(3.5 * seen, axis=1), truth, np.eye(5, dtype=bool)[truth]


def test_calibration_is_honest_on_other_records() -> None:
    random = np.random.default_rng(4)
    dev, _, flags = _exclusive(random, 600)
    unseen, _, true = _exclusive(random, 20_000)
    before = calibration_error(unseen, true, exclusive=True)
    for method in ("temperature", "isotonic"):
        calibration = fit_calibration(dev, flags, method, exclusive=True)
        assert calibration is not None
        found = calibration.apply(unseen)
        assert found.sum(axis=1) == pytest.approx(np.ones(len(found)))
        after = calibration_error(found, true, exclusive=True)
        assert after < 0.04 < 0.1 < before
        assert calibration.error_before > 0.1
        assert calibration.error_after == pytest.approx(after, abs=0.04)
        assert sklearn_log_loss(true, found) < sklearn_log_loss(true, unseen) - 0.1
        # One document at a time gives the same, and so does what was written to a file.
        assert calibration.apply(unseen[7]) == pytest.approx(found[7])
        again = Calibration.from_json(json.loads(json.dumps(calibration.to_json())))
        assert (again.apply(unseen) == found).all()


def test_calibration_of_labels_that_can_be_combined_keeps_the_order() -> None:
    random = np.random.default_rng(5)
    columns = [_answers(random, 3000, share) for share in (0.3, 0.1, 0.01)]
    probabilities = np.stack([column for column, _ in columns], axis=1)
    truth = np.stack([column for _, column in columns], axis=1)
    dev, unseen = slice(0, 1000), slice(1000, None)
    for method in ("temperature", "isotonic"):
        calibration = fit_calibration(probabilities[dev], truth[dev], method, exclusive=False)
        assert calibration is not None
        found = calibration.apply(probabilities[unseen])
        raw = probabilities[unseen]
        assert calibration_error(found, truth[unseen], exclusive=False) < 0.5 * calibration_error(
            raw, truth[unseen], exclusive=False
        )
        for column in range(3):
            rising = found[np.argsort(raw[:, column]), column]
            assert (np.diff(rising) >= 0).all()
            assert len(np.unique(rising)) > 0.9 * len(rising)
    assert [bool(curve) for curve in calibration.curves] == [True, True, False]


def test_there_is_no_calibration_where_dev_tells_nothing() -> None:
    alike = np.eye(3, dtype=bool)[[1] * 20]
    probabilities = softmax(np.random.default_rng(6).normal(size=(20, 3)), axis=1)
    assert fit_calibration(probabilities, alike, "temperature", exclusive=True) is None
    assert fit_calibration(probabilities[:0], alike[:0], "temperature", exclusive=True) is None
    assert fit_calibration(probabilities, np.eye(3, dtype=bool)[[0, 1] * 10], "none", exclusive=True) is None


def test_weights_raise_macro_f1_on_other_records() -> None:
    """A model that learned the natural frequencies overlooks the rare labels; weights give them back."""
    random = np.random.default_rng(7)

    def natural(count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        probabilities, truth, _ = _exclusive(random, count)
        return softmax(np.log(probabilities) + np.log([0.75, 0.15, 0.05, 0.03, 0.02]) * 2, axis=1), truth

    dev, truth = natural(500)
    unseen, true = natural(20_000)
    weights = choose_weights(dev, truth)
    before = macro_f1(true, unseen.argmax(axis=1), 5)
    after = macro_f1(true, (np.log(unseen) + weights.values).argmax(axis=1), 5)
    assert before == pytest.approx(f1_score(true, unseen.argmax(axis=1), average="macro"))
    assert after > before + 0.08
    assert weights.gain == pytest.approx(after - before, abs=3 * weights.error)
    assert weights == choose_weights(dev, truth)


def test_weights_that_gain_nothing_are_not_kept() -> None:
    """Labels that are equally frequent and equally hard need none; whatever dev shows is luck."""
    random = np.random.default_rng(8)
    kept = 0
    for _ in range(10):
        truth = random.integers(0, 4, 120)
        probabilities = softmax(2 * (np.eye(4)[truth] + random.normal(size=(120, 4))), axis=1)
        kept += any(choose_weights(probabilities, truth).values)
    assert kept <= 3
    assert choose_weights(probabilities, np.zeros(120, dtype=np.int64)).values == (0.0,) * 4
    assert choose_weights(probabilities[:0], truth[:0]).values == (0.0,) * 4


def test_intervals_are_as_wide_as_few_documents_ask_for() -> None:
    low, high = wilson_interval(8, 10)
    assert (low, high) == (pytest.approx(0.490, abs=1e-3), pytest.approx(0.943, abs=1e-3))
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(10, 10)[1] == pytest.approx(1.0)

    random = np.random.default_rng(9)
    truth, guess = random.random(400) < 0.3, random.random(400) < 0.4
    guess |= truth & (random.random(400) < 0.8)
    counts = np.stack([truth & guess, truth, guess], axis=1).astype(float)
    draws = bootstrap(lambda sums: 2 * sums[:, 0] / (sums[:, 1] + sums[:, 2]), counts)
    found = f1_interval(int(truth.sum()), int(guess.sum()), int((truth & guess).sum()))
    assert found.value == pytest.approx(f1_score(truth, guess))
    assert np.quantile(draws, [0.025, 0.975]) == pytest.approx([found.low, found.high], abs=0.015)


def test_a_difference_covers_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(10)
    covered = 0
    for _ in range(400):
        change = difference(
            proportion(int(random.binomial(25, 0.8)), 25), proportion(int(random.binomial(80, 0.7)), 80)
        )
        covered += change.low <= -0.1 <= change.high
    assert 0.92 <= covered / 400 <= 0.98
    unknown = difference(proportion(0, 0), proportion(5, 9))
    assert (unknown.low, unknown.high) == (-1.0, 1.0)
    assert isinstance(unknown, Interval)


def test_stability_tells_chance_from_change() -> None:
    probabilities, truth = _answers(np.random.default_rng(11), 1000, 0.2)
    chosen = choose_threshold("needs", "契約外", probabilities, truth, Aim(recall=0.8))
    moved = expit(logit(probabilities) - 2.5)

    def found(values: NDArray[np.float64]) -> OutcomeCounts:
        accepted = values >= chosen.value
        return OutcomeCounts(int(truth.sum()), int(accepted.sum()), int((accepted & truth).sum()))

    (calm,) = stability([chosen], {("needs", "契約外"): found(probabilities)})
    assert calm.recall_change.value == pytest.approx(0.0)
    assert calm.recall_change.low < 0 < calm.recall_change.high
    assert calm.off_target == pytest.approx(0.0, abs=0.02)
    assert stability_warnings([calm]) == ()

    (shifted,) = stability([chosen], {("needs", "契約外"): found(moved)})
    assert shifted.recall_change.high < 0
    dropped, missed = stability_warnings([shifted])
    assert "「契約外」" in dropped
    assert "recall が dev の" in dropped
    assert "目標の 0.80 に届いていません" in missed
    assert stability([chosen], {}) == ()
