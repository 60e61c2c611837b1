"""Running a model over documents, in batches that are padded alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from nlu.model.batches import Batch, by_padded_length, collate
from nlu.model.keywords import SheetKeywords
from nlu.model.network import MultitaskModel
from nlu.model.outputs import Outputs
from nlu.model.preparation import Prepared
from nlu.model.signals import Signals, read_signals

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
    device = next(network.parameters()).device
    keywords = SheetKeywords(network.application)
    found: dict[int, Signals] = {}
    for rows in by_padded_length(documents, BATCH_SIZE):
        batch = collate([documents[row] for row in rows], padding_id, keywords).on(device)
        known = None if lower is None else pad_hidden([lower[row] for row in rows], batch)
        with torch.inference_mode():
            tokens = network.encode(batch, known)
            for place, row in enumerate(rows):
                # A product of one row and of many rows round differently, so the heads take one at a time.
                one = batch.alone(place)
                outputs = network.judge(tokens[place : place + 1], one)
                found[row] = read_signals(_on_cpu(outputs), documents[row], network.application)
    return [found[row] for row in range(len(documents))]


def pad_hidden(hidden: Sequence[Tensor], batch: Batch) -> Tensor:
    """(tokens, hidden) of each document as one (documents, tokens, hidden) of float32, as long as `batch`."""
    padded = torch.zeros((*batch.token_ids.shape, hidden[0].shape[1]), device=batch.token_ids.device)
    for row, part in enumerate(hidden):
        padded[row, : len(part)] = part
    return padded


def _on_cpu(outputs: Outputs) -> Outputs:
    def moved(tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return {name: tensor.cpu() for name, tensor in tensors.items()}

    return Outputs(
        moved(outputs.labels),
        moved(outputs.sentences),
        moved(outputs.scores),
        moved(outputs.spans),
        outputs.document.cpu(),
    )
