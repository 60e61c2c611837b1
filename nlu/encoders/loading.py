"""Pretrained encoders by name: the bundled one, a folder, or a hub id; and vectors of texts from them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.bundled import EncoderError, bundled_folder

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

__all__ = ["BUNDLED", "EncoderError", "load_encoder", "max_positions", "one_thread", "text_vectors"]

BUNDLED = "bundled"


def one_thread() -> None:
    """Keeps torch of this process to one thread, as the entry points of every worker do: two threads on
    cores that other workers also use are many times slower than one."""
    import torch

    torch.set_num_threads(1)


def load_encoder(name: str) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """The encoder (float32, evaluation mode, no pooling head) and its tokenizer (with offsets).

    `name` is "bundled", a folder, or a hub id. Weights are read from safetensors alone and no code of the
    model's repository is run. Raises EncoderError where it cannot be had.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import MODEL_MAPPING, AutoConfig, AutoTokenizer, PreTrainedTokenizerFast

    place = str(bundled_folder()) if name == BUNDLED else name
    try:
        config = AutoConfig.from_pretrained(place, trust_remote_code=False)
        model_class = MODEL_MAPPING[type(config)]
        takes_pooling = "add_pooling_layer" in inspect.signature(model_class.__init__).parameters
        with _progress_bars(shown=not Path(place).is_dir()):
            model = model_class.from_pretrained(
                place,
                config=config,
                dtype=torch.float32,
                use_safetensors=True,
                **({"add_pooling_layer": False} if takes_pooling else {}),
            )
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        raise EncoderError(
            f"エンコーダ「{name}」を読み込めません: {error}\n"
            f"フォルダ名か Hugging Face の ID を確かめるか、同梱の「{BUNDLED}」を指定してください。"
        ) from error
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise EncoderError(
            f"エンコーダ「{name}」のトークナイザは文字位置を返せません（fast 版がありません）。"
            "fast 版のあるエンコーダを指定してください。"
        )
    return model.eval(), tokenizer


@contextmanager
def _progress_bars(*, shown: bool) -> Iterator[None]:
    """A download may show its progress; reading a local file would only litter the log."""
    from transformers.utils import logging

    were_shown = logging.is_progress_bar_enabled()
    if not shown:
        logging.disable_progress_bar()
    try:
        yield
    finally:
        if were_shown:
            logging.enable_progress_bar()


def max_positions(model: PreTrainedModel) -> int:
    """The longest input of the encoder in tokens, special ones included."""
    positions = int(model.config.max_position_embeddings)
    table = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)
    return positions if padding is None else positions - padding - 1


def text_vectors(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    texts: Sequence[str],
    *,
    prefix: str = "query: ",
    batch_size: int = 16,
) -> NDArray[np.float32]:
    """One vector a text, shape (len(texts), hidden): the mean over all its tokens, of length 1.

    `prefix` goes before every text (e5's habit; other encoders may want ""). A text beyond the encoder's
    limit is cut. Texts of like length share a batch, so the order costs nothing.
    """
    import torch

    vectors = np.zeros((len(texts), int(model.config.hidden_size)), np.float32)
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    for first in range(0, len(order), batch_size):
        numbers = order[first : first + batch_size]
        batch = tokenizer(
            [prefix + texts[number] for number in numbers],
            padding=True,
            truncation=True,
            max_length=max_positions(model),
            return_tensors="pt",
        )
        with torch.inference_mode():
            hidden = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])[0]
        seen = batch["attention_mask"].unsqueeze(-1)
        mean = (hidden * seen).sum(1) / seen.sum(1)
        vectors[numbers] = torch.nn.functional.normalize(mean, dim=1).numpy()
    return vectors
