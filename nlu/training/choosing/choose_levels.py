"""Levels of the label sheet chosen on held-out records."""

from __future__ import annotations

import numpy as np

from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask
from nlu.decisions.levels import LEVELS, Path, children_of
from nlu.decisions.threshold import Threshold
from nlu.measures.intervals import Flags, Floats
from nlu.training.choosing.threshold_rule import choose_threshold


def choose_levels(
    task: ClassificationTask, sheet: LabelSheet, probabilities: Floats, truth: Flags
) -> tuple[dict[Path, float], list[Threshold]]:
    """Thresholds of levels from (documents, labels of the sheet), and how they were chosen.

    There are some where labels can be combined, for every level with several 小分類, and where labels
    exclude each other without an "other" but a precision is aimed at, one for each depth.
    """
    if task.multi_label:
        groups = {path: columns for path, columns in children_of(task, sheet).items() if len(columns) > 1}
        chosen = [
            choose_threshold(
                task.name,
                " > ".join(path),
                probabilities[:, columns].max(axis=1),
                np.any(truth[:, columns], axis=1),
                task.aim,
            )
            for path, columns in groups.items()
        ]
        return {path: one.value for path, one in zip(groups, chosen, strict=True)}, chosen
    if task.other is not None or task.aim.precision is None:
        return {}, []
    values: dict[Path, float] = {}
    chosen = []
    for depth, name in LEVELS.items():
        groups = {path: columns for path, columns in children_of(task, sheet).items() if len(path) == depth}
        sums = np.stack([probabilities[:, columns].sum(axis=1) for columns in groups.values()], axis=1)
        true = np.stack([truth[:, columns].any(axis=1) for columns in groups.values()], axis=1)
        best = sums.argmax(axis=1)
        rows = np.arange(len(best))
        chosen.append(choose_threshold(task.name, name, sums[rows, best], true[rows, best], task.aim))
        values |= dict.fromkeys(groups, chosen[-1].value)
    return values, chosen
