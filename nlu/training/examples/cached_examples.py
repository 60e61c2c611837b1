"""Records ready to be learned from: split, prepared, and sent through the layers that never change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nlu.application.application import Application
from nlu.encoders.precision import mixed_precision
from nlu.network.batches import by_length, collate
from nlu.network.expert_input import ExpertInput
from nlu.network.keywords import SheetKeywords
from nlu.network.layer_means import LayerMeans, layer_means
from nlu.network.network import MultitaskModel
from nlu.network.preparation import Preparer
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence, SentenceSplitter
from nlu.training.examples.examples import Example, make_example

_LOWER_BATCH = 32

Counted = Callable[[int, int], None]
"""Is told how many of how many are done."""


@dataclass(frozen=True, slots=True)
class CachedExample:
    """An example and what the layers that never change make of it: their output, (tokens, hidden), bfloat16,
    and the layer means. None of these where the encoder learns as a whole."""

    example: Example
    lower: Tensor | None
    layer_means: LayerMeans | None

    @property
    def expert_input(self) -> ExpertInput:
        return ExpertInput(self.example.prepared, self.layer_means)


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


class LowerLayerCache:
    """Sends examples through the layers of `network` that never change, each text once however often it is
    asked for."""

    def __init__(self, network: MultitaskModel, padding_id: int) -> None:
        self._network = network
        self._padding_id = padding_id
        self._known: dict[_Key, tuple[Tensor, LayerMeans]] = {}

    def cached(self, examples: Sequence[Example], told: Counted) -> list[CachedExample]:
        """The examples with what is made of them."""
        if self._network.split == 0:
            return [CachedExample(example, None, None) for example in examples]
        new = {_key(example): example for example in examples if _key(example) not in self._known}
        self._compute([*new.values()], told)
        return [CachedExample(example, *self._known[_key(example)]) for example in examples]

    def _compute(self, examples: Sequence[Example], told: Counted) -> None:
        network = self._network.eval()
        keywords = SheetKeywords(network.application)
        device = next(network.parameters()).device
        precision = network.application.settings.training.precision
        done = 0
        for rows in by_length([example.prepared.length for example in examples], _LOWER_BATCH):
            documents = [examples[row].prepared for row in rows]
            batch = collate(documents, self._padding_id, keywords).on(device)
            with torch.inference_mode(), mixed_precision(precision, device):
                lower = network.lower(batch)
                depths = [*lower, *network.untuned(batch, lower[-1])]
            for place, row in enumerate(rows):
                only = slice(place, place + 1)
                hidden = lower[-1][place, : documents[place].length].to(torch.bfloat16).cpu().clone()
                seen = layer_means([depth[only] for depth in depths], batch.alone(place))
                self._known[_key(examples[row])] = (hidden, seen)
            done += len(rows)
            told(done, len(examples))


_Key = tuple[tuple[int, ...], tuple[tuple[int, int], ...]]


def _key(example: Example) -> _Key:
    return example.prepared.token_ids, example.prepared.spans
