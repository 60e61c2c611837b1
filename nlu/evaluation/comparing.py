"""A model's predictions against annotated records: figures as data, JSON and Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from nlu.application import Application
from nlu.evaluation.metrics import (
    ClassificationFigures,
    EvidenceFigures,
    ScoreFigures,
    classification_figures,
    evidence_figures,
    score_figures,
)
from nlu.records import Record
from nlu.settings import ClassificationTask
from nlu.text.sentences import Sentence
from nlu.training.examples import evidence_spans, proves
from nlu.understanding import Understanding

if TYPE_CHECKING:
    from nlu.model.tailored import TailoredModel


@dataclass(frozen=True, slots=True)
class Judged:
    """A record, all its sentences, and what the model made of it."""

    record: Record
    sentences: tuple[Sentence, ...]
    understanding: Understanding


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of every task that the records annotate. `levels` holds, by level of the label sheet, the
    classification figures after replacing each 小分類 by its parent."""

    documents: int
    classifications: tuple[ClassificationFigures, ...]
    levels: tuple[tuple[str, ClassificationFigures], ...]
    evidence: tuple[EvidenceFigures, ...]
    scores: tuple[ScoreFigures, ...]

    @property
    def headline(self) -> float:
        """One figure to choose a model by, 0–1: the mean of macro-F1, evidence F1 and score correlation."""
        figures = [
            *(task.macro_f1 for task in self.classifications),
            *(task.f1 for task in self.evidence),
            *(max(0.0, task.pearson) for task in self.scores),
        ]
        return sum(figures) / len(figures) if figures else 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists, ready for `json.dumps`."""
        content: dict[str, Any] = {"headline": self.headline, **asdict(self)}
        content["levels"] = [{"level": level, **asdict(figures)} for level, figures in self.levels]
        return {key: _with_lists(value) for key, value in content.items()}

    def to_markdown(self) -> str:
        """Tables in Japanese, with the field's terms in English."""
        return "\n".join(_markdown(self))


def evaluate(model: TailoredModel, records: Iterable[Record]) -> Evaluation:
    """Predict `records`, which were checked against the model's application, and compare."""
    return compare(model.application, list(model.judge(records)))


def compare(application: Application, judged: Sequence[Judged]) -> Evaluation:
    """The figures of predictions that are already made."""
    classifications: list[ClassificationFigures] = []
    levels: list[tuple[str, ClassificationFigures]] = []
    evidence: list[EvidenceFigures] = []
    scores: list[ScoreFigures] = []
    for task in application.classifications:
        annotated = [item for item in judged if task.name in item.record.labels]
        if annotated:
            classifications.append(_by_path(task, application, annotated, depth=3))
            levels += [
                (level, _by_path(task, application, annotated, depth=depth))
                for depth, level in enumerate(("大分類", "中分類"), start=1)
            ]
        flags = list(_evidence_flags(task, judged))
        if flags:
            gold, predicted = zip(*flags, strict=True)
            evidence.append(evidence_figures(task.name, gold, predicted))
    for score in application.scores:
        pairs = [
            (item.record.scores[score.name], prediction.value)
            for item in judged
            for prediction in item.understanding.scores
            if prediction.task == score.name and score.name in item.record.scores
        ]
        if pairs:
            truth, guess = zip(*pairs, strict=True)
            scores.append(score_figures(score.name, truth, guess))
    return Evaluation(len(judged), tuple(classifications), tuple(levels), tuple(evidence), tuple(scores))


def _by_path(
    task: ClassificationTask, application: Application, judged: Sequence[Judged], *, depth: int
) -> ClassificationFigures:
    """Figures where labels count as equal when the first `depth` levels of their paths are."""
    sheet = application.sheets[task.name]
    parents = list(dict.fromkeys(label.path[:depth] for label in sheet.labels))
    place = {label.minor: parents.index(label.path[:depth]) for label in sheet.labels}
    other = () if task.other is None else (task.other,)
    gold = [{place[name] for name in item.record.labels[task.name] or other} for item in judged]
    predicted = [
        {
            place[label.minor]
            for label in item.understanding.labels
            if label.task == task.name and label.accepted
        }
        for item in judged
    ]
    return classification_figures(task.name, [path[-1] for path in parents], gold, predicted)


def _evidence_flags(task: ClassificationTask, judged: Sequence[Judged]) -> Iterator[tuple[bool, bool]]:
    """(is evidence, was found) for every sentence of the records whose evidence is annotated."""
    for item in judged:
        spans = evidence_spans(item.record, task)
        if spans is None:
            continue
        found = {proof.sentence_no for proof in item.understanding.evidence if proof.task == task.name}
        for sentence in item.sentences:
            yield proves(sentence, spans), sentence.number in found


def _with_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_lists(item) for key, item in value.items()}
    return [_with_lists(item) for item in value] if isinstance(value, list | tuple) else value


def _markdown(evaluation: Evaluation) -> Iterator[str]:
    yield f"文書 {evaluation.documents} 件"
    for task in evaluation.classifications:
        yield ""
        yield f"### 分類 {task.task}"
        yield ""
        yield (
            f"macro-F1 {task.macro_f1:.3f}（precision {task.macro_precision:.3f}, "
            f"recall {task.macro_recall:.3f}）、完全一致 {task.accuracy:.3f}、{task.documents} 件"
        )
        for level, figures in evaluation.levels:
            if figures.task == task.task:
                yield f"{level}での macro-F1 {figures.macro_f1:.3f}"
        yield ""
        yield "| 小分類 | precision | recall | F1 | 件数 |"
        yield "|---|---:|---:|---:|---:|"
        for row in task.classes:
            yield f"| {row.label} | {row.precision:.3f} | {row.recall:.3f} | {row.f1:.3f} | {row.support} |"
    for proof in evaluation.evidence:
        yield ""
        yield f"### 根拠文 {proof.task}"
        yield ""
        yield (
            f"F1 {proof.f1:.3f}（precision {proof.precision:.3f}, recall {proof.recall:.3f}）、"
            f"{proof.sentences} 文のうち根拠 {proof.support} 文"
        )
    for score in evaluation.scores:
        yield ""
        yield f"### スコア {score.task}"
        yield ""
        yield f"平均絶対誤差 {score.mae:.3f}、相関（Pearson） {score.pearson:.3f}、{score.documents} 件"
    yield ""
