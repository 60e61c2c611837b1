from __future__ import annotations

import pytest

from nlu.text.noise import NoiseReason, is_bare_name, noise_reason

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
    + [(text, NoiseReason.GREETING) for text in GREETINGS],
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
