"""Running a model over documents, in batches that are padded alike."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nlu.model.batches import Batch, by_padded_length, collate
from nlu.model.network import MultitaskModel, Signals, read_signals
from nlu.model.preparation import Prepared

BATCH_SIZE = 16


def signals_of(
    network: MultitaskModel,
    documents: Sequence[Prepared],
    padding_id: int,
    lower: Sequence[Tensor] | None = None,
) -> list[Signals]:
    """What the model says of each document, in the same order; neighbours change no bit of it.

    `lower` holds the output of the lower layers for each document, (tokens, hidden), where it is known.
    """
    network.eval()
    found: dict[int, Signals] = {}
    for rows in by_padded_length(documents, BATCH_SIZE):
        batch = collate([documents[row] for row in rows], padding_id)
        known = None if lower is None else pad_hidden([lower[row] for row in rows], batch)
        with torch.inference_mode():
            tokens = network.encode(batch, known)
            for place, row in enumerate(rows):
                # A product of one row and of many rows round differently, so the heads take one at a time.
                one = batch.alone(place)
                outputs = network.judge(tokens[place : place + 1], one)
                (found[row],) = read_signals(outputs, one, network.application)
    return [found[row] for row in range(len(documents))]


def pad_hidden(hidden: Sequence[Tensor], batch: Batch) -> Tensor:
    """(tokens, hidden) of each document as one (documents, tokens, hidden) of float32, as long as `batch`."""
    padded = torch.zeros((*batch.token_ids.shape, hidden[0].shape[1]))
    for row, part in enumerate(hidden):
        padded[row, : len(part)] = part
    return padded
