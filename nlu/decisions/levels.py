"""大分類 and 中分類: what their 小分類 imply, and what may be said of them where no 小分類 is sure.

A 小分類 always implies its 中分類 and 大分類; nothing implies what lies below it. Where labels exclude each
other the 小分類 is chosen among all of the sheet at once. Going down from the 大分類, or choosing the
中分類 by its summed probability, was measured on a sheet of 8, 25 and 84 labels and lost macro-F1 at every
level: a sum adds up what is vague, and then a frequent branch wins over a sure leaf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nlu.application.label_sets import reported_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask
from nlu.measures.intervals import Floats

Path = tuple[str, ...]

LEVELS = {1: "大分類", 2: "中分類"}


def accepted_levels(
    task: ClassificationTask,
    sheet: LabelSheet,
    probabilities: Floats,
    accepted: frozenset[int],
    thresholds: Mapping[Path, float],
) -> frozenset[Path]:
    """The 大分類 and 中分類 that hold for one document, with all above them.

    `accepted` are its 小分類. Where labels can be combined, a level also holds that reaches a threshold of
    its own. Where they exclude each other, that is asked only if no 小分類 holds: the most probable 中分類
    is taken, or else the most probable 大分類.
    """
    held: list[Path] = [sheet.labels[index].path[:2] for index in accepted]
    if task.multi_label or not held:
        held += _reaching(task, sheet, probabilities, thresholds)
    return frozenset(path[:depth] for path in held for depth in range(1, len(path) + 1))


def _reaching(
    task: ClassificationTask, sheet: LabelSheet, probabilities: Floats, thresholds: Mapping[Path, float]
) -> list[Path]:
    children = children_of(task, sheet)
    if task.multi_label:
        return [path for path, value in thresholds.items() if probabilities[children[path]].max() >= value]
    for depth in sorted(LEVELS, reverse=True):
        sums = {
            path: float(probabilities[columns].sum())
            for path, columns in children.items()
            if len(path) == depth
        }
        best = max(sums, key=lambda path: sums[path])
        if best in thresholds and sums[best] >= thresholds[best]:
            return [best]
    return []


def children_of(task: ClassificationTask, sheet: LabelSheet) -> dict[Path, Sequence[int]]:
    """Every 大分類 and 中分類 with the places of its 小分類, without "other"."""
    groups: dict[Path, list[int]] = {}
    for index in reported_labels(task, sheet):
        for depth in LEVELS:
            groups.setdefault(sheet.labels[index].path[:depth], []).append(index)
    return {path: list(columns) for path, columns in groups.items()}
