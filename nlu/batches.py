"""Documents of like length side by side as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nlu.preparation import Prepared


@dataclass(frozen=True, slots=True)
class Batch:
    """`token_ids` and `mask`: (documents, tokens), int64, mask 1 for a token and 0 for padding.

    `pooling`: (documents, sentences, tokens), float32; times token vectors it gives the mean vector of each
    sentence. `present`: (documents, sentences), bool, False for a sentence that only fills the row.
    """

    token_ids: Tensor
    mask: Tensor
    pooling: Tensor
    present: Tensor


def collate(documents: Sequence[Prepared], padding_id: int) -> Batch:
    """One batch, padded to its longest document and its most sentences."""
    length = max(document.length for document in documents)
    most = max(1, *(len(document.spans) for document in documents))
    token_ids = torch.full((len(documents), length), padding_id, dtype=torch.long)
    mask = torch.zeros((len(documents), length), dtype=torch.long)
    pooling = torch.zeros((len(documents), most, length))
    present = torch.zeros((len(documents), most), dtype=torch.bool)
    for row, document in enumerate(documents):
        token_ids[row, : document.length] = torch.tensor(document.token_ids)
        mask[row, : document.length] = 1
        for place, (start, end) in enumerate(document.spans):
            pooling[row, place, start:end] = 1 / (end - start)
            present[row, place] = True
    return Batch(token_ids, mask, pooling, present)


def by_length(lengths: Sequence[int], size: int) -> list[list[int]]:
    """Indices in batches of at most `size`, the longest first, so that little is padding."""
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    return [order[start : start + size] for start in range(0, len(order), size)]
