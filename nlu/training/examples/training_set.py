"""All that the epochs of one network will show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlu.application.application import Application
from nlu.application.settings import TrainingSettings
from nlu.network.preparation import Preparer
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence
from nlu.training.augmentation.copies import augment_draws
from nlu.training.examples.cached_examples import make_examples
from nlu.training.examples.examples import Example
from nlu.training.sampling import Coverage, Report, coverage, draw, reports

Annotated = tuple[Record, tuple[Sentence, ...]]
"""A record and the sentences of its text."""


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """`copies` are changed copies of records that are learned from; `draws` hold by epoch the places of
    `learning`, and from its length on those of `copies`."""

    learning: list[Example]
    copies: list[Example]
    dev: list[Example]
    draws: Sequence[Sequence[int]]
    coverage: Sequence[Coverage]


# Further epochs over many records brought nothing: 3,888 accident reports were best known after the fourth.
_MOST_SHOWN = 9_000
_FEWEST_EPOCHS = 3


def _epochs(said: Sequence[Report], training: TrainingSettings) -> int:
    """As many as asked for, fewer where an epoch is long; none for the preset that trains no network."""
    if not said or training.preset == "fast":
        return 0
    affordable = max(_FEWEST_EPOCHS, _MOST_SHOWN // max(1, len(draw(said, training, 0))))
    return min(training.epochs, affordable)


def make_training_set(
    application: Application, learning: Sequence[Annotated], dev: Sequence[Annotated], preparer: Preparer
) -> TrainingSet:
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
    draws = [draw(said, training, epoch) for epoch in range(_epochs(said, training))]
    augmented = augment_draws(records, [sentences for _, sentences in learning], draws, application)
    copies = make_examples(
        [copy.record for copy in augmented.copies],
        [copy.sentences for copy in augmented.copies],
        preparer,
        application,
    )
    count = len(records)
    return TrainingSet(examples[:count], copies, examples[count:], augmented.draws, coverage(said, draws))
