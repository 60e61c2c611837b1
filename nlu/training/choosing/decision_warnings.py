"""What whoever uses a freshly tuned model has to know of its decisions, in Japanese."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlu.application.application import Application
from nlu.application.label_sets import reported_labels
from nlu.application.settings import Aim, ClassificationTask, SpanTask
from nlu.decisions.deciding import Decisions
from nlu.decisions.threshold import DEFAULT, FEW_POSITIVES, TARGET_PRECISION, Threshold
from nlu.training.choosing.fit_calibration import FEW_FOR_ISOTONIC

# A sheet of a hundred labels has dozens of rare ones: the rarest tell the story.
_MOST_NAMED = 8


def decision_warnings(
    application: Application, decisions: Decisions, thresholds: Sequence[Threshold]
) -> tuple[str, ...]:
    """Warnings on what `choose_decisions` gave: where dev told too little, and aims that cannot be met."""
    lines: list[str] = []
    for task in application.classifications:
        own = [threshold for threshold in thresholds if threshold.task == task.name]
        lines += [*_on_positives(task, own), *_on_aims(task, own)]
        lines += _on_calibration(task, application, decisions, own)
    for span in application.spans:
        lines += _on_positives(span, [threshold for threshold in thresholds if threshold.task == span.name])
    return tuple(lines)


def _on_positives(task: ClassificationTask | SpanTask, thresholds: Sequence[Threshold]) -> Iterator[str]:
    unknown = [threshold.name for threshold in thresholds if not threshold.positives]
    if unknown:
        default = any(threshold.rule == DEFAULT for threshold in thresholds)
        yield (
            f"タスク「{task.name}」の{_listed(unknown)}は dev に正例がありません。"
            + ("閾値は既定のままです。" if default else "成績も分かりません。")
            + "正例を dev に加えてください。"
        )
    few = [threshold for threshold in thresholds if 0 < threshold.positives < FEW_POSITIVES]
    few.sort(key=lambda threshold: threshold.positives)
    if few:
        names = "、".join(
            f"「{threshold.name}」{threshold.positives} 件（recall {threshold.recall_low:.2f}〜"
            f"{threshold.recall_high:.2f}）"
            for threshold in few[:_MOST_NAMED]
        )
        more = f"、ほか {len(few) - _MOST_NAMED} 個" if len(few) > _MOST_NAMED else ""
        yield (
            f"タスク「{task.name}」で dev の正例が {FEW_POSITIVES} 件に満たないもの: {names}{more}。"
            "かっこの中は 95 % 区間で、別の文書ではこの幅で動き得ます。dev を増やすと狭くなります。"
        )


def _on_aims(task: ClassificationTask, thresholds: Sequence[Threshold]) -> Iterator[str]:
    if task.aims and not task.multi_label:
        yield (
            f"タスク「{task.name}」の aims は使いませんでした。小分類ごとの目標は multi_label = true の"
            "タスクだけのものです。タスク全体の aim を書いてください。"
        )
    combined = task.multi_label or task.other is not None
    if not combined and task.aim != Aim() and task.aim.precision is None:
        yield (
            f"タスク「{task.name}」の aim は使いませんでした。other のない排他的なタスクでは、"
            "必ず 1 つを選ぶため、precision だけを目標にできます。"
        )
    for threshold in thresholds:
        if (
            threshold.rule == TARGET_PRECISION
            and threshold.target is not None
            and threshold.precision_high < threshold.target
        ):
            yield (
                f"タスク「{task.name}」の「{threshold.name}」は、どの閾値でも precision "
                f"{threshold.target:.2f} に届きません（dev で {threshold.precision:.2f}）。"
                "目標を下げるか、学習レコードを増やしてください。"
            )


def _on_calibration(
    task: ClassificationTask,
    application: Application,
    decisions: Decisions,
    thresholds: Sequence[Threshold],
) -> Iterator[str]:
    method = application.settings.decisions.calibration
    calibration = decisions.calibration.get(task.name)
    if method == "none":
        return
    if calibration is None:
        yield (
            f"タスク「{task.name}」の確率は、dev のレコードが足りないか 1 種類だけのため、校正していません。"
        )
        return
    names = application.sheets[task.name].names
    columns = reported_labels(task, application.sheets[task.name]) if task.multi_label else range(len(names))
    plain = [names[label] for label, curve in zip(columns, calibration.curves, strict=False) if not curve]
    if method == "isotonic" and plain:
        yield (
            f"タスク「{task.name}」の{_listed(plain)}は dev の正例が {FEW_FOR_ISOTONIC} 件に満たないため、"
            "isotonic の代わりに temperature で校正しました。"
        )
    if calibration.error_after > calibration.error_before:
        yield (
            f"タスク「{task.name}」の校正は、dev の交差検証で誤差を減らしませんでした"
            f"（{calibration.error_before:.3f} から {calibration.error_after:.3f}）。"
            "dev が少ないためです。"
        )


def _listed(names: Sequence[str]) -> str:
    return "「" + "」「".join(names) + "」"
