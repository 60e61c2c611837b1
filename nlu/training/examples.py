"""Records as the model learns them: prepared text and targets, with a place left empty where nobody said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlu.application import Application
from nlu.model.preparation import Prepared
from nlu.records import Record, Span, Spans
from nlu.settings import ClassificationTask
from nlu.text.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Example:
    """A task that is missing in a mapping is not annotated in this record.

    `sentences` are all of the text, `prepared` those that the encoder sees. `labels`: indices in the task's
    sheet. `proofs`: for each prepared sentence, whether it is evidence.
    """

    record: Record
    sentences: tuple[Sentence, ...]
    prepared: Prepared
    labels: Mapping[str, tuple[int, ...]]
    proofs: Mapping[str, tuple[bool, ...]]
    scores: Mapping[str, float]


def make_example(
    record: Record, sentences: Sequence[Sentence], prepared: Prepared, application: Application
) -> Example:
    """The targets of a record that was checked against `application`."""
    labels: dict[str, tuple[int, ...]] = {}
    proofs: dict[str, tuple[bool, ...]] = {}
    for task in application.classifications:
        if task.name in record.labels:
            sheet = application.sheets[task.name]
            labels[task.name] = tuple(sheet.index(name) for name in record.labels[task.name])
        spans = evidence_spans(record, task)
        if spans is not None:
            proofs[task.name] = tuple(proves(sentence, spans) for sentence in prepared.sentences)
    return Example(record, tuple(sentences), prepared, labels, proofs, record.scores)


def evidence_spans(record: Record, task: ClassificationTask) -> Spans | None:
    """The annotated evidence, empty for a record of "other" alone; None where nobody marked it."""
    if not task.evidence or task.name not in record.labels:
        return None
    if all(label == task.other for label in record.labels[task.name]):
        return ()
    return record.evidence.get(task.name)


def proves(sentence: Sentence, spans: Sequence[Span]) -> bool:
    """Whether evidence spans cover at least half of the sentence."""
    covered = sum(max(0, min(span.end, sentence.end) - max(span.start, sentence.start)) for span in spans)
    return covered * 2 >= sentence.end - sentence.start > 0
