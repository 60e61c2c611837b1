"""Which records the epochs show changed, and the changed copies themselves.

All copies are made before training, so that the lower layers run once for each; a record has at most VERSIONS
copies of a kind, which its showings take in turn. Copies are shown in place of records of every label alike:
were only rare records changed, a model could tell rare labels by the traces of the change.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from nlu.application.application import Application
from nlu.application.settings import AugmentationSettings
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence
from nlu.training.augmentation.editing import Changed
from nlu.training.augmentation.keyword_hiding import hide_keywords
from nlu.training.augmentation.mixing import mix
from nlu.training.augmentation.ocr_noise import misread
from nlu.training.augmentation.sentence_order import rearrange
from nlu.training.augmentation.word_variants import vary
from nlu.training.sampling import reported

KINDS = tuple(AugmentationSettings.model_fields)
VERSIONS = 3
"""Three showings are what a record gets on an average run where a third of them is changed."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A changed copy of the record at place `source`, and the sentences of its text."""

    source: int
    kind: str
    record: Record
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class AugmentedDraws:
    """`draws` hold by epoch the places of records, and from the number of records on those in `copies`."""

    copies: tuple[Copy, ...]
    draws: tuple[tuple[int, ...], ...]


def augment_draws(
    records: Sequence[Record],
    sentences: Sequence[Sequence[Sentence]],
    draws: Sequence[Sequence[int]],
    application: Application,
) -> AugmentedDraws:
    """`draws`, places of `records` by epoch, with the shares that the settings ask for shown changed.

    `sentences` are those of each record. A record that a kind cannot change is shown as it is. The same
    records, settings and draws give the same copies.
    """
    settings = application.settings.augmentation
    seed = application.settings.training.seed
    surroundings = [
        (record, tuple(parts))
        for record, parts in zip(records, sentences, strict=True)
        if record.labels and reported(record, application) is None
    ]
    copies: list[Copy] = []

    @cache
    def place_of(source: int, kind: str, version: int) -> int:
        record = records[source]
        rng = random.Random(f"{seed} {kind} {version} {record.id}")
        changed = changed_copy(kind, record, sentences[source], surroundings, application, rng)
        if changed is None:
            return source
        named = replace(changed[0], id=f"{record.id}+{kind}{version}")
        copies.append(Copy(source, kind, named, changed[1]))
        return len(records) + len(copies) - 1

    shown: Counter[tuple[int, str]] = Counter()
    epochs: list[tuple[int, ...]] = []
    for epoch, drawn in enumerate(draws):
        rng = random.Random(f"kinds {seed} {epoch}")
        places: list[int] = []
        for source in drawn:
            kind = _kind(settings, rng)
            if kind is None:
                places.append(source)
            else:
                places.append(place_of(source, kind, shown[source, kind] % VERSIONS))
                shown[source, kind] += 1
        epochs.append(tuple(places))
    return AugmentedDraws(tuple(copies), tuple(epochs))


def changed_copy(
    kind: str,
    record: Record,
    sentences: Sequence[Sentence],
    surroundings: Sequence[Changed],
    application: Application,
    rng: random.Random,
) -> Changed | None:
    """The record changed in one of KINDS, None where that changes nothing of it.

    `surroundings` are records with nothing to report and their sentences, to mix others into.
    """
    match kind:
        case "ocr_noise":
            return misread(record, sentences, rng)
        case "variants":
            return vary(record, sentences, rng)
        case "sentences":
            return rearrange(record, sentences, application, rng)
        case "keywords":
            return hide_keywords(record, sentences, application, rng)
        case "mixed":
            other = rng.choice(surroundings) if surroundings else None
            return mix(record, sentences, other, application, rng) if other else None
    raise ValueError(f"no such kind: {kind}")


def _kind(settings: AugmentationSettings, rng: random.Random) -> str | None:
    """A kind by its share, None for what the shares leave; shares beyond 1 in all are scaled down to it."""
    shares = [getattr(settings, kind) for kind in KINDS]
    drawn = rng.random() * max(1.0, sum(shares))
    for kind, share in zip(KINDS, shares, strict=True):
        if drawn < share:
            return kind
        drawn -= share
    return None
