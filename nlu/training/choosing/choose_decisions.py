"""All that a model decides by, chosen on dev records: calibration, thresholds, weights, levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nlu.application.application import Application
from nlu.application.label_sets import reported_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import Aim, ClassificationTask, ScoreTask
from nlu.decisions.calibration import Calibration
from nlu.decisions.deciding import Decisions, calibrated, calibrated_sentences, ranks
from nlu.decisions.levels import Path
from nlu.decisions.score_lines import ScoreLine
from nlu.decisions.threshold import BEST_MACRO_F1, DEFAULT, Threshold
from nlu.measures.intervals import Flags, Floats
from nlu.network.signals import Signals
from nlu.training.choosing.choose_levels import choose_levels
from nlu.training.choosing.choose_reviews import choose_reviews
from nlu.training.choosing.fit_calibration import fit_calibration
from nlu.training.choosing.fit_score_lines import fit_score_line
from nlu.training.choosing.label_weights import choose_weights
from nlu.training.choosing.matrices import evidence_truth, label_truth, predicted_labels
from nlu.training.choosing.span_thresholds import choose_for_spans
from nlu.training.choosing.threshold_rule import (
    choose_sure_threshold,
    choose_threshold,
    describe_threshold,
)
from nlu.training.examples.examples import Example

EVIDENCE = "根拠文"

# Of what the sheet alone says, on the probability of anything but "other" or, where labels combine, of
# each. On four sheets left out while the encoder learned others (delivery, city hall, cloud service,
# bank): from .5 on recall .70 .63 .31 .51 at precision .53 .52 .31 .37, from .6 on .44 .42 .12 .43 at .65 .66
# .42 .46.
_CLEAR, _HINTED = 0.55, 0.5


@dataclass(frozen=True, slots=True)
class _Dev:
    """The dev documents that annotate a task: (documents, labels of the sheet) each."""

    task: ClassificationTask
    sheet: LabelSheet
    truth: Flags
    raw: Floats
    probabilities: Floats


@dataclass(slots=True)
class _Chosen:
    """What is chosen so far, task by task."""

    labels: dict[str, dict[str, float]] = field(default_factory=dict)
    evidence: dict[str, float] = field(default_factory=dict)
    weights: dict[str, dict[str, float]] = field(default_factory=dict)
    levels: dict[str, dict[Path, float]] = field(default_factory=dict)
    calibration: dict[str, Calibration] = field(default_factory=dict)
    sentences: dict[str, Calibration] = field(default_factory=dict)
    spans: dict[str, dict[str, float]] = field(default_factory=dict)
    scores: dict[str, ScoreLine] = field(default_factory=dict)
    reviews: dict[str, dict[str, float]] = field(default_factory=dict)
    report: list[Threshold] = field(default_factory=list)


def choose_decisions(
    application: Application, examples: Sequence[Example], signals: Sequence[Signals]
) -> tuple[Decisions, tuple[Threshold, ...]]:
    """Decisions for every task from dev examples and what the model says of them, in the same order.

    The same input gives the same decisions. What dev cannot tell, because a label or a whole task is not
    annotated there, stays at its default: a threshold of 0.5, no weights, no calibration.
    """
    chosen = _Chosen()
    for task in application.classifications:
        dev = _dev(task, application, examples, signals, chosen)
        if not len(dev.truth) and task.other is not None:
            _choose_by_the_sheet(dev, chosen)
        elif task.multi_label:
            _choose_for_each_label(dev, chosen)
        elif task.other is not None and task.aim != Aim():
            _choose_for_any_label(dev, chosen)
        elif task.aim.precision is not None:
            _choose_for_a_sure_label(dev, task.aim.precision, chosen)
        else:
            _choose_for_the_best_label(dev, chosen)
        if len(dev.truth):
            so_far = Decisions(chosen.labels, {}, chosen.weights)
            chosen.reviews[task.name] = choose_reviews(
                task, dev.sheet, dev.raw, dev.probabilities, dev.truth, so_far
            )
        levels, thresholds = choose_levels(task, dev.sheet, dev.probabilities, dev.truth)
        if levels:
            chosen.levels[task.name] = levels
            chosen.report += thresholds
        if task.evidence:
            _choose_for_evidence(dev, application, examples, signals, chosen)
    for span in application.spans:
        found = choose_for_spans(span, application, examples, signals)
        chosen.spans[span.name] = {threshold.name: threshold.value for threshold in found}
        chosen.report += found
    if application.settings.decisions.calibration != "none":
        for score in application.scores:
            line = _score_line(score, examples, signals)
            if line is not None:
                chosen.scores[score.name] = line
    decisions = Decisions(
        labels=chosen.labels,
        evidence=chosen.evidence,
        weights=chosen.weights,
        levels=chosen.levels,
        calibration=chosen.calibration,
        sentences=chosen.sentences,
        spans=chosen.spans,
        scores=chosen.scores,
        reviews=chosen.reviews,
    )
    return decisions, tuple(chosen.report)


def _score_line(task: ScoreTask, examples: Sequence[Example], signals: Sequence[Signals]) -> ScoreLine | None:
    rows = [row for row, example in enumerate(examples) if task.name in example.scores]
    said = np.array([signals[row].scores[task.name] for row in rows])
    return fit_score_line(said, np.array([examples[row].scores[task.name] for row in rows]))


def _dev(
    task: ClassificationTask,
    application: Application,
    examples: Sequence[Example],
    signals: Sequence[Signals],
    chosen: _Chosen,
) -> _Dev:
    """The task's dev documents, with the calibration that was fitted on them."""
    sheet = application.sheets[task.name]
    rows, truth = label_truth(task, sheet, examples)
    raw = predicted_labels(task, sheet, signals, rows)
    fitted = list(reported_labels(task, sheet)) if task.multi_label else list(range(len(sheet.names)))
    calibration = fit_calibration(
        raw[:, fitted],
        truth[:, fitted],
        application.settings.decisions.calibration,
        exclusive=not task.multi_label,
    )
    if calibration is not None:
        chosen.calibration[task.name] = calibration
    return _Dev(task, sheet, truth, raw, calibrated(task, sheet, raw, calibration))


def _choose_by_the_sheet(dev: _Dev, chosen: _Chosen) -> None:
    """Nobody annotated anything: what the sheet speaks for clearly is accepted, what it hints at is in
    review."""
    task, names = dev.task, dev.sheet.names
    clear = {names[label]: _CLEAR for label in reported_labels(task, dev.sheet)}
    chosen.labels[task.name] = {name: clear.get(name, 1 - _CLEAR) for name in names}
    chosen.reviews[task.name] = dict.fromkeys(clear, _HINTED)
    nobody: Flags = np.zeros(0, dtype=bool)
    chosen.report += [describe_threshold(task.name, name, _CLEAR, DEFAULT, nobody, nobody) for name in clear]


def _choose_for_each_label(dev: _Dev, chosen: _Chosen) -> None:
    """Labels can be combined: a threshold for each, "other" is what remains."""
    task, names = dev.task, dev.sheet.names
    thresholds = [
        choose_sure_threshold(
            task.name,
            names[label],
            dev.probabilities[:, label],
            dev.truth[:, label],
            task.aims.get(names[label], task.aim),
        )
        for label in reported_labels(task, dev.sheet)
    ]
    values = {threshold.name: threshold.value for threshold in thresholds}
    lowest = min(values.values())
    chosen.labels[task.name] = {name: values.get(name, 1 - lowest) for name in names}
    chosen.report += thresholds


def _choose_for_any_label(dev: _Dev, chosen: _Chosen) -> None:
    """An aim for anything but "other": one threshold on that, and weights among the labels it can be."""
    task, names = dev.task, dev.sheet.names
    reported = list(reported_labels(task, dev.sheet))
    any_probability = dev.probabilities[:, reported].sum(axis=1)
    truth: Flags = np.any(dev.truth[:, reported], axis=1)
    shares = dev.raw[truth][:, reported]
    shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    weights = choose_weights(shares, dev.truth[truth][:, reported].argmax(axis=1))
    given = ranks(dev.raw[:, reported], weights.values).argmax(axis=1)
    right: Flags = dev.truth[:, reported][np.arange(len(given)), given]
    threshold = choose_sure_threshold(task.name, f"{task.other}以外", any_probability, truth, task.aim, right)
    value = threshold.value
    chosen.labels[task.name] = {name: 1 - value if name == task.other else value for name in names}
    chosen.weights[task.name] = {
        names[label]: weight for label, weight in zip(reported, weights.values, strict=True)
    }
    chosen.report.append(threshold)


def _choose_for_a_sure_label(dev: _Dev, precision: float, chosen: _Chosen) -> None:
    """The most probable label, where it is probable enough for a precision; no label elsewhere."""
    task = dev.task
    best = _flags(dev.probabilities)
    threshold = choose_threshold(
        task.name, "小分類", dev.probabilities[best], dev.truth[best], Aim(precision=precision)
    )
    chosen.labels[task.name] = dict.fromkeys(dev.sheet.names, threshold.value)
    chosen.report.append(threshold)


def _choose_for_the_best_label(dev: _Dev, chosen: _Chosen) -> None:
    """The label of the largest weighted probability, whatever it is."""
    task, names = dev.task, dev.sheet.names
    weights = choose_weights(dev.raw, dev.truth.argmax(axis=1)).values
    accepted = _flags(ranks(dev.raw, weights))
    chosen.weights[task.name] = dict(zip(names, weights, strict=True))
    chosen.labels[task.name] = dict.fromkeys(names, 0.0)
    chosen.report += [
        describe_threshold(task.name, name, 0.0, BEST_MACRO_F1, accepted[:, label], dev.truth[:, label])
        for label, name in enumerate(names)
    ]


def _flags(values: Floats) -> Flags:
    """Where the largest value of each row stands."""
    flags = np.zeros(values.shape, dtype=bool)
    if len(values):
        flags[np.arange(len(values)), values.argmax(axis=1)] = True
    return flags


def _choose_for_evidence(
    dev: _Dev,
    application: Application,
    examples: Sequence[Example],
    signals: Sequence[Signals],
    chosen: _Chosen,
) -> None:
    """The best F1 over the sentences of documents that have something to prove, under their true labels."""
    task = dev.task
    truth, raw = evidence_truth(task, dev.sheet, examples, signals)
    calibration = fit_calibration(
        raw[:, np.newaxis],
        truth[:, np.newaxis],
        application.settings.decisions.calibration,
        exclusive=False,
    )
    if calibration is not None:
        chosen.sentences[task.name] = calibration
    threshold = choose_threshold(task.name, EVIDENCE, calibrated_sentences(raw, calibration), truth)
    chosen.evidence[task.name] = threshold.value
    chosen.report.append(threshold)
