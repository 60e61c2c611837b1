"""The labels of a task that are reported, and those that are learned."""

from __future__ import annotations

from nlu.application.labels import LabelSheet
from nlu.application.settings import ClassificationTask


def reported_labels(task: ClassificationTask, sheet: LabelSheet) -> tuple[int, ...]:
    """Indices in the sheet of all labels but "other": those that evidence can prove."""
    return tuple(index for index, name in enumerate(sheet.names) if name != task.other)


def learned_labels(task: ClassificationTask, sheet: LabelSheet) -> tuple[int, ...]:
    """Indices in the sheet of the labels with a logit of their own.

    Where labels can be combined, "other" has none: it is what remains when no other label holds.
    """
    return reported_labels(task, sheet) if task.multi_label else tuple(range(len(sheet.names)))
