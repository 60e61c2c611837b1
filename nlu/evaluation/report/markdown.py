"""An evaluation as Markdown: tables in Japanese, with the field's terms in English."""

from __future__ import annotations

from collections.abc import Iterator

from nlu.evaluation.comparing import Evaluation
from nlu.measures.metrics import ClassificationFigures, SpanFigures


def shown(value: float | None) -> str:
    """A figure with three decimals, — where there is none."""
    return "—" if value is None else f"{value:.3f}"


def to_markdown(evaluation: Evaluation) -> str:
    """Tables in Japanese, with the field's terms in English."""
    return "\n".join(markdown_lines(evaluation))


def markdown_lines(evaluation: Evaluation) -> Iterator[str]:
    """The lines of the report, without line ends."""
    yield f"文書 {evaluation.documents} 件"
    if evaluation.unannotated:
        yield ""
        yield f"注釈がなく測れないタスク: {'・'.join(evaluation.unannotated)}"
    for task in evaluation.classifications:
        yield from _classification(task, evaluation)
    for proof in evaluation.evidence:
        yield ""
        yield f"### 根拠文 {proof.task}"
        yield ""
        yield (
            f"F1 {shown(proof.f1)}（precision {shown(proof.precision)}, recall {shown(proof.recall)}）、"
            f"{proof.sentences} 文のうち根拠 {proof.support} 文"
        )
    for span in evaluation.spans:
        yield from _span(span)
    for score in evaluation.scores:
        yield ""
        yield f"### スコア {score.task}"
        yield ""
        yield (
            f"平均絶対誤差 {score.mae:.3f}、偏り {score.bias:+.3f}、相関（Pearson） {shown(score.pearson)}、"
            f"順位相関（Spearman） {shown(score.spearman)}、quadratic kappa {shown(score.kappa)}、"
            f"{score.documents} 件"
        )
    yield ""


def _classification(task: ClassificationFigures, evaluation: Evaluation) -> Iterator[str]:
    yield ""
    yield f"### 分類 {task.task}"
    yield ""
    yield (
        f"macro-F1 {task.macro_f1:.3f}（precision {task.macro_precision:.3f}, "
        f"recall {task.macro_recall:.3f}）、micro-F1 {shown(task.micro_f1)}、"
        f"平均適合率（AP） {shown(task.mean_average_precision)}、完全一致 {task.accuracy:.3f}、"
        f"{task.documents} 件"
    )
    for name, detection in evaluation.detections:
        if name == task.task:
            yield (
                f"「{detection.label}」の検出: precision {shown(detection.precision)}"
                f"（{detection.correct}/{detection.predicted}）, "
                f"recall {shown(detection.recall)}（{detection.correct}/{detection.support}）"
            )
    for review in evaluation.reviews:
        if review.task == task.task and review.in_review:
            yield (
                f"要確認の文書 {review.in_review} 件（{review.share:.1%}）: "
                f"確認を含めた recall {shown(review.recall)}"
                f"（{review.found}/{review.support}）, 採用したラベルの precision {shown(review.precision)}"
                f"（{review.correct}/{review.accepted}）"
            )
    for level, figures in evaluation.levels:
        if figures.task == task.task:
            yield f"{level}での macro-F1 {figures.macro_f1:.3f}"
    yield ""
    yield "| 小分類 | precision | recall | F1 | AP | 件数 |"
    yield "|---|---:|---:|---:|---:|---:|"
    for row in task.classes:
        yield (
            f"| {row.label} | {shown(row.precision)} | {shown(row.recall)} | {shown(row.f1)} "
            f"| {shown(row.average_precision)} | {row.support} |"
        )


def _span(span: SpanFigures) -> Iterator[str]:
    yield ""
    yield f"### 抽出 {span.task}"
    yield ""
    for name, figures in (("完全一致", span.exact), ("重なり", span.overlapping)):
        yield (
            f"{name}の F1 {shown(figures.f1)}（precision {shown(figures.precision)}, "
            f"recall {shown(figures.recall)}）、正解 {figures.support} か所"
        )
    yield ""
    yield "| 小分類 | precision | recall | F1 | か所 |"
    yield "|---|---:|---:|---:|---:|"
    for row in span.classes:
        yield (
            f"| {row.label} | {shown(row.precision)} | {shown(row.recall)} | {shown(row.f1)} "
            f"| {row.support} |"
        )
