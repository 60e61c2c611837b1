"""Amounts of money: 1,250,000円, ¥1,250,000-, 125万円, 1.5億円, △1,200, 金壱百万円也."""

from __future__ import annotations

import re

from ocr.document import ValueKind
from ocr.values.labels import names_money
from ocr.values.numerals import NUMBER_PATTERN, number_of, plain_decimal
from ocr.values.plain import plain
from ocr.values.value import Value

UNIT = "円"
_TAX = r"(?:税込み?|税抜き?|税別|内税|外税|非課税|不課税|消費税込み?|消費税別|消費税抜き?)"
_AROUND = re.compile(rf"^\(?(?P<before>{_TAX})\)?:?|\(?(?P<after>{_TAX})\)?$")
_EACH = r"(?P<each>/(?:月|年|日|台|件|個|名|人|時間|時|本|枚|式|回|kg|㎡|m2|坪))?"
_AMOUNT = re.compile(
    rf"(?:約|およそ)?(?P<formal>金)?(?P<outer>[△▲\-+])?(?P<yen>[¥\\])?(?P<inner>[△▲\-+])?"
    rf"(?P<number>{NUMBER_PATTERN})(?P<unit>円)?{_EACH}(?P<end>也|\.?-)?"
)
_NEGATIVE = frozenset("△▲-")


def money_value(text: str, label: str = "") -> Value | None:
    """An amount in yen; negative behind △, ▲ or in brackets, as accounts write it.

    A bare number is one only under a label that promises money. A remark on the tax is kept with the unit:
    円（税込）; so is what one pays it for: 円/月.
    """
    found, remark = _without_tax(plain(text))
    inside = re.fullmatch(r"\((.+)\)", found)
    match = _AMOUNT.fullmatch(inside[1] if inside else found)
    if match is None or (match["outer"] and match["inner"]):
        return None
    if not (match["unit"] or match["yen"] or names_money(label)) or (match["end"] and not _stated(match)):
        return None
    number = number_of(match["number"])
    if number is None:
        return None
    negative = bool(inside) or (match["outer"] or match["inner"]) in _NEGATIVE
    unit = UNIT + (match["each"] or "") + (f"（{remark}）" if remark else "")
    return Value(ValueKind.MONEY, plain_decimal(-number if negative else number), unit)


def _stated(match: re.Match[str]) -> bool:
    """Whether an end mark, which closes an amount against additions, has a currency to belong to."""
    return bool(match["unit"] or match["yen"] or match["formal"])


def _without_tax(text: str) -> tuple[str, str]:
    match = _AROUND.search(text)
    if match is None:
        return text, ""
    return text[: match.start()] + text[match.end() :], match["before"] or match["after"]
