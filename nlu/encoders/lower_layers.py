"""An encoder run in two halves: the layers that never change, and the top ones that learn.

The output of the lower half depends on nothing but the text, so training computes it once per record.
Works on every Hugging Face encoder whose layers stand in one `ModuleList` and take the hidden states first
(BERT, RoBERTa, ELECTRA, DeBERTa-v2, ModernBERT).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_CONVOLUTION = "conv"
"""DeBERTa-v2 adds a convolution of the embeddings to whatever comes out of the first layer it runs."""

_LAST_NORM = "final_norm"
"""ModernBERT normalises after its last layer."""


def run_lower(encoder: PreTrainedModel, split: int, token_ids: Tensor, mask: Tensor) -> Tensor:
    """The hidden states that enter layer `split` (counted from 0): (documents, tokens, hidden)."""
    (hidden,) = entering(encoder, (split,), token_ids, mask)
    return hidden


def entering(
    encoder: PreTrainedModel, depths: Sequence[int], token_ids: Tensor, mask: Tensor
) -> list[Tensor]:
    """The hidden states that enter each layer of `depths`, counted from 0 and ascending: (documents, tokens,
    hidden) each. Nothing is computed beyond the last."""
    layers = _layers(encoder)
    seen: dict[int, Tensor] = {}

    def look(depth: int, inputs: tuple[Any, ...]) -> None:
        seen[depth] = inputs[0]
        if depth == depths[-1]:
            raise _HalfWay

    handles = [
        layers[depth].register_forward_pre_hook(lambda _module, inputs, depth=depth: look(depth, inputs))
        for depth in depths
    ]
    try:
        encoder(input_ids=token_ids, attention_mask=mask)
    except _HalfWay:
        return [seen[depth] for depth in depths]
    finally:
        for handle in handles:
            handle.remove()
    raise ValueError(f"layer {depths[-1]} of the encoder was never run")


def run_upper(
    encoder: PreTrainedModel, split: int, token_ids: Tensor, mask: Tensor, hidden: Tensor
) -> Tensor:
    """The last hidden states from `hidden`, which enters layer `split`: (documents, tokens, hidden).

    The encoder embeds `token_ids` once more, for it cannot be entered half way, and the result is replaced.
    """
    with _without_lower_layers(encoder, split) as first:
        handle = first.register_forward_pre_hook(lambda _module, inputs: (hidden, *inputs[1:]))
        try:
            last: Tensor = encoder(input_ids=token_ids, attention_mask=mask)[0]
        finally:
            handle.remove()
    return last


def top_linear_names(encoder: PreTrainedModel, split: int) -> list[str]:
    """Full names of the linear layers from layer `split` on: what LoRA adapts."""
    top = {module for layer in list(_layers(encoder))[split:] for module in layer.modules()}
    return [
        name for name, module in encoder.named_modules() if module in top and isinstance(module, nn.Linear)
    ]


def top_parameters(encoder: PreTrainedModel, split: int) -> list[nn.Parameter]:
    """The weights from layer `split` on, a last normalisation included: what full tuning changes."""
    owner, _ = _owner(encoder)
    last = getattr(owner, _LAST_NORM, None)
    modules = [*list(_layers(encoder))[split:], *([] if last is None else [last])]
    return [parameter for module in modules for parameter in module.parameters()]


class _HalfWay(BaseException):
    """Not an error, and not to be caught as one: how `entering` leaves the encoder."""


def _owner(encoder: PreTrainedModel) -> tuple[nn.Module, str]:
    """The module that holds the list of layers, and the name of the list in it."""
    count = encoder.config.num_hidden_layers
    for module in encoder.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.ModuleList) and len(child) == count:
                return module, name
    raise ValueError(f"no list of {count} layers in {type(encoder).__name__}")


def _layers(encoder: PreTrainedModel) -> nn.ModuleList:
    owner, name = _owner(encoder)
    layers = getattr(owner, name)
    assert isinstance(layers, nn.ModuleList)
    return layers


@contextmanager
def _without_lower_layers(encoder: PreTrainedModel, split: int) -> Iterator[nn.Module]:
    owner, name = _owner(encoder)
    layers = _layers(encoder)
    convolution = getattr(owner, _CONVOLUTION, None)
    setattr(owner, name, layers[split:])
    if convolution is not None and split > 0:
        setattr(owner, _CONVOLUTION, None)
    try:
        yield layers[split]
    finally:
        setattr(owner, name, layers)
        if convolution is not None:
            setattr(owner, _CONVOLUTION, convolution)
