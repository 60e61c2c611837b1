"""Documents of like length side by side as tensors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nlu.network.keywords import SheetKeywords
from nlu.network.preparation import Prepared

_TOKEN_STEP = 16


@dataclass(frozen=True, slots=True)
class Batch:
    """`token_ids` and `mask`: (documents, tokens), int64, mask 1 for a token and 0 for padding.

    `pooling`: (documents, sentences, tokens), float32; times token vectors it gives the mean vector of each
    sentence. `present`: (documents, sentences), bool, False for a sentence that only fills the row.
    `hits`: by classification task the keywords in each sentence, (documents, sentences, reported labels).
    """

    token_ids: Tensor
    mask: Tensor
    pooling: Tensor
    present: Tensor
    hits: Mapping[str, Tensor]

    def alone(self, row: int) -> Batch:
        """The batch of one document, without the rows of sentences that it does not have."""
        count = max(1, int(self.present[row].sum()))
        only = slice(row, row + 1)
        return Batch(
            self.token_ids[only],
            self.mask[only],
            self.pooling[only, :count],
            self.present[only, :count],
            {task: hits[only, :count] for task, hits in self.hits.items()},
        )

    def on(self, device: torch.device) -> Batch:
        """The same batch in the memory of a device."""
        return Batch(
            self.token_ids.to(device),
            self.mask.to(device),
            self.pooling.to(device),
            self.present.to(device),
            {task: hits.to(device) for task, hits in self.hits.items()},
        )


def padded_length(document: Prepared) -> int:
    """The tokens that a document is padded to, whatever stands beside it.

    What the encoder computes for it then depends on nothing but itself, to the last bit: padding to the
    longest neighbour would change the order in which the processor adds.
    """
    return -(-document.length // _TOKEN_STEP) * _TOKEN_STEP


def collate(documents: Sequence[Prepared], padding_id: int, keywords: SheetKeywords) -> Batch:
    """One batch, padded for its longest document and to its most sentences."""
    length = max(padded_length(document) for document in documents)
    most = max(1, *(len(document.spans) for document in documents))
    token_ids = torch.full((len(documents), length), padding_id, dtype=torch.long)
    mask = torch.zeros((len(documents), length), dtype=torch.long)
    pooling = torch.zeros((len(documents), most, length))
    present = torch.zeros((len(documents), most), dtype=torch.bool)
    hits = {task: torch.zeros((len(documents), most, keywords.count(task))) for task in keywords.tasks}
    for row, document in enumerate(documents):
        token_ids[row, : document.length] = torch.tensor(document.token_ids)
        mask[row, : document.length] = 1
        for place, (start, end) in enumerate(document.spans):
            pooling[row, place, start:end] = 1 / (end - start)
            present[row, place] = True
        for task in keywords.tasks:
            for place, sentence in enumerate(document.sentences):
                hits[task][row, place] = torch.tensor(keywords.hits(task, sentence.text))
    return Batch(token_ids, mask, pooling, present, hits)


def by_padded_length(documents: Sequence[Prepared], size: int) -> list[list[int]]:
    """Indices in batches of at most `size` documents that are padded alike, the longest first."""
    alike: dict[int, list[int]] = defaultdict(list)
    for row, document in enumerate(documents):
        alike[padded_length(document)].append(row)
    lengths = sorted(alike, reverse=True)
    return [alike[n][start : start + size] for n in lengths for start in range(0, len(alike[n]), size)]


def by_length(lengths: Sequence[int], size: int) -> list[list[int]]:
    """Indices in batches of at most `size`, the longest first, so that little is padding."""
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    return [order[start : start + size] for start in range(0, len(order), size)]
