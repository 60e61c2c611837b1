"""Leaving sentences of a record out and putting them in another order.

Nobody says which sentence makes a label hold where its evidence is not marked, nor which makes a score, nor
which takes back what another asks ("見積は見送り"). So a sentence is left out only of records that report
something and whose proof is marked, never one that is marked itself; and what the copy can no longer vouch
for counts as not annotated.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from nlu.application.application import Application
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence
from nlu.training.augmentation.editing import (
    Changed,
    SentenceGroup,
    join,
    marks,
    sentence_groups,
    without_tasks,
)

LEFT_OUT = 0.25
"""Chance of a sentence to be left out: one of the four that a usual note has beside its proof."""


def rearrange(
    record: Record, sentences: Sequence[Sentence], application: Application, rng: random.Random
) -> Changed | None:
    """The record with its sentences in another order, some left out where that is safe; None where there is
    nothing to change."""
    order = sentence_groups(record, sentences)
    proven = proven_tasks(record, application)
    kept = [part for part in order if not proven or _is_marked(part) or rng.random() >= LEFT_OUT]
    shuffled = rng.sample(kept, len(kept))
    if not kept or shuffled == list(order):
        return None
    changed, moved = join(record, shuffled)
    unproven = {*record.labels, *record.scores} - proven if len(kept) < len(order) else set()
    return without_tasks(changed, unproven), moved


def proven_tasks(record: Record, application: Application) -> set[str]:
    """The tasks in which a record reports something that its marked evidence proves."""
    others = {task.name: task.other for task in application.classifications}
    return {
        task
        for task, labels in record.labels.items()
        if record.evidence.get(task) and any(label != others[task] for label in labels)
    }


def _is_marked(group: SentenceGroup) -> bool:
    """Whether evidence, a span or a sentence that proves a label lies in the group."""
    said = [span for spans in group.record.evidence.values() for span in spans]
    said += [span for span in marks(group.record) if span.labels]
    return any(span.start < group.end and group.start < span.end for span in said)
