"""What the encoder sees of a document, and where it stands in the text."""

from __future__ import annotations

from pathlib import Path

from nlu_small_application import small_application

from nlu.model.preparation import Preparer
from nlu.text.sentences import SentenceSplitter

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
