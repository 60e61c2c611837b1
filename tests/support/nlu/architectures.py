"""Small encoders with random weights, one of every architecture."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    AutoModel,
    BertConfig,
    DebertaV2Config,
    ElectraConfig,
    ModernBertConfig,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
    RobertaConfig,
)

from nlu.encoders.loading import one_thread

LAYERS = 4
POSITIONS = 160
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": POSITIONS,
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
}
RELATIVE = {
    "relative_attention": True,
    "pos_att_type": ["c2p", "p2c"],
    "position_buckets": 16,
    "norm_rel_ebd": "layer_norm",
    "position_biased_input": False,
    "type_vocab_size": 0,
}
ARCHITECTURES = {
    "bert": BertConfig(**SIZES),
    "roberta": RobertaConfig(**SIZES),
    "electra": ElectraConfig(**SIZES, embedding_size=16),
    "deberta": DebertaV2Config(**SIZES, **RELATIVE, share_att_key=True),
    "deberta with convolution": DebertaV2Config(**SIZES, **RELATIVE, conv_kernel_size=3, conv_act="gelu"),
    "modernbert": ModernBertConfig(
        **{**SIZES, "max_position_embeddings": 8192}, cls_token_id=0, sep_token_id=2, local_attention=16
    ),
}


def saved(config: PreTrainedConfig, folder: Path, tokenizer: PreTrainedTokenizerFast) -> Path:
    """A model with random weights that are large enough for its layers to matter."""
    one_thread()
    torch.manual_seed(0)
    config.vocab_size = len(tokenizer)
    model = AutoModel.from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight), alpha=0.1)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
