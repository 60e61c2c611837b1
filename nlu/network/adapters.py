"""What a tailored model changes in a shared encoder: LoRA on its top layers, or those layers themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor

from nlu.application.application import Application
from nlu.encoders.lower_layers import top_linear_names, top_parameters
from nlu.network.network import MultitaskModel
from nlu.network.task_heads import HeadInitialisation

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def build_network(
    encoder: PreTrainedModel,
    application: Application,
    starts: Mapping[str, HeadInitialisation] | None = None,
    *,
    keeps_untuned: bool = True,
) -> MultitaskModel:
    """A fresh model for `application` on `encoder`, which is frozen but for what learns: adapters in its top
    layers, or those layers themselves, with the embeddings where all of them do. `keeps_untuned` as in
    `MultitaskModel`; layers that learn themselves cannot be kept.

    Adapters and heads are drawn from torch's random state; an untrained adapter changes nothing.
    """
    settings = application.settings.training
    layers = int(encoder.config.num_hidden_layers)
    split = layers - min(settings.trainable_layers, layers)
    encoder.requires_grad_(False)
    if settings.tuning == "full":
        for parameter in encoder.parameters() if split == 0 else top_parameters(encoder, split):
            parameter.requires_grad_(True)
        return MultitaskModel(encoder, split, application, starts)
    # Dropout in front of the adapters, beside that of the encoder, would cost a quarter of the time.
    config = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=2 * settings.lora_rank,
        lora_dropout=0.0,
        target_modules=top_linear_names(encoder, split),
    )
    inject_adapter_in_model(config, encoder)
    return MultitaskModel(encoder, split, application, starts, keeps_untuned=keeps_untuned and split > 0)


def learned_tensors(network: MultitaskModel) -> Mapping[str, Tensor]:
    """What the encoder alone does not hold, by name: what learns in it, and the heads whole."""
    return {
        name: parameter.detach().cpu().clone().contiguous()
        for name, parameter in network.named_parameters()
        if parameter.requires_grad or name.startswith("heads.")
    }


def averaged(models: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean, tensor by tensor, of `learned_tensors` of equally built networks."""
    return {name: torch.stack([model[name] for model in models]).mean(dim=0) for name in models[0]}


def restore(network: MultitaskModel, tensors: Mapping[str, Tensor]) -> None:
    """Put `learned_tensors` of an equally built network back. Raises ValueError where they do not fit."""
    expected = {name: value.shape for name, value in learned_tensors(network).items()}
    if expected != {name: value.shape for name, value in tensors.items()}:
        raise ValueError("the tensors are those of another architecture")
    network.load_state_dict(dict(tensors), strict=False)


def describe_adapters(network: MultitaskModel) -> dict[str, Any]:
    """The configuration of the adapters as peft keeps it, ready for JSON; empty where there are none."""
    if network.application.settings.training.tuning == "full":
        return {}
    (config,) = network.encoder.peft_config.values()
    content = {
        key: sorted(value) if isinstance(value, set | frozenset) else value
        for key, value in config.to_dict().items()
    }
    return {key: value for key, value in sorted(content.items()) if value is not None}


def encoder_checksum(encoder: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> str:
    """sha256 over the weights and the vocabulary of an encoder without adapters, in hexadecimal."""
    digest = hashlib.sha256()
    for name, tensor in sorted(encoder.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(tensor.detach().contiguous().view(torch.uint8).numpy().tobytes())
    for piece, number in sorted(tokenizer.get_vocab().items()):
        digest.update(f"{number} {piece}\n".encode())
    return digest.hexdigest()
