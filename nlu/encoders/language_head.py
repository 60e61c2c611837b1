"""What a masked language model says of the tokens that were hidden, and of no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor, nn
from transformers.modeling_outputs import BaseModelOutput

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def masked_logits(model: PreTrainedModel, token_ids: Tensor, mask: Tensor, hidden: Tensor) -> Tensor:
    """Logits over the vocabulary, (hidden tokens, vocabulary), where `hidden` (documents, tokens) is True.

    The head sees those tokens alone: over all of them it costs more than a small encoder.
    """

    def choose(_module: nn.Module, _inputs: Any, output: Any) -> BaseModelOutput:
        return BaseModelOutput(last_hidden_state=output[0][hidden].unsqueeze(0))

    handle = model.base_model.register_forward_hook(choose)
    try:
        logits: Tensor = model(input_ids=token_ids, attention_mask=mask).logits
    finally:
        handle.remove()
    return logits.squeeze(0)


def head_parameters(model: PreTrainedModel) -> list[nn.Parameter]:
    """The weights of the head alone: those that it ties to the embeddings are the encoder's."""
    inner = set(model.base_model.parameters())
    return [parameter for parameter in model.parameters() if parameter not in inner]
