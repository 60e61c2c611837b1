"""Our sentences in spaCy's pipelines: GiNZA's own, the one of the batch, and one saved and loaded again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from nlu.language import pipeline
from nlu.language.pipeline import JapaneseAnalyser, japanese
from nlu.language.sentence_component import NAME, set_blocks
from nlu.text.boundaries.sentences import SentenceSplitter, TextBlock

HURRIED = "値段のわりに壊れやすいすぐ動かなくなる"


@pytest.fixture(scope="module")
def nlp() -> Language:
    return japanese()


@pytest.fixture(scope="module")
def whole() -> Language:
    """GiNZA as anyone loads it, with our component before its parser."""
    loaded = spacy.load("ja_ginza")
    loaded.add_pipe(NAME, before="parser")
    return loaded


def test_the_parser_of_ginza_keeps_our_boundaries(whole: Language) -> None:
    doc = whole(f"{HURRIED}。㈱山田に電話した")
    assert [sent.text for sent in doc.sents] == [
        "値段のわりに壊れやすい",
        "すぐ動かなくなる。",
        "㈱山田に電話した",
    ] or [sent.text for sent in doc.sents] == [f"{HURRIED}。", "㈱山田に電話した"]
    assert doc.has_annotation("DEP")
    assert all(token.is_sent_start is not None for token in doc)


def test_boundaries_and_noise_have_reasons(nlp: Language) -> None:
    doc = nlp(f"{HURRIED}\n\n・納期を早めたい\n--------")
    assert [(sent.text.strip(), sent._.boundary, sent._.noise) for sent in doc.sents] == [
        (HURRIED, "blank_line", None),
        ("・納期を早めたい", "line", None),
        ("--------", "end", "ruler"),
    ]
    [first, second] = nlp(HURRIED).sents
    assert (first.text, first._.boundary) == ("値段のわりに壊れやすい", "learned")
    assert (second.text, second._.boundary) == ("すぐ動かなくなる", "end")


def test_blocks_of_a_page_are_read_from_spans(nlp: Language) -> None:
    text = "営業日報\n訪問した。"
    doc = nlp.make_doc(text)
    set_blocks(doc, [TextBlock(0, 4, "header", 1), TextBlock(5, 10, "paragraph", 1)])
    header, body = nlp(doc).sents
    assert header._.noise == "header"
    assert body._.noise is None


def test_blocks_that_no_blank_parts_stay_apart(nlp: Language) -> None:
    text = "ご利用の内容：☑ 在庫 □ 受発注"
    doc = nlp.make_doc(text)
    set_blocks(doc, [TextBlock(0, 7, "label", 1), TextBlock(7, len(text), "cell", 1)])
    label, cell = nlp(doc).sents
    assert (label.text, label._.noise) == ("ご利用の内容：", "label")
    assert cell.text == "☑ 在庫 □ 受発注"


def test_it_survives_a_disk(whole: Language, tmp_path: Path) -> None:
    whole.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert again.pipe_names == whole.pipe_names
    assert [sent.text for sent in again(HURRIED).sents] == ["値段のわりに壊れやすい", "すぐ動かなくなる"]


def test_only_what_is_asked_for_is_loaded(nlp: Language) -> None:
    assert nlp.pipe_names == [NAME]


def test_a_parser_decides_what_is_left_open() -> None:
    splitter = JapaneseAnalyser(parser=True)
    hurried = splitter.analyse(HURRIED).sentences
    assert "".join(one.text for one in hurried) == HURRIED
    assert {one.boundary.value for one in hurried} <= {"learned", "parser", "end"}
    assert [one.text for one in splitter.analyse("本日訪問した。来週また行く。").sentences] == [
        "本日訪問した。",
        "来週また行く。",
    ]


@pytest.fixture(scope="module")
def splitter() -> JapaneseAnalyser:
    return JapaneseAnalyser()


@settings(deadline=None, max_examples=150)
@given(
    st.text(
        alphabet=st.sampled_from("この品は壊れやすい。すぐ動かなくなる\n\t 　です「」(1)・＝ー…🏢\x00ａｶﾞ㈱"),
        max_size=60,
    )
)
def test_the_sentences_are_those_of_the_rules_and_weights(splitter: JapaneseAnalyser, text: str) -> None:
    assert splitter.analyse(text).sentences == SentenceSplitter().split(text)


def test_a_lone_surrogate_is_no_end(splitter: JapaneseAnalyser) -> None:
    [found] = splitter.analyse("納期\ud800を早めたい").sentences
    assert (found.start, found.end) == (0, 8)


def test_a_text_longer_than_the_dictionary_takes_at_once(splitter: JapaneseAnalyser, nlp: Language) -> None:
    text = "納期を早めてほしい。" * 6_000
    assert len(splitter.analyse(text).sentences) == 6_000
    assert nlp(text).text == text


def test_phrases_lead_to_what_they_are_said_of() -> None:
    analyser = JapaneseAnalyser(phrases=True)
    found = analyser.analyse("複合機で紙づまりが発生した。お世話になっております。").phrases
    leads = {one.text: found[one.head].text for one in found if one.head is not None}
    assert leads["紙づまり"] == "発生"
    assert leads["複合機"] == "発生"
    jam = next(one for one in found if one.text == "紙づまり")
    assert (jam.term, jam.kind, jam.relation, jam.sentence) == ("紙詰まり", "NP", "nsubj", 0)
    assert {one.sentence for one in found} == {0}  # a greeting is no content


def test_memory_does_not_grow_with_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """spaCy remembers all words it has seen, and their readings: a part number's too."""
    monkeypatch.setattr(pipeline, "NEW_STRINGS", 1_000)
    splitter = JapaneseAnalyser()
    for number in range(1_500):
        word = chr(0x4E00 + number) + chr(0x5E00 + number)
        assert len(splitter.analyse(f"部品番号は{word}{number}です。").sentences) == 1
        assert len(splitter._pipeline.current().vocab.strings) < 2_000


def test_a_worker_loads_spacy_without_torch() -> None:
    """In a process of its own: what is loaded stays loaded."""
    code = (
        "import sys; from nlu.language.light_import import import_spacy_without_torch as load; load();"
        "from nlu.language.pipeline import JapaneseAnalyser;"
        "found = JapaneseAnalyser(phrases=True).analyse('紙詰まりが発生した。');"
        "assert [one.term for one in found.phrases] == ['紙詰まり', '発生'];"
        "assert 'torch' not in sys.modules; import torch; torch.zeros(1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
