"""Do thresholds keep on other records what they promised on dev?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlu.decisions.threshold import BEST_MACRO_F1, FEW_POSITIVES, TARGET_PRECISION, TARGET_RECALL, Threshold
from nlu.measures.intervals import Interval, difference, f1_interval, proportion


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Documents (for evidence: sentences) that are truly so, those that were accepted, and both."""

    positives: int
    accepted: int
    correct: int


@dataclass(frozen=True, slots=True)
class Drift:
    """How one threshold did on dev, on other records, and the difference of the two.

    All intervals hold 95 %. `off_target` is how far the aimed recall or precision was missed on the other
    records, None without such an aim.
    """

    threshold: Threshold
    counts: OutcomeCounts
    precision: Interval
    recall: Interval
    f1: Interval
    precision_change: Interval
    recall_change: Interval
    f1_change: Interval
    off_target: float | None


def stability(
    thresholds: Sequence[Threshold], found: Mapping[tuple[str, str], OutcomeCounts]
) -> tuple[Drift, ...]:
    """Compare every threshold that `found` has counts for, by task and name, on records not of dev."""
    return tuple(
        _drift(threshold, found[threshold.task, threshold.name])
        for threshold in thresholds
        if (threshold.task, threshold.name) in found
    )


def stability_warnings(drifts: Sequence[Drift]) -> tuple[str, ...]:
    """What changed by more than chance explains, and aims that the other records surely miss, in Japanese."""
    return tuple(line for drift in drifts for line in _warnings(drift))


def _drift(threshold: Threshold, counts: OutcomeCounts) -> Drift:
    precision = proportion(counts.correct, counts.accepted)
    recall = proportion(counts.correct, counts.positives)
    f1 = f1_interval(counts.positives, counts.accepted, counts.correct)
    aimed = {TARGET_RECALL: recall, TARGET_PRECISION: precision}.get(threshold.rule)
    return Drift(
        threshold=threshold,
        counts=counts,
        precision=precision,
        recall=recall,
        f1=f1,
        precision_change=difference(proportion(threshold.correct, threshold.accepted), precision),
        recall_change=difference(proportion(threshold.correct, threshold.positives), recall),
        f1_change=difference(f1_interval(threshold.positives, threshold.accepted, threshold.correct), f1),
        off_target=None if aimed is None or threshold.target is None else aimed.value - threshold.target,
    )


def _warnings(drift: Drift) -> Iterator[str]:
    threshold = drift.threshold
    subject = f"「{threshold.task}」の「{threshold.name}」"
    subject += "" if threshold.rule == BEST_MACRO_F1 else f"（閾値 {threshold.value:.3f}）"
    for name, now, change in (
        ("precision", drift.precision, drift.precision_change),
        ("recall", drift.recall, drift.recall_change),
    ):
        if change.high < 0:
            yield (
                f"{subject}の {name} が dev の {now.value - change.value:.2f} から {now.value:.2f} に"
                f"下がりました（差の 95 % 区間 {change.low:+.2f}〜{change.high:+.2f}）。"
                f"{_reason(threshold)}"
            )
    for rule, name, now in (
        (TARGET_RECALL, "recall", drift.recall),
        (TARGET_PRECISION, "precision", drift.precision),
    ):
        if threshold.rule == rule and threshold.target is not None and now.high < threshold.target:
            yield (
                f"{subject}の {name} は {now.value:.2f}（95 % 区間 {now.low:.2f}〜{now.high:.2f}）で、"
                f"目標の {threshold.target:.2f} に届いていません。"
                f"dev の正例（いま {threshold.positives} 件）を増やすか、目標を見直してください。"
            )


def _reason(threshold: Threshold) -> str:
    if threshold.positives < FEW_POSITIVES:
        return (
            f"dev の正例が {threshold.positives} 件だけで、そこでの成績は偶然によります。"
            "dev の正例を増やしてください。"
        )
    return "文書の傾向が dev と違います。この文書に近いレコードを加えて学習し直してください。"
