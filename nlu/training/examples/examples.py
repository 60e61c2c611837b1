"""Records as the model learns them: prepared text and targets, with a place left empty where nobody said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nlu.application.application import Application
from nlu.application.settings import ClassificationTask
from nlu.network.preparation import Prepared
from nlu.records.evidence import evidence_spans, proves
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence


@dataclass(frozen=True, slots=True)
class SentenceTarget:
    """What one sentence proves: `labels`, indices in the sheet, without "other".

    `each` of them where the annotation named them; else at least one, for evidence that was marked for the
    record as a whole.
    """

    labels: tuple[int, ...]
    each: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """A task that is missing in a mapping is not annotated in this record.

    `sentences` are all of the text, `prepared` those that the encoder sees. `labels`: indices in the task's
    sheet. `proofs`: for each prepared sentence, whether it is evidence, where all evidence was marked.
    `targets`: for each prepared sentence what it proves, None where nobody said. `spans`: (start, end, index
    in the sheet).
    """

    record: Record
    sentences: tuple[Sentence, ...]
    prepared: Prepared
    labels: Mapping[str, tuple[int, ...]]
    proofs: Mapping[str, tuple[bool, ...]]
    scores: Mapping[str, float]
    targets: Mapping[str, tuple[SentenceTarget | None, ...]] = field(default_factory=dict)
    spans: Mapping[str, tuple[tuple[int, int, int], ...]] = field(default_factory=dict)


def make_example(
    record: Record, sentences: Sequence[Sentence], prepared: Prepared, application: Application
) -> Example:
    """The targets of a record that was checked against `application`."""
    labels: dict[str, tuple[int, ...]] = {}
    proofs: dict[str, tuple[bool, ...]] = {}
    targets: dict[str, tuple[SentenceTarget | None, ...]] = {}
    for task in application.classifications:
        sheet = application.sheets[task.name]
        if task.name in record.labels:
            labels[task.name] = tuple(sheet.index(name) for name in record.labels[task.name])
        spans = evidence_spans(record, task)
        if spans is not None:
            proofs[task.name] = tuple(proves(sentence, spans) for sentence in prepared.sentences)
        if spans is not None or task.name in record.sentences:
            targets[task.name] = tuple(
                _target(sentence, record, task, application) for sentence in prepared.sentences
            )
    found = {
        task.name: tuple(
            (span.start, span.end, application.sheets[task.name].index(span.labels[0]))
            for span in record.spans[task.name]
        )
        for task in application.spans
        if task.name in record.spans
    }
    return Example(record, tuple(sentences), prepared, labels, proofs, record.scores, targets, found)


def _target(
    sentence: Sentence, record: Record, task: ClassificationTask, application: Application
) -> SentenceTarget | None:
    """What was said of a sentence by itself goes before what follows from the record's evidence."""
    marked = [span for span in record.sentences.get(task.name, ()) if proves(sentence, [span])]
    if marked:
        return SentenceTarget(_indices([name for span in marked for name in span.labels], task, application))
    spans = evidence_spans(record, task)
    if spans is None:
        return None
    if not proves(sentence, spans):
        return SentenceTarget(())
    touching = [span for span in spans if span.start < sentence.end and sentence.start < span.end]
    named = [name for span in touching for name in span.labels]
    if all(span.labels for span in touching):
        return SentenceTarget(_indices(named, task, application))
    return SentenceTarget(_indices(record.labels[task.name], task, application), each=False)


def _indices(names: Sequence[str], task: ClassificationTask, application: Application) -> tuple[int, ...]:
    sheet = application.sheets[task.name]
    return tuple(sorted({sheet.index(name) for name in names if name != task.other}))
