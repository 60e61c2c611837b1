"""Amounts of money: 1,250,000円, ¥1,250,000-, 125万円, 1.5億円, △1,200, 金壱百万円也, ¥1,200※（税込）."""

from __future__ import annotations

import re

from ocr.document import ValueKind
from ocr.values.normal_script import plain
from ocr.values.numerals import NUMBER_PATTERN, number_of, plain_decimal
from ocr.values.value import Value
from ocr.values.value_labels import names_money

UNIT = "円"
_TAX = (
    r"(?:消?費?税(?:サ|等)?(?:・?送料)?(?:込み?|抜き?|別途?)|内税|外税|非課税|不課税|免税|送料(?:込み?|別))"
)
_BRACKETED = r"\((?P<bracketed>[^()]{0,20}(?:税|込|抜|別|送料)[^()]{0,20})\)"
_AROUND = re.compile(rf"^\(?(?P<before>{_TAX})\)?:?|(?:{_BRACKETED}|(?P<after>{_TAX}))$")
_NOTE = re.compile(r"^[※*]|[※*]\d?$")
# What the dash that closes an amount is read as, and typed as where it is drawn long.
_DASH = re.compile(r"(?<=\d)(?:[ー一]|-{2,}|-\.)$")
_EACH = r"(?P<each>/(?:月|年|日|台|件|個|名|人|時間|時|本|枚|式|回|kg|㎡|m2|坪))?"
_AMOUNT = re.compile(
    rf"(?:約|およそ|@)?(?P<formal>金)?(?P<outer>[△▲\-+])?(?P<yen>[¥\\])?(?P<inner>[△▲\-+])?"
    rf"(?P<number>{NUMBER_PATTERN}(?<![.,]))(?P<unit>円)?{_EACH}(?P<end>也|整|\.?-)?"
)
_NEGATIVE = frozenset("△▲-")


def money_value(text: str, label: str = "") -> Value | None:
    """An amount in yen; negative behind △, ▲ or in brackets, as accounts write it.

    A bare number is one only under a label that promises money. A remark on the tax is kept with the unit:
    円（税込）; so is what one pays it for: 円/月. Signs that refer to a note (※) say nothing.
    """
    found, remark = _bare(plain(text))
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


def _bare(text: str) -> tuple[str, str]:
    """The amount without the signs around it, and the remark on its tax."""
    amount = _NOTE.sub("", text)
    match = _AROUND.search(amount)
    remark = ""
    if match is not None:
        amount = amount[: match.start()] + amount[match.end() :]
        remark = match["before"] or match["bracketed"] or match["after"]
    return _DASH.sub("-", _NOTE.sub("", amount)), remark
