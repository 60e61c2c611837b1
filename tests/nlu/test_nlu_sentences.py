from __future__ import annotations

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text.noise import NoiseReason
from nlu.text.sentences import Sentence, SentenceSplitter, TextBlock


def texts(sentences: tuple[Sentence, ...]) -> list[str]:
    return [sentence.text for sentence in sentences]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("人手が足りない。応募もない。", ["人手が足りない。", "応募もない。"]),
        (
            "「すぐ直してほしい。困っている。」と言われた。㈱山田の件だ。",
            ["「すぐ直してほしい。困っている。」と言われた。", "㈱山田の件だ。"],
        ),
        ("「至急です。」「承知しました。」", ["「至急です。」", "「承知しました。」"]),
        ("「部品が届かない。至急送ってほしい。」", ["「部品が届かない。", "至急送ってほしい。」"]),
        ("在庫は前年の1.5倍。単価は2.35円。", ["在庫は前年の1.5倍。", "単価は2.35円。"]),
        (
            "(担当は佐藤?)確認する。「閉じない括弧。次の文。",
            ["(担当は佐藤?)確認する。", "「閉じない括弧。", "次の文。"],
        ),
        ("Yahoo!ショッピングで購入した！便利だ!!", ["Yahoo!ショッピングで購入した！", "便利だ!!"]),
        ("・納期を早めたい\n・単価は据え置き", ["・納期を早めたい", "・単価は据え置き"]),
        ("　本日は訪問のみ。　\r\n\u3000\n次回は来週。", ["本日は訪問のみ。", "次回は来週。"]),
        ("本当ですか？！はい。。。", ["本当ですか？！", "はい。。。"]),
        ("納期は未定です．追って連絡します．", ["納期は未定です．", "追って連絡します．"]),
        ("", []),
        (" \n　\n", []),
    ],
)
def test_marks_brackets_and_lines(splitter: SentenceSplitter, text: str, expected: list[str]) -> None:
    assert texts(splitter.split(text)) == expected


def test_sentences_without_marks_are_told_apart_by_ginza(splitter: SentenceSplitter) -> None:
    found = splitter.split(
        "値下げを要請されましたが断りました当社としては現行価格を維持したいと考えております"
    )
    assert texts(found) == [
        "値下げを要請されましたが断りました",
        "当社としては現行価格を維持したいと考えております",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "ご利用になります際は、あらかじめ総務課までお申し付けくださいますようお願いいたします。",
        "新設備の導入を検討していますが、補助金の採択結果が出るまでは発注を見合わせるとのことでした。",
        "先方の部長が異動されたため、後任の方にあらためてご挨拶に伺う日程を調整しているところです。",
    ],
)
def test_a_long_sentence_stays_whole(splitter: SentenceSplitter, text: str) -> None:
    assert texts(splitter.split(text)) == [text]


def test_offsets_and_numbers(splitter: SentenceSplitter) -> None:
    text = "１行目です。　２つ目。\n𠮷野家様🙂より入電。\r\nﾒｰﾙも届く。"
    found = splitter.split(text)
    assert [s.number for s in found] == [0, 1, 2, 3]
    assert [text[s.start : s.end] for s in found] == texts(found)
    assert texts(found) == ["１行目です。", "２つ目。", "𠮷野家様🙂より入電。", "ﾒｰﾙも届く。"]


def test_blocks_bound_sentences_and_tell_noise(splitter: SentenceSplitter) -> None:
    text = "営業日報訪問先株式会社青葉工業機械が古く修理が多い1/3"
    kinds = [
        ("営業日報", "header"),
        ("訪問先", "label"),
        ("株式会社青葉工業", "field"),
        ("機械が古く修理が多い", "field"),
        ("1/3", "footer"),
    ]
    blocks, at = [], 0
    for part, kind in kinds:
        blocks.append(TextBlock(at, at + len(part), kind))
        at += len(part)
    found = splitter.split(text, blocks)
    assert texts(found) == [part for part, _ in kinds]
    assert [s.noise for s in found] == [
        NoiseReason.HEADER,
        NoiseReason.LABEL,
        NoiseReason.FIELD_VALUE,
        None,
        NoiseReason.FOOTER,
    ]


def test_the_shortest_of_overlapping_blocks_rules_and_gaps_are_paragraphs(splitter: SentenceSplitter) -> None:
    text = "前置き。氏名：田中太郎様。後書き。"
    found = splitter.split(text, [TextBlock(4, 13, "paragraph"), TextBlock(7, 12, "label")])
    assert [(s.text, s.noise) for s in found] == [
        ("前置き。", None),
        ("氏名：", None),
        ("田中太郎様", NoiseReason.LABEL),
        ("。", NoiseReason.RULER),
        ("後書き。", None),
    ]


def test_names_in_form_cells_are_noise_and_remarks_are_not(splitter: SentenceSplitter) -> None:
    for text in ("佐藤一郎", "鈴木 花子", "東京都", "大阪支店長　高橋"):
        noise = {s.noise for s in splitter.split(text, [TextBlock(0, len(text), "cell")])}
        assert noise <= {NoiseReason.FIELD_VALUE, None}
    for text in ("佐藤一郎", "鈴木 花子"):
        assert splitter.split(text, [TextBlock(0, len(text), "cell")])[0].noise is NoiseReason.FIELD_VALUE
        assert splitter.split(text)[0].noise is None
    for text in ("至急対応希望", "人手不足", "増員を検討", "海外展開", "資金繰り悪化", "折り返し希望"):
        assert splitter.split(text, [TextBlock(0, len(text), "cell")])[0].noise is None


def test_a_text_longer_than_ginza_takes(splitter: SentenceSplitter) -> None:
    text = "本日は倉庫の棚卸しを行い、" * 1_300
    found = splitter.split(text)
    assert len(text.encode()) > 49_149
    assert "".join(texts(found)) == text
    assert all(s.text.endswith("、") for s in found)


CHARACTERS = (
    st.sampled_from("あです。！？「」（）()\n\t 　ますました東京AI1.5㈱🙂\ud83d\u200b\0\x1c\u2028・―-ガﾞ!?")
    | st.characters()
)
BLOCKS = st.builds(
    lambda a, b, kind: TextBlock(min(a, b), max(a, b), kind),
    st.integers(0, 90),
    st.integers(0, 90),
    st.sampled_from(["paragraph", "cell", "header", "label", "field"]),
)


@settings(max_examples=200, deadline=None)
@given(text=st.text(CHARACTERS, max_size=80), blocks=st.lists(BLOCKS, max_size=5))
def test_every_character_but_white_space_is_in_one_sentence(
    splitter: SentenceSplitter, text: str, blocks: list[TextBlock]
) -> None:
    seen, last = [0] * len(text), 0
    for number, sentence in enumerate(splitter.split(text, blocks)):
        assert sentence.number == number
        assert text[sentence.start : sentence.end] == sentence.text == sentence.text.strip() != ""
        assert sentence.start >= last
        last = sentence.end
        for place in range(sentence.start, sentence.end):
            seen[place] += 1
    assert all(count == 1 or character.isspace() for count, character in zip(seen, text, strict=True))


def boundary_f1(splitter: SentenceSplitter, reviews: list[list[str]], strip: str = "") -> float:
    right = proposed = true = 0
    for lines in reviews:
        text, ends = "", set()
        for line in lines:
            text += line.rstrip(strip) if strip else line
            ends.add(len(text))
        found = {sentence.end for sentence in splitter.split(text)}
        if strip:
            ends.discard(len(text))
            found.discard(len(text))
        right, proposed, true = right + len(ends & found), proposed + len(found), true + len(ends)
    return 2 * right / (proposed + true)


def test_boundaries_of_real_reviews(splitter: SentenceSplitter, reviews: list[list[str]]) -> None:
    assert boundary_f1(splitter, reviews[:300:3]) >= 0.98


def test_boundaries_of_real_reviews_that_lost_their_marks(
    splitter: SentenceSplitter, reviews: list[list[str]]
) -> None:
    """Recognition and hasty typing both drop 。; GiNZA's parser alone finds about six in ten."""
    marked = [kept for lines in reviews[:60:2] if len(kept := [x for x in lines if x[-1] in "。!?！？"]) > 1]
    assert boundary_f1(splitter, marked, strip="。!?！？") >= 0.85


def test_ginza_without_its_other_parts_sees_the_same_boundaries(
    splitter: SentenceSplitter, reviews: list[list[str]]
) -> None:
    joined = ["".join(lines) for lines in reviews[:12]]
    whole = spacy.load("ja_ginza")
    assert [[s.end_char for s in doc.sents] for doc in splitter._ginza.pipe(joined)] == [
        [s.end_char for s in doc.sents] for doc in whole.pipe(joined)
    ]
