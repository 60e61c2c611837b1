"""Writes an `E5File` as an ordinary `BertModel` folder, less the tokenizer pieces Japanese business text
cannot use."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.e5_file import E5File

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer

RECIPE = 3
"""Raised with every change of what is written from the same source."""

VOCABULARY = 32_000
META = "▁"
MASK = "<mask>"
_FIRST_NONCHARACTER = 0xFDD0


def unpack(source: E5File, folder: Path) -> None:
    """Writes `source` as a new BertModel folder: configuration, float32 weights, tokenizer."""
    from safetensors.numpy import save_file

    folder.mkdir()
    kept = kept_pieces(source)
    _write_json(folder / "config.json", _configuration(source, len(kept)))
    save_file(_weights(source, kept), folder / "model.safetensors", metadata={"format": "pt"})
    _write_tokenizer(source, kept, folder)


def kept_pieces(source: E5File) -> NDArray[np.intp]:
    """The token ids that stay, ascending: the special ones, every piece that Japanese text, digits,
    punctuation and symbols can need, single letters of the other scripts in JIS, and ASCII words up to
    VOCABULARY, capitals first (Japanese text borrows abbreviations above all), then the likeliest. Text
    without Latin words is cut exactly as by the whole vocabulary."""
    special = {source.special.start, source.special.end, source.special.pad, source.special.unknown}
    special.add(source.pieces.index(MASK))
    kept = special | {number for number, piece in enumerate(source.pieces) if _is_needed(piece)}
    words = [
        number
        for number, piece in enumerate(source.pieces)
        if number not in kept and piece.removeprefix(META).isascii()
    ]
    wanted = sorted(words, key=lambda number: (not source.pieces[number].isupper(), -source.scores[number]))
    kept.update(wanted[: max(0, VOCABULARY - len(kept))])
    return np.array(sorted(kept), dtype=np.intp)


def _is_needed(piece: str) -> bool:
    text = piece.removeprefix(META)
    if not all(map(_is_usable, text)):
        return False
    categories = {unicodedata.category(character) for character in text}
    return len(text) <= 1 or "Lo" in categories or not categories & {"Lu", "Ll", "Lt"}


def _is_usable(character: str) -> bool:
    """In a Japanese character set (of those, kanji and kana alone are letters without case), a kana
    mark, or a symbol such as an emoji."""
    if "\u3040" <= character <= "\u30ff" or unicodedata.category(character).startswith("S"):
        return True
    return any(_encodable(character, codec) for codec in ("cp932", "euc_jis_2004"))


def _encodable(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _configuration(source: E5File, vocabulary: int) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": source.sizes.hidden,
        "num_hidden_layers": source.sizes.layers,
        "num_attention_heads": source.sizes.heads,
        "intermediate_size": source.sizes.feed_forward,
        "max_position_embeddings": source.sizes.positions,
        "type_vocab_size": source.sizes.token_types,
        "vocab_size": vocabulary,
        "pad_token_id": source.special.pad,
        "layer_norm_eps": round(source.epsilon, 15),
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "dtype": "float32",
    }


def _weights(source: E5File, kept: NDArray[np.intp]) -> dict[str, NDArray[np.float32]]:
    sizes = source.sizes
    weights = {
        "embeddings.word_embeddings.weight": source.matrix("emb.word", sizes.vocabulary, kept),
        "embeddings.position_embeddings.weight": source.matrix("emb.pos", sizes.positions),
        "embeddings.token_type_embeddings.weight": source.matrix("emb.type", sizes.token_types),
        "embeddings.LayerNorm.weight": source.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": source.vector("emb.ln.b"),
    }
    linear = {
        "q": ("attention.self.query", sizes.hidden),
        "k": ("attention.self.key", sizes.hidden),
        "v": ("attention.self.value", sizes.hidden),
        "ao": ("attention.output.dense", sizes.hidden),
        "fi": ("intermediate.dense", sizes.feed_forward),
        "fo": ("output.dense", sizes.hidden),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(sizes.layers):
        for short, (name, rows) in linear.items():
            weights[f"encoder.layer.{layer}.{name}.weight"] = source.matrix(f"l{layer}.{short}.w", rows)
            weights[f"encoder.layer.{layer}.{name}.bias"] = source.vector(f"l{layer}.{short}.b")
        for short, name in norms.items():
            weights[f"encoder.layer.{layer}.{name}.weight"] = source.vector(f"l{layer}.{short}.w")
            weights[f"encoder.layer.{layer}.{name}.bias"] = source.vector(f"l{layer}.{short}.b")
    return weights


def _write_tokenizer(source: E5File, kept: NDArray[np.intp], folder: Path) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = [(source.pieces[number], float(source.scores[number])) for number in kept]
    ids = {piece: number for number, (piece, _score) in enumerate(vocabulary)}
    special = source.special
    start, end, pad, unknown = (
        source.pieces[i] for i in (special.start, special.end, special.pad, special.unknown)
    )
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=ids[unknown], byte_fallback=False))
    tokenizer.normalizer = _normaliser(source)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=META, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement=META, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} {end} $B {end}",
        special_tokens=[(start, ids[start]), (end, ids[end])],
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=start,
        cls_token=start,
        eos_token=end,
        sep_token=end,
        pad_token=pad,
        unk_token=unknown,
        mask_token=AddedToken(MASK, lstrip=True, special=True),
        model_max_length=source.sizes.positions,
    )
    fast.save_pretrained(folder)


def _normaliser(source: E5File) -> Normalizer:
    """The file's map in the tokenizer's own terms. The map is NFKC of single characters, but for control
    characters (dropped or read as spaces) and characters kept because they are pieces themselves. NFKC
    of the whole text also joins a half-width kana with its voicing mark, as the map alone cannot."""
    from tokenizers import Regex, normalizers

    exceptions = {c: to for c, to in source.normalisation.items() if to != unicodedata.normalize("NFKC", c)}
    dropped = "".join(re.escape(c) for c, to in exceptions.items() if not to)
    spaced = "".join(re.escape(c) for c, to in exceptions.items() if to == " ")
    spelled = set("".join(source.pieces)) - source.normalisation.keys()
    kept = sorted(c for c in spelled if unicodedata.normalize("NFKC", c) != c)
    hidden = [(c, chr(_FIRST_NONCHARACTER + number)) for number, c in enumerate(kept)]
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(f"[{dropped}]"), ""),
            normalizers.Replace(Regex(f"[{spaced}]"), " "),
            *(normalizers.Replace(c, stand_in) for c, stand_in in hidden),
            normalizers.NFKC(),
            *(normalizers.Replace(stand_in, c) for c, stand_in in hidden),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
