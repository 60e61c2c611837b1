"""A rare record's proof among the sentences of a record that has nothing to report.

So few proofs meet many surroundings. (Mixing at the level of sentences, where labels stay whole, in place of
mixup's weighted sums: Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018.)
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from nlu.application.application import Application
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence
from nlu.training.augmentation.editing import Changed, join, sentence_groups, without_tasks
from nlu.training.augmentation.sentence_order import proven_tasks


def mix(
    record: Record,
    sentences: Sequence[Sentence],
    other: Changed,
    application: Application,
    rng: random.Random,
) -> Changed | None:
    """The proving sentences of `record`, in their order, among those of `other`, which must report nothing.

    The copy has the labels that the proof carries, "other" where both records say so, the scores of
    `record`, and the spans of both where both were read for them; all else is not annotated. None where no
    label is proven, or where `other` was not read for one that is.
    """
    surroundings, surrounding_sentences = other
    proven = proven_tasks(record, application)
    proof = [part for part in sentence_groups(record, sentences) if _proves(part.start, part.end, record)]
    around = list(sentence_groups(surroundings, surrounding_sentences))
    if not proof or not around or not proven <= surroundings.labels.keys():
        return None
    places = sorted(rng.randint(0, len(around)) for _ in proof)
    for number, (place, part) in enumerate(zip(places, proof, strict=True)):
        around.insert(place + number, part)
    both = {task for task in record.labels if _same_nothing(task, record, surroundings)}
    both |= record.spans.keys() & surroundings.spans.keys()
    tasks = {task.name for task in application.settings.tasks}
    changed, moved = join(replace(record, meta={}), around)
    return without_tasks(changed, tasks - proven - both - record.scores.keys()), moved


def _proves(start: int, end: int, record: Record) -> bool:
    return any(span.start < end and start < span.end for spans in record.evidence.values() for span in spans)


def _same_nothing(task: str, record: Record, other: Record) -> bool:
    """Whether both were read for a task and neither has more to say than "other"."""
    return not record.evidence.get(task) and record.labels[task] == other.labels.get(task)
