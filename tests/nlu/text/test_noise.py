from __future__ import annotations

import pytest
from pydantic import ValidationError

from nlu.text.boundaries.sentences import Sentence, SentenceSplitter, TextBlock
from nlu.text.content import content_of
from nlu.text.noise.furniture import proves_nothing
from nlu.text.noise.noise import NoiseReason, is_bare_name, noise_reason
from nlu.text.noise.noise_settings import NoiseSettings
from nlu.text.noise.signatures import is_contact, signature_lines

PAGE_NUMBERS = ("- 3 -", "3 / 10", "Page 3 of 5", "３ページ", "P.12", "12", "（4）", "― 7 ―")
RULERS = ("----", "＝＝＝＝", "・・・・・", "ーーーー", "□", "───", "一一一一", "※※※", "―", "_____", "■□■□")
EMPTY_FIELDS = (
    "　　年　　月　　日",
    "年　月　日（　）",
    "様",
    "（　　　）円",
    "印",
    "令和　年　月",
    "〒　-",
    "時　分 ～ 　時　分",
)
VALUES = (
    "令和6年4月3日（水）",
    "2024/4/3 10:30",
    "４月３日",
    "14時30分頃",
    "10:00～11:30",
    "03-1234-5678",
    "TEL 03(1234)5678",
    "¥1,200,000-",
    "120万円",
    "1,250,000円（税抜）",
    "株式会社青葉工業 御中",
    "㈱山田",
    "青葉商事株式会社",
    "佐藤 一郎 様",
    "A-1023",
    "受付番号：2024-0012",
    "tanaka@example.co.jp",
    "〒100-0001",
    "3名",
    "80%",
)
GREETINGS = (
    "お世話になっております。",
    "いつも大変お世話になっております",
    "お疲れ様です。",
    "以上、よろしくお願いいたします。",
    "今後とも宜しくお願い申し上げます。",
    "以上です。",
    "拝啓",
    "平素は格別のお引き立てを賜り、厚く御礼申し上げます。",
    "お電話ありがとうございます。",
    "それでは失礼いたします。",
)
INSTRUCTIONS = (
    "※太枠内をご記入ください。",
    "該当する項目に○を付けてください",
    "必要事項をご記入ください。",
    "（社内使用欄）",
    "キリトリ線",
)
CONTENT = (
    "人手が足りない。",
    "至急対応希望",
    "増員してほしい",
    "前回と同様",
    "仕様変更",
    "値上げ交渉",
    "解約",
    "OK",
    "👍",
    "3名増員",
    "納期遅れ3件",
    "在庫0のため欠品",
    "ご対応よろしくお願いします。",
    "2月に人員1名減",
    "5％値上げを打診",
    "なし",
    "特になし",
    "第3四半期",
    "お世話になった担当者が退職した。",
    "以上の理由で見送り",
    "資金繰り",
    "クレーム",
    "高い",
    "様子見",
    "日程未定",
    "円安",
    "月末",
    "3月から海外展開",
    "人員不足",
    "支払い遅延",
    "必要事項をご記入いただいた",
    "失礼な対応だった",
    "至急ご確認ください",
)


@pytest.mark.parametrize("kind", ["paragraph", "field", "cell", "heading", "list_item"])
@pytest.mark.parametrize("text", CONTENT)
def test_content_is_never_noise(text: str, kind: str) -> None:
    assert noise_reason(text, kind) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [(text, NoiseReason.PAGE_NUMBER) for text in PAGE_NUMBERS]
    + [(text, NoiseReason.RULER) for text in RULERS]
    + [(text, NoiseReason.EMPTY_FIELD) for text in EMPTY_FIELDS]
    + [(text, NoiseReason.GREETING) for text in GREETINGS]
    + [(text, NoiseReason.INSTRUCTION) for text in INSTRUCTIONS],
)
def test_noise_between_paragraphs_has_its_reason(text: str, reason: NoiseReason) -> None:
    assert noise_reason(text, "paragraph") is reason


@pytest.mark.parametrize("kind", ["field", "cell"])
@pytest.mark.parametrize("text", VALUES)
def test_bare_values_are_noise_in_a_form(text: str, kind: str) -> None:
    assert noise_reason(text, kind) is NoiseReason.FIELD_VALUE


@pytest.mark.parametrize("text", ["令和6年4月3日（水）", "120万円", "佐藤 一郎 様", "80%"])
def test_bare_values_elsewhere_are_content(text: str) -> None:
    assert noise_reason(text, "paragraph") is None


@pytest.mark.parametrize("kind", ["header", "footer", "stamp", "figure", "label"])
def test_some_blocks_are_noise_whatever_they_say(kind: str) -> None:
    assert noise_reason("人手が足りない。", kind) == kind


def test_names_are_told_by_their_parts_of_speech() -> None:
    assert is_bare_name(["名詞-固有名詞-人名-姓", "名詞-固有名詞-人名-名", "接尾辞-名詞的-一般"])
    assert not is_bare_name(["名詞-固有名詞-地名-一般", "名詞-普通名詞-サ変可能"])
    assert not is_bare_name(["名詞-数詞", "接尾辞-名詞的-助数詞"])
    assert not is_bare_name([])


def test_long_odd_text_is_judged_quickly() -> None:
    for text in (
        "(" * 50_000,
        "年 " * 50_000 + "x",
        "1-" * 50_000 + "。",
        "a." * 50_000 + "@",
        "－" * 50_000,
    ):
        noise_reason(text, "cell")


def noise_of(
    splitter: SentenceSplitter, text: str, blocks: tuple[TextBlock, ...] = ()
) -> dict[str, str | None]:
    return {sentence.text: sentence.noise for sentence in splitter.split(text, blocks)}


SIGNED = """先日の見積の件でご連絡しました。単価を見直していただけないでしょうか
------------------------------
株式会社青葉工業
営業部 第二課 佐藤 一郎
〒100-0001 東京都千代田区千代田1-1-1
TEL：03-0000-1234　FAX：03-0000-1235
E-mail: sato@example.co.jp
https://www.example.co.jp/
------------------------------"""


def test_a_signature_is_noise_and_what_stands_above_it_is_not(splitter: SentenceSplitter) -> None:
    found = noise_of(splitter, SIGNED)
    assert [text for text, noise in found.items() if noise is None] == [
        "先日の見積の件でご連絡しました。",
        "単価を見直していただけないでしょうか",
    ]
    assert [text for text, noise in found.items() if noise == "signature"] == SIGNED.split("\n")[2:8]


@pytest.mark.parametrize(
    "text",
    [
        "折り返しは03-0000-1234へお願いしたいとのこと\n本日中に希望",
        "株式会社青葉工業\n人手不足\n03-0000-1234",
        "営業部\n値上げ交渉\n資金繰り",
    ],
)
def test_a_number_or_a_firm_alone_signs_nothing(splitter: SentenceSplitter, text: str) -> None:
    assert set(noise_of(splitter, text).values()) == {None}


def pages(*texts: str, kind: str = "paragraph") -> tuple[str, tuple[TextBlock, ...]]:
    blocks, at = [], 0
    for page, text in enumerate(texts, 1):
        for line in text.split("\n"):
            blocks.append(TextBlock(at, at + len(line), kind, page))
            at += len(line) + 1
    return "\n".join(texts), tuple(blocks)


def test_what_every_page_repeats_is_read_once(splitter: SentenceSplitter) -> None:
    text, blocks = pages(
        *(
            f"青葉工業 月次報告 第{n}号\n{body}\n取扱注意"
            for n, body in enumerate(("受注が減った。", "応募がない。", "値上げする。"), 1)
        )
    )
    sentences = splitter.split(text, blocks)
    kept = [sentence.text for sentence in content_of(sentences, NoiseSettings())]
    assert kept == ["青葉工業 月次報告 第1号", "受注が減った。", "取扱注意", "応募がない。", "値上げする。"]
    assert len(content_of(sentences, NoiseSettings(repeated=4))) == len(sentences)
    fields = splitter.split(*pages("特になし", "特になし", "特になし", kind="field"))
    assert [sentence.noise for sentence in fields] == [None] * 3


@pytest.mark.parametrize("text", ["ノ l ニ 口 メ ヽ", "亅丿丨乚 凵", "l1I|lI1l||", "|_ ― ‐ i1 .,", "ΔΣω ж β"])
def test_what_recognition_makes_of_smudges_is_debris(splitter: SentenceSplitter, text: str) -> None:
    assert {sentence.noise for sentence in splitter.split(text)} <= {NoiseReason.DEBRIS, NoiseReason.RULER}


@pytest.mark.parametrize(
    "text",
    [
        *CONTENT,
        "〔金・銀〕",
        "A社 B社 C社",
        "至 急 対 応",
        "お 名 前",
        "Wi-Fi",
        "要 TEL",
        "火・木・土",
        "E2-31",
        "ﾃﾚﾜｰｸ",
    ],
)
def test_short_remarks_are_no_debris(splitter: SentenceSplitter, text: str) -> None:
    assert content_of(splitter.split(text), NoiseSettings())


def test_an_application_says_what_is_noise_to_it() -> None:
    def sentence(noise: NoiseReason | None, degree: float = 1.0) -> Sentence:
        return Sentence(0, "文", 0, 1, noise, noise_degree=degree)

    greeting, debris = sentence(NoiseReason.GREETING), sentence(NoiseReason.DEBRIS, 0.7)
    assert content_of([greeting, debris, sentence(None)], NoiseSettings()) == [sentence(None)]
    assert content_of([greeting], NoiseSettings(content=(NoiseReason.GREETING,))) == [greeting]
    assert content_of([debris], NoiseSettings(debris=0.8)) == [debris]
    with pytest.raises(ValidationError):
        NoiseSettings.model_validate({"content": ["gossip"]})


def test_long_lines_of_contacts_are_judged_quickly() -> None:
    for text in ("03-" * 40, "東京都" * 40, "〒100-0001 " * 12, "部 課 " * 13, "a@" * 60):
        assert is_contact(text) in (True, False)
        signature_lines([text] * 3, [True] * 3, [False] * 3)


@pytest.mark.parametrize(
    "text",
    [
        "令和8年5月12日",
        "R8.5.12（火）14:30",
        "２０２６年１１月３０日　午後３時",
        "8/5 10時頃",
        "株式会社千歳坂商事　営業部　藤井",
        "営業第二課 佐藤健一",
        "TEL 03-1234-5678",
        "担当：山田",
        "受付日時：R8.5.12 9:10",
        "以上",
        "以上、報告します。",
        "■□■",
        "－－－",
        "12,500",
    ],
)
def test_dates_names_and_furniture_prove_nothing(text: str) -> None:
    assert proves_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "5月12日までに見積がほしい。",
        "担当者を代えてほしい",
        "要望：席を10増やしたい",
        "電話に誰も出ない",
        "以上のとおり、解約を申し入れます。",
        "山田様より増設の相談",
        "資金繰りが苦しい",
        "納期3日遅れ",
        "融資3000万",
    ],
)
def test_short_sentences_that_say_something_can_prove(text: str) -> None:
    assert not proves_nothing(text)
