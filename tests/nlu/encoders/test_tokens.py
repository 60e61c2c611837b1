"""Tokens know their place in the text, whichever tokenizer made them."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from transformers import BertConfig, BertJapaneseTokenizer, BertModel

from nlu.encoders.loading import EncoderError, load_encoder
from nlu.encoders.tokens import tokenize
from nlu.training.train import train
from tests.support.nlu.small_application import small_application, small_records

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PIECES = """( ) 株 ガイア と 田 さん ##さん 商 ##事 商事 平成 30 年 1 人手 が は 足り ない 。 、 東京 都 円
50 % で の ゙ パ ソコン ##ソコン C ##SV abc ##d ミリ センチ メートル ' S"""
TEXTS = (
    "㈱ｶﾞｲｱと𠮷田さん商事",
    "㍻30年①は　50㌢、㌫",
    " 人手が\n\n足りない 。\t",
    "ﾊﾟｿｺﾝとパソコン𩸽𩸽東京都",
    "🙇🏻‍♀️人手が足りない",
    "[SEP]人手[UNK]は[MASK]",
    "か\u3099人手",
    "ＣＳＶはABCDé",
    "",
    "　",
)


def japanese_tokenizer(folder: Path, **options: object) -> BertJapaneseTokenizer:
    """One with our own small vocabulary, saved and read back as an encoder's folder has it."""
    folder.mkdir(exist_ok=True)
    kana = [chr(code) for code in range(ord("ぁ"), ord("ん") + 1)]
    words = list(dict.fromkeys([*SPECIAL, *PIECES.split(), *kana]))
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    tokenizer = BertJapaneseTokenizer(str(folder / "vocab.txt"), **options)
    tokenizer.save_pretrained(folder)
    return tokenizer


@pytest.fixture(
    scope="module", params=["mecab wordpiece", "mecab character", "basic", "sudachi", "lower", "fast"]
)
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, encoder):
    kind = str(request.param)
    if kind == "fast":
        return encoder[1]
    if "mecab" in kind or kind == "lower":
        pytest.importorskip("fugashi", reason="the extra mecab is not installed")
        pytest.importorskip("unidic_lite", reason="the extra mecab is not installed")
    options: dict[str, Any] = {  # type: ignore[assignment]
        "mecab wordpiece": {"word_tokenizer_type": "mecab"},
        "mecab character": {"word_tokenizer_type": "mecab", "subword_tokenizer_type": "character"},
        "basic": {"word_tokenizer_type": "basic", "do_lower_case": True},
        "sudachi": {"word_tokenizer_type": "sudachi"},
        "lower": {"word_tokenizer_type": "mecab", "do_lower_case": True},
    }[kind]
    return japanese_tokenizer(tmp_path_factory.mktemp("tokenizer"), **options)


def plain(text: str) -> str:
    """What a token and its characters have in common."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split()).lstrip("▁")


def test_every_token_stands_where_it_came_from(tokenizer) -> None:
    for text, tokens in zip(TEXTS, tokenize(tokenizer, TEXTS), strict=True):
        pieces = tokenizer.convert_ids_to_tokens(list(tokens.ids))
        assert len(tokens.offsets) == len(pieces)
        starts = [start for start, _ in tokens.offsets]
        assert starts == sorted(starts)
        for piece, (start, end) in zip(pieces, tokens.offsets, strict=True):
            assert 0 <= start <= end <= len(text)
            if piece != tokenizer.unk_token:
                bare = piece.removeprefix("##").removeprefix("▁")
                assert plain(bare) in plain(text[start:end]), (text, piece, text[start:end])


def test_no_character_but_white_space_is_lost(tokenizer) -> None:
    for text, tokens in zip(TEXTS, tokenize(tokenizer, TEXTS), strict=True):
        covered = {place for start, end in tokens.offsets for place in range(start, end)}
        left_out = "".join(character for place, character in enumerate(text) if place not in covered)
        assert left_out.strip() == "", text


def test_an_unknown_word_has_its_own_characters_only(tmp_path: Path) -> None:
    tokenizer = japanese_tokenizer(tmp_path, word_tokenizer_type="sudachi")
    text = "鰯人手が鰯。"
    (tokens,) = tokenize(tokenizer, [text])
    places = [text[start:end] for start, end in tokens.offsets]
    assert tokenizer.convert_ids_to_tokens(list(tokens.ids)) == ["[UNK]", "人手", "が", "[UNK]", "。"]
    assert places == ["鰯", "人手", "が", "鰯", "。"]


def test_unknown_characters_side_by_side_have_one_place_each(tmp_path: Path) -> None:
    tokenizer = japanese_tokenizer(
        tmp_path, word_tokenizer_type="basic", subword_tokenizer_type="character", do_lower_case=False
    )
    (tokens,) = tokenize(tokenizer, ["髙田田𠮷鰯は"])
    assert tokens.offsets == tuple((place, place + 1) for place in range(6))


def test_aligned_tokens_are_those_of_the_tokenizer(tmp_path: Path) -> None:
    tokenizer = japanese_tokenizer(tmp_path, word_tokenizer_type="sudachi")
    texts = [text for text in TEXTS if "[" not in text]
    expected = [tuple(tokenizer(text, add_special_tokens=False).input_ids) for text in texts]
    assert [tokens.ids for tokens in tokenize(tokenizer, texts)] == expected


def test_an_encoder_with_a_mecab_tokenizer_loads(tmp_path: Path) -> None:
    pytest.importorskip("fugashi", reason="the extra mecab is not installed")
    vocabulary = len(japanese_tokenizer(tmp_path, word_tokenizer_type="mecab"))
    BertModel(
        BertConfig(vocab_size=vocabulary, hidden_size=8, num_hidden_layers=1, num_attention_heads=1)
    ).save_pretrained(tmp_path)
    _, tokenizer = load_encoder(str(tmp_path))
    assert not tokenizer.is_fast
    (tokens,) = tokenize(tokenizer, ["人手が足りない。"])
    assert [("人手が足りない。"[start:end]) for start, end in tokens.offsets][:2] == ["人手", "が"]


def test_a_model_can_be_trained_on_it(tmp_path: Path) -> None:
    pytest.importorskip("fugashi", reason="the extra mecab is not installed")
    pytest.importorskip("unidic_lite", reason="the extra mecab is not installed")
    vocabulary = len(japanese_tokenizer(tmp_path / "encoder", word_tokenizer_type="mecab"))
    config = BertConfig(vocab_size=vocabulary, hidden_size=8, num_hidden_layers=2, num_attention_heads=1)
    BertModel(config).save_pretrained(tmp_path / "encoder")
    application = small_application(tmp_path / "app", str(tmp_path / "encoder"), epochs=1)
    records, dev = small_records(8, "train"), small_records(6, "dev")
    metrics = train(application, records, dev, tmp_path / "model", lambda step: None)
    assert metrics["epochs"][0]["loss"] > 0


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fugashi", reason="the extra mecab is not installed")
    japanese_tokenizer(tmp_path, word_tokenizer_type="mecab")
    BertModel(
        BertConfig(vocab_size=200, hidden_size=8, num_hidden_layers=1, num_attention_heads=1)
    ).save_pretrained(tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "fugashi", None)
    with pytest.raises(EncoderError, match=r"yomitori\[mecab\]"):
        load_encoder(str(tmp_path))
