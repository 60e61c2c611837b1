from __future__ import annotations

from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text.boundaries.boundary import Boundary
from nlu.text.boundaries.sentences import Sentence, SentenceSplitter, TextBlock
from nlu.text.noise.noise import NoiseReason

COMPLAINTS = Path(__file__).parents[3] / "fixtures" / "texts" / "complaints_kept_back.txt"


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


def test_sentences_without_marks_are_told_apart(splitter: SentenceSplitter) -> None:
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


def test_a_text_longer_than_the_dictionary_takes_at_once(splitter: SentenceSplitter) -> None:
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


def reasons(sentences: tuple[Sentence, ...]) -> list[tuple[str, Boundary]]:
    return [(sentence.text, sentence.boundary) for sentence in sentences]


def test_every_boundary_has_its_reason(splitter: SentenceSplitter) -> None:
    text = (
        "納期が遅れている。「至急です。」\n①在庫が足りない②応募がない③値上げが続く\n"
        "・現場の声\n\n前年は堅調でした今年は見通しが立ちません\n備考"
    )
    assert reasons(splitter.split(text, [TextBlock(len(text) - 2, len(text), "field")])) == [
        ("納期が遅れている。", Boundary.MARK),
        ("「至急です。」", Boundary.QUOTE),
        ("①在庫が足りない", Boundary.BULLET),
        ("②応募がない", Boundary.BULLET),
        ("③値上げが続く", Boundary.BULLET),
        ("・現場の声", Boundary.BLANK_LINE),
        ("前年は堅調でした", Boundary.LEARNED),
        ("今年は見通しが立ちません", Boundary.BLOCK),
        ("備考", Boundary.END),
    ]


WRAPPED = """先月から新しい倉庫の立ち上げを進めておりますが、現場の人手が
足りず、応募もほとんどない状況とのことでした。賃上げも検討して
いるものの、原資が確保できないとのお話でした。"""


def test_lines_broken_by_the_paper_are_joined(splitter: SentenceSplitter) -> None:
    assert [text.replace("\n", "") for text in texts(splitter.split(WRAPPED))] == [
        "先月から新しい倉庫の立ち上げを進めておりますが、現場の人手が足りず、応募もほとんどない状況とのことでした。",
        "賃上げも検討しているものの、原資が確保できないとのお話でした。",
    ]
    for sentence in splitter.split(WRAPPED):
        assert WRAPPED[sentence.start : sentence.end] == sentence.text


@pytest.mark.parametrize(
    "lines",
    [
        ["10時15分 佐藤様より入電", "請求書が届かないとのこと", "再送を手配", "本人に連絡済み"],
        [
            "■面談内容",
            "新しい機械の商談が進んだ",
            "・価格は据え置き",
            "・納期は来月末",
            "1. 見積を送る",
            "2) 訪問する",
        ],
        [
            "会社名：青葉工業",
            "担当：佐藤",
            "要件：複合機の入れ替えを検討しているため見積りがほしいとのご依頼",
            "期限：月末",
        ],
        ["人手不足", "資金繰りの悪化", "後継者がいない", "値上げ交渉"],
        ["(1) 在庫の確認", "(2) 配送の手配", "ア) 東京", "イ) 大阪"],
    ],
)
def test_lines_that_a_writer_ended_stay_apart(splitter: SentenceSplitter, lines: list[str]) -> None:
    assert texts(splitter.split("\n".join(lines))) == lines


@pytest.mark.parametrize(
    "text",
    [
        "6月6日に納品いたしましたコンプレッサーの保証書を送付いたします。記載の内容をご確認ください。",
        "先日ご注文いただきました商品を本日発送いたしました。到着までお待ちください。",
        "お問い合わせいただいておりました不具合の件、原因が判明いたしました。部品を交換いたします。",
    ],
)
def test_a_polite_attribute_is_no_end_where_the_writer_sets_marks(
    splitter: SentenceSplitter, text: str
) -> None:
    assert len(splitter.split(text)) == 2


def test_complaints_in_plain_style_are_told_apart_without_marks(splitter: SentenceSplitter) -> None:
    """Nothing was learned from these; a wrong cut is worse than a missing one."""
    right = found = true = 0
    for complaint in COMPLAINTS.read_text("utf-8").split("\n\n"):
        told = [sentence for sentence in complaint.strip().split("。") if sentence]
        ends = set(accumulate(map(len, told[:-1])))
        cut = {sentence.end for sentence in splitter.split("".join(told))[:-1]}
        right, found, true = right + len(cut & ends), found + len(cut), true + len(ends)
    assert 2 * right / (found + true) >= 0.85
    assert right / found >= 0.9


@pytest.mark.parametrize(
    "text",
    [
        "㈱山田のNo.3の機械は1.5倍の速さで、12:30に止まった。",
        "連絡先はtanaka@example.co.jpで、資料はhttps://example.co.jp/a.htmlにある。",
        "子供がまた来たい! と言っていた。",
        "本当に直るのか？とお怒りだった。",
        "(担当は高橋。来週戻る。)に連絡する。",
    ],
)
def test_what_looks_like_an_end_and_is_none(splitter: SentenceSplitter, text: str) -> None:
    assert texts(splitter.split(text)) == [text]


def test_a_quotation_over_two_lines_stays_whole(splitter: SentenceSplitter) -> None:
    text = "お客様は「すぐに直してほしい。\n困っている。」と強くおっしゃった。"
    assert texts(splitter.split(text)) == [text]


def boundary_f1(
    splitter: SentenceSplitter, reviews: list[list[str]], strip: str = "", columns: int = 0
) -> float:
    """F1 of the boundaries inside the reviews: joined, stripped of marks, or in lines of `columns`."""
    right = proposed = true = 0
    for lines in reviews:
        kept = [line.rstrip(strip) if strip else line for line in lines]
        text, ends = "".join(kept), set(accumulate(map(len, kept)))
        breaks = range(columns, len(text), columns) if columns else ()
        shown = "\n".join(text[a:b] for a, b in pairwise([0, *breaks, len(text)]))
        found = {sentence.end - shown.count("\n", 0, sentence.end) for sentence in splitter.split(shown)}
        ends.discard(len(text))
        found.discard(len(text))
        right, proposed, true = right + len(ends & found), proposed + len(found), true + len(ends)
    return 2 * right / (proposed + true)


def test_boundaries_of_real_reviews(splitter: SentenceSplitter, reviews: list[list[str]]) -> None:
    marked = [lines for lines in reviews[:300:3] if all(line[-1] in "。!?！？" for line in lines)]
    assert boundary_f1(splitter, marked) >= 0.997
    assert boundary_f1(splitter, marked, strip="。!?！？") >= 0.9
    assert boundary_f1(splitter, marked, columns=27) >= 0.99
