"""Look-alikes put right by their neighbours, and where the engine was torn by what came second."""

from __future__ import annotations

import pytest

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.proofreading.lookalikes import repair, repaired


def torn(text: str, **second: str) -> tuple[str, ...]:
    """Rivals for `text`: at each character of `second`, the one that came second there."""
    return tuple(second.get(character, "") for character in text)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("川ロ市の出ロ調査", "川口市の出口調査"),
        ("株式会社山ロ製作所", "株式会社山口製作所"),
        ("加エ品の検査", "加工品の検査"),
        ("十ハ日に能カ試験", "十八日に能力試験"),
        ("第ー課", "第一課"),
        ("商品を統ーする", "商品を統一する"),
        ("電話03ー0000ー4182", "電話03-0000-4182"),
        ("2O24年1O月", "2024年10月"),
        ("早瀬機械工業(㈱)", "早瀬機械工業㈱"),
        ("IS09001の認証とIS0 14001", "ISO9001の認証とISO 14001"),
        ("0リングの交換", "Oリングの交換"),
        ("㈱)早瀬機械工業", "㈱早瀬機械工業"),
    ],
)
def test_neighbours_decide_without_the_engine(read: str, meant: str) -> None:
    assert repair(read, vertical=False) == meant


@pytest.mark.parametrize(
    "text",
    [
        "口コミで評判の宿",
        "入り口ドアの修理",
        "荒川ロッジと出口ロビー",
        "三カ所、数カ月、五カ国",
        "グループ一丸となって一貫生産",
        "ルーペで見る、クーペが来る",
        "（㈱トミタ商会の担当）",
        "(旧社名 富士㈱)、富士㈱ (本社)",
        "HIS0123、10リング、3.0リング、IS01号機",
        "ラーメン一杯とバナナ一房",
        "単価16.512円の1.5倍",
        "Ver.2.140を適用",
        "（ヘ）前各号の書類",
    ],
)
def test_what_is_printed_right_stays(text: str) -> None:
    assert repair(text, vertical=False) == text


@pytest.mark.parametrize(
    ("read", "second", "meant"),
    [
        ("午前、株ハヤテ運輸を訪問", {"株": "㈱"}, "午前、㈱ハヤテ運輸を訪問"),
        ("工藤美穗", {"穗": "穂"}, "工藤美穂"),
        ("倉庫のチエックリスト", {"エ": "ェ"}, "倉庫のチェックリスト"),
        ("ベルト、バッキンなど", {"バ": "パ"}, "ベルト、パッキンなど"),
        ("保守業務をこに委託し", {"こ": "乙"}, "保守業務を乙に委託し"),
        ("ヒラオ力樹脂工業", {"力": "カ"}, "ヒラオカ樹脂工業"),
        ("お間い合わせください", {"間": "問"}, "お問い合わせください"),
        ("合計132.000円", {".": ","}, "合計132,000円"),
        ("ロットのニ重確認", {"ニ": "二"}, "ロットの二重確認"),
        ("型番 0X-100", {"0": "O"}, "型番 OX-100"),
    ],
)
def test_the_runner_up_wins_where_the_context_speaks_for_it(
    read: str, second: dict[str, str], meant: str
) -> None:
    assert repair(read, torn(read, **second), vertical=False) == meant
    assert repair(read, vertical=False) == read


def test_what_is_settled_is_context_for_what_comes_next() -> None:
    rivals = torn("才オ三チ運送", 才="オ", オ="才", 三="ミ")
    assert repair("才オ三チ運送", rivals, vertical=False) == "オオミチ運送"


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("パートを募集", {"パ": "ハ"}),
        ("ハートの記号", {"ハ": "パ"}),
        ("ハタナカ千代様", {"千": "チ"}),
        ("ニチエイ化学へ電話", {"エ": "ェ", "へ": "入"}),
        ("ここに記入する", {"こ": "乙"}),
        ("富士の口述筆記", {"口": "ロ"}),
        ("A0判とX0A、00X、1-0B、0.5", {"0": "O"}),
    ],
)
def test_the_runner_up_loses_where_nothing_speaks_for_it(text: str, second: dict[str, str]) -> None:
    assert repair(text, torn(text, **second), vertical=False) == text


def test_what_was_read_is_kept_beside_what_was_put_right() -> None:
    line = DetectedLine("搬送口ーラー", Box(0, 0, 60, 10), 0.9)
    assert (repaired(line).text, repaired(line).original) == ("搬送ローラー", "搬送口ーラー")
    right = DetectedLine("搬送ローラー", Box(0, 0, 60, 10), 0.9)
    assert repaired(right) is right


def test_a_wide_numeral_that_was_read_at_both_of_its_ends_is_one() -> None:
    assert repair("ⅢⅢ種Ⅱ級", torn("ⅢⅢ種Ⅱ級"), vertical=False) == "Ⅲ種Ⅱ級"
    assert repair("ⅩⅩ章", torn("ⅩⅩ章"), vertical=False) == "ⅩⅩ章"


def test_the_front_bracket_of_a_company_is_put_back() -> None:
    assert repair("株)北斗電機", torn("株)北斗電機"), vertical=False) == "(株)北斗電機"
    assert repair("(保有)株式", torn("(保有)株式"), vertical=False) == "(保有)株式"
