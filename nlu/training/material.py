"""All that the epochs of one network will show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlu.application import Application
from nlu.experts.linear import TERMS, VECTORS, LinearExpert
from nlu.model.preparation import Preparer
from nlu.records import Record
from nlu.text.sentences import Sentence
from nlu.training.augmentation.copies import show_changed
from nlu.training.examples import Example
from nlu.training.lessons import Lesson, make_examples
from nlu.training.sampling import Coverage, coverage, draw, reports

Annotated = tuple[Record, tuple[Sentence, ...]]
"""A record and the sentences of its text."""


@dataclass(frozen=True, slots=True)
class Material:
    """`copies` are changed copies of records that are learned from; `draws` hold by epoch the places of
    `learning`, and from its length on those of `copies`."""

    learning: list[Example]
    copies: list[Example]
    dev: list[Example]
    draws: Sequence[Sequence[int]]
    coverage: Sequence[Coverage]


def gather(
    application: Application, learning: Sequence[Annotated], dev: Sequence[Annotated], preparer: Preparer
) -> Material:
    """What is learned from and what judges. Without records there are no epochs, and the heads stay as they
    start."""
    examples = make_examples(
        [record for record, _ in (*learning, *dev)],
        [sentences for _, sentences in (*learning, *dev)],
        preparer,
        application,
    )
    training = application.settings.training
    records = [record for record, _ in learning]
    said = reports(records, application)
    draws = [draw(said, training, epoch) for epoch in range(training.epochs if records else 0)]
    showing = show_changed(records, [sentences for _, sentences in learning], draws, application)
    copies = make_examples(
        [copy.record for copy in showing.copies],
        [copy.sentences for copy in showing.copies],
        preparer,
        application,
    )
    count = len(records)
    return Material(examples[:count], copies, examples[count:], showing.draws, coverage(said, draws))


def fit_experts(application: Application, lessons: Sequence[Lesson]) -> dict[str, LinearExpert]:
    """The linear experts that are asked for, by name; none where there is nothing to learn from or for."""
    asked = application.settings.decisions
    if not lessons or not (application.classifications or application.scores):
        return {}
    examples = [lesson.example for lesson in lessons]
    readings = [lesson.reading for lesson in lessons]
    experts = {}
    if asked.linear:
        experts[TERMS] = LinearExpert.on_terms(application, examples, readings)
    if asked.vectors and all(reading.sketch is not None for reading in readings):
        experts[VECTORS] = LinearExpert.on_vectors(application, examples, readings)
    return experts
