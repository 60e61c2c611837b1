"""From probabilities to what is accepted: what a model learned to decide by, and how it decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nlu.application.application import Application
from nlu.application.label_sets import reported_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask, ScoreTask
from nlu.decisions.calibration import Calibration
from nlu.decisions.levels import Path, accepted_levels
from nlu.decisions.reviewing import labels_in_review
from nlu.decisions.score_lines import ScoreLine
from nlu.measures.intervals import Floats
from nlu.network.preparation import Prepared
from nlu.network.probabilities import log_odds
from nlu.network.signals import Signals
from nlu.text.noise.furniture import proves_nothing
from nlu.understanding import (
    Evidence,
    LabelPrediction,
    LevelPrediction,
    ScorePrediction,
    SpanPrediction,
    Understanding,
)

# Logits by which a sentence may speak less clearly for a label than for another and still be its evidence.
_AS_CLEARLY = 0.5


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a model decides by; everything but `weights` speaks of calibrated probabilities.

    `labels`: thresholds by task and 小分類, in sheet order. Where labels exclude each other and one means
    "other", every label has the threshold t on the probability of anything but "other", and "other" itself
    1 − t; where the largest weighted probability decides alone, thresholds are 0. `evidence`: by task.
    `weights`: by task and 小分類, added to the log-probability that the network gives before the largest is
    taken; an "other" with a weight competes, without one its threshold decides. A task without weights goes
    by calibrated probabilities. `levels`: by task and path.
    `calibration`: by task; `sentences`: by task, one for the sentences under any label.
    `spans`: by span task and label. `scores`: by score task, where they are corrected. `reviews`: by task and
    小分類, the bounds of `labels_in_review`. `unknown_scores`: score tasks that no record taught.
    """

    labels: Mapping[str, Mapping[str, float]]
    evidence: Mapping[str, float]
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    levels: Mapping[str, Mapping[Path, float]] = field(default_factory=dict)
    calibration: Mapping[str, Calibration] = field(default_factory=dict)
    sentences: Mapping[str, Calibration] = field(default_factory=dict)
    spans: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    scores: Mapping[str, ScoreLine] = field(default_factory=dict)
    reviews: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unknown_scores: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "labels": {task: dict(values) for task, values in self.labels.items()},
            "evidence": dict(self.evidence),
            "weights": {task: dict(values) for task, values in self.weights.items()},
            "levels": {
                task: [[*path, value] for path, value in values.items()]
                for task, values in self.levels.items()
            },
            "calibration": {task: one.to_json() for task, one in self.calibration.items()},
            "sentences": {task: one.to_json() for task, one in self.sentences.items()},
            "spans": {task: dict(values) for task, values in self.spans.items()},
            "scores": {task: line.to_json() for task, line in self.scores.items()},
            "reviews": {task: dict(values) for task, values in self.reviews.items()},
            "unknown_scores": list(self.unknown_scores),
        }

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Decisions:
        """What `to_json` gave; only `labels` and `evidence` have to be there."""
        return Decisions(
            labels=content["labels"],
            evidence=content["evidence"],
            weights=content.get("weights", {}),
            levels={
                task: {tuple(path): value for *path, value in rows}
                for task, rows in content.get("levels", {}).items()
            },
            calibration=_calibrations(content.get("calibration", {})),
            sentences=_calibrations(content.get("sentences", {})),
            spans=content.get("spans", {}),
            scores={task: ScoreLine.from_json(line) for task, line in content.get("scores", {}).items()},
            reviews=content.get("reviews", {}),
            unknown_scores=tuple(content.get("unknown_scores", ())),
        )


def decide(
    application: Application, model_id: str, decisions: Decisions, document: Prepared, signals: Signals
) -> Understanding:
    """What a document means, from what the model says of it."""
    labels: list[LabelPrediction] = []
    levels: list[LevelPrediction] = []
    evidence: list[Evidence] = []
    for task in application.classifications:
        sheet = application.sheets[task.name]
        raw = signals.labels[task.name]
        probabilities = calibrated(task, sheet, raw, decisions.calibration.get(task.name))
        accepted = accepted_labels(task, sheet, raw, probabilities, decisions)
        in_review = labels_in_review(
            task, sheet, probabilities, accepted, decisions.reviews.get(task.name, {})
        )
        proofs = [*_evidence(task, sheet, accepted, decisions, document, signals)] if task.evidence else []
        proven = {proof.label for proof in proofs}
        labels += [
            LabelPrediction(
                task.name,
                *label.path,
                probability=float(probability),
                threshold=decisions.labels[task.name][label.minor],
                accepted=index in accepted,
                review=index in in_review,
                proven=label.minor in proven
                if task.evidence and index in accepted and label.minor != task.other
                else None,
            )
            for index, (label, probability) in enumerate(zip(sheet.labels, probabilities, strict=True))
        ]
        levels += _levels(task, sheet, probabilities, accepted, decisions)
        evidence += proofs
    return Understanding(
        doc_id=document.doc_id,
        application=application.name,
        model_id=model_id,
        labels=tuple(labels),
        scores=tuple(
            ScorePrediction(task.name, _score(task, decisions, signals), task.minimum, task.maximum)
            for task in application.scores
            if task.name not in decisions.unknown_scores
        ),
        evidence=tuple(evidence),
        kept=tuple(sentence.number for sentence in document.sentences),
        levels=tuple(levels),
        spans=tuple(_spans(application, decisions, document, signals)),
    )


def _score(task: ScoreTask, decisions: Decisions, signals: Signals) -> float:
    said, line = signals.scores[task.name], decisions.scores.get(task.name)
    return said if line is None else line.apply(said, task.minimum, task.maximum)


def calibrated(
    task: ClassificationTask, sheet: LabelSheet, probabilities: Floats, calibration: Calibration | None
) -> Floats:
    """Calibrated probabilities (..., labels of the sheet) from those of the network.

    Where labels can be combined, "other" is what remains beside the most probable of the others.
    """
    if calibration is None:
        return probabilities
    if not task.multi_label:
        return calibration.apply(probabilities)
    reported = list(reported_labels(task, sheet))
    found = probabilities.copy()
    found[..., reported] = calibration.apply(probabilities[..., reported])
    if task.other is not None:
        found[..., sheet.index(task.other)] = 1 - found[..., reported].max(axis=-1)
    return found


def calibrated_sentences(probabilities: Floats, calibration: Calibration | None) -> Floats:
    """Calibrated probabilities of sentences, of any shape: all labels share one calibration."""
    return probabilities if calibration is None else calibration.apply(probabilities[..., np.newaxis])[..., 0]


def accepted_labels(
    task: ClassificationTask,
    sheet: LabelSheet,
    raw: Floats,
    probabilities: Floats,
    decisions: Decisions,
) -> frozenset[int]:
    """Indices in the sheet of the labels that hold for a document; "other" exactly where no other label does.

    `raw` are the network's probabilities, `probabilities` the calibrated ones.
    """
    thresholds = decisions.labels[task.name]
    reported = reported_labels(task, sheet)
    if task.multi_label:
        accepted = frozenset(
            index for index in reported if probabilities[index] >= thresholds[sheet.names[index]]
        )
    else:
        weights = decisions.weights.get(task.name, {})
        competes = task.other is None or task.other in weights
        values = ranks(raw, [weights.get(name, 0.0) for name in sheet.names]) if weights else probabilities
        rivals = range(len(sheet.names)) if competes else reported
        best = max(rivals, key=lambda index: float(values[index]))
        sure = probabilities[best] if competes else probabilities[list(reported)].sum()
        accepted = frozenset({best}) if sure >= thresholds[sheet.names[best]] else frozenset()
    return accepted if accepted or task.other is None else frozenset({sheet.index(task.other)})


def ranks(raw: Floats, weights: Sequence[float]) -> Floats:
    """Log-probabilities (..., labels) with the weights of the labels added."""
    found: Floats = np.log(np.maximum(raw, np.finfo(np.float64).tiny)) + np.array(weights)
    return found


def proving_sentences(probabilities: Floats, rivals: Floats, threshold: float) -> Sequence[int]:
    """Places of the sentences that prove one accepted label.

    `probabilities`, (sentences,), are those for the label, `rivals` the largest for another accepted one. A
    sentence proves a label that it reaches the threshold for and no other label by far more: of two labels it
    is evidence for both only where it speaks for one nearly as clearly as for the other.
    """
    odds, against = log_odds(probabilities), log_odds(rivals)
    reaching = (probabilities >= threshold) & (odds >= against - _AS_CLEARLY)
    return [int(place) for place in np.flatnonzero(reaching)]


def _evidence(
    task: ClassificationTask,
    sheet: LabelSheet,
    accepted: frozenset[int],
    decisions: Decisions,
    document: Prepared,
    signals: Signals,
) -> Iterator[Evidence]:
    raw = signals.sentences[task.name]
    probabilities = calibrated_sentences(raw, decisions.sentences.get(task.name))
    columns = {
        column: label for column, label in enumerate(reported_labels(task, sheet)) if label in accepted
    }
    silent = [place for place, sentence in enumerate(document.sentences) if proves_nothing(sentence.text)]
    probabilities = probabilities.copy()
    probabilities[silent] = 0.0
    for column, label in columns.items():
        others = [other for other in columns if other != column]
        rivals = probabilities[:, others].max(axis=1, initial=0.0)
        for place in proving_sentences(probabilities[:, column], rivals, decisions.evidence[task.name]):
            sentence = document.sentences[place]
            yield Evidence(
                task=task.name,
                label=sheet.names[label],
                sentence_no=sentence.number,
                start=sentence.start,
                end=sentence.end,
                text=sentence.text,
                probability=float(probabilities[place, column]),
            )


def _spans(
    application: Application, decisions: Decisions, document: Prepared, signals: Signals
) -> Iterator[SpanPrediction]:
    for task in application.spans:
        names = application.sheets[task.name].names
        thresholds = decisions.spans.get(task.name, {})
        for span in signals.spans[task.name]:
            if span.probability < thresholds.get(names[span.label], 0.0):
                continue
            sentence = next(one for one in document.sentences if one.start <= span.start < one.end)
            start, end = max(span.start, sentence.start), min(span.end, sentence.end)
            yield SpanPrediction(
                task=task.name,
                label=names[span.label],
                sentence_no=sentence.number,
                start=start,
                end=end,
                text=sentence.text[start - sentence.start : end - sentence.start],
                probability=span.probability,
            )


def _levels(
    task: ClassificationTask,
    sheet: LabelSheet,
    probabilities: Floats,
    accepted: frozenset[int],
    decisions: Decisions,
) -> Iterator[LevelPrediction]:
    totals = sheet.roll_up([float(value) for value in probabilities], exclusive=not task.multi_label)
    held = accepted_levels(task, sheet, probabilities, accepted, decisions.levels.get(task.name, {}))
    for path, probability in totals.items():
        yield LevelPrediction(task.name, path, probability, path in held)


def _calibrations(content: Mapping[str, Any]) -> dict[str, Calibration]:
    return {task: Calibration.from_json(one) for task, one in content.items()}
