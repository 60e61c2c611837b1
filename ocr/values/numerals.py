"""Numbers in digits, in kanji, in the formal kanji of receipts (大字), and in mixtures such as 1億2,500万."""

from __future__ import annotations

import re
from decimal import Decimal

_FORMAL = str.maketrans(
    "壱壹弌弐貳貮弍参參弎肆伍陸漆捌玖拾佰陌仟阡萬零○◯", "一一一二二二二三三三四五六七八九十百百千千万〇〇〇"
)
_DIGITS = "〇一二三四五六七八九"
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE_UNITS = {"兆": 10**12, "億": 10**8, "万": 10**4}
_SECTION = rf"[0-9,.{_DIGITS}十百千]+"
_WHOLE = re.compile(
    "".join(rf"(?:(?P<{unit}>{_SECTION}){unit})?" for unit in _LARGE_UNITS) + f"({_SECTION})?"
)
_PART = re.compile(rf"(?P<number>[0-9][0-9,.]*|[{_DIGITS}]+)?(?P<unit>[十百千])?")
_ARABIC = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_KANJI_RUN = re.compile(rf"[{_DIGITS}○◯十百千万億兆]+")

KANJI_NUMERALS = frozenset("〇一二三四五六七八九十百千万億兆壱弐参拾萬")
NUMBER_PATTERN = r"[0-9〇○◯一二三四五六七八九十百千万億兆壱壹弐貳参參肆伍陸漆捌玖拾佰仟阡萬零,.]+"


def number_of(text: str) -> Decimal | None:
    """The number that `text` (half width, without blanks) writes: 1,250,000, 百二十五万, 二〇二四, 3千.

    None for anything else, for thousands that are not grouped by three, and for units in a wrong order.
    """
    match = _WHOLE.fullmatch(text.translate(_FORMAL)) if text else None
    if match is None:
        return None
    total = Decimal(0)
    *large, last = match.groups()
    for section, scale in zip((*large, last), (*_LARGE_UNITS.values(), 1), strict=True):
        if section is None:
            continue
        value = _section(section)
        if value is None or (total and value >= 10_000):
            return None
        total += value * scale
    return total


def arabic(text: str) -> str:
    """The text with every number that is written in kanji alone in digits: 令和六年 is 令和6年."""

    def digits(match: re.Match[str]) -> str:
        number = number_of(match[0])
        return match[0] if number is None else plain_decimal(number)

    return _KANJI_RUN.sub(digits, text)


def plain_decimal(number: Decimal) -> str:
    """The number in digits, without exponent, grouping or idle zeros: -1250000, 4.5."""
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _section(text: str) -> Decimal | None:
    """The number below 万 in one section; 1,200千 and 350百 stand for so many thousands and hundreds."""
    total, least, at = Decimal(0), 10_000, 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None or match.end() == at:
            return None
        number = _digits(match["number"]) if match["number"] else Decimal(1)
        scale = _SMALL_UNITS[match["unit"]] if match["unit"] else 1
        if number is None or scale >= least or (at and number * scale >= least):
            return None
        total += number * scale
        least, at = scale, match.end()
    return total


def _digits(text: str) -> Decimal | None:
    if text[0] in _DIGITS:
        return Decimal("".join(str(_DIGITS.index(character)) for character in text))
    return Decimal(text.replace(",", "")) if _ARABIC.fullmatch(text) else None
