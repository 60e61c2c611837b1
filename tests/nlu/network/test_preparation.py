"""What the encoder sees of a document, and where it stands in the text."""

from __future__ import annotations

from pathlib import Path

from nlu.encoders.loading import load_encoder
from nlu.network.preparation import Preparer
from nlu.text.boundaries.sentences import SentenceSplitter
from nlu.training.examples.relevance_head import fit_relevance
from tests.support.nlu.small_application import random_encoder, small_application

TEXT = "㈱山田の田中様より入電。\n𠮷野家へのﾊﾟｿｺﾝ5台の見積を、来月末までに送ってほしい。"


def test_every_token_leads_back_to_its_characters(
    encoder, splitter: SentenceSplitter, tmp_path: Path
) -> None:
    preparer = Preparer(small_application(tmp_path), *encoder, with_offsets=True)
    prepared = preparer.prepare("d", splitter.split(TEXT))
    assert len(prepared.offsets) == prepared.length
    assert prepared.offsets[0] == prepared.offsets[-1] == (0, 0)
    for sentence, (first, end) in zip(prepared.sentences, prepared.spans, strict=True):
        places = prepared.offsets[first:end]
        assert places[0][0] == sentence.start
        assert places[-1][1] == sentence.end
        assert list(places) == sorted(places)
    pieces = [TEXT[start:end] for start, end in prepared.offsets[1:-1]]
    assert "ﾊﾟｿｺﾝ" in pieces


def test_a_sentence_that_is_cut_ends_with_its_last_token(
    encoder, splitter: SentenceSplitter, tmp_path: Path
) -> None:
    text = "担当者の席を五つ増やし、" * 30 + "以上。"
    preparer = Preparer(small_application(tmp_path, max_tokens=40), *encoder, with_offsets=True)
    prepared = preparer.prepare("d", splitter.split(text)[:1])
    assert prepared.length == len(prepared.offsets) == 40
    assert prepared.offsets[38][1] < prepared.sentences[0].end


def test_offsets_come_only_where_they_are_asked_for(
    encoder, splitter: SentenceSplitter, tmp_path: Path
) -> None:
    assert Preparer(small_application(tmp_path), *encoder).prepare("d", splitter.split(TEXT)).offsets == ()


def _long_text() -> str:
    places = ("札幌", "仙台", "新潟", "金沢", "高松", "那覇")
    return "\n".join(
        f"{n}日は{places[n % len(places)]}へ出かけ、倉庫の棚を数え直した。" for n in range(1, 60)
    )


def test_without_a_limit_of_its_own_a_document_gets_all_the_encoder_can_take(
    encoder, splitter: SentenceSplitter, tmp_path: Path
) -> None:
    name = random_encoder(tmp_path / "encoder", encoder[1])
    application = small_application(tmp_path / "app", name, max_tokens=0)
    prepared = Preparer(application, *load_encoder(name)).prepare("d", splitter.split(_long_text()))
    assert 140 < prepared.length <= 160


def test_a_head_learned_from_evidence_says_what_is_kept(
    encoder, splitter: SentenceSplitter, tmp_path: Path
) -> None:
    wanted = "取っ手がぐらつくので直してほしいと頼まれた。"
    lines = _long_text().split("\n")
    sentences = splitter.split("\n".join([*lines[:30], wanted, *lines[30:]]))
    evidence = [f"{thing}がぐらつくと言われた。" for thing in "棚机扉柵柱蓋幕壁"]
    head = fit_relevance([*evidence, *lines[:20]], [True] * len(evidence) + [False] * 20)
    application = small_application(tmp_path, max_tokens=64)
    prepared = Preparer(application, *encoder, relevance=head).prepare("d", sentences)
    assert wanted in [sentence.text for sentence in prepared.sentences]
    numbers = [sentence.number for sentence in prepared.sentences]
    assert numbers == sorted(numbers)
    assert prepared.length <= 64


def test_a_model_that_learned_nothing_can_ask_its_encoder(
    encoder, splitter: SentenceSplitter, tmp_path: Path
) -> None:
    wanted = "上位のプランに変えると費用がいくら増えるか知りたい。"
    sentences = splitter.split(f"{_long_text()}\n{wanted}")
    application = small_application(tmp_path, max_tokens=64)
    prepared = Preparer(application, *encoder, ask_encoder=True).prepare("d", sentences)
    assert wanted in [sentence.text for sentence in prepared.sentences]
    assert 40 < prepared.length <= 64
