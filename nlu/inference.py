"""Running a model over documents, in batches of like length."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nlu.batches import by_length, collate
from nlu.model import MultitaskModel, Signals, read_signals
from nlu.preparation import Prepared

BATCH_SIZE = 16


def signals_of(
    network: MultitaskModel,
    documents: Sequence[Prepared],
    padding_id: int,
    lower: Sequence[Tensor] | None = None,
) -> list[Signals]:
    """What the model says of each document, in the same order.

    `lower` holds the output of the lower layers for each document, (tokens, hidden), where it is known.
    """
    network.eval()
    found: dict[int, Signals] = {}
    for rows in by_length([document.length for document in documents], BATCH_SIZE):
        batch = collate([documents[row] for row in rows], padding_id)
        known = None if lower is None else pad_hidden([lower[row] for row in rows])
        with torch.inference_mode():
            outputs = network(batch, known)
        found.update(zip(rows, read_signals(outputs, batch, network.application), strict=True))
    return [found[row] for row in range(len(documents))]


def pad_hidden(hidden: Sequence[Tensor]) -> Tensor:
    """(tokens, hidden) of each document as one (documents, tokens, hidden) of float32."""
    return torch.nn.utils.rnn.pad_sequence([part.float() for part in hidden], batch_first=True)
