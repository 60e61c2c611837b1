"""Numbers with what they count: 30分, 12名, 3件, 85%, 4.5時間, 約30."""

from __future__ import annotations

import re
from decimal import Decimal

from ocr.document import ValueKind
from ocr.values.normal_script import plain
from ocr.values.numerals import KANJI_NUMERALS, NUMBER_PATTERN, number_of, plain_decimal
from ocr.values.value import Value
from ocr.values.value_labels import names_a_count, names_a_duration, names_an_identifier

# Counters and measures. Those that name a place or an order rather than a quantity (階, 号, 番, 丁目, 位) are
# left out, as are 年, 月 and 日, which name a date.
_UNITS = (
    "名様?|人|件|個|台|本|枚|冊|部|箱|袋|缶|組|式|回|度|社|店舗?|軒|戸|棟|室|席|か所|カ所|ヶ所|箇所|ケ所|拠点|時間|分間?|秒間?"
    "|日間|週間|[かカヶケ箇ヵ]月間?|年間|歳|才|セット|両|通|便|行|文字|ページ|頁|品目?|種類?|点|票|口|株|頭|匹|羽|着|足|束|巻"
    "|コマ|パレット|ケース|ロット|kg|g|mg|t|トン|キロ|グラム|km|m|cm|mm|メートル|㎡|m2|平米|坪|ha|m3|立米|L|l|ml|kL|リットル"
    "|kWh?|W|V|A|℃|°C|°|%|パーセント|ポイント|倍|割|人日|人月|人工|円"
)
_NUMBER = re.compile(
    rf"(?P<about>約|およそ|計|合計|全)?(?P<sign>[△▲\-+±])?(?P<number>{NUMBER_PATTERN}) ?(?P<unit>{_UNITS})?"
    r"(?:程度|ほど|前後|弱|強)?"
)
_UNIT_ALONE = re.compile(rf"{_UNITS}|(?:万|千|百万)?円|日|年|月|歳")
_DURATION = re.compile(r"約?(?P<hours>\d{1,3})時間(?P<minutes>\d{1,2})分(?:間|程度|ほど)?")
_DAYS = re.compile(r"約?(?P<days>\d{1,4})(?P<unit>日|年)")
_NEGATIVE = frozenset("△▲-")
LONGEST_BARE = 6  # digits without grouping or unit; longer ones are codes and days written 20240412


def number_value(text: str, label: str = "") -> Value | None:
    """A number and its unit; 1時間30分 is 90 分. None for the names in digits: 0012, 番号 4711."""
    found = plain(text)
    if match := _DURATION.fullmatch(found):
        return Value(ValueKind.NUMBER, str(int(match["hours"]) * 60 + int(match["minutes"])), "分")
    if names_a_duration(label) and (match := _DAYS.fullmatch(found)):
        return Value(ValueKind.NUMBER, str(int(match["days"])), match["unit"])
    match = _NUMBER.fullmatch(found)
    if match is None or match["sign"] == "±" or _is_a_name(match, label):
        return None
    number = number_of(match["number"])
    if number is None:
        return None
    signed = -number if match["sign"] in _NEGATIVE else number
    return Value(ValueKind.NUMBER, plain_decimal(signed + Decimal(0)), match["unit"] or "")


def is_unit(text: str) -> bool:
    """Whether the text is nothing but the unit of a value that stands beside it, or is still to be filled
    in: 円, 分, 名."""
    return bool(_UNIT_ALONE.fullmatch(plain(text)))


def _is_a_name(match: re.Match[str], label: str) -> bool:
    digits, unit = match["number"], match["unit"]
    if names_an_identifier(label):
        return True
    if unit:
        return False
    if digits[0] in KANJI_NUMERALS:
        return not names_a_count(label)  # 五十六 and 千 are names of persons, too
    leading_zero = len(digits) > 1 and digits[0] == "0" and digits[1] != "."
    return leading_zero or (digits.isdigit() and len(digits) > LONGEST_BARE)
