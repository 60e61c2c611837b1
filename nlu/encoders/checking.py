"""Whether an encoder will do, told before anybody trains on it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlu.encoders.loading import load_encoder, max_positions
from nlu.encoders.lower_layers import run_lower, run_upper
from nlu.encoders.tokens import tokenize

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

_TEXTS = (
    "本日、青葉製作所の購買課を訪問し、来期の部品単価について打ち合わせた。",
    "㈱みどり運輸の𠮷野様より、ｶﾞｲｱ商会分の請求が２重だと令和8年5月12日に入電。",
    "人手が足りず、秋の受注を断っているとのこと。",
)
_BATCH, _LENGTH = 16, 96
_MOST_UNKNOWN = 0.05
_BYTES = 4
_TRAINING_FACTOR = 3
"""Memory of training beside the weights alone, with LoRA on the top layers and batches of 16."""
_NEAR = 1e-4


@dataclass(frozen=True, slots=True)
class EncoderCheck:
    """What is known of an encoder after a trial on one thread.

    `parameters` in all, `window` in tokens, `milliseconds` for a text of 96 tokens forward, `memory` in MiB
    that training takes about. `problems` are in Japanese: none means that it will do.
    """

    architecture: str
    parameters: int
    layers: int
    hidden: int
    window: int
    vocabulary: int
    milliseconds: float
    memory: float
    problems: tuple[str, ...]


def check_encoder(name: str) -> EncoderCheck:
    """Load the encoder of a folder or hub id and try all that training and predicting need of it. Raises
    EncoderError where it cannot even be loaded."""
    model, tokenizer = load_encoder(name)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return EncoderCheck(
        architecture=type(model).__name__,
        parameters=parameters,
        layers=int(model.config.num_hidden_layers),
        hidden=int(model.config.hidden_size),
        window=max_positions(model),
        vocabulary=len(tokenizer),
        milliseconds=_milliseconds(model, tokenizer),
        memory=parameters * _BYTES * _TRAINING_FACTOR / 2**20,
        problems=(*_of_the_tokenizer(model, tokenizer), *_of_the_layers(model, tokenizer)),
    )


def _of_the_tokenizer(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> Iterator[str]:
    if tokenizer.pad_token_id is None:
        yield "トークナイザに詰め物の記号（pad_token）がありません。"
    embedded = int(model.get_input_embeddings().weight.shape[0])
    if len(tokenizer) > embedded:
        yield f"トークナイザの語彙 {len(tokenizer)} がエンコーダの語彙 {embedded} より多く、合いません。"
    found = tokenize(tokenizer, list(_TEXTS))
    if sum(len(tokens.ids) for tokens in found) == 0:
        yield "トークナイザが日本語の文を 1 つも切れません。"
        return
    unknown = sum(tokens.ids.count(tokenizer.unk_token_id) for tokens in found)
    share = unknown / sum(len(tokens.ids) for tokens in found)
    if share > _MOST_UNKNOWN:
        yield f"日本語の文の {share:.0%} が未知語になります。日本語を学習したエンコーダを指定してください。"
    for text, tokens in zip(_TEXTS, found, strict=True):
        places = [offset for offset in tokens.offsets if offset[0] < offset[1]]
        covered = {place for start, end in places for place in range(start, end)}
        missing = [
            text[place] for place in range(len(text)) if place not in covered and not text[place].isspace()
        ]
        if missing or any(end > len(text) for _, end in places):
            lost = "".join(missing[:5])
            yield f"トークンの位置から元の文に戻れません（「{lost}」）。根拠の場所がずれます。"
            return


def _of_the_layers(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> Iterator[str]:
    import torch

    batch = tokenizer(list(_TEXTS), padding=True, truncation=True, return_tensors="pt")
    token_ids, mask = batch["input_ids"], batch["attention_mask"]
    split = int(model.config.num_hidden_layers) // 2
    with torch.inference_mode():
        whole = model(input_ids=token_ids, attention_mask=mask)[0]
        try:
            halves = run_upper(model, split, token_ids, mask, run_lower(model, split, token_ids, mask))
        except (ValueError, TypeError, RuntimeError) as error:
            yield f"層を途中で分けて計算できません（{error}）。"
            return
    if not torch.isfinite(whole).all():
        yield "出力に数でないものが混じります。重みが壊れていないか確かめてください。"
    elif not torch.allclose(halves, whole, atol=_NEAR):
        yield "途中で分けて計算した結果が、通しで計算した結果と違います。"
    elif torch.allclose(whole[0, 1], whole[1, 1], atol=_NEAR):
        yield "違う文が同じベクトルになります。重みが学習されていないようです。"


def _milliseconds(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> float:
    import torch

    length = min(_LENGTH, max_positions(model))
    token_ids = torch.full((_BATCH, length), _filler(tokenizer))
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        with torch.inference_mode():
            model(input_ids=token_ids, attention_mask=torch.ones_like(token_ids))
        seconds.append(time.perf_counter() - started)
    return min(seconds) / _BATCH * 1000


def _filler(tokenizer: PreTrainedTokenizerFast) -> int:
    known: Sequence[int] = tokenizer(_TEXTS[0], add_special_tokens=False)["input_ids"]
    return int(known[0]) if known else 0
