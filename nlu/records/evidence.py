"""Where the records' evidence stands, and which sentences prove a label."""

from __future__ import annotations

from collections.abc import Sequence

from nlu.application.settings import ClassificationTask
from nlu.records.record import Record, Span, Spans
from nlu.text.boundaries.sentences import Sentence


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
