"""Running a model over documents, in batches that are padded alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from nlu.network.batches import Batch, by_padded_length, collate
from nlu.network.expert_input import ExpertInput
from nlu.network.keywords import SheetKeywords
from nlu.network.layer_means import layer_means
from nlu.network.network import MultitaskModel
from nlu.network.preparation import Prepared
from nlu.network.signals import Signals, read_signals
from nlu.network.task_outputs import Outputs

BATCH_SIZE = 16


def signals_of(
    network: MultitaskModel, documents: Sequence[Prepared], padding_id: int, lower: Sequence[Tensor]
) -> list[Signals]:
    """What the network says of each document, in the same order, where the output of its lower layers is
    known: (tokens, hidden) for each document, or () where all layers learn."""
    found: dict[int, Signals] = {}
    for rows, batch in _batches(network, documents, padding_id):
        known = pad_hidden([lower[row] for row in rows], batch) if lower else None
        with torch.inference_mode():
            tokens = network.encode(batch, known)
            for place, row in enumerate(rows):
                found[row] = _judge(network, tokens[place : place + 1], batch.alone(place), documents[row])
    return [found[row] for row in range(len(documents))]


def read(
    network: MultitaskModel, documents: Sequence[Prepared], padding_id: int
) -> list[tuple[Signals, ExpertInput]]:
    """What the network says of each document and what other experts are shown of it, in the same order;
    neighbours change no bit of either."""
    found: dict[int, tuple[Signals, ExpertInput]] = {}
    for rows, batch in _batches(network, documents, padding_id):
        with torch.inference_mode():
            lower = network.lower(batch)
            tokens = network.encode(batch, lower[-1] if lower else None)
            depths = [*lower, *network.untuned(batch, lower[-1])] if lower else []
            for place, row in enumerate(rows):
                # A product of one row and of many rows round differently, so heads and means take one a time.
                only, one = slice(place, place + 1), batch.alone(place)
                said = _judge(network, tokens[only], one, documents[row])
                seen = layer_means([depth[only] for depth in depths], one) if depths else None
                found[row] = (said, ExpertInput(documents[row], seen))
    return [found[row] for row in range(len(documents))]


def pad_hidden(hidden: Sequence[Tensor], batch: Batch) -> Tensor:
    """(tokens, hidden) of each document as one (documents, tokens, hidden) of float32, as long as `batch`."""
    padded = torch.zeros((*batch.token_ids.shape, hidden[0].shape[1]), device=batch.token_ids.device)
    for row, part in enumerate(hidden):
        padded[row, : len(part)] = part
    return padded


def _batches(
    network: MultitaskModel, documents: Sequence[Prepared], padding_id: int
) -> Iterator[tuple[list[int], Batch]]:
    network.eval()
    device = next(network.parameters()).device
    keywords = SheetKeywords(network.application)
    for rows in by_padded_length(documents, BATCH_SIZE):
        yield rows, collate([documents[row] for row in rows], padding_id, keywords).on(device)


def _judge(network: MultitaskModel, tokens: Tensor, one: Batch, document: Prepared) -> Signals:
    return read_signals(_on_cpu(network.judge(tokens, one)), document, network.application)


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
