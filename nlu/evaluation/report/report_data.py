"""All that `yomitori evaluate` reports: the figures, how sure they are, curves, and the worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nlu.application.application import Application
from nlu.decisions.threshold import Threshold
from nlu.evaluation.comparing import Evaluation, compare, plain, score_pairs
from nlu.evaluation.confusion import Confusion, confusion
from nlu.evaluation.curves import PrecisionRecallCurve, Reliability, precision_recall_curves, reliability
from nlu.evaluation.macro_intervals import Intervals, intervals
from nlu.evaluation.mistakes import MOST, Mistake, ScoreMistake, worst_mistakes, worst_scores
from nlu.evaluation.reviews import ReviewFigures
from nlu.evaluation.stability import Drift, stability_warnings
from nlu.evaluation.task_results import TaskResults, results_of
from nlu.evaluation.threshold_drift import drifts_of
from nlu.measures.metrics import (
    ClassFigures,
    ClassificationFigures,
    EvidenceFigures,
    ScoreFigures,
)
from nlu.model.judged import Judged

# The number goes up when a key of evaluation.json is renamed, removed or changes its meaning.
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ClassificationReport:
    """One classification task; `levels` are those above the 小分類, `thresholds` by label."""

    task: str
    multi_label: bool
    other: str | None
    thresholds: tuple[float, ...]
    figures: ClassificationFigures
    levels: tuple[tuple[str, ClassificationFigures], ...]
    detection: ClassFigures | None
    review: ReviewFigures | None
    intervals: Intervals | None
    confusion: Confusion
    curves: tuple[PrecisionRecallCurve, ...]
    calibration: Reliability
    evidence: EvidenceFigures | None


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """One score; `pairs` are (true, predicted) of every document."""

    figures: ScoreFigures
    minimum: float
    maximum: float
    pairs: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`model` is the model's id, `source` the name of the file of records."""

    title: str
    model: str
    source: str
    evaluation: Evaluation
    classifications: tuple[ClassificationReport, ...]
    scores: tuple[ScoreReport, ...]
    mistakes: tuple[Mistake, ...]
    score_mistakes: tuple[ScoreMistake, ...]
    drifts: tuple[Drift, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The figures of the evaluation, and under `details` and `mistakes` what the report adds."""
        return {
            "schema": SCHEMA,
            "application": self.title,
            "model": self.model,
            "source": self.source,
            **self.evaluation.to_json(),
            "details": [
                {
                    "task": one.task,
                    "multi_label": one.multi_label,
                    "other": one.other,
                    "thresholds": dict(
                        zip([row.label for row in one.figures.classes], one.thresholds, strict=True)
                    ),
                    "intervals": None if one.intervals is None else plain(asdict(one.intervals)),
                    "confusion": plain(asdict(one.confusion)),
                    "curves": [plain(asdict(curve)) for curve in one.curves],
                    "calibration": plain(asdict(one.calibration)),
                }
                for one in self.classifications
            ],
            "mistakes": [plain(asdict(mistake)) for mistake in self.mistakes],
            "score_mistakes": [plain(asdict(mistake)) for mistake in self.score_mistakes],
            "stability": [plain(asdict(drift)) for drift in self.drifts],
            "warnings": list(stability_warnings(self.drifts)),
        }


def make_report(
    application: Application,
    judged: Sequence[Judged],
    source: str,
    most_mistakes: int = MOST,
    thresholds: Sequence[Threshold] = (),
) -> Report:
    """The report on predictions that are already made; it is also one where there are none. `thresholds` are
    what the model's card says of its decisions, to be compared with."""
    evaluation = compare(application, judged)
    results = [results_of(task, application, judged) for task in application.classifications]
    annotated = [one for one in results if one.judged]
    return Report(
        title=application.settings.title,
        model=judged[0].understanding.model_id if judged else "",
        source=source,
        evaluation=evaluation,
        classifications=tuple(_classification(one, evaluation) for one in annotated),
        scores=tuple(_scores(application, evaluation, judged)),
        mistakes=worst_mistakes(annotated, most_mistakes),
        score_mistakes=worst_scores(application, judged),
        drifts=drifts_of(application, evaluation, thresholds),
    )


def _classification(results: TaskResults, evaluation: Evaluation) -> ClassificationReport:
    name = results.task.name
    figures = next(one for one in evaluation.classifications if one.task == name)
    return ClassificationReport(
        task=name,
        multi_label=results.task.multi_label,
        other=results.task.other,
        thresholds=results.thresholds,
        figures=figures,
        levels=tuple((level, one) for level, one in evaluation.levels if one.task == name),
        detection=next((one for task, one in evaluation.detections if task == name), None),
        review=next((one for one in evaluation.reviews if one.task == name), None),
        intervals=intervals(figures.classes, results.truth, results.accepted),
        confusion=confusion(results),
        curves=precision_recall_curves(results),
        calibration=reliability(results),
        evidence=next((one for one in evaluation.evidence if one.task == name), None),
    )


def _scores(application: Application, evaluation: Evaluation, judged: Sequence[Judged]) -> list[ScoreReport]:
    tasks = {task.name: task for task in application.scores}
    return [
        ScoreReport(
            figures,
            tasks[figures.task].minimum,
            tasks[figures.task].maximum,
            tuple(score_pairs(tasks[figures.task], judged)),
        )
        for figures in evaluation.scores
    ]
