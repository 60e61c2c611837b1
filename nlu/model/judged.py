"""Records with what a model says of them."""

from __future__ import annotations

from dataclasses import dataclass

from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence
from nlu.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Judged:
    """A record, all its sentences, and what the model made of it."""

    record: Record
    sentences: tuple[Sentence, ...]
    understanding: Understanding
