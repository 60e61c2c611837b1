"""Records ready to be learned from: split, prepared, and sent through the layers that never change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nlu.application import Application
from nlu.encoders.lower_layers import run_lower
from nlu.encoders.precision import mixed_precision
from nlu.model.batches import by_length, collate
from nlu.model.keywords import SheetKeywords
from nlu.model.network import MultitaskModel
from nlu.model.preparation import Preparer
from nlu.records import Record
from nlu.text.sentences import Sentence, SentenceSplitter
from nlu.training.examples import Example, make_example

_LOWER_BATCH = 32

Counted = Callable[[int, int], None]
"""Is told how many of how many are done."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """An example and the output of the lower layers for it, (tokens, hidden), bfloat16; None where the
    encoder learns as a whole."""

    example: Example
    lower: Tensor | None


def split_records(records: Sequence[Record], told: Counted) -> list[tuple[Sentence, ...]]:
    """The sentences of every record."""
    splitter = SentenceSplitter()
    found = []
    for number, record in enumerate(records, start=1):
        found.append(splitter.split(record.text, ()))
        told(number, len(records))
    return found


def make_examples(
    records: Sequence[Record],
    sentences: Sequence[tuple[Sentence, ...]],
    preparer: Preparer,
    application: Application,
) -> list[Example]:
    """The records as examples; `sentences` are theirs."""
    return [
        make_example(record, parts, preparer.prepare(record.id, parts), application)
        for record, parts in zip(records, sentences, strict=True)
    ]


def make_lessons(
    examples: Sequence[Example], network: MultitaskModel, padding_id: int, told: Counted
) -> list[Lesson]:
    """The examples with what the lower layers make of them, computed once each."""
    if network.split == 0:
        return [Lesson(example, None) for example in examples]
    network.eval()
    keywords = SheetKeywords(network.application)
    device = next(network.parameters()).device
    lower: dict[int, Tensor] = {}
    for rows in by_length([example.prepared.length for example in examples], _LOWER_BATCH):
        batch = collate([examples[row].prepared for row in rows], padding_id, keywords).on(device)
        with torch.inference_mode(), mixed_precision(network.application.settings.training.precision, device):
            hidden = run_lower(network.encoder, network.split, batch.token_ids, batch.mask)
        for place, row in enumerate(rows):
            length = examples[row].prepared.length
            lower[row] = hidden[place, :length].to(torch.bfloat16).cpu().clone()
        told(len(lower), len(examples))
    return [Lesson(example, lower[row]) for row, example in enumerate(examples)]
