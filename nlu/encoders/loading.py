"""Pretrained encoders by name: the bundled one, a folder, or a hub id; and vectors of texts from them."""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.bundled import EncoderError, bundled_folder
from nlu.encoders.matching import merge_matching

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = [
    "BUNDLED",
    "EncoderError",
    "load_encoder",
    "load_language_model",
    "max_positions",
    "one_thread",
    "quiet",
    "text_vectors",
    "threads",
]

BUNDLED = "bundled"

_log = logging.getLogger(__name__)


def one_thread() -> None:
    """Keeps torch of this process to one thread, as the entry points of every worker do: two threads on
    cores that other workers also use are many times slower than one."""
    import torch

    torch.set_num_threads(1)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Torch of this process computes with so many threads inside, and as before after it.

    With no more than OMP_THREAD_LIMIT allows: torch takes the threads that it asked for as given, and leaves
    the work of those that it did not get undone.
    """
    import torch

    limit = os.environ.get("OMP_THREAD_LIMIT", "")
    allowed = min(count, int(limit)) if limit.isdecimal() else count
    if allowed < count:
        _log.warning("threads = %d ですが、環境変数 OMP_THREAD_LIMIT により %d で計算します", count, allowed)
    before = torch.get_num_threads()
    torch.set_num_threads(allowed)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def load_encoder(name: str, *, matched: bool = True) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The encoder (float32, evaluation mode, no pooling head) and its tokenizer.

    `name` is "bundled", a folder, or a hub id. Weights are read from safetensors alone and no code of the
    model's repository is run. The bundled one knows label sheets (`nlu.encoders.matching`), unless it shall
    not be `matched`. Raises EncoderError where it cannot be had.
    """
    from transformers import MODEL_MAPPING

    model, tokenizer, missing = _load(name, MODEL_MAPPING)
    _refuse_missing(name, missing)
    if name == BUNDLED and matched:
        merge_matching(model)
    return model, tokenizer


def load_language_model(name: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, bool]:
    """The encoder with the head of its architecture that fills masked tokens, its output weights tied to the
    embeddings, as `load_encoder` otherwise; and whether the head is fresh, drawn from torch's random state,
    because the encoder comes without one.

    ELECTRA gets that head too, though its discriminator was trained to detect replaced tokens: that needs the
    generator, which is seldom published with it, while the embedding of the mask is shared by both.
    Raises EncoderError where the encoder cannot be had or no such head is known for it.
    """
    from transformers import MODEL_FOR_MASKED_LM_MAPPING

    model, tokenizer, missing = _load(name, MODEL_FOR_MASKED_LM_MAPPING)
    inner = f"{model.base_model_prefix}."
    _refuse_missing(name, [key for key in missing if key.startswith(inner)])
    if tokenizer.mask_token_id is None:
        raise EncoderError(
            f"エンコーダ「{name}」のトークナイザにマスクの記号がないため、追加学習できません。"
        )
    return model, tokenizer, any(not key.startswith(inner) for key in missing)


def _load(
    name: str, architectures: Mapping[type, type[PreTrainedModel]]
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, list[str]]:
    """A model of the class that `architectures` has for the encoder, its tokenizer, and the weights that the
    encoder does not have. Raises EncoderError."""
    import torch
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoTokenizer

    place = str(bundled_folder()) if name == BUNDLED else name
    is_local = Path(place).is_dir()
    out_of_reach = not is_local and not _hub_answers(name)
    given = {"trust_remote_code": False, "local_files_only": out_of_reach}
    try:
        config = AutoConfig.from_pretrained(place, **given)
        model_class = architectures[type(config)]
        takes_pooling = "add_pooling_layer" in inspect.signature(model_class.__init__).parameters
        with quiet(progress=not is_local):
            model, report = model_class.from_pretrained(
                place,
                config=config,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=out_of_reach,
                output_loading_info=True,
                **({"add_pooling_layer": False} if takes_pooling else {}),
            )
        tokenizer = AutoTokenizer.from_pretrained(place, **given)
    except ImportError as error:
        raise EncoderError(
            f"エンコーダ「{name}」のトークナイザに要るものが入っていません: {error}\n"
            "MeCab を使うものは pip install 'yomitori[mecab]' で入ります。"
        ) from error
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        if out_of_reach:
            raise EncoderError(
                f"エンコーダ「{name}」を取り寄せられません。Hugging Face に接続できず、このマシンにも"
                "取り寄せ済みのものがありません。\nネットワークとプロキシの設定を確かめるか、エンコーダの"
                f"フォルダか、同梱の「{BUNDLED}」を app.toml の encoder に書いてください。"
            ) from error
        raise EncoderError(
            f"エンコーダ「{name}」を読み込めません: {error}\n"
            f"フォルダ名か Hugging Face の ID を確かめるか、同梱の「{BUNDLED}」を指定してください。"
        ) from error
    return model.eval(), tokenizer, sorted(report["missing_keys"])


def _hub_answers(name: str) -> bool:
    """Whether Hugging Face can be reached, asked once: its clients ask six times for each file, half a minute
    long, before they look at what they fetched earlier."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError

    try:
        get_hf_file_metadata(hf_hub_url(name, "config.json"))
    except (HfHubHTTPError, ValueError):  # it answers, if only that it has no such encoder
        return True
    except Exception:  # each version of the client has errors of its own for a network that fails
        return False
    return True


def _refuse_missing(name: str, missing: Sequence[str]) -> None:
    if missing:
        raise EncoderError(
            f"エンコーダ「{name}」の重みが足りません（{missing[0]} など {len(missing)} 個）。"
            "config.json と model.safetensors が同じモデルのものか確かめてください。"
        )


@contextmanager
def quiet(*, progress: bool) -> Iterator[None]:
    """A download may show its progress; of reading and writing, and of heads left out, nothing is said."""
    from transformers.utils import logging

    were_shown, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.set_verbosity_error()
    if not progress:
        logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
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
    tokenizer: PreTrainedTokenizerBase,
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
