"""A model's predictions against annotated records: figures as data and JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nlu.application.application import Application
from nlu.application.settings import ClassificationTask, ScoreTask, SpanTask
from nlu.evaluation.reviews import ReviewFigures, review_figures
from nlu.evaluation.task_results import TaskResults, results_of
from nlu.measures.metrics import (
    ClassFigures,
    ClassificationFigures,
    EvidenceFigures,
    ScoreFigures,
    SpanFigures,
    Stretch,
    class_figures,
    evidence_figures,
    indicator_figures,
    score_figures,
    span_figures,
    stretch_figures,
)
from nlu.model.judged import Judged
from nlu.records.evidence import evidence_spans, proves
from nlu.records.record import Record, Spans

LEVELS = ("大分類", "中分類")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of every task that the records annotate; `unannotated` names the tasks that none does.

    `levels` holds, by level of the label sheet, the classification figures after replacing each 小分類 by its
    parent. `detections` tell, for each task with an "other", how well anything but "other" was noticed,
    whatever the label. `reviews` tell what people who look at doubtful labels add.
    """

    documents: int
    classifications: tuple[ClassificationFigures, ...]
    levels: tuple[tuple[str, ClassificationFigures], ...]
    detections: tuple[tuple[str, ClassFigures], ...]
    reviews: tuple[ReviewFigures, ...]
    evidence: tuple[EvidenceFigures, ...]
    spans: tuple[SpanFigures, ...]
    scores: tuple[ScoreFigures, ...]
    unannotated: tuple[str, ...]

    @property
    def headline(self) -> float:
        """One figure to choose a model by, 0–1: the mean of macro-F1, evidence F1, exact span F1 and score
        correlation; 0 for what cannot be measured of a model that always says the same."""
        figures = [
            *(task.macro_f1 for task in self.classifications),
            *(task.f1 or 0.0 for task in self.evidence if task.support),
            *(task.exact.f1 or 0.0 for task in self.spans if task.exact.support),
            *(max(0.0, task.pearson or 0.0) for task in self.scores),
        ]
        return sum(figures) / len(figures) if figures else 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists, ready for `json.dumps`."""
        content: dict[str, Any] = {"headline": self.headline, **asdict(self)}
        content["levels"] = [{"level": level, **asdict(figures)} for level, figures in self.levels]
        content["detections"] = [{"task": task, **asdict(figures)} for task, figures in self.detections]
        return {key: plain(value) for key, value in content.items()}


def compare(application: Application, judged: Sequence[Judged]) -> Evaluation:
    """The figures of predictions that are already made."""
    classifications: list[ClassificationFigures] = []
    levels: list[tuple[str, ClassificationFigures]] = []
    detections: list[tuple[str, ClassFigures]] = []
    reviews: list[ReviewFigures] = []
    evidence: list[EvidenceFigures] = []
    scores: list[ScoreFigures] = []
    spans: list[SpanFigures] = []
    unannotated: list[str] = []
    for task in application.classifications:
        results = results_of(task, application, judged)
        if not results.judged:
            unannotated.append(task.name)
            continue
        classifications.append(_figures(results))
        levels += [(level, _figures(results.at_level(depth))) for depth, level in enumerate(LEVELS, start=1)]
        reviews.append(review_figures(results))
        if task.other is not None:
            detections.append((task.name, _detection(results, task.other)))
        proven = _evidence(task, application, judged)
        if proven is not None:
            evidence.append(proven)
    for score in application.scores:
        pairs = score_pairs(score, judged)
        if pairs:
            truth, guess = zip(*pairs, strict=True)
            scores.append(score_figures(score.name, truth, guess, ordinal=_is_ordinal(score, truth)))
        else:
            unannotated.append(score.name)
    for span in application.spans:
        found = [_stretches(span, item) for item in judged]
        figures = compare_spans(span, application, [item.record for item in judged], found)
        if figures is None:
            unannotated.append(span.name)
        else:
            spans.append(figures)
    return Evaluation(
        documents=len(judged),
        classifications=tuple(classifications),
        levels=tuple(levels),
        detections=tuple(detections),
        reviews=tuple(reviews),
        evidence=tuple(evidence),
        spans=tuple(spans),
        scores=tuple(scores),
        unannotated=tuple(unannotated),
    )


def _stretches(task: SpanTask, item: Judged) -> set[Stretch]:
    return {(span.start, span.end, span.label) for span in item.understanding.spans if span.task == task.name}


def compare_spans(
    task: SpanTask,
    application: Application,
    records: Sequence[Record],
    predicted: Sequence[Collection[Stretch]],
) -> SpanFigures | None:
    """The figures of a span task from the (start, end, label) found in each of `records`; None where no
    record annotates it."""
    annotated = [
        ({(span.start, span.end, label) for span in record.spans[task.name] for label in span.labels}, found)
        for record, found in zip(records, predicted, strict=True)
        if task.name in record.spans
    ]
    if not annotated:
        return None
    gold, found = zip(*annotated, strict=True)
    return span_figures(task.name, application.sheets[task.name].names, gold, found)


def summary(evaluation: Evaluation) -> Mapping[str, float]:
    """The figures to compare models by, as "task/figure"; one that cannot be measured is left out.

    Figures: macro_f1, micro_f1, average_precision (mean over labels), detection_f1, evidence_f1, span_f1,
    span_overlap_f1, mae, pearson, spearman, kappa. All are the better the higher, but for mae.
    """
    found: dict[str, float | None] = {}
    for task in evaluation.classifications:
        found[f"{task.task}/macro_f1"] = task.macro_f1
        found[f"{task.task}/micro_f1"] = task.micro_f1
        found[f"{task.task}/average_precision"] = task.mean_average_precision
    for name, detection in evaluation.detections:
        found[f"{name}/detection_f1"] = detection.f1
    for proof in evaluation.evidence:
        found[f"{proof.task}/evidence_f1"] = proof.f1
    for span in evaluation.spans:
        found[f"{span.task}/span_f1"] = span.exact.f1
        found[f"{span.task}/span_overlap_f1"] = span.overlapping.f1
    for score in evaluation.scores:
        for figure in ("mae", "pearson", "spearman", "kappa"):
            found[f"{score.task}/{figure}"] = getattr(score, figure)
    return {name: value for name, value in found.items() if value is not None}


def score_pairs(task: ScoreTask, judged: Sequence[Judged]) -> list[tuple[float, float]]:
    """(true, predicted) for every record that annotates the score, in order."""
    return [
        (item.record.scores[task.name], prediction.value)
        for item in judged
        for prediction in item.understanding.scores
        if prediction.task == task.name and task.name in item.record.scores
    ]


def plain(value: Any) -> Any:
    """Mappings and sequences as dictionaries and lists, all the way down."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def _figures(results: TaskResults) -> ClassificationFigures:
    return indicator_figures(
        results.task.name, results.names, results.truth, results.accepted, results.probabilities
    )


def _detection(results: TaskResults, other: str) -> ClassFigures:
    column = results.names.index(other)
    return class_figures(
        f"{other}以外",
        ~results.truth[:, column],
        ~results.accepted[:, column],
        1 - results.probabilities[:, column],
    )


def _is_ordinal(task: ScoreTask, truth: Sequence[float]) -> bool:
    """Also where nobody ever gave a broken score, whatever the settings say."""
    return task.ordinal or all(value.is_integer() for value in truth)


def _evidence(
    task: ClassificationTask, application: Application, judged: Sequence[Judged]
) -> EvidenceFigures | None:
    """None where no record's evidence is annotated."""
    flags: list[tuple[bool, bool]] = []
    proven: list[set[Stretch]] = []
    found: list[set[Stretch]] = []
    for item in judged:
        spans = evidence_spans(item.record, task)
        if spans is None:
            continue
        proofs = [proof for proof in item.understanding.evidence if proof.task == task.name]
        numbers = {proof.sentence_no for proof in proofs}
        flags += [(proves(sentence, spans), sentence.number in numbers) for sentence in item.sentences]
        proven.append(set(_proven(item, task, spans)))
        found.append({(proof.sentence_no, proof.sentence_no + 1, proof.label) for proof in proofs})
    if not flags:
        return None
    gold, predicted = zip(*flags, strict=True)
    names = [name for name in application.sheets[task.name].names if name != task.other]
    return evidence_figures(task.name, gold, predicted, stretch_figures(names, proven, found))


def _proven(item: Judged, task: ClassificationTask, spans: Spans) -> Iterator[Stretch]:
    """The numbers of the sentences that prove a label, one stretch for each label; evidence that names no
    label is for all of the record's."""
    for label in item.record.labels[task.name]:
        own = [span for span in spans if not span.labels or label in span.labels]
        for sentence in item.sentences:
            if proves(sentence, own):
                yield sentence.number, sentence.number + 1, label
